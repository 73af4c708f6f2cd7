package store

import (
	"bytes"

	"chord/keyspace"
	"chord/value"
)

// Mend deletes the rows of a bucket that cannot be read and makes the others
// agree again: the headers with their elements, the bucket's row with the
// headers. It returns of how many rows something was wrong; none: nothing
// changed. The copy may lack something afterwards that was acknowledged.
//
// A key of which a row was damaged keeps the values that can be read, as pieces
// that have arrived, with an empty context: it becomes partial. A context that
// has seen too little is safe: the key takes in once more what it had. One that
// has seen too much is not: a value whose row was lost would count as removed,
// and other replicas would remove it too. Even the dots of the values that are
// left prove nothing of smaller ones. Who knows more of the key makes it whole,
// or else [Tx.Adopt].
//
// A header that cannot be read may have lost the key itself: then its values go.
func (t *Tx) Mend(b keyspace.Bucket) (lost int, err error) {
	defer wrap("mend", &err)
	defer guard(&err)
	m := mender{tx: t}
	prefix, c := bucketKey(b), t.items.Cursor()
	for k, content := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, content = c.Next() {
		m.item(k, content)
	}
	m.finishKey()
	for _, r := range m.changed { // a cursor does not survive a write
		if err := t.write(t.items, r.k, r.content); err != nil {
			return 0, err
		}
	}
	old, err := t.bucket(b)
	m.bucket.note = bytes.Clone(old.note)
	if err != nil || !bytes.Equal(old.encode(), m.bucket.encode()) {
		m.lost++
		t.writes++
		t.rows[b] = &m.bucket
	}
	if err == nil { // otherwise nobody knows what it counted
		t.grown.Keys += m.bucket.Keys - old.Keys
		t.grown.Values += m.bucket.Values - old.Values
		t.grown.Bytes += m.bucket.Bytes - old.Bytes
	}
	return m.lost, nil
}

// mender goes through the rows of a bucket once, in order.
type mender struct {
	tx      *Tx
	bucket  bucketRow // what is there in the end
	changed []row     // to be written; without content: to be deleted
	lost    int

	id      keyspace.ID // of the key that the rows belong to
	header  header      // as stored; of a damaged one the key alone
	damaged bool
	found   header // what the elements say
}

func (m *mender) drop(k []byte) {
	m.lost++
	m.changed = append(m.changed, row{k: bytes.Clone(k)})
}

// item looks at one row.
func (m *mender) item(k, content []byte) {
	id, hash, isHeader, err := splitKey(k)
	if err != nil {
		m.drop(k)
		return
	}
	if isHeader || id != m.id {
		m.finishKey()
		m.id, m.header, m.damaged, m.found = id, header{}, false, header{}
	}
	if isHeader {
		m.readHeader(content)
		return
	}
	e, err := readElement(k, content)
	switch {
	case err != nil || value.Hash(e.Value) != hash:
		m.damaged = true
		m.drop(k)
	case m.header.key == nil:
		m.drop(k) // nobody knows of what key it is
	default:
		m.found.values++
		m.found.bytes += uint64(len(e.Value))
		m.found.sum.flip(elementDigest(hash, e.Dots))
		for _, d := range e.Dots {
			m.found.ahead = m.found.ahead.Add(d)
		}
	}
}

// readHeader reads the header of a new key; of a damaged one the key, which
// proves itself: the identifier is its hash.
func (m *mender) readHeader(content []byte) {
	h, err := readHeader(m.id, content)
	if err == nil && keyspace.HashKey(h.key) == m.id {
		m.header = h
		return
	}
	m.damaged = true
	size, rest, err := value.DecodeUvarint(content[min(checksumSize, len(content)):])
	if err == nil && size <= uint64(len(rest)) && keyspace.HashKey(rest[:size]) == m.id {
		m.header.key = rest[:size]
	}
}

// finishKey decides what becomes of a key.
func (m *mender) finishKey() {
	h, found := m.header, m.found
	seen := h.context.Join(h.ahead)
	agrees := !m.damaged && h.values == found.values && h.bytes == found.bytes && h.sum == found.sum && seen.CoversAll(found.ahead)
	if !agrees && (m.damaged || h.key != nil) {
		content := []byte(nil)
		if h = found; h.values > 0 {
			h.key = m.header.key
			content = h.encode()
		} else {
			h = header{}
		}
		m.lost++
		m.changed = append(m.changed, row{k: bytes.Clone(m.id[:]), content: content})
	}
	m.bucket.replace(m.id, header{}, h)
	m.id, m.header, m.damaged, m.found = keyspace.ID{}, header{}, false, header{}
}
