package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"chord/bench"
)

// etcdClient is a connection to one node: put and get, which is of that node
// alone where asked is set (serializable), else of what a quorum has agreed on.
type etcdClient struct {
	*clientv3.Client
	asked bool
}

func (c etcdClient) Insert(ctx context.Context, key, value []byte) error {
	_, err := c.Put(ctx, string(key), string(value))
	return err
}

func (c etcdClient) Retrieve(ctx context.Context, key []byte) (values [][]byte, err error) {
	var how []clientv3.OpOption
	if c.asked {
		how = append(how, clientv3.WithSerializable())
	}
	answer, err := c.Get(ctx, string(key), how...)
	if err != nil {
		return nil, err
	}
	for _, kv := range answer.Kvs {
		values = append(values, kv.Value)
	}
	return values, nil
}

func startEtcd(ctx context.Context, nodes int, asked bool, dir string, t *toClose) (clients []bench.Client, err error) {
	ports, err := freePorts(2 * nodes)
	if err != nil {
		return nil, err
	}
	url := func(port int) string { return "http://" + loopback(port) }
	var cluster []string
	for i := range nodes {
		cluster = append(cluster, fmt.Sprintf("n%d=%s", i, url(ports[nodes+i])))
	}
	for i := range nodes {
		err := start(t, dir, "etcd", "--name", fmt.Sprintf("n%d", i), "--data-dir", filepath.Join(dir, fmt.Sprintf("n%d", i)),
			"--listen-client-urls", url(ports[i]), "--advertise-client-urls", url(ports[i]),
			"--listen-peer-urls", url(ports[nodes+i]), "--initial-advertise-peer-urls", url(ports[nodes+i]),
			"--initial-cluster", strings.Join(cluster, ","), "--initial-cluster-state", "new")
		if err != nil {
			return nil, err
		}
		c, err := clientv3.New(clientv3.Config{Endpoints: []string{loopback(ports[i])}, DialTimeout: 5 * time.Second, Logger: zap.NewNop()})
		if err != nil {
			return nil, err
		}
		t.add(func() { c.Close() })
		clients = append(clients, etcdClient{c, asked})
	}
	return clients, ready(ctx, clients)
}
