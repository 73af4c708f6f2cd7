package node

import (
	"context"

	"chord/store"
)

// Backup makes a consistent copy of the node's database, while the node goes
// on. Progress hears how much is spooled to the disk; its error ends it.
func (n *Node) Backup(ctx context.Context, progress func(done, total int64) error) (*store.Snapshot, error) {
	s, err := n.cfg.Store.Snapshot(func(done, total int64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return progress(done, total)
	})
	return s, storeError(err)
}
