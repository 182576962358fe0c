// Package web is the service's face for browsers, probes and Prometheus.
//
// The way in: [New] gives the handler of every path: /metrics and
// /metrics/agents, /healthz, /readyz, /-/reload, and the status page at /. A
// [Gate] answers until there is one.
package web

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"aftercall/configs/i18n"
	"aftercall/scoring"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Limits of a page.
const (
	recent    = 50              // calls on the status page
	pageLimit = 3 * time.Second // for reading the store

	scrapeLimit = 10 * time.Second // what Prometheus waits, unless told otherwise
	scrapes     = 10               // answered at the same time, of one path

	reloadLimit = 2 * time.Minute // for a reload, and one before it, to be answered
)

// Part is how one part of the service stands.
type Part struct {
	Name     string    `json:"name"` // asterisk, store, spill
	Instance string    `json:"instance,omitempty"`
	OK       bool      `json:"ok"`
	Error    string    `json:"error,omitempty"`   // what is wrong; may be set of a part that works
	Since    time.Time `json:"since,omitzero"`    // last change, or last commit of the store
	Active   int       `json:"active,omitempty"`  // surveys in progress
	Pending  int       `json:"pending,omitempty"` // records in the spill file
}

// Source is what the pages are made from.
type Source struct {
	Site    func() string
	Hosts   func() []string // names by which it may be asked for, beside addresses and names without a dot
	Version string
	Zone    *time.Location
	// Synthetic: the store holds invented calls, which the page says.
	Synthetic bool
	Calls     func(context.Context, scoring.Query) ([]scoring.CallRow, error)
	Parts     func() []Part               // from memory: must answer when the disk or Asterisk does not
	Reload    func(context.Context) error // reads the configuration anew; its error names every fault
	// Label gives a verdict's words in a language; the verdict itself if the
	// configuration does not know it any more.
	Label func(question, verdict, language string) string
}

//go:embed status.html
var files embed.FS

var page = template.Must(template.ParseFS(files, "status.html"))

type handler struct {
	Source
	log *slog.Logger
}

// New gives the handler of every path. What changes something is refused to
// the pages of other sites, and everything but /healthz to whoever asks for a
// name that is not ours. own and agents are what /metrics and
// /metrics/agents show.
func New(s Source, own, agents prometheus.Gatherer, log *slog.Logger) http.Handler {
	h := handler{s, log}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", scrape(own, log))
	mux.Handle("GET /metrics/agents", scrape(agents, log))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", h.ready)
	mux.HandleFunc("POST /-/reload", h.reload)
	mux.HandleFunc("GET /{$}", h.status)
	return guard(s.Hosts, http.NewCrossOriginProtection().Handler(mux))
}

// scrape answers Prometheus. The figures come from memory, so nothing waits
// that the scraper's own time limit could cut short; the limits are for whoever
// does not read the answer, and for more scrapers than there is a use for:
// those that come together share one gathering. One figure that cannot be
// shown is logged and does not take the others with it.
func scrape(from prometheus.Gatherer, log *slog.Logger) http.Handler {
	answer := promhttp.HandlerFor(from, promhttp.HandlerOpts{
		EnableOpenMetrics: true, MaxRequestsInFlight: scrapes, CoalesceGather: true,
		ErrorHandling: promhttp.ContinueOnError, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError),
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not promhttp's Timeout, which holds the whole answer back in memory.
		// Where the deadline cannot be moved, the server's own holds.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(scrapeLimit))
		answer.ServeHTTP(w, r)
	})
}

// reload answers 200, or 500 with every fault while the configuration before
// stays in force.
func (h handler) reload(w http.ResponseWriter, r *http.Request) {
	// A reload may take longer than a page. Where the deadline cannot be moved,
	// only the answer is lost.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(reloadLimit))
	// Whoever asked may go away; a reload is not left half-way for that.
	if err := h.Reload(context.WithoutCancel(r.Context())); err != nil {
		http.Error(w, "configuration not reloaded:\n"+err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write([]byte("configuration reloaded\n"))
}

// ready answers 200 if every part is well, else 503; both with each part.
func (h handler) ready(w http.ResponseWriter, _ *http.Request) {
	parts := h.Parts()
	code := http.StatusOK
	for _, p := range parts {
		if !p.OK {
			code = http.StatusServiceUnavailable
		}
	}
	body, err := json.MarshalIndent(map[string]any{"ready": code == http.StatusOK, "parts": parts}, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n'))
}

// view is what the status page shows.
type view struct {
	Source
	T       func(key string, args ...any) string
	Lang    string
	Other   string // the other language of the catalogue
	Now     string
	Shown   []Part
	Rows    []row
	Trouble string // why the calls cannot be shown
}

// Columns are the heads of the table of calls, in order.
func (view) Columns() []string {
	return []string{"time", "queue", "agent", "layout", "language", "result", "key", "reason", "call"}
}

// row is one question of one call.
type row struct {
	Time, Queue, Agent, AgentName, Layout, Language, Result, Key, Reason, Call string
	Open                                                                       bool
}

func (h handler) status(w http.ResponseWriter, r *http.Request) {
	lang := r.URL.Query().Get("lang")
	if lang == "" {
		lang = r.Header.Get("Accept-Language")
	}
	p := i18n.For(lang)
	v := view{Source: h.Source, T: p.T, Lang: p.Language(), Now: time.Now().In(h.Zone).Format(stamp), Shown: h.Parts()}
	for _, l := range i18n.Languages {
		if l != v.Lang {
			v.Other = l
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageLimit)
	defer cancel()
	calls, err := h.Calls(ctx, scoring.Query{Limit: recent})
	if err != nil {
		v.Trouble = err.Error()
	}
	v.Rows = h.rows(calls, p)
	var out bytes.Buffer
	if err := page.Execute(&out, v); err != nil {
		h.log.Error("status page", "error", err)
		http.Error(w, "the page cannot be shown; see the log", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

// stamp is how a time is shown, in the site's zone.
const stamp = "2006-01-02 15:04:05"

func (h handler) rows(calls []scoring.CallRow, p i18n.Printer) []row {
	var out []row
	for _, c := range calls {
		for _, q := range c.Questions {
			o := row{
				Time: c.Call.StartedAt.In(h.Zone).Format(stamp), Queue: c.Call.Queue, Agent: c.Call.Agent.ID, AgentName: c.Call.Agent.Name,
				Layout: q.Layout, Language: c.Call.Language, Call: c.ID.String(), Open: q.Answer == nil,
			}
			if a := q.Answer; a != nil {
				o.Key = a.Entry
				o.Result = p.T("outcome." + string(a.Outcome))
				if a.Outcome == scoring.Rated {
					o.Result = h.Label(q.Question, a.Verdict, p.Language())
				}
			}
			if c.End != nil {
				o.Reason = p.T("reason." + string(c.End.Reason))
			}
			out = append(out, o)
		}
	}
	return out
}
