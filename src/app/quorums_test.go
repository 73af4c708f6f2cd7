package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chord/replica"
)

func TestQuorums(t *testing.T) {
	for _, c := range []struct {
		args []string
		file string
		want replica.Quorums
	}{
		{nil, "", replica.Default},
		{[]string{"--replicas", "1"}, "", replica.Quorums{Copies: 1, Write: 1, Read: 1}},
		{[]string{"--replicas=2"}, "", replica.Quorums{Copies: 2, Write: 2, Read: 2}},
		{nil, `{"replicas": 5}`, replica.Quorums{Copies: 5, Write: 3, Read: 3}},
		{[]string{"--write-quorum", "1"}, `{"read-quorum": 3}`, replica.Quorums{Copies: 3, Write: 1, Read: 3}},
		{[]string{"--write-quorum", "3", "--read-quorum", "1"}, `{"read-quorum": 3}`, replica.Quorums{Copies: 3, Write: 3, Read: 1}},
	} {
		o, err := load(t, c.args, nil, c.file)
		if err != nil || o.Quorums() != c.want {
			t.Errorf("%v %s: %v, %v, want %v", c.args, c.file, o.Quorums(), err, c.want)
		}
	}
	o, err := load(t, nil, []string{"CHORD_REPLICAS=4", "CHORD_READ_QUORUM=2", "CHORD_REPAIR_RATE=64KiB", "CHORD_PURGE_AFTER=2h"}, "")
	if err != nil || o.Quorums() != (replica.Quorums{Copies: 4, Write: 3, Read: 2}) || o.RepairRate != 64<<10 || o.PurgeAfter != 2*time.Hour {
		t.Errorf("from the environment: %v, %d, %v, %v", o.Quorums(), o.RepairRate, o.PurgeAfter, err)
	}
}

// What a node could not run with is refused before it, with a remedy that helps.
func TestQuorumsThatAreRefused(t *testing.T) {
	for _, c := range []struct{ file, option, want, remedy string }{
		{`{"replicas": 0}`, "replicas", "0 is out of range", "from 1 to 16"},
		{`{"replicas": 17}`, "replicas", "17 is out of range", "from 1 to 16"},
		{`{"replicas": 2.5}`, "replicas", `"2.5" is not a whole number`, "from 1 to 16"},
		{`{"replicas": "3"}`, "replicas", `"3" does not belong here`, "write a number, such as 5"},
		{`{"replicas": true}`, "replicas", "true does not belong here", "write a number"},
		{`{"write-quorum": 4}`, "write-quorum", "4 copies cannot be written to where there are 3", "1 to 3"},
		{`{"replicas": 2, "read-quorum": 3}`, "read-quorum", "3 copies cannot be read where there are 2", "1 to 2"},
		{`{"write-quorum": 1, "read-quorum": 2}`, "read-quorum", "may miss a write that 1 of them", "a read-quorum of 3"},
		{`{"write-quorum": 1}`, "read-quorum", "a read of 2 of 3 copies may miss", "a read-quorum of 3"},
		{`{"replicas": 5, "read-quorum": 1}`, "read-quorum", "may miss", "a read-quorum of 3, or a larger write-quorum"},
		{`{"repair-rate": "0"}`, "repair-rate", "0 is out of range", "between 64KiB and 16GiB"},
		{`{"repair-rate": "1TiB"}`, "repair-rate", "1TiB is out of range", "between 64KiB and 16GiB"},
		{`{"repair-rate": "fast"}`, "repair-rate", `"fast" is not a size`, "32MiB"},
		{`{"repair-rate": 1000}`, "repair-rate", "the number 1000 does not belong here", "100MiB"},
	} {
		_, err := load(t, nil, nil, c.file)
		problems, ok := errors.AsType[Problems](err)
		if !ok || len(problems) != 1 || problems[0].Option != c.option ||
			!strings.Contains(problems[0].Text, c.want) || !strings.Contains(problems[0].Remedy, c.remedy) {
			t.Errorf("%s: %v, want of %s: %s; %s", c.file, err, c.option, c.want, c.remedy)
		}
	}
	if _, err := load(t, []string{"--replicas", "three"}, nil, ""); err == nil || !strings.Contains(err.Error(), `--replicas: "three" does not belong here`) {
		t.Errorf("a word for a number: %v", err)
	}
}

// The options take exactly the quorums that a node takes, and the remedy is one.
func TestQuorumsAgreeWithTheNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.IntRange(0, replica.MaxCopies)
		o := Options{Replicas: rapid.IntRange(1, replica.MaxCopies).Draw(t, "replicas"), WriteQuorum: one.Draw(t, "write"), ReadQuorum: one.Draw(t, "read")}
		write, read := checkWriteQuorum(o), checkReadQuorum(o)
		if refused := write != nil || read != nil; refused != (o.Quorums().Check() != nil) {
			t.Fatalf("%v: refused by the options: %v, %v; by the node: %v", o.Quorums(), write, read, o.Quorums().Check())
		}
		if q := o.Quorums(); write == nil && read != nil && q.Read <= q.Copies {
			o.ReadQuorum = q.Copies - q.Write + 1
			if checkReadQuorum(o) != nil {
				t.Fatalf("%v: the remedy does not help", q)
			}
		}
	})
}

func TestSizesAreWrittenAsTheyAreRead(t *testing.T) {
	for _, text := range []string{"64KiB", "16GiB", "3TiB", "1MiB"} {
		if n, ok := parseSize(text); !ok || sizeText(n) != text {
			t.Errorf("%s: %d is written %s", text, n, sizeText(n))
		}
	}
	if sizeText(1500) != "1500" {
		t.Error("a size that no unit divides")
	}
}
