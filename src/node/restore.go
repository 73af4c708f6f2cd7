package node

import (
	"encoding/json"

	"chord/keyspace"
	"chord/member"
	"chord/store"
)

// metaRestored is the name under which a database notes that it was restored
// from a backup and that nobody was asked yet what happened since.
const metaRestored = "restored"

// RestoreOptions say how a backup is put in place.
type RestoreOptions struct {
	// Replace moves a database that is there aside; otherwise it is refused.
	Replace bool
	// Alone says that there is no other member any more: nobody is asked.
	Alone bool
	// Without names members that are gone for good, with what they held: they are
	// not asked.
	Without []string
}

// asks reports whether the member is one to be asked.
func (o RestoreOptions) asks(self keyspace.ID, m member.Member) bool {
	if o.Alone || m.ID == self || m.State == member.Left {
		return false
	}
	for _, name := range o.Without {
		if m.Name == name {
			return false
		}
	}
	return true
}

// Restored is what [Restore] did.
type Restored struct {
	store.Report
	// Aside is the new name of the database that was there, empty where none was.
	Aside string
	// Asks holds the members that the backup knows and that the node will ask,
	// beside those it learns of, before it serves what the backup has.
	Asks []member.Member
}

// Restore checks a backup and puts it in place of a node's database. The node
// that starts from it makes its dots under a new incarnation and serves nothing
// until it has asked all members of the ring what became of its buckets since.
func Restore(from, path string, o RestoreOptions, progress func(done, total int64)) (r Restored, err error) {
	if r.Report, err = Check(from, progress); err != nil {
		return r, err
	}
	r.Aside, err = store.Install(from, path, o.Replace, func(tx *store.Tx) error {
		if err := tx.Renew(); err != nil {
			return err
		}
		if err := tx.Members(func(_ keyspace.ID, record []byte) error {
			m, err := decodeMember(record)
			if err == nil && o.asks(r.Identity.ID, m) {
				r.Asks = append(r.Asks, m)
			}
			return err
		}); err != nil {
			return err
		}
		mark, err := json.Marshal(o)
		if err != nil {
			return err
		}
		return tx.SetMeta(metaRestored, mark)
	}, progress)
	return r, err
}

