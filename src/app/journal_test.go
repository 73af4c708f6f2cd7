package app

import (
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/journal"
)

func TestJournalGetsAttributesAsFields(t *testing.T) {
	var message string
	var level journal.Priority
	var fields map[string]string
	log := slog.New(&journalHandler{level: slog.LevelInfo, otherwise: slog.DiscardHandler,
		send: func(m string, p journal.Priority, f map[string]string) error {
			message, level, fields = m, p, f
			return nil
		}})
	log.With("ring", "chord").WithGroup("peer").With("name", "node 1").Warn("gone", "id", 7, slog.Group("", "a", ""), slog.Group("at", "port", 1))
	if want := `gone ring=chord peer.name="node 1" peer.id=7 peer.a="" peer.at.port=1`; message != want {
		t.Errorf("message %s\nwant    %s", message, want)
	}
	want := map[string]string{"CHORD_RING": "chord", "CHORD_PEER_NAME": "node 1", "CHORD_PEER_ID": "7", "CHORD_PEER_A": "", "CHORD_PEER_AT_PORT": "1"}
	if level != journal.PriWarning || !maps.Equal(fields, want) {
		t.Errorf("level %d, fields %v", level, fields)
	}
	message = ""
	log.Debug("quiet")
	if message != "" {
		t.Error("a record below the level was sent")
	}
	log.Info("x", strings.Repeat("long", 40), 1)
	for name := range fields {
		if len(name) > 64 {
			t.Errorf("the journal refuses the name %s", name)
		}
	}
}

func TestPriorities(t *testing.T) {
	for level, want := range map[slog.Level]journal.Priority{
		slog.LevelDebug: journal.PriDebug, slog.LevelInfo: journal.PriInfo, slog.LevelWarn: journal.PriWarning,
		slog.LevelError: journal.PriErr, slog.LevelError + 4: journal.PriErr,
	} {
		if got := priority(level); got != want {
			t.Errorf("%v: %d, not %d", level, got, want)
		}
	}
}

func TestWhatTheJournalDoesNotTakeIsWrittenElsewhere(t *testing.T) {
	var b strings.Builder
	log := slog.New(&journalHandler{level: slog.LevelInfo, otherwise: slog.NewTextHandler(&b, nil),
		send: func(string, journal.Priority, map[string]string) error { return errors.New("no journal") }})
	log.With("a", 1).WithGroup("g").Info("kept", "b", 2)
	if !strings.Contains(b.String(), "msg=kept a=1 g.b=2") {
		t.Errorf("got %q", b.String())
	}
}

func TestLogFormats(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "")
	for form, want := range map[string]string{"text": "msg=hello", "json": `"msg":"hello"`, "auto": "msg=hello"} {
		var b strings.Builder
		log, level := NewLog(Options{LogFormat: form, LogLevel: slog.LevelWarn}, &b)
		log.Info("hello")
		if b.Len() > 0 {
			t.Errorf("%s: the level is not kept to", form)
		}
		level.Set(slog.LevelInfo)
		log.Info("hello")
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s: %q", form, b.String())
		}
	}
}

func TestForeignJournalIsNotOurs(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "1:2") // of the service that started who started us
	if got := format("auto"); got != "text" {
		t.Errorf("auto comes to %s", got)
	}
}
