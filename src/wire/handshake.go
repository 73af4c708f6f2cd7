package wire

import (
	"fmt"
	"strconv"

	"google.golang.org/grpc/metadata"

	"chord/node"
)

// Version is the protocol version of this program. It works together with the
// version before and the version after.
const Version = 1

// capabilities are the words for what this version may do beside what its
// number promises, with commas between them. There is none yet; a reader
// ignores the words that it does not know.
const capabilities = ""

// The metadata of every call, and of every answer's header. A ring's name may
// be any text, so it travels as bytes.
const (
	ringHeader       = "chord-ring-bin"
	versionHeader    = "chord-version"
	capabilityHeader = "chord-capabilities"
)

// greeting returns the metadata that tells who speaks.
func greeting(ring string, version int) metadata.MD {
	md := metadata.Pairs(versionHeader, strconv.Itoa(version), capabilityHeader, capabilities)
	if ring != "" {
		md.Set(ringHeader, ring)
	}
	return md
}

// checkGreeting says what is wrong with the greeting of the other side, called
// who; mine and version are this side's. Only where anonymous may it lack
// what it is silent about.
func checkGreeting(md metadata.MD, who, mine string, version int, anonymous bool) error {
	theirs, named := first(md, ringHeader)
	if mine != "" && theirs != mine && (named || !anonymous) {
		return &node.Error{
			Kind:   node.WrongRing,
			Text:   fmt.Sprintf("%s belongs to the ring %s, this side to %q", who, quoteRing(theirs, named), mine),
			Remedy: "check the address, and that both sides have the same --ring",
		}
	}
	text, told := first(md, versionHeader)
	n, err := strconv.Atoi(text)
	if !told && anonymous {
		return nil
	}
	if err != nil || n < version-1 || n > version+1 {
		return &node.Error{
			Kind:   node.WrongRing,
			Text:   fmt.Sprintf("%s speaks version %q of the protocol, this side version %d", who, clean(text, 16), version),
			Remedy: "bring both sides to the same release, one release at a time",
		}
	}
	return nil
}

func quoteRing(name string, named bool) string {
	if !named {
		return "(no name given)"
	}
	return strconv.Quote(clean(name, maxName))
}

func first(md metadata.MD, key string) (string, bool) {
	if list := md.Get(key); len(list) > 0 {
		return list[0], true
	}
	return "", false
}
