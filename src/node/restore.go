package node

import (
	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/store"
)

// RestoreOptions say how a backup is put in place.
type RestoreOptions struct {
	// Replace moves a database that is there aside; otherwise it is refused.
	Replace bool
	// Alone says that there is no other member any more: what the backup has is
	// served as it is.
	Alone bool
}

// Restored is what [Restore] did.
type Restored struct {
	store.Report
	// Aside is the new name of the database that was there, empty where none was.
	Aside string
	// Asks holds the members that the backup knows and with which the node will
	// compare, beside those it learns of, before it serves what the backup has.
	Asks []member.Member
}

// Restore checks a backup and puts it in place of a node's database. The node
// that starts from it makes its dots under a new incarnation, and no copy in it
// is taken for whole: each is filled from the others first.
func Restore(from, path string, o RestoreOptions, progress func(done, total int64)) (r Restored, err error) {
	if r.Report, err = Check(from, progress); err != nil {
		return r, err
	}
	r.Aside, err = store.Install(from, path, o.Replace, func(tx *store.Tx) error {
		if fault.Planted(fault.RestoreSameLife) {
			return doubt(tx)
		}
		if err := tx.Renew(); err != nil || o.Alone {
			return err
		}
		if err := tx.Members(func(_ keyspace.ID, record []byte) error {
			m, err := decodeMember(record)
			if err == nil && m.ID != r.Identity.ID && m.State < member.Left {
				r.Asks = append(r.Asks, m)
			}
			return err
		}); err != nil {
			return err
		}
		if fault.Planted(fault.RestoreTrusted) {
			return nil
		}
		return doubt(tx)
	}, progress)
	return r, err
}
