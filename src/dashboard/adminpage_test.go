package dashboard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"chord/trust"
)

// An administrator has a form, and buttons at members; others have neither.
func TestPageOfAnAdministrator(t *testing.T) {
	b := chromium(t)
	o, sim := &operator{}, simulate(20, 3, false)
	s := New(Config{Node: sim, Peers: leavers{simulatedPeers{sim}, o}, Operator: o})
	role := trust.Admin
	s.role = func(*http.Request) trust.Role { return role } // stands in for a certificate
	h := httptest.NewServer(s.http.Handler)
	t.Cleanup(func() { s.Stop(context.Background()); h.Close() })
	p := b.visit(h.URL, 1400, 1280, "light")
	p.await(`document.querySelectorAll("#table tbody tr").length === 20`)
	for _, c := range []struct{ do, outcome, did string }{
		{"insert", "Inserted.", "insert color <b>blue</b>"},
		{"values", "red\ngreen", "retrieve color"},
		{"remove", "Removed.", "remove color <b>blue</b>"},
	} {
		p.eval(`document.getElementById("edit-key").value = "color"; document.getElementById("edit-value").value = "<b>blue</b>";
			document.getElementById("edit").requestSubmit(document.querySelector("[data-do=`+c.do+`]"))`, nil)
		p.await(`document.getElementById("outcome").innerText === ` + quote(c.outcome))
		if o.did[len(o.did)-1] != c.did {
			t.Errorf("%s did %q", c.do, o.did)
		}
	}
	p.eval(`window.confirm = (q) => (window.asked = q, true); document.querySelectorAll("#table tbody tr").forEach((r) => r.cells[1].innerText === "down" && r.querySelector("button").click())`, nil)
	p.await(`document.querySelector("#chosen-body button.grave")?.innerText === "Forget"`)
	if *images != "" {
		write(t, filepath.Join(*images, "admin.png"), p.shoot())
	}
	p.eval(`document.querySelector("#chosen-body button.grave").click()`, nil)
	p.await(`window.asked?.includes("for ever") && document.getElementById("outcome").innerText.endsWith("is forgotten.")`)
	if got := o.did[len(o.did)-1]; got[:6] != "forget" {
		t.Errorf("did %q", o.did)
	}
	role = trust.Read
	p.eval(`document.getElementById("edit").requestSubmit(document.querySelector("[data-do=insert]"))`, nil)
	p.await(`document.getElementById("outcome").innerText.startsWith("Not done: only an administrator may do this; ")`)
	p = b.visit(h.URL, 1400, 1000, "light")
	p.await(`document.querySelectorAll("#table tbody tr").length === 20 && !document.getElementById("edit") && !document.querySelector("#chosen-body button.grave")`)
}
