package asterisk

import (
	"context"
	"strings"
	"sync"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"
)

// Back-off between attempts to connect.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 5 * time.Second
	tellEvery  = time.Minute // the same trouble, in the log
)

// When the drain is over, a caller may still hear the thank-you to its end,
// and has to be released.
const (
	thanking = 10 * time.Second
	closing  = RequestLimit + survey.LeaveLimit
)

// StopLimit is how long Run takes at most beyond the drain: with an Asterisk
// that does not answer and a store that does not either, every caller's last
// request, write and release has its own limit behind the two above.
const StopLimit = 30 * time.Second

// Status is how a node stands.
type Status struct {
	Name      string    `json:"name"`
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since"`           // of the last change
	Error     string    `json:"error,omitempty"` // why not connected, or what is wrong all the same
	Active    int       `json:"active"`          // surveys in progress
}

// Node is one Asterisk with the calls that are surveyed on it.
type Node struct {
	server  Server
	surveys Surveys
	client  *client
	open    func(now time.Time, p survey.Plan, i survey.Interrupted) (machine, []survey.Command) // a survey, as Resume does

	mu       sync.Mutex
	reader   *reader                 // of the event connection; nil = there is none, and the surveys know
	calls    map[string]*call        // by channel id
	led      map[scoring.CallID]bool // calls in progress, those whose caller left among them
	status   Status
	stopping bool
	taken    bool            // the application's name, by another client
	patience time.Duration   // with callers whom that client may have left; only regain uses it
	retaken  time.Time       // the name, for the sake of such callers; the same
	born     map[string]bool // agents whose totals were declared
	bornOf   *Asking         // for which questions
	serial   int64           // of the last call

	inquiries map[string]*inquiry // under way, by channel id

	running sync.WaitGroup // of calls; added to under the lock, and not once stopping is set
	helpers sync.WaitGroup // of requests for channels without a call; added to by the session alone, which ends before Run waits
}

// NewNode makes a node; [Node.Run] connects it.
func NewNode(s Server, with Surveys) *Node {
	with.Log = with.Log.With("node", s.Name)
	with.Meter.Node(s.Name)
	return &Node{
		server: s, surveys: with, client: newClient(s, with.Meter),
		patience: firstDeserted, calls: map[string]*call{}, led: map[scoring.CallID]bool{}, inquiries: map[string]*inquiry{}, born: map[string]bool{},
		open: func(now time.Time, p survey.Plan, i survey.Interrupted) (machine, []survey.Command) {
			return survey.Resume(now, p, i)
		},
		status: Status{Name: s.Name, Since: time.Now(), Error: "not connected yet"},
	}
}

// Status tells how the node stands.
func (n *Node) Status() Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.status
	s.Active = len(n.calls)
	return s
}

func (n *Node) set(connected bool, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.surveys.Meter.Connected(n.server.Name, connected)
	if n.status.Connected != connected {
		n.status.Since = time.Now()
	}
	n.status.Connected, n.status.Error = connected, text
}

// Run keeps the node connected until ctx ends. Then it asks no new caller, and
// returns when those in progress are gone. Whoever is still there after drain
// is asked nothing more and released; Run returns [StopLimit] later at the
// latest.
func (n *Node) Run(ctx context.Context, drain func() time.Duration) {
	// Events must go on flowing while the calls in progress are released.
	live, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		<-ctx.Done()
		n.release(drain())
		cut()
	}()
	n.connect(live)
	n.set(false, "stopped")
	<-drained
	n.helpers.Wait()
	n.surveys.Names.free(n.server.Name)
	n.client.http.CloseIdleConnections()
}

// connect makes one event connection after the other until ctx ends.
func (n *Node) connect(ctx context.Context) {
	retry := firstRetry
	var told string // in the log
	var toldAt time.Time
	for {
		begun := time.Now()
		err := n.session(ctx)
		if ctx.Err() != nil {
			return
		}
		n.set(false, err.Error())
		if time.Since(begun) > lastRetry {
			retry = firstRetry
		}
		// The same trouble is told now and then, not at every attempt.
		if err.Error() != told || time.Since(toldAt) > tellEvery {
			told, toldAt = err.Error(), time.Now()
			n.surveys.Log.Error("no event connection to Asterisk: callers are not asked", "error", err, "retry_in", retry)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(retry):
		}
		retry = min(2*retry, lastRetry)
	}
}

// release lets the calls in progress come to their end. Whoever has not
// within the drain is stopped, which spares the thank-you, then stopped once
// more, which spares nothing, and then given up.
func (n *Node) release(drain time.Duration) {
	n.mu.Lock()
	n.stopping = true
	n.mu.Unlock()
	gone := make(chan struct{})
	go func() { n.running.Wait(); close(gone) }()
	within := func(limit time.Duration) bool {
		select {
		case <-gone:
			return true
		case <-time.After(limit):
			return false
		}
	}
	if drain > 0 && within(drain) {
		return
	}
	for _, limit := range []time.Duration{thanking, closing} {
		n.tellAll(survey.Stop{})
		if within(limit) {
			return
		}
	}
	n.tellAll(survey.Left{Reason: scoring.Stopped})
	<-gone // each call ends within its own limits of a request and a write
}

// tellAll tells every call in progress something.
func (n *Node) tellAll(e survey.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.calls {
		c.tell(arrival{time.Now(), e})
	}
}

// dispatch hands one event to the call that it belongs to.
func (n *Node) dispatch(ctx context.Context, a arrival) {
	e, ok := a.event.(*said)
	if !ok {
		return
	}
	switch e.Type {
	case stasisStart:
		n.surveys.Meter.Event(metrics.Handled)
		n.enter(ctx, entryOf(a.at, e, n.surveys.Asking().Keep))
	case stasisEnd, hangupRequest, dtmfReceived:
		n.to(e.Channel.ID, a)
	case playbackStarted, playbackContinuing, playbackFinished:
		n.to(channelOf(e.Playback.ID), a)
	case applicationReplaced:
		n.replaced()
	default:
		n.surveys.Meter.Event(metrics.Ignored)
	}
}

func (n *Node) to(channel string, a arrival) {
	n.mu.Lock()
	c := n.calls[channel]
	if a.event.(*said).Type == stasisEnd {
		n.outdate(channel)
		if c != nil {
			c.over = true
		}
	}
	n.mu.Unlock()
	if c == nil {
		n.surveys.Meter.Event(metrics.Ignored)
		return
	}
	n.surveys.Meter.Event(c.tell(a))
}

// maxBorn bounds what is remembered of the agents whose totals were declared,
// in pairs of agent and queue. To declare totals again does no harm.
const maxBorn = 10 * MaxActive

// unborn lists the totals of an agent until they are known to be declared:
// with the first record of a call of this agent that is durable.
func (n *Node) unborn(a *Asking, agent, queue string, test bool) []scoring.Series {
	n.mu.Lock()
	defer n.mu.Unlock()
	if test || n.bornOf == a && n.born[agent+"\n"+queue] {
		return nil
	}
	return a.Book.AgentSeries(agent, queue)
}

func (n *Node) declared(a *Asking, agent, queue string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.bornOf != a { // a reload may have brought verdicts
		clear(n.born)
		n.bornOf = a
	}
	if len(n.born) < maxBorn {
		n.born[agent+"\n"+queue] = true
	}
}

// cut bounds a text from outside, in bytes, and leaves it valid UTF-8.
func cut(s string, most int) string { return strings.ToValidUTF8(s[:min(len(s), most)], "") }
