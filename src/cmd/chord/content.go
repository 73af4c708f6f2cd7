package main

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// content is bytes in JSON: as text where they are UTF-8, else as base64.
type content struct {
	Text   *string `json:"text,omitempty"`
	Base64 []byte  `json:"base64,omitempty"`
}

func contentOf(b []byte) content {
	if utf8.Valid(b) {
		s := string(b)
		return content{Text: &s}
	}
	return content{Base64: b}
}

// escape returns bytes as text in which what cannot be seen is escaped.
func escape(b []byte) string {
	s := string(b)
	if utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// bytes returns what contentOf was given.
func (c content) bytes() ([]byte, error) {
	switch {
	case c.Text != nil && c.Base64 != nil, c.Text == nil && c.Base64 == nil:
		return nil, errors.New("not a line of an export: a key or value is either text or base64")
	case c.Text != nil:
		return []byte(*c.Text), nil
	}
	return c.Base64, nil
}
