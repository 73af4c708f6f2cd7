package dashboard

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"chord/member"
	"chord/node"
)

// Operator does what administrators ask for: the [node.Node]. Its methods are
// safe for concurrent use.
type Operator interface {
	Insert(ctx context.Context, key, value []byte) error
	Remove(ctx context.Context, key, value []byte) error
	Retrieve(ctx context.Context, key []byte) ([][]byte, error)
	// Forget takes the member of that name, which is down, out of the ring.
	Forget(ctx context.Context, name string) error
	// Leave hands over everything and returns when the node is gone.
	Leave(ctx context.Context) error
}

// order is what an administrator asks for.
type order struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Name  string `json:"name"` // of a member
}

const (
	maxOrder     = 2 << 20 // bytes, as JSON
	orderTimeout = 10 * time.Second
	maxLeaving   = 4 // members that leave on the page's word at once
	// customHeader is what a page of another origin cannot send without being asked
	// about it first, which this server never allows.
	customHeader = "X-Chord"
)

// orders are the routes of administrators.
func (s *Server) orders(mux *http.ServeMux) {
	for path, do := range map[string]func(context.Context, order) (any, error){
		"/api/insert": func(ctx context.Context, o order) (any, error) {
			return nil, s.config.Operator.Insert(ctx, []byte(o.Key), []byte(o.Value))
		},
		"/api/remove": func(ctx context.Context, o order) (any, error) {
			return nil, s.config.Operator.Remove(ctx, []byte(o.Key), []byte(o.Value))
		},
		"/api/values": func(ctx context.Context, o order) (any, error) { return s.values(ctx, o) },
		"/api/forget": func(ctx context.Context, o order) (any, error) { return nil, s.config.Operator.Forget(ctx, o.Name) },
		"/api/leave":  func(_ context.Context, o order) (any, error) { return nil, s.leave(o.Name) },
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { s.carryOut(w, r, do) })
	}
}

// carryOut does what an administrator asks for, once it is sure that it is one,
// and that its browser means it.
func (s *Server) carryOut(w http.ResponseWriter, r *http.Request, do func(context.Context, order) (any, error)) {
	if !s.isAdmin(r) {
		refuse(w, &node.Error{Kind: node.PermissionDenied, Text: "only an administrator may do this", Remedy: "connect over TLS with an administrator's certificate"})
		return
	}
	if r.Header.Get(customHeader) == "" || r.Header.Get("Content-Type") != "application/json" {
		refuse(w, &node.Error{Kind: node.PermissionDenied, Text: "not a request of this page", Remedy: "send JSON with the header " + customHeader + ": 1"})
		return
	}
	var o order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&o); err != nil {
		refuse(w, &node.Error{Kind: node.Invalid, Text: "the request is no JSON object of its kind: " + err.Error()})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), orderTimeout)
	defer cancel()
	result, err := do(ctx, o)
	s.config.Log.Info("an administrator's request", "path", r.URL.Path, "who", s.who(r), "key", o.Key, "member", o.Name, "ok", err == nil)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"done": true, "result": result})
}

// values returns a key's values as text.
func (s *Server) values(ctx context.Context, o order) ([]string, error) {
	values, err := s.config.Operator.Retrieve(ctx, []byte(o.Key))
	texts := []string{}
	for _, v := range values {
		texts = append(texts, string(v))
	}
	return texts, err
}

// leave has a member leave. It answers when that is under way: handing over takes
// as long as it takes, and is seen on the page.
func (s *Server) leave(name string) error {
	do, err := s.leaver(name)
	if err != nil {
		return err
	}
	select {
	case s.leaving <- struct{}{}:
	default:
		return &node.Error{Kind: node.Overloaded, Text: "other members are leaving", Remedy: "wait until they are gone"}
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-s.leaving }()
		err := do(s.stopping)
		if err != nil && s.stopping.Err() == nil {
			s.config.Log.Error("a member that was told to leave did not", "member", name, "error", err.Error())
		}
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(s.every):
		return nil
	}
}

// leaver returns how a member is made to leave.
func (s *Server) leaver(name string) (func(context.Context) error, error) {
	st := s.config.Node.Status()
	if name == st.Self.Name {
		return s.config.Operator.Leave, nil
	}
	for _, m := range st.Members {
		if m.Name == name && m.State < member.Down && s.config.Peers != nil {
			return func(ctx context.Context) error { return s.config.Peers.Leave(ctx, m.Addr) }, nil
		}
	}
	return nil, &node.Error{Kind: node.Invalid, Text: "no member that is up is called " + name, Remedy: "who is down can be forgotten"}
}
