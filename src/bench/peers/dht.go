package main

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"chord/bench"
)

// dhtClient asks the HTTP proxy of one node, which answers a put when the nodes
// nearest to the key have it.
type dhtClient struct {
	*http.Client
	proxy string
}

// dhtValue is a value as the proxy shows it.
type dhtValue struct {
	Data []byte `json:"data"`
	ID   string `json:"id,omitempty"`
}

func (c dhtClient) Insert(ctx context.Context, key, value []byte) error {
	// With an identifier of its own a value is replaced when it is put again.
	id := uint64(sha1.Sum(value)[0]) + 1
	body, err := json.Marshal(dhtValue{value, strconv.FormatUint(id, 10)})
	if err != nil {
		return err
	}
	_, err = c.ask(ctx, http.MethodPost, key, body)
	return err
}

func (c dhtClient) Retrieve(ctx context.Context, key []byte) (values [][]byte, err error) {
	answer, err := c.ask(ctx, http.MethodGet, key, nil)
	for d := json.NewDecoder(bytes.NewReader(answer)); err == nil; {
		var v dhtValue
		if err = d.Decode(&v); err == nil {
			values = append(values, v.Data)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return values, err
}

func (c dhtClient) ask(ctx context.Context, method string, key, body []byte) ([]byte, error) {
	url := fmt.Sprintf("http://%s/%x", c.proxy, sha1.Sum(key))
	q, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	a, err := c.Do(q)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	answer, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.100s", a.Status, answer)
	}
	return answer, err
}

func startDHT(ctx context.Context, nodes int, dir string, t *toClose) (clients []bench.Client, err error) {
	ports, err := freePorts(2 * nodes)
	if err != nil {
		return nil, err
	}
	for i := range nodes {
		args := []string{"-s", "-p", strconv.Itoa(ports[i]), "--proxyserver", strconv.Itoa(ports[nodes+i])}
		if i > 0 {
			args = append(args, "-b", loopback(ports[0]))
		}
		if err := start(t, dir, "dhtnode", args...); err != nil {
			return nil, err
		}
		transport := &http.Transport{MaxIdleConnsPerHost: 1000}
		t.add(transport.CloseIdleConnections)
		clients = append(clients, dhtClient{&http.Client{Transport: transport}, loopback(ports[nodes+i])})
	}
	return clients, ready(ctx, clients)
}
