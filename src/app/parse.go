package app

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"chord/keyspace"
)

// text reads a text of printable characters; what an empty one stands for is
// said by the table, and name is set where it may not be empty.
func text(name string, field func(*Options) *string) func(*Options, string) error {
	return func(o *Options, s string) error {
		if s == "" && name != "" {
			return problem("is empty", "give the "+name+" a name")
		}
		if len(s) > 255 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return problem(fmt.Sprintf("%.40q is not a name", s), "a name has up to 255 bytes and no control characters")
		}
		*field(o) = s
		return nil
	}
}

func yesNo(field func(*Options) *bool) func(*Options, string) error {
	return func(o *Options, s string) error {
		v, err := strconv.ParseBool(s)
		if err != nil {
			return problem(fmt.Sprintf("%q is neither true nor false", s), "write true or false")
		}
		*field(o) = v
		return nil
	}
}

func duration(least, most time.Duration, field func(*Options) *time.Duration) func(*Options, string) error {
	return func(o *Options, s string) error {
		d, err := time.ParseDuration(s)
		if err != nil {
			return problem(fmt.Sprintf("%q is not a duration", s), `write a number with its unit, such as "500ms", "10s" or "1m30s"`)
		}
		if d < least || d > most {
			return problem(fmt.Sprintf("%s is out of range", d), fmt.Sprintf("choose between %s and %s", least, most))
		}
		*field(o) = d
		return nil
	}
}

func address(field func(*Options) *string) func(*Options, string) error {
	return func(o *Options, s string) error {
		if s != "" {
			if err := CheckAddress(s); err != nil {
				return err
			}
		}
		*field(o) = s
		return nil
	}
}

func setBootstrap(o *Options, s string) error {
	o.Bootstrap = nil
	for one := range strings.SplitSeq(s, ",") {
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		if err := CheckAddress(one); err != nil {
			return err
		}
		if host, port, _ := net.SplitHostPort(one); host == "" || port == "0" {
			return problem(fmt.Sprintf("%q names no node", one), "write host and port of a node of the ring, such as test1:8001")
		}
		o.Bootstrap = append(o.Bootstrap, one)
	}
	return nil
}

func setNodeID(o *Options, s string) error {
	o.NodeID = keyspace.ID{}
	if s == "" {
		return nil
	}
	id, err := keyspace.Parse(s)
	if err != nil || id.IsZero() {
		return problem(fmt.Sprintf("%q is not an identifier", s), "write 40 hexadecimal digits that are not all 0")
	}
	o.NodeID = id
	return nil
}

func setLogLevel(o *Options, s string) error {
	if slices.Contains([]string{"debug", "info", "warn", "error"}, s) {
		return o.LogLevel.UnmarshalText([]byte(s))
	}
	return problem(fmt.Sprintf("%q is not a level", s), "choose debug, info, warn or error")
}

func setLogFormat(o *Options, s string) error {
	if !slices.Contains(logFormats, s) {
		return problem(fmt.Sprintf("%q is not a format", s), "choose auto, text, json or journal")
	}
	o.LogFormat = s
	return nil
}

// levelName is the inverse of setLogLevel.
func levelName(l slog.Level) string { return strings.ToLower(l.String()) }
