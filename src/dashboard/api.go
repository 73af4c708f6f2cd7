package dashboard

import (
	"net/http"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
)

// status answers how this node is.
func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	st := s.config.Node.Status()
	answer(w, http.StatusOK, viewOf(st, st.Members, time.Now()))
}

// ring answers all that the page shows.
func (s *Server) ring(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.snapshot()) }

// picture answers the ring drawn.
func (s *Server) picture(w http.ResponseWriter, _ *http.Request) {
	st := s.config.Node.Status()
	loads, _ := s.survey.loads(st)
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'") // its own style
	Draw(w, st, loads)                                                                                        // who does not read the end has gone
}

// member answers what a member says of itself.
func (s *Server) member(w http.ResponseWriter, r *http.Request) {
	id, err := keyspace.Parse(r.URL.Query().Get("id"))
	if err != nil {
		refuse(w, &node.Error{Kind: node.Invalid, Text: "that is no identifier", Remedy: "give ?id= and 40 hexadecimal digits"})
		return
	}
	st := s.config.Node.Status()
	if id == st.Self.ID {
		answer(w, http.StatusOK, viewOf(st, st.Members, time.Now()))
		return
	}
	m, ok := find(st.Members, id)
	switch {
	case !ok:
		refuse(w, &node.Error{Kind: node.Invalid, Text: "no member has this identifier", Remedy: "/api/ring lists them"})
		return
	case m.State >= member.Down:
		refuse(w, &node.Error{Kind: node.Unavailable, Text: m.Name + " is " + m.State.String()})
		return
	}
	said, at, err := s.survey.of(m)
	if err != nil {
		refuse(w, &node.Error{Kind: node.Unavailable, Text: m.Name + " does not answer: " + err.Error()})
		return
	}
	answer(w, http.StatusOK, viewOf(said, st.Members, at))
}

func find(members []member.Member, id keyspace.ID) (member.Member, bool) {
	for _, m := range members {
		if m.ID == id {
			return m, true
		}
	}
	return member.Member{}, false
}
