package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// printed runs a print and returns both outputs.
func printed(f found) (out, warnings string, err error) {
	var o, e bytes.Buffer
	c := &cobra.Command{}
	c.SetOut(&o)
	c.SetErr(&e)
	err = f.print(c)
	return o.String(), e.String(), err
}

// A read of one copy says that it may be stale, in text beside the output and to
// programs in it; another read says nothing of it.
func TestReadOfOneCopySaysSo(t *testing.T) {
	values := [][]byte{[]byte("blue")}
	out, warnings, err := printed(found{key: "color", values: values, reading: "one", output: "text"})
	if err != nil || out != "blue\n" || !strings.Contains(warnings, "warning: one copy was read: it may lack") {
		t.Errorf("text: %q, %q, %v", out, warnings, err)
	}
	out, warnings, err = printed(found{key: "color", values: values, reading: "one", output: "json"})
	if err != nil || !strings.Contains(out, `"may_be_stale": true`) || warnings != "" {
		t.Errorf("json: %q, %q, %v", out, warnings, err)
	}
	for _, o := range []output{"text", "json"} {
		out, warnings, err = printed(found{key: "color", values: values, reading: "quorum", output: o})
		if err != nil || strings.Contains(out, "stale") || warnings != "" {
			t.Errorf("a quorum, %s: %q, %q, %v", o, out, warnings, err)
		}
	}
}

// "No values" of one copy is not "no values".
func TestNothingInOneCopy(t *testing.T) {
	for read, want := range map[reading]string{"quorum": `the key "color" has no values`, "one": `the copy that was asked has no values of the key "color"`} {
		_, _, err := printed(found{key: "color", reading: read, output: "text"})
		f, ok := errors.AsType[*failure](err)
		if !ok || f.code != exitNotFound || f.text != want {
			t.Errorf("%s: %v", read, err)
		}
	}
}

func TestReadFlag(t *testing.T) {
	c := &cobra.Command{}
	r := readFlag(c)
	if r.one() || c.Flags().Set("read", "one") != nil || !r.one() || c.Flags().Set("read", "all") == nil || !r.one() {
		t.Errorf("read is %q", *r)
	}
}
