package wire

import (
	"context"

	grpcpeer "google.golang.org/grpc/peer"
)

// visitor is who asks, as far as bounds go: whose share it is, and over which
// connection.
type visitor struct {
	name string
	conn *accepted // nil where the server does not know it
}

// visitorOf goes by the name in a certificate, else by the address.
func visitorOf(ctx context.Context) (v visitor) {
	p, ok := grpcpeer.FromContext(ctx)
	if !ok {
		return v
	}
	if o, ok := p.Addr.(origin); ok {
		v.conn, v.name = o.conn, o.conn.host
	}
	if who, ok := p.AuthInfo.(*party); ok && who.peer != nil {
		v.name = "certificate of " + who.peer.Name
	}
	return v
}
