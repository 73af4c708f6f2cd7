package terminal

import (
	"fmt"
	"time"

	"chord/node"
)

// A certificate that ends sooner wants attention: see the alerts, which say the
// same.
const (
	soon     = 14 * 24 * time.Hour
	verySoon = 3 * 24 * time.Hour
)

// securityText says how connections are secured, and for how long the
// certificates hold.
func securityText(s node.Security, now time.Time) string {
	if s.Mode == "" || s.Mode == "off" {
		return "off: nothing is encrypted, and everybody who reaches the port may do everything"
	}
	text := s.Mode
	if s.Certificate != "" {
		text += ", " + clean(s.Certificate)
	}
	if !s.Expires.IsZero() {
		text += ", " + expiryText(s.Expires, now)
	}
	if s.Refused > 0 {
		text += fmt.Sprintf("; %s connections or requests refused", number(s.Refused))
	}
	return text
}

func expiryText(end, now time.Time) string {
	switch left := end.Sub(now); {
	case left <= 0:
		return "EXPIRED " + end.Format("2006-01-02 15:04")
	case left < soon:
		return fmt.Sprintf("EXPIRES IN %d days and %d hours", left/(24*time.Hour), left%(24*time.Hour)/time.Hour)
	default:
		return fmt.Sprintf("until %s, %d days", end.Format("2006-01-02"), left/(24*time.Hour))
	}
}

func securityColour(s node.Security, now time.Time) string {
	switch left := s.Expires.Sub(now); {
	case s.Expires.IsZero():
		return plain
	case left < verySoon:
		return red
	case left < soon:
		return yellow
	}
	return plain
}
