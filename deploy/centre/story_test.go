package centre

import (
	stdcmp "cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// row is the story of one caller, or of several who do the same.
type row struct {
	name   string
	queue  Queue    // its name and number are made from the row's; survey service and layout habit if it names none
	calls  int      // 0 = 1
	prefix string   // of the callers' numbers; "" = they have none
	acts   string   // what the caller does, as in cmd/caller/personas.yaml; "" = only listens
	want   []string // what the store holds of each visit, as told writes it; of several callers nil = looked at by check
	gone   bool     // the caller hangs up; else the operator's dialplan is heard to go on

	language string   // the call is kept under; "" = en
	agent    string   // the call is kept under; "" = one of the centre's
	kept     string   // queue the call is kept under; "" = its own
	faults   []string // arguments of the dialplan that cannot be used as they come

	check func(t *testing.T, s scene)
}

// scene is what is known when the callers of a row are gone.
type scene struct {
	*Centre
	row   row
	heard []Heard
	calls []scoring.CallRow // of these callers, in the order of their visits
}

// visit is the first visit of the first caller.
func (s scene) visit() Visit { return s.heard[0].Visits[0] }

// openRows starts a centre that gives each row a queue of its own.
func openRows(t *testing.T, rows []row, o Options, expected ...string) *Centre {
	t.Helper()
	for i := range rows {
		q := &rows[i].queue
		q.Name, q.Number = strings.NewReplacer(" ", "-", ",", "").Replace(rows[i].name), fmt.Sprint(7001+i)
		if q.Survey == "" {
			q.Survey = "service"
		}
		if q.Layouts == nil {
			q.Layouts = arms("habit")
		}
		o.Queues = append(o.Queues, *q)
	}
	return open(t, o, expected...)
}

// arms are layouts with equal shares of the calls.
func arms(layouts ...string) []layout.Arm {
	var list []layout.Arm
	for _, name := range layouts {
		list = append(list, layout.Arm{Layout: name, Weight: 1})
	}
	return list
}

// play lets the row's callers call, and holds what they heard against the
// store.
func (c *Centre) play(t *testing.T, r row) {
	heard := c.robots(t, r)
	s := scene{Centre: c, row: r, heard: heard, calls: c.settled(t, heard)}
	c.account(t, s)
	for _, call := range s.calls {
		s.credited(t, call)
	}
	if r.want != nil || r.calls < 2 {
		s.stored(t)
	}
	if r.check != nil && !t.Failed() {
		r.check(t, s)
	}
	if t.Failed() {
		t.Logf("heard: %+v", heard)
	}
}

// stored: the store holds what the row says.
func (s scene) stored(t *testing.T) {
	t.Helper()
	var stored []string
	for _, call := range s.calls {
		stored = append(stored, told(call))
	}
	if diff := cmp.Diff(s.row.want, stored); diff != "" {
		t.Errorf("%s: the store (-want +got):\n%s", s.row.name, diff)
	}
}

// credited: the call is kept under its agent, queue and language.
func (s scene) credited(t *testing.T, r scoring.CallRow) {
	t.Helper()
	agent := s.row.agent
	if agent == "" && strings.HasPrefix(r.Call.Agent.Interface, "PJSIP/10") {
		agent = r.Call.Agent.Interface
	}
	want := [3]string{agent, stdcmp.Or(s.row.kept, s.row.queue.Name), stdcmp.Or(s.row.language, "en")}
	if got := [3]string{r.Call.Agent.ID, r.Call.Queue, r.Call.Language}; got != want {
		t.Errorf("agent, queue, language: %q, want %q", got, want)
	}
}

// robots lets the row's callers call.
func (c *Centre) robots(t *testing.T, r row) []Heard {
	t.Helper()
	return c.dial(t, r)()
}

// turn keeps the rows' first calls apart: all at once would be more than the
// fifty of the load test.
var turn = time.Tick(100 * time.Millisecond)

// dial lets the row's callers begin to call; the function that it returns
// waits until they are gone.
func (c *Centre) dial(t *testing.T, r row) (gone func() []Heard) {
	acts := r.acts
	if acts == "" {
		acts = "[]"
	}
	type outcome struct {
		heard []Heard
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		<-turn
		heard, err := c.Call(t.Context(), Callers{
			Number: r.queue.Number, Calls: r.calls, Rate: 5, Prefix: r.prefix,
			Personas: fmt.Sprintf("personas: [{name: %q, weight: 1, acts: %s}]", r.name, acts),
		})
		done <- outcome{heard, err}
	}()
	return func() []Heard {
		t.Helper()
		o := <-done
		if o.err != nil {
			t.Fatal(o.err)
		}
		r.behaved(t, o.heard)
		return o.heard
	}
}

// behaved: each caller did what it was meant to do, and heard the operator's
// dialplan go on unless it hung up.
func (r row) behaved(t *testing.T, heard []Heard) {
	t.Helper()
	for _, h := range heard {
		if h.ActsLeft > 0 {
			t.Errorf("%s: %d acts were never due", h.Caller, h.ActsLeft)
		}
		if _, released := releasedAt(h); released == r.gone {
			t.Errorf("%s: the operator's dialplan was heard to go on: %t, want %t", h.Caller, released, !r.gone)
		}
	}
}

// releasedAt is when the operator's tone began.
func releasedAt(h Heard) (ms int, ok bool) {
	i := slices.IndexFunc(h.Segments, func(s Segment) bool { return s.Kind == "tone" && s.Hz == 1850 })
	if i < 0 {
		return 0, false
	}
	return h.Segments[i].StartMS, true
}

// settled waits until every call of these callers has its end in the store,
// and reads them as an operator does.
func (c *Centre) settled(t *testing.T, heard []Heard) []scoring.CallRow {
	t.Helper()
	ids := c.ids(t)
	own := func(r scoring.CallRow) bool {
		return slices.ContainsFunc(heard, func(h Heard) bool { return ids[h.Caller] == r.ID.UniqueID })
	}
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	_, err := c.Until(ctx, func(rows []scoring.CallRow) bool {
		return !slices.ContainsFunc(rows, func(r scoring.CallRow) bool { return own(r) && r.End == nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Calls(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	rows := slices.DeleteFunc(all, func(r scoring.CallRow) bool { return !own(r) })
	slices.SortStableFunc(rows, func(a, b scoring.CallRow) int { return a.ID.Visit - b.ID.Visit })
	return rows
}

// ids are Asterisk's unique ids of the calls by caller.
func (c *Centre) ids(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, a := range c.Nodes {
		ids, err := a.Calls()
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, ids)
	}
	return all
}

func (c *Centre) account(t *testing.T, s scene) {
	t.Helper()
	for _, fault := range Account(s.heard, s.calls, c.ids(t)) {
		t.Errorf("not accounted for: %s", fault)
	}
}

// told tells a call in one line.
func told(r scoring.CallRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", r.ID.Visit)
	for _, q := range r.Questions {
		fmt.Fprintf(&b, " %s", q.Layout)
		switch a := q.Answer; {
		case a == nil:
			b.WriteString(" open")
		case a.Outcome == scoring.Rated:
			fmt.Fprintf(&b, " rated %s %d by %s, reading %d, heard %d", a.Verdict, a.Value, a.Entry, a.Reading, a.Heard)
		default:
			fmt.Fprintf(&b, " %s, reading %d, heard %d", a.Outcome, a.Reading, a.Heard)
		}
		b.WriteString(";")
	}
	for _, k := range r.Keys {
		fmt.Fprintf(&b, " key %s %s;", k.Key, k.Use)
	}
	if r.Resumed > 0 {
		fmt.Fprintf(&b, " resumed %d;", r.Resumed)
	}
	if r.End == nil {
		b.WriteString(" open")
	} else {
		fmt.Fprintf(&b, " %s", r.End.Reason)
	}
	return b.String()
}

// layout is a layout of this centre's configuration, and how callers hear it.
func (c *Centre) layout(t *testing.T, name, language string) (layout.Layout, layout.Rendition) {
	t.Helper()
	config, err := configs.Load(c.config())
	if err != nil {
		t.Fatal(err)
	}
	p := config.Prompts
	lib, err := prompt.Open(prompt.Settings{
		Folder: p.Folder, Media: p.Media, Voices: p.ByLanguage(),
		Engine: prompt.Engine(p.Engine), Recordings: p.Recordings, Wideband: p.Wideband,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, ok := config.Catalogue.Layout(name)
	if !ok {
		t.Fatalf("layout %q: not in the configuration", name)
	}
	r, err := config.Catalogue.Render(l, language, lib)
	if err != nil {
		t.Fatal(err)
	}
	return l, r
}

func ms(d time.Duration) int { return int(d.Milliseconds()) }
