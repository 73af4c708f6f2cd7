package dashboard

import (
	"encoding/json"
	"errors"
	"net/http"

	"chord/node"
)

// answer writes v as JSON.
func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v) // who does not read the end has gone
}

// fault is what went wrong, as JSON.
type fault struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
	Kind  string `json:"kind"`
}

// codes are what the kinds of errors come to in HTTP; 500 for the rest.
var codes = map[node.Kind]int{
	node.Invalid: http.StatusBadRequest, node.TooLarge: http.StatusRequestEntityTooLarge,
	node.Unavailable: http.StatusServiceUnavailable, node.Overloaded: http.StatusServiceUnavailable,
	node.ReadOnly: http.StatusInsufficientStorage, node.Unknown: http.StatusGatewayTimeout,
	node.Unauthenticated: http.StatusForbidden, node.PermissionDenied: http.StatusForbidden,
}

// refuse answers an error with its remedy.
func refuse(w http.ResponseWriter, err error) {
	kind := node.KindOf(err)
	code := codes[kind]
	if code == 0 {
		code = http.StatusInternalServerError
	}
	f := fault{Error: err.Error(), Kind: kind.String()}
	if h, ok := errors.AsType[*node.Error](err); ok {
		f.Hint = h.Remedy
	}
	answer(w, code, f)
}
