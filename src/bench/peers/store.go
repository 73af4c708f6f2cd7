package main

import (
	"context"
	"net"

	"chord/bench"
)

// store is one that is compared.
type store struct {
	name    string
	program string
	remedy  string // where the program is not there
	promise string // what an insert that was answered survives
	exposed bool   // cannot be told to listen on loopback alone
	reads   bool   // only reads are measured; writes are those of another
	start   func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error)
}

// stores returns all, in the order in which they are measured.
func stores(s settings) []store {
	ring := func(name string, nodes int, one bool, promise string) store {
		return store{
			name: name, program: s.chord, remedy: "build it with `go build ./cmd/chord`, and name it with --chord",
			promise: promise, reads: one,
			start: func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error) {
				return startChord(ctx, s.chord, nodes, one, dir, t)
			},
		}
	}
	etcd := func(name string, nodes int, asked bool, promise string) store {
		return store{
			name: name, program: "etcd", remedy: "apt-get install etcd-server", promise: promise, reads: asked,
			start: func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error) {
				return startEtcd(ctx, nodes, asked, dir, t)
			},
		}
	}
	return []store{
		ring("chord-1", 1, false, "synced to one disk"),
		{
			name: "redis", program: "redis-server", remedy: "apt-get install redis-server",
			promise: "appendfsync always: synced to one disk",
			start: func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error) {
				return startRedis(ctx, s.Clients, dir, t)
			},
		},
		ring("chord-3", 3, false, "synced to two of three disks; retrieves see every acknowledged insert"),
		etcd("etcd-3", 3, false, "synced to two of three disks; gets see every acknowledged put"),
		ring("chord-3-one", 3, true, "retrieves of one copy, which may be stale"),
		etcd("etcd-3-ser", 3, true, "serializable gets: of the asked node alone, which may be stale"),
		etcd("etcd-1", 1, false, "synced to one disk"),
		ring("chord-4", 4, false, "synced to two of the key's three disks"),
		{
			name: "dht-4", program: "dhtnode", remedy: "apt-get install dhtnode", exposed: true,
			promise: "in memory of the nodes nearest to the key, for ten minutes; over the nodes' HTTP proxies",
			start: func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error) {
				return startDHT(ctx, 4, dir, t)
			},
		},
	}
}

// loopbackOnly reports whether nobody else can reach this machine's addresses.
func loopbackOnly() bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); !ok || !ip.IP.IsLoopback() {
			return false
		}
	}
	return true
}
