package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chord/node"
)

func TestCommands(t *testing.T) {
	addr, _ := start(t, newFake(), Options{Version: "1.2.3"})
	k := dial(t, addr)
	for _, c := range commandCases {
		k.expect(c[0], c[1])
	}
}

// commandCases are commands and their answers, one after the other.
var commandCases = [][2]string{
	{"PING", "PONG"}, {"ping hello", "hello"}, {"ECHO x", "x"}, {"PING a b", "-ERR wrong number of arguments for 'ping' command"},
	{"GET a", "null"}, {"SET a 1", "OK"}, {"get a", "1"}, {"STRLEN a", "1"}, {"STRLEN none", "0"}, {"TYPE a", "string"}, {"TYPE none", "none"},
	{"SET a 1 EX 10", "-ERR SET: EX is not supported: keys of a ring do not expire…"}, {"SET a 1 nx", "-ERR SET: NX is not supported…"},
	{"SET a 1 XX", "-ERR SET: XX is not supported…"}, {"SET a 1 GET", "-ERR SET: GET is not supported…"}, {"SET a 1 WHAT", "-ERR SET: syntax error…"},
	{"SET a 2 KEEPTTL", "OK"}, {"GET a", "2"}, {"SET a", "-ERR wrong number…"},
	{"MSET k1 v1 k2 v2 k1 v3", "OK"}, {"MGET k1 k2 k3", "[v3 v2 null]"}, {"MSET k1 v1 k2", "-ERR wrong number…"},
	{"SADD s x y z x", "3"}, {"SADD s x", "0"}, {"SADD s w", "1"}, {"SCARD s", "4"}, {"TYPE s", "set"}, {"SISMEMBER s y", "1"}, {"SISMEMBER s n", "0"},
	{"SMISMEMBER s x n y", "[1 0 1]"}, {"SMISMEMBER s a b c d e f g x", "[0 0 0 0 0 0 0 1]"}, {"SREM s x n", "1"}, {"SREM s y z w", "3"}, {"SMEMBERS s", "[]"}, {"EXISTS s a a", "2"},
	{"DBSIZE", "3"}, {"DEL a k1 k1 n", "2"}, {"UNLINK k2", "1"}, {"EXISTS a k2", "0"},
	{"SELECT 0", "OK"}, {"SELECT 1", "-ERR DB index is out of range…"},
	{"CLIENT SETNAME me", "OK"}, {"CLIENT GETNAME", "me"}, {"CLIENT ID", "1"}, {"CLIENT SETINFO LIB-NAME x", "OK"}, {"CLIENT NO-EVICT ON", "OK"}, {"CLIENT KILL x", "-ERR CLIENT serves…"},
	{"CLIENT SETNAME a\x01b", "-ERR a name…"},
	{"COMMAND GETKEYS MSET a 1 b 2", "[a b]"}, {"COMMAND GETKEYS PING", "-ERR The command has no key arguments"}, {"COMMAND INFO nothing", "[null]"},
	{"COMMAND INFO get", "[[get 2 [readonly] 1 1 1 [] [] [] []]]"}, {"COMMAND WHAT", "-ERR COMMAND serves…"},
	{"CONFIG GET save appendonly", "[appendonly yes save ]"}, {"CONFIG GET max*", "[maxclients 1024 maxmemory 0]"}, {"CONFIG SET save x", "-ERR CONFIG serves GET…"},
	{"AUTH x", "-ERR this port has no users…"}, {"AUTH a b c d", "-ERR wrong number…"},
	{"FLUSHALL", `-ERR unknown command "FLUSHALL": this port serves AUTH, CLIENT, COMMAND…`}, {"A-NAME-LONGER-THAN-ALL-OF-THEM", "-ERR unknown command…"},
	{"HELLO 4", "-NOPROTO…"}, {"HELLO 2 WHAT", "-ERR HELLO: syntax…"}, {"RESET", "RESET"}, {"CLIENT GETNAME", "null"},
}

func TestRESP3(t *testing.T) {
	addr, _ := start(t, newFake(), Options{})
	k := dial(t, addr)
	k.expect("HELLO 3 SETNAME me", "{server chord version 7.0.0 proto 3 id 1 mode standalone role master modules []}")
	k.expect("CLIENT GETNAME", "me")
	k.expect("SADD s c b a", "3")
	k.expect("SMEMBERS s", "<a b c>")
	k.expect("GET none", "null")
	k.expect("CONFIG GET save", "{save }")
	if got := k.ask("INFO server"); !strings.HasPrefix(got, "# Server\r\nredis_version:7.0.0\r\n") {
		t.Errorf("info: %q", got)
	}
	k.expect("HELLO 2", "[server chord version 7.0.0 proto 2…")
	k.expect("GET none", "null")
}

// What INFO says can be read by programs, and every line has a value.
func TestInfo(t *testing.T) {
	addr, _ := start(t, newFake(), Options{Version: "1.2.3"})
	k := dial(t, addr)
	k.expect("SET a 1", "OK")
	k.expect("GET a", "1")
	k.expect("GET b", "null")
	text := k.ask("INFO")
	for _, want := range []string{
		"chord_version:1.2.3", "connected_clients:1", "total_commands_processed:4", "keyspace_hits:1", "keyspace_misses:1", "loading:0",
		"db0:keys=1,expires=0,avg_ttl=0", "role:master", "ring_name:test", "total_connections_received:1",
	} {
		if !strings.Contains(text, "\r\n"+want+"\r\n") {
			t.Errorf("INFO has no line %s:\n%s", want, text)
		}
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); line != "" && line[0] != '#' && (!ok || name == "") {
			t.Errorf("a line %q, value %q", line, value)
		}
	}
	if got := k.ask("INFO keyspace"); got != "# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n" {
		t.Errorf("one section: %q", got)
	}
	if line := k.ask("CLIENT LIST"); !strings.HasPrefix(line, "id=1 addr=127.0.0.1:") || !strings.Contains(line, " cmd=client user=default role=write resp=2 ") {
		t.Errorf("clients: %q", line)
	}
}

// A scan gives every key once, however small its pages; options choose.
func TestScan(t *testing.T) {
	f := newFake()
	addr, _ := start(t, f, Options{})
	k := dial(t, addr)
	for i := range 300 {
		f.sets[fmt.Sprint("key", i)] = map[string]bool{"a": true}
		if i%3 == 0 {
			f.sets[fmt.Sprint("key", i)]["b"] = true
		}
	}
	pages := func(command string) (found []string) {
		for cursor, n := "0", 0; n == 0 || cursor != "0"; n++ {
			if n > 400 {
				t.Fatalf("%s has no end", command)
			}
			got := k.ask(strings.Replace(command, "CURSOR", cursor, 1))
			var rest string
			cursor, rest, _ = strings.Cut(strings.Trim(got, "[]"), " ")
			found = append(found, strings.Fields(strings.Trim(rest, "[]"))...)
		}
		slices.Sort(found)
		return found
	}
	for command, want := range map[string]int{
		"SCAN CURSOR": 300, "SCAN CURSOR COUNT 1": 300, "SCAN CURSOR COUNT 100000": 300, "SCAN CURSOR MATCH key1*": 111,
		"SCAN CURSOR TYPE set": 100, "SCAN CURSOR TYPE string MATCH key?": 6, "SCAN CURSOR TYPE hash": 0,
	} {
		found := pages(command)
		if n := len(slices.Compact(found)); n != want || n != len(found) {
			t.Errorf("%s: %d keys, %d of them once; want %d", command, len(found), n, want)
		}
	}
	for i := range 200 {
		k.expect(fmt.Sprint("SADD s member", i), "1")
	}
	if found := pages("SSCAN s CURSOR COUNT 7"); len(slices.Compact(found)) != 200 {
		t.Errorf("%d members", len(found))
	}
	if found := pages("SSCAN s CURSOR MATCH member10*"); len(found) != 11 {
		t.Errorf("members that fit: %v", found)
	}
	for command, want := range map[string]string{
		"SCAN x": "-ERR invalid cursor", "SCAN -1": "-ERR invalid cursor", "SCAN 0 COUNT": "-ERR SCAN: syntax…", "SCAN 0 COUNT 0": "-ERR SCAN: COUNT…",
		"SCAN 0 WHAT 1": "-ERR SCAN: syntax…", "SSCAN s 0 TYPE set": "-ERR SSCAN: TYPE…", "SCAN 4503599627370495": "[0 []]", "SCAN 4503599627370496": "-ERR invalid cursor",
	} {
		k.expect(command, want)
	}
}

// Errors of the node have the prefix that tells client libraries what to do.
func TestErrors(t *testing.T) {
	f := newFake()
	f.ready = make(chan struct{})
	var fail error
	f.before = func(node.Op) error { return fail }
	addr, _ := start(t, f, Options{})
	k := dial(t, addr)
	fail = &node.Error{Kind: node.Unavailable, Text: "this node has not joined its ring yet"}
	k.expect("GET a", "-LOADING this node has not joined its ring yet")
	close(f.ready)
	for kind, want := range map[node.Kind]string{
		node.Unavailable: "-TRYAGAIN too few; wait", node.Overloaded: "-TRYAGAIN too few; wait", node.ReadOnly: "-OOM too few; wait",
		node.Unknown: "-UNKNOWN outcome: the change may be in effect or not: too few; wait", node.Corrupt: "-ERR too few; wait", node.TooLarge: "-ERR too few; wait",
		node.PermissionDenied: "-NOPERM too few; wait", node.Internal: "-ERR too few; wait",
	} {
		fail = &node.Error{Kind: kind, Text: "too\nfew", Remedy: "wait"}
		k.expect("SET a 1", want)
	}
	n := 0
	f.before = func(op node.Op) error {
		if n++; string(op.Value) == "bad" {
			return &node.Error{Kind: node.Unknown, Text: "lost"}
		}
		return nil
	}
	k.expect("SADD s bad", "-UNKNOWN outcome: the change may be in effect or not: lost")
	f.before = func(op node.Op) error {
		if string(op.Key) == "k2" {
			return &node.Error{Kind: node.Unavailable, Text: "down"}
		}
		return nil
	}
	k.expect("MSET k1 1 k2 2 k3 3", "-TRYAGAIN 2 of 3 done: down")
	k.expect("DEL k2", "-TRYAGAIN down")
	k.expect("EXISTS k1 k2", "-TRYAGAIN down")
	k.expect("GET "+strings.Repeat("k", 70000), "-ERR the key has 70000 bytes…")
}

// A fault of ours ends no connection.
func TestPanic(t *testing.T) {
	f := newFake()
	f.before = func(node.Op) error { panic("boom") }
	addr, _ := start(t, f, Options{})
	k := dial(t, addr)
	k.expect("GET a", "-ERR internal error…")
	k.expect("MGET a b c", "-ERR internal error…")
	k.expect("PING", "PONG")
}
