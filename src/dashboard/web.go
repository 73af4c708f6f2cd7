package dashboard

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed web
var web embed.FS

// asset is a part of the page that is the same for everybody.
type asset struct {
	content []byte
	kind    string // media type
	tag     string // changes with the content
}

// assets returns the parts by name.
func assets() map[string]asset {
	all := map[string]asset{}
	entries, _ := fs.ReadDir(web, "web") // embedded: it is there
	for _, e := range entries {
		content, _ := web.ReadFile("web/" + e.Name())
		all[e.Name()] = newAsset(e.Name(), content)
	}
	delete(all, pageTemplate)
	all["measures.js"] = newAsset("measures.js", measures())
	return all
}

func newAsset(name string, content []byte) asset {
	return asset{content, kinds[path.Ext(name)], fmt.Sprintf(`"%.12x"`, sha256.Sum256(content))}
}

// measures returns what the picture in the browser has in common with [Draw].
func measures() []byte {
	m, err := json.Marshal(map[string]any{
		"radius": radius, "labelAt": labelAt, "maxSigns": maxSigns,
		"viewBox": fmt.Sprintf("%g %g %g %g", -viewWidth/2, -viewHeight/2, viewWidth, viewHeight),
	})
	s, err2 := json.Marshal(signs)
	if err := errors.Join(err, err2); err != nil {
		panic("dashboard: " + err.Error()) // numbers and texts
	}
	return fmt.Appendf(nil, "export const measures = %s;\nexport const signs = %s;\n", m, s)
}

// kinds are the media types; what the system knows of them is not asked.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

const pageTemplate = "page.html"

// page answers the page itself. What it shows comes later, through its script.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	st := s.config.Node.Status()
	var b bytes.Buffer
	err := s.template.Execute(&b, struct {
		Ring, Node, Addr string
		Admin            bool
		Who              string
	}{st.Ring, st.Self.Name, st.Self.Addr, s.isAdmin(r), s.who(r)})
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(b.Bytes()) // who does not read the end has gone
}

// asset answers a part of the page: it is asked for again with every visit, and
// sent again when it changed.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	a, ok := s.assets[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", a.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.content))
}

func parsePage() *template.Template {
	return template.Must(template.ParseFS(web, "web/"+pageTemplate)) // embedded: a fault would be the program's, and a test's
}
