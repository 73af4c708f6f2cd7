package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"chord/node"
)

// A client library of others is content with both protocols.
func TestGoRedis(t *testing.T) {
	for _, protocol := range []int{2, 3} {
		f := newFake()
		addr, _ := start(t, f, Options{Users: someUsers(t)})
		db := redis.NewClient(&redis.Options{Addr: addr, Protocol: protocol, Username: "anna", Password: "secret", ClientName: "test", MaxRetries: 3, MinRetryBackoff: time.Millisecond})
		defer db.Close()
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Errorf("RESP%d: %v", protocol, err)
			}
		}
		must(db.Ping(ctx).Err())
		must(db.Set(ctx, "a", "1", 0).Err())
		if got, err := db.Get(ctx, "a").Result(); got != "1" || err != nil {
			t.Errorf("get: %q, %v", got, err)
		}
		if err := db.Get(ctx, "none").Err(); err != redis.Nil {
			t.Errorf("get of nothing: %v", err)
		}
		if n, err := db.SAdd(ctx, "s", "x", "y", "z").Result(); n != 3 || err != nil {
			t.Errorf("sadd: %d, %v", n, err)
		}
		members, err := db.SMembers(ctx, "s").Result()
		if slices.Sort(members); strings.Join(members, "") != "xyz" || err != nil {
			t.Errorf("smembers: %q, %v", members, err)
		}
		if got, err := db.SMIsMember(ctx, "s", "x", "n").Result(); err != nil || !got[0] || got[1] {
			t.Errorf("smismember: %v, %v", got, err)
		}
		if err := db.Set(ctx, "a", "1", time.Minute).Err(); err == nil || !strings.Contains(err.Error(), "do not expire") {
			t.Errorf("set with a time: %v", err)
		}
		if ok, err := db.SetNX(ctx, "a", "1", 0).Result(); err == nil || ok {
			t.Errorf("setnx: %v, %v", ok, err)
		}
		pipeline := db.Pipeline()
		var gets []*redis.StringCmd
		for i := range 200 {
			pipeline.Set(ctx, fmt.Sprint("p", i%30), i, 0)
			gets = append(gets, pipeline.Get(ctx, fmt.Sprint("p", i%30)))
		}
		_, err = pipeline.Exec(ctx)
		must(err)
		for i, g := range gets {
			if n, err := g.Int(); n != i || err != nil {
				t.Errorf("answer %d of a pipeline: %d, %v", i, n, err)
			}
		}
		seen := map[string]bool{}
		for it := db.Scan(ctx, 0, "p*", 7).Iterator(); it.Next(ctx); {
			seen[it.Val()] = true
		}
		if len(seen) != 30 {
			t.Errorf("a scan finds %d of 30 keys", len(seen))
		}
		if values, err := db.MGet(ctx, "p1", "none").Result(); err != nil || values[0] != "181" || values[1] != nil {
			t.Errorf("mget: %v, %v", values, err)
		}
		if n, err := db.DBSize(ctx).Result(); n != 32 || err != nil {
			t.Errorf("dbsize: %d, %v", n, err)
		}
		info, err := db.InfoMap(ctx, "server").Result()
		if must(err); info["Server"]["server_name"] != "chord" {
			t.Errorf("info: %v", info)
		}
		if name, err := db.ClientGetName(ctx).Result(); name != "test" || err != nil {
			t.Errorf("name: %q, %v", name, err)
		}
		commands, err := db.Command(ctx).Result()
		if must(err); commands["smembers"] == nil || !commands["smembers"].ReadOnly || commands["set"].ReadOnly {
			t.Errorf("%d commands", len(commands))
		}
		// What changed nothing is tried again by the library, an unknown outcome is not.
		tries := 0
		f.before = func(node.Op) error {
			if tries++; tries < 3 {
				return &node.Error{Kind: node.Unavailable, Text: "wait"}
			}
			return nil
		}
		if must(db.Set(ctx, "b", "1", 0).Err()); tries != 3 {
			t.Errorf("tried %d times", tries)
		}
		tries = 0
		f.before = func(node.Op) error { tries++; return &node.Error{Kind: node.Unknown, Text: "lost"} }
		if err := db.Set(ctx, "b", "1", 0).Err(); err == nil || !strings.HasPrefix(err.Error(), "UNKNOWN") || tries != 1 || errors.Is(err, redis.Nil) {
			t.Errorf("tried %d times: %v", tries, err)
		}
	}
}
