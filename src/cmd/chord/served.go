package main

import (
	"time"

	"chord/node"
)

// servedView is what a node did since its process started, as --output json prints
// it.
type servedView struct {
	Reads       uint64  `json:"reads"` // operations that clients asked it for
	Writes      uint64  `json:"writes"`
	Failed      uint64  `json:"failed"`  // of both
	Seconds     float64 `json:"seconds"` // that all of these took together
	Forwarded   uint64  `json:"forwarded"`
	Coordinated uint64  `json:"coordinated"`
	CopyReads   uint64  `json:"copy_reads"` // that coordinators asked of the copies here
	CopyWrites  uint64  `json:"copy_writes"`
}

func servedOf(c node.Counters) servedView {
	return servedView{c.Reads, c.Writes, c.Failed, c.Took.Seconds(), c.Forwarded, c.Coordinated, c.CopyReads, c.CopyWrites}
}

// tlsView is how a node's connections are secured.
type tlsView struct {
	Mode        string     `json:"mode"` // off, accept, prefer or require
	Certificate string     `json:"certificate,omitempty"`
	Expires     *time.Time `json:"expires"` // the first of the certificates that are shown
	CAs         []string   `json:"cas"`     // that are trusted
	Refused     uint64     `json:"refused"`
}

func tlsOf(s node.Security) tlsView {
	v := tlsView{Mode: s.Mode, Certificate: s.Certificate, Expires: timeOrNull(s.Expires), CAs: append([]string{}, s.CAs...), Refused: s.Refused}
	if v.Mode == "" {
		v.Mode = "off"
	}
	return v
}
