package terminal

import (
	"chord/client"
	"chord/member"
)

// state is how a member is, in a word with a colour and a sign.
func (s Style) state(m client.Surveyed) (word, colour, sign string) {
	word = m.State.String()
	switch m.State {
	case member.Alive:
		switch {
		case !m.Serving:
			return "joining", cyan, s.or("◌", "+")
		case m.Status == nil:
			return word, yellow, s.or("●", "*") // and does not answer from here
		}
		return word, green, s.or("●", "*")
	case member.Suspect:
		return word, yellow, s.or("◐", "?")
	case member.Leaving:
		return word, cyan, s.or("◌", "-")
	case member.Down:
		return word, red, s.or("○", "!")
	}
	return word, dim, s.or("·", ".")
}
