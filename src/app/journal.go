package app

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
)

// journalHandler sends records to the journal with a field for each attribute,
// so that `journalctl CHORD_PEER=...` finds them. The attributes stand in the
// message too, for who reads along.
type journalHandler struct {
	level     slog.Leveler
	send      func(message string, p journal.Priority, fields map[string]string) error
	otherwise slog.Handler // takes what the journal does not
	prefix    string       // of the names, from groups
	attrs     []slog.Attr  // leaves, with their prefixes
}

func (h *journalHandler) Enabled(_ context.Context, l slog.Level) bool {
	return l >= h.level.Level()
}

func (h *journalHandler) Handle(ctx context.Context, r slog.Record) error {
	message := r.Message
	fields := map[string]string{}
	all := slices.Clone(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		all = append(all, leaves(h.prefix, a)...)
		return true
	})
	for _, a := range all {
		value := a.Value.String()
		fields[fieldName(a.Key)] = value
		message += " " + a.Key + "=" + quoted(value)
	}
	if err := h.send(message, priority(r.Level), fields); err != nil {
		return h.otherwise.Handle(ctx, r)
	}
	return nil
}

func (h *journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.otherwise = h.otherwise.WithAttrs(attrs)
	c.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		c.attrs = append(c.attrs, leaves(h.prefix, a)...)
	}
	return &c
}

func (h *journalHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	c := *h
	c.otherwise = h.otherwise.WithGroup(name)
	c.prefix += name + "."
	return &c
}

// leaves takes groups apart and resolves values; prefix goes before the names.
func leaves(prefix string, a slog.Attr) []slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() != slog.KindGroup {
		if a.Equal(slog.Attr{}) {
			return nil
		}
		a.Key = prefix + a.Key
		return []slog.Attr{a}
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	var all []slog.Attr
	for _, sub := range a.Value.Group() {
		all = append(all, leaves(prefix, sub)...)
	}
	return all
}

// fieldName is the journal's: capital letters, digits and underscores, 64 at
// most, ours told from others' by the first word.
func fieldName(key string) string {
	name := "CHORD_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, key)
	return name[:min(len(name), 64)]
}

func quoted(s string) string {
	if s == "" || strings.ContainsAny(s, " \"=\n\t") {
		return strconv.Quote(s)
	}
	return s
}

func priority(l slog.Level) journal.Priority {
	switch {
	case l >= slog.LevelError:
		return journal.PriErr
	case l >= slog.LevelWarn:
		return journal.PriWarning
	case l >= slog.LevelInfo:
		return journal.PriInfo
	}
	return journal.PriDebug
}
