package app

import (
	"io"
	"log/slog"
	"os"

	"github.com/coreos/go-systemd/v22/journal"
)

// NewLog returns the logger that the options ask for, and the level with which
// it can be made quieter or louder while it is in use. w is standard error.
func NewLog(o Options, w io.Writer) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(o.LogLevel)
	form := &slog.HandlerOptions{Level: level}
	switch format(o.LogFormat) {
	case "json":
		return slog.New(slog.NewJSONHandler(w, form)), level
	case "journal":
		return slog.New(&journalHandler{level: level, send: journal.Send, otherwise: slog.NewTextHandler(w, form)}), level
	}
	return slog.New(slog.NewTextHandler(w, form)), level
}

// format says what auto comes to: the journal where it is what reads standard
// error (systemd then says so in $JOURNAL_STREAM), else text.
func format(f string) string {
	if f != "auto" {
		return f
	}
	if os.Getenv("JOURNAL_STREAM") == "" {
		return "text"
	}
	if yes, err := journal.StderrIsJournalStream(); err != nil || !yes {
		return "text"
	}
	return "journal"
}
