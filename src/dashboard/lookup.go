package dashboard

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"chord/keyspace"
	"chord/node"
	"chord/replica"
	"chord/ring"
)

// lookupView is a lookup: where a key is on the circle, who has it, and whom it
// took to find that out.
type lookupView struct {
	Key    string          `json:"key,omitempty"` // as text; empty where an identifier was looked up
	ID     keyspace.ID     `json:"id"`
	Bucket keyspace.Bucket `json:"bucket"`
	Angle  float64         `json:"angle"`
	Point                  // on the circle
	Owner  peerView        `json:"owner"`
	// Holders are who should have copies, the owner among them, in their order.
	Holders []holderView `json:"holders"`
	Steps   []stepView   `json:"steps"`
	Path    []wayView    `json:"path"` // from this node to the owner
	Took    int64        `json:"took"` // microseconds
}

type holderView struct {
	peerView
	State string `json:"state"`
}

type stepView struct {
	peerView
	Took  int64  `json:"took"`            // microseconds
	Error string `json:"error,omitempty"` // why it did not help
}

// wayView is one hop as it is drawn.
type wayView struct {
	To     keyspace.ID `json:"to"`
	Path   string      `json:"path"`
	Failed bool        `json:"failed,omitempty"`
}

// lookupTimeout bounds a lookup for the page.
const lookupTimeout = 5 * time.Second

// maxQueryKey is how long a key may be that is looked up, in bytes.
const maxQueryKey = 4 << 10

func (s *Server) lookup(w http.ResponseWriter, r *http.Request) {
	key, target, err := parseLookup(r.URL.Query())
	if err != nil {
		refuse(w, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), lookupTimeout)
	defer cancel()
	bucket, began := keyspace.BucketOf(target), time.Now()
	trace, err := s.config.Node.Lookup(ctx, bucket.First()) // a key lives where its bucket begins
	if err != nil {
		refuse(w, err)
		return
	}
	v := lookupOf(s.config.Node.Status(), trace, target)
	v.Key, v.Took = key, time.Since(began).Microseconds()
	answer(w, http.StatusOK, v)
}

// parseLookup reads what to look up: a key as text, or as hexadecimal digits of
// its bytes (hex), or an identifier (id).
func parseLookup(q url.Values) (key string, target keyspace.ID, err error) {
	invalid := func(text, remedy string) error {
		return &node.Error{Kind: node.Invalid, Text: text, Remedy: remedy}
	}
	if len(q) != 1 {
		return "", target, invalid("one thing is looked up at a time", "give ?key=TEXT, ?hex=DIGITS or ?id=DIGITS")
	}
	switch {
	case q.Has("id"):
		target, err = keyspace.Parse(q.Get("id"))
		if err != nil {
			err = invalid("that is no identifier", "an identifier has 40 hexadecimal digits")
		}
		return "", target, err
	case q.Has("hex"):
		b, err := hex.DecodeString(strings.ReplaceAll(q.Get("hex"), " ", ""))
		if err != nil {
			return "", target, invalid("those are no bytes", "write two hexadecimal digits for each byte")
		}
		key = string(b)
	case q.Has("key"):
		key = q.Get("key")
	default:
		return "", target, invalid("it is not said what to look up", "give ?key=TEXT, ?hex=DIGITS or ?id=DIGITS")
	}
	if key == "" || len(key) > maxQueryKey {
		return "", target, invalid("a key is 1 to 4,096 bytes long here", "`chord lookup` takes longer ones")
	}
	target = keyspace.HashKey([]byte(key))
	if !utf8.ValidString(key) {
		key = ""
	}
	return key, target, nil
}

// lookupOf draws what was found.
func lookupOf(st node.Status, t node.Trace, target keyspace.ID) lookupView {
	names := namesOf(st.Members)
	v := lookupView{
		ID: target, Bucket: keyspace.BucketOf(target), Angle: roundTo(angleOf(target), 1e3), Point: at(angleOf(target), radius),
		Owner: names.peer(t.Owner), Holders: []holderView{}, Steps: []stepView{}, Path: []wayView{},
	}
	states := map[keyspace.ID]holderView{}
	for _, m := range st.Members {
		states[m.ID] = holderView{names.peer(ring.Peer{ID: m.ID, Addr: m.Addr}), m.State.String()}
	}
	for _, id := range replica.NewPlacement(st.Members, st.Quorums).Group(v.Bucket).Members {
		v.Holders = append(v.Holders, states[id])
	}
	from := st.Self.ID
	for _, step := range t.Steps {
		v.Steps = append(v.Steps, stepView{names.peer(step.Asked), step.Took.Microseconds(), step.Err})
		v.Path = append(v.Path, wayView{step.Asked.ID, chord(angleOf(from), angleOf(step.Asked.ID)), step.Err != ""})
		if step.Err == "" {
			from = step.Asked.ID
		}
	}
	if from != t.Owner.ID {
		v.Path = append(v.Path, wayView{To: t.Owner.ID, Path: chord(angleOf(from), angleOf(t.Owner.ID))})
	}
	return v
}
