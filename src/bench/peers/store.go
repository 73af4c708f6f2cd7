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
	start   func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error)
}

// stores returns all, in the order in which they are measured.
func stores(s settings) []store {
	ring := func(name string, nodes int) store {
		return store{
			name: name, program: s.chord, remedy: "build it with `go build ./cmd/chord`, and name it with --chord",
			promise: "synced to the disk of the key's holder",
			start: func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error) {
				return startChord(ctx, s.chord, nodes, dir, t)
			},
		}
	}
	etcd := func(name string, nodes int, promise string) store {
		return store{
			name: name, program: "etcd", remedy: "apt-get install etcd-server", promise: promise,
			start: func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error) {
				return startEtcd(ctx, nodes, dir, t)
			},
		}
	}
	return []store{
		ring("chord-1", 1),
		{
			name: "redis", program: "redis-server", remedy: "apt-get install redis-server",
			promise: "appendfsync always: synced to one disk",
			start: func(ctx context.Context, dir string, t *toClose) ([]bench.Client, error) {
				return startRedis(ctx, s.Clients, dir, t)
			},
		},
		ring("chord-3", 3),
		etcd("etcd-3", 3, "synced to the disks of two of three; gets are serializable: of the asked node alone"),
		etcd("etcd-1", 1, "synced to one disk"),
		ring("chord-4", 4),
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
