package dashboard

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"chord/member"
	"chord/node"
	"chord/node/nodetest"
)

// ringPeers asks the nodes of a ring in this process.
type ringPeers struct{ *nodetest.Ring }

func (p ringPeers) Status(_ context.Context, addr string) (node.Status, error) {
	for _, n := range p.Nodes {
		if s := n.Status(); s.Self.Addr == addr {
			return s, nil
		}
	}
	return node.Status{}, &node.Error{Kind: node.Unavailable, Text: addr + " does not answer"}
}

func (p ringPeers) Leave(context.Context, string) error { return nil }

// realRing is a ring of nodes on real databases, and the page of its first one.
func realRing(t *testing.T, n int) (*nodetest.Ring, string) {
	t.Helper()
	r := nodetest.Start(t, 1)
	r.Adjust = func(c *node.Config) { c.Period = 50 * time.Millisecond }
	for range n - 1 {
		r.AwaitReady(r.Add())
	}
	s := New(Config{Node: r.Nodes[0], Peers: ringPeers{r}, Operator: r.Nodes[0]})
	s.every = 100 * time.Millisecond
	h := httptest.NewServer(s.http.Handler)
	t.Cleanup(func() {
		s.Stop(context.Background())
		h.Close()
	})
	return r, h.URL
}

// The page of a ring of real nodes, on which one thing is done after the other.
func TestPageOfARing(t *testing.T) {
	b := chromium(t)
	r, url := realRing(t, 4)
	t.Run("shows what the nodes say", func(t *testing.T) { pageShowsWhatNodesSay(t, r, b.visit(url, 1400, 1000, "light")) })
	t.Run("looks up", func(t *testing.T) { pageLooksUp(t, r, b.visit(url, 1400, 1000, "light")) })
	t.Run("follows", func(t *testing.T) { pageFollows(t, r, b.visit(url, 1400, 1000, "light")) })
}

func pageShowsWhatNodesSay(t *testing.T, r *nodetest.Ring, p *tab) {
	for i := range 50 {
		if err := r.Nodes[i%4].Insert(t.Context(), fmt.Append(nil, "key", i), []byte("value")); err != nil {
			t.Fatal(err)
		}
	}
	r.AwaitWhole()
	p.await(`document.querySelectorAll("#table tbody tr").length === 4 && document.querySelectorAll("#picture .sign.alive").length === 4`)
	for _, n := range r.Nodes {
		s := n.Status()
		cells := rowOf(p, s.Self.ID.String())
		p.await(fmt.Sprintf(`document.querySelector("tr[data-id='%s']").cells[3].innerText === "%d"`, s.Self.ID, s.Store.Keys))
		if !strings.HasPrefix(cells[0], s.Self.Name) || cells[1] != "alive" || cells[7] != s.Self.Addr || cells[8] != s.Self.Domain {
			t.Errorf("%s is shown as %q", s.Self.Name, cells)
		}
		p.eval(fmt.Sprintf(`document.querySelector("tr[data-id='%s'] button").click()`, s.Self.ID), nil)
		p.await(fmt.Sprintf(`document.querySelector("#chosen-body").innerText.includes("Predecessor") && document.querySelector("#chosen-title").innerText.includes(%q)`, s.Self.Name))
		body := p.text("#chosen-body")
		for _, neighbour := range append([]string{s.View.Predecessor.Addr}, s.View.Successors[0].Addr) {
			if name := nameAt(r, neighbour); !strings.Contains(body, name) {
				t.Errorf("%s: no %s among its neighbours: %s", s.Self.Name, name, body)
			}
		}
	}
	if text := p.text("#summary"); text != "4 members, all alive, writes survive the loss of 1 more member" {
		t.Errorf("the summary is %q", text)
	}
}

// rowOf returns the cells of a member's row.
func rowOf(p *tab, id string) (cells []string) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`[...document.querySelector("tr[data-id='%s']").cells].map((c) => c.innerText)`, id), &cells)
	return cells
}

func nameAt(r *nodetest.Ring, addr string) string {
	for _, n := range r.Nodes {
		if s := n.Status().Self; s.Addr == addr {
			return s.Name
		}
	}
	return addr
}

// A lookup on the page names those that hold the key.
func pageLooksUp(t *testing.T, r *nodetest.Ring, p *tab) {
	key := []byte(`"a" & <b>`)
	if err := r.Nodes[2].Insert(t.Context(), key, []byte("value")); err != nil {
		t.Fatal(err)
	}
	r.AwaitWhole()
	var holders []string
	for _, n := range r.Nodes {
		for e, err := range n.Entries(t.Context()) {
			if err == nil && string(e.Key) == string(key) {
				holders = append(holders, n.Status().Self.Name)
			}
		}
	}
	p.await(`document.querySelectorAll("#picture .sign").length === 4`)
	p.eval(fmt.Sprintf(`document.getElementById("key").value = %q; document.getElementById("lookup").requestSubmit()`, key), nil)
	p.await(`document.querySelectorAll("#picture .holder").length === 3`)
	var shown []string
	p.eval(`[...document.querySelectorAll("#found p:first-child button")].map((b) => b.innerText)`, &shown)
	slices.Sort(shown)
	slices.Sort(holders)
	if !slices.Equal(shown, holders) || !strings.HasPrefix(p.text("#found"), string(key)+" is kept by ") {
		t.Errorf("the page says %q keep it, in fact %q do: %s", shown, holders, p.text("#found"))
	}
	p.eval(`document.getElementById("clear").click()`, nil)
	p.await(`document.querySelectorAll("#picture .holder, #picture .key").length === 0 && document.querySelector("#found").innerText === ""`)
}

// A death is seen without reloading, in colour and shape, in the table and in
// the summary.
func pageFollows(t *testing.T, r *nodetest.Ring, p *tab) {
	p.await(`document.querySelectorAll("#picture .sign.alive").length === 4`)
	gone := r.Nodes[3].Status().Self
	r.Crash(r.Nodes[3])
	p.await(`document.querySelectorAll("#picture .sign.down").length === 1 && document.querySelector("#summary").innerText.includes("1 down")`)
	if cells := rowOf(p, gone.ID.String()); cells[1] != member.Down.String() || cells[3] != "unknown" {
		t.Errorf("the dead member is shown as %q", cells)
	}
	var well string
	p.eval(`document.getElementById("summary").dataset.well`, &well)
	if well != "false" {
		t.Error("the ring is shown as well")
	}
}

// That the node does not answer is said aloud.
func TestPageSaysThatTheNodeIsGone(t *testing.T) {
	b := chromium(t)
	s := New(Config{Node: simulate(4, 1, true)})
	h := httptest.NewServer(s.http.Handler)
	p := b.visit(h.URL, 1400, 1000, "light")
	p.await(`document.getElementById("live").innerText === "live" && document.getElementById("banner").hidden`)
	s.Stop(t.Context())
	h.Close()
	p.await(`!document.getElementById("banner").hidden && document.getElementById("trouble").innerText.startsWith("The node does not answer; trying again. What you see is from")`)
	if p.text("#live") != "not connected" {
		t.Errorf("the page says %q", p.text("#live"))
	}
}

// The picture is used with the keyboard alone, and says what it shows.
func TestPageByKeyboard(t *testing.T) {
	b := chromium(t)
	for n, sim := range map[int]*simulated{4: simulate(4, 1, true), 1000: simulate(1000, 1, false)} {
		p := b.visit(serve(t, sim), 1400, 1000, "dark")
		p.await(`document.getElementById("place")?.getAttribute("aria-label")?.startsWith("bootstrap, this node")`)
		p.eval(`document.getElementById("picture").focus()`, nil)
		at := slices.IndexFunc(sim.members, func(m member.Member) bool { return m.Name == "bootstrap" })
		for _, c := range []struct {
			key  string
			step int
		}{{"ArrowRight", 1}, {"ArrowDown", 1}, {"ArrowLeft", -1}, {"ArrowLeft", -1}, {"ArrowUp", -1}} {
			at = (at + c.step + n) % n
			p.press(c.key)
			p.await(fmt.Sprintf(`document.getElementById("place").getAttribute("aria-label").startsWith(%q) && document.getElementById("place").getAttribute("aria-posinset") === "%d"`, sim.members[at].Name+",", at+1))
			p.await(fmt.Sprintf(`document.querySelector("#chosen-title").innerText.includes(%q)`, sim.members[at].Name))
		}
		p.press("Home")
		p.await(`document.getElementById("place").getAttribute("aria-label").startsWith("bootstrap, this node")`)
		if p.text("caption") == "" {
			t.Error("the table has no caption")
		}
	}
}

// Every element that is used has a name for who hears the page, and the page fits
// a phone.
func TestPageForEverybody(t *testing.T) {
	b := chromium(t)
	p := b.visit(serve(t, simulate(30, 1, false)), 390, 844, "dark")
	p.await(`document.querySelectorAll("#table tbody tr").length === 30`)
	var nameless, wide []string
	p.eval(`[...document.querySelectorAll("button, input, a, [role=listbox], [role=option], [role=region]")].filter((e) => e.offsetParent !== null && !(e.innerText || e.labels?.length || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby"))).map((e) => e.outerHTML)`, &nameless)
	if len(nameless) > 0 {
		t.Errorf("without a name: %q", nameless)
	}
	p.eval(`document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth).map((e) => e.tagName + "#" + e.id) : []`, &wide)
	if len(wide) > 0 {
		t.Errorf("wider than a phone: %q", wide)
	}
	var animated int
	p.eval(`document.getAnimations().length`, &animated)
	if animated > 0 {
		t.Error("something moves though the reader asked for less motion")
	}
}

func TestTableSortsAndFilters(t *testing.T) {
	b := chromium(t)
	p := b.visit(serve(t, simulate(300, 1, false)), 1400, 1000, "light")
	p.await(`document.querySelectorAll("#table tbody tr").length === 200 && document.getElementById("shown").innerText.includes("200 are shown")`)
	p.eval(`document.getElementById("all").click()`, nil)
	p.await(`document.querySelectorAll("#table tbody tr").length === 300`)
	p.eval(`document.querySelectorAll("#table thead button")[3].click()`, nil)
	p.await(`document.querySelectorAll("#table th")[3].getAttribute("aria-sort") === "descending"`)
	p.await(`((rows) => rows.every((k, i) => i === 0 || k <= rows[i - 1]))([...document.querySelectorAll("#table tbody tr")].map((r) => Number(r.cells[3].innerText.replace(/,/g, "").replace("unknown", "-1"))))`)
	p.eval(`document.getElementById("filter").value = "DOWN rack1"; document.getElementById("filter").dispatchEvent(new Event("input"))`, nil)
	p.await(`((rows) => rows.length > 0 && rows.every((r) => r.cells[1].innerText === "down" && r.cells[8].innerText === "rack1"))([...document.querySelectorAll("#table tbody tr")])`)
}

// A change in a ring of a thousand costs the browser a fraction of the second until
// the next one.
func TestPageOfAThousandIsQuick(t *testing.T) {
	b := chromium(t)
	p := b.visit(serve(t, simulate(1000, 1, false)), 1400, 1000, "light")
	p.await(`document.querySelectorAll("#table tbody tr").length === 200`)
	var took float64
	p.eval(`Promise.all([import("/assets/store.js"), fetch("/api/ring").then((a) => a.json())]).then(([store, u]) => {
		const times = [];
		for (let i = 0; i < 5; i++) {
			for (const m of u.members) if (m.load) m.load.keys += 1;
			const began = performance.now();
			store.merge(structuredClone(u));
			document.body.getBoundingClientRect(); // lays it out
			times.push(performance.now() - began);
		}
		return Math.min(...times);
	})`, &took)
	t.Logf("a change of all members: %.0f ms", took)
	if took > 3000 { // some 50 ms, where nothing else runs
		t.Errorf("it takes %.0f ms", took)
	}
}

// The theme that was chosen stays.
func TestTheme(t *testing.T) {
	b := chromium(t)
	url := serve(t, simulate(4, 1, true))
	p := b.visit(url, 1400, 1000, "light")
	p.await(`getComputedStyle(document.body).backgroundColor === "rgb(243, 245, 248)"`)
	p.eval(`document.getElementById("theme").click(); document.getElementById("theme").click()`, nil)
	p.await(`document.documentElement.dataset.theme === "dark" && getComputedStyle(document.body).backgroundColor === "rgb(14, 18, 23)"`)
	p = b.visit(url, 1400, 1000, "light")
	p.await(`getComputedStyle(document.body).backgroundColor === "rgb(14, 18, 23)" && document.getElementById("theme").innerText === "Theme: dark"`)
}
