package metrics

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chord/dashboard"
	"chord/gateway"
	"chord/node"
	"chord/store"
	"chord/wire"
)

// Source is where the metrics are read that are not counted. What is nil reads as
// zero. All are called from several goroutines.
type Source struct {
	Status   func() node.Status
	Activity func() node.Activity
	Store    func() store.Stats
	Server   func() wire.Stats
	Dialer   func() wire.Outgoing
	HTTP     func() dashboard.Stats
	Redis    func() gateway.Stats
	// Expiry returns when the certificates in use expire, by what they are for.
	Expiry func() map[string]time.Time
	// Strangers counts who was refused by certificate, by reason.
	Strangers func() map[string]uint64
}

// Metrics are those of one node. It is a [node.Meter] and a [store.Meter]. All
// methods are safe for concurrent use.
type Metrics struct {
	version    string
	registry   *prometheus.Registry
	histograms map[string]*prometheus.HistogramVec
	source     atomic.Pointer[Source]

	tally                   tally
	took                    [roles][operations]prometheus.Observer
	changes, commit, synced prometheus.Observer
	flush                   prometheus.Observer
	written                 atomic.Uint64
}

// New returns the metrics of a node that runs the given release. Before
// [Metrics.Observe] they tell of nothing but the process.
func New(version string) *Metrics {
	m := &Metrics{version: version, registry: prometheus.NewRegistry(), histograms: map[string]*prometheus.HistogramVec{}}
	for _, row := range table {
		if row.Type == Histogram {
			h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: row.Name, Help: row.Help, Buckets: row.bounds}, row.Labels)
			m.histograms[row.Name] = h
			m.registry.MustRegister(h)
		}
	}
	m.prepare()
	m.registry.MustRegister(
		newReader(m),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Observe tells where to read from now on.
func (m *Metrics) Observe(s Source) { m.source.Store(&s) }

// Registerer takes further collectors, of a package that has its own.
func (m *Metrics) Registerer() prometheus.Registerer { return m.registry }

// Bounds of the handler.
const (
	maxScrapes    = 4 // at once
	scrapeTimeout = 10 * time.Second
)

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes, Timeout: scrapeTimeout})
}
