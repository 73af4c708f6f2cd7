package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/redis/go-redis/v9"

	"chord/bench"
)

// redisClient has a connection for each of its users: SET and GET.
type redisClient struct{ *redis.Client }

func (c redisClient) Insert(ctx context.Context, key, value []byte) error {
	return c.Set(ctx, string(key), value, 0).Err()
}

func (c redisClient) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	v, err := c.Get(ctx, string(key)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return [][]byte{v}, err
}

func startRedis(ctx context.Context, users int, dir string, t *toClose) ([]bench.Client, error) {
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	err = start(t, dir, "redis-server", "--bind", "127.0.0.1", "--port", strconv.Itoa(ports[0]), "--dir", dir,
		"--save", "", "--appendonly", "yes", "--appendfsync", "always")
	if err != nil {
		return nil, err
	}
	redis.SetLogger(silent{}) // what matters is an error, too
	c := redis.NewClient(&redis.Options{Addr: loopback(ports[0]), PoolSize: users, ContextTimeoutEnabled: true})
	t.add(func() { c.Close() })
	clients := []bench.Client{redisClient{c}}
	return clients, ready(ctx, clients)
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
