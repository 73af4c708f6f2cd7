// Package trust says who is at the other end of a connection, by certificates of
// the ring's own authorities (CAs), over TLS 1.3.
//
// An [Identity] is a ring, a [Role] and a name. It stands in a certificate as its
// only URI of the scheme chord, chord:RING/ROLE/NAME. A [Source] holds what this
// side shows and whom it trusts: certificate, key and CAs out of [Files], read
// again when they change. It makes configurations for servers and callers, and
// counts who was refused, by [Reason]. A [Peer] is who was let in; [Peer.Check]
// says whether it still would be. [NewAuthority] and [Authority.Issue] make CAs
// and certificates.
//
// Invariant: files that cannot be used change nothing: what was there before
// stays in use, and the log says so once.
//
// Invariant: there is no resumption of sessions, so every connection is judged by
// the CAs of its day; and [Peer.Check] is judged by those of today.
//
// Caveat: there are no revocation lists. Who shall not come in any more before
// its certificate expires is kept out by a change of the CA; so certificates
// should be short-lived.
package trust
