package store

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"os"
)

// The layout of a bbolt file, as far as its structure goes. bbolt trusts what it
// maps: a damaged page makes it read far outside of the file. So the structure
// is checked before bbolt sees it.
const (
	pageHeader   = 16 // id, flags, count, overflow
	metaSize     = 64
	metaMagic    = 0xED0CDAED
	metaVersion  = 2
	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	elementSize  = 16 // of branch and leaf pages
	bucketLeaf   = 0x01
	bucketHeader = 16 // root page, sequence
)

var native = binary.NativeEndian

// pages is the structure of a file while it is checked.
type pages struct {
	file     io.ReaderAt
	size     uint64 // of a page
	high     uint64 // the first page that is not in use
	root     uint64
	freelist uint64
	metas    int    // how many of the two meta pages are whole
	full     bool   // leaves are read as well
	seen     []bool // pages that were met already
}

// checkPages checks the structure of a file: without full all but the leaves,
// which takes milliseconds for a million keys. It reports whether only one of
// the two meta pages is whole: a power cut while the other was written does
// that, but so does damage to it, and then the last transaction is lost.
func checkPages(f *os.File, full bool) (oneMeta bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() == 0 {
		return false, corrupt("the file is empty")
	}
	p, err := readMeta(f, uint64(info.Size()))
	if err != nil {
		return false, err
	}
	if p.high > uint64(info.Size())/p.size {
		return false, corrupt("the file is cut off: it has %d bytes and needs %d", info.Size(), p.high*p.size)
	}
	p.full = full
	p.seen = make([]bool, p.high)
	if err := p.checkFreelist(); err != nil {
		return false, err
	}
	return p.metas < 2, p.walk(p.root, true)
}

// readMeta reads the newer of the two meta pages that are whole. Where the first
// is not, the size of a page is found by trying.
func readMeta(f io.ReaderAt, fileSize uint64) (newest pages, err error) {
	var newestTx uint64
	metas := 0
	for at := uint64(0); at < fileSize && at <= 1<<24; at = max(2*at, 1024) {
		p, tx, ok := metaAt(f, at)
		if !ok || at != 0 && at != p.size {
			continue
		}
		if metas++; metas == 1 || tx > newestTx {
			newest, newestTx = p, tx
		}
	}
	if metas == 0 {
		return pages{}, corrupt("neither of its two meta pages is valid")
	}
	newest.file, newest.metas = f, metas
	return newest, nil
}

func metaAt(f io.ReaderAt, at uint64) (p pages, tx uint64, ok bool) {
	b := make([]byte, pageHeader+metaSize)
	if _, err := f.ReadAt(b, int64(at)); err != nil {
		return p, 0, false
	}
	b = b[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:56])
	if native.Uint32(b) != metaMagic || native.Uint32(b[4:]) != metaVersion || native.Uint64(b[56:]) != sum.Sum64() {
		return p, 0, false
	}
	p.size = uint64(native.Uint32(b[8:]))
	p.root = native.Uint64(b[16:])
	p.freelist = native.Uint64(b[32:])
	p.high = native.Uint64(b[40:])
	return p, native.Uint64(b[48:]), p.size >= 1024
}

// read reads a page with its overflow and marks it as met.
func (p *pages) read(id uint64) (b []byte, flags uint16, count int, err error) {
	head := make([]byte, pageHeader)
	if id < 2 || id >= p.high {
		return nil, 0, 0, corrupt("page %d is outside of the file", id)
	}
	if _, err := p.file.ReadAt(head, int64(id*p.size)); err != nil {
		return nil, 0, 0, corrupt("page %d: %v", id, err)
	}
	overflow := uint64(native.Uint32(head[12:]))
	if native.Uint64(head) != id || overflow >= p.high-id {
		return nil, 0, 0, corrupt("page %d is something else", id)
	}
	for n := id; n <= id+overflow; n++ {
		if err := p.mark(n); err != nil {
			return nil, 0, 0, err
		}
	}
	b = make([]byte, (overflow+1)*p.size)
	if _, err := p.file.ReadAt(b, int64(id*p.size)); err != nil {
		return nil, 0, 0, corrupt("page %d: %v", id, err)
	}
	return b, native.Uint16(head[8:]), int(native.Uint16(head[10:])), nil
}

func (p *pages) mark(id uint64) error {
	if id < 2 || id >= p.high {
		return corrupt("page %d is outside of the file", id)
	}
	if p.seen[id] {
		return corrupt("page %d is used twice", id)
	}
	p.seen[id] = true
	return nil
}

func (p *pages) checkFreelist() error {
	b, flags, count, err := p.read(p.freelist)
	if err != nil {
		return err
	}
	if flags != freelistPage {
		return corrupt("page %d is no list of free pages", p.freelist)
	}
	b = b[pageHeader:]
	n := uint64(count)
	if n == 0xFFFF { // the count did not fit
		n, b = native.Uint64(b), b[8:]
	}
	if n > uint64(len(b))/8 {
		return corrupt("the list of free pages is too long")
	}
	for ; n > 0; n-- {
		if err := p.mark(native.Uint64(b)); err != nil {
			return err
		}
		b = b[8:]
	}
	return nil
}

// walk checks the tree below a page; top is set for the table of buckets.
func (p *pages) walk(id uint64, top bool) error {
	b, flags, count, err := p.read(id)
	if err != nil {
		return err
	}
	switch flags {
	case leafPage:
		return p.checkLeaf(id, b, count, top)
	case branchPage:
		return p.checkBranch(id, b, count, top)
	}
	return corrupt("page %d has no known type", id)
}

func (p *pages) checkBranch(id uint64, b []byte, count int, top bool) error {
	leaves := false // all children are of one type
	for i := range count {
		e, _, err := p.element(id, b, i, 4)
		if err != nil {
			return err
		}
		switch {
		case !leaves || p.full || top:
			if err = p.walk(native.Uint64(e[8:]), top); err == nil && i == 0 {
				leaves, err = p.isLeaf(native.Uint64(e[8:]))
			}
		default:
			err = p.mark(native.Uint64(e[8:]))
		}
		if err != nil {
			return err
		}
	}
	if count == 0 {
		return corrupt("page %d has no children", id)
	}
	return nil
}

func (p *pages) isLeaf(id uint64) (bool, error) {
	head := make([]byte, pageHeader)
	_, err := p.file.ReadAt(head, int64(id*p.size))
	return native.Uint16(head[8:]) == leafPage, err
}

// element returns the i-th element of a page and its key and value, whose
// lengths are at the given place in it.
func (p *pages) element(id uint64, b []byte, i, lengths int) (e, content []byte, err error) {
	at := pageHeader + i*elementSize
	if at+elementSize > len(b) {
		return nil, nil, corrupt("page %d has too many elements", id)
	}
	e = b[at : at+elementSize]
	from := uint64(at) + uint64(native.Uint32(e[lengths-4:]))
	size := uint64(native.Uint32(e[lengths:]))
	if lengths == 8 {
		size += uint64(native.Uint32(e[12:]))
	}
	if from+size > uint64(len(b)) {
		return nil, nil, corrupt("page %d has an element outside of it", id)
	}
	return e, b[from : from+size], nil
}

func (p *pages) checkLeaf(id uint64, b []byte, count int, top bool) error {
	for i := range count {
		e, content, err := p.element(id, b, i, 8)
		if err != nil {
			return err
		}
		isBucket := native.Uint32(e)&bucketLeaf != 0
		if isBucket != top {
			return corrupt("page %d has an element of a wrong type", id)
		}
		if !top {
			continue
		}
		content = content[min(uint64(len(content)), uint64(native.Uint32(e[8:]))):]
		if err := p.checkBucket(id, content); err != nil {
			return err
		}
	}
	return nil
}

// checkBucket checks the tree of one bucket of the file: of its own, or inline.
func (p *pages) checkBucket(id uint64, b []byte) error {
	if len(b) < bucketHeader {
		return corrupt("page %d has a bucket that is too short", id)
	}
	if root := native.Uint64(b); root != 0 {
		return p.walk(root, false)
	}
	b = b[bucketHeader:]
	if len(b) < pageHeader || native.Uint16(b[8:]) != leafPage {
		return corrupt("page %d has a damaged bucket", id)
	}
	return p.checkLeaf(id, b, int(native.Uint16(b[10:])), false)
}
