package asterisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"aftercall/ivr/layout"
)

// Limits of an examination.
const (
	examineLimit = 30 * time.Second // of one node
	maxSkew      = 5 * time.Second  // between Asterisk's clock and ours
)

// Level is how a thing that was looked at stands.
type Level string

// Levels of a finding.
const (
	Well    Level = "ok"
	Unseen  Level = "not looked at" // the text says why
	Warning Level = "warning"       // works, and is worth a second look
	Fault   Level = "fault"
)

// Finding is what a look at one thing found.
type Finding struct {
	Node   string `json:"node,omitempty"` // "" = on our own side
	Check  string `json:"check"`          // what was looked at
	Level  Level  `json:"level"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"` // what to write where; of a warning or a fault
}

// Expected is what an Asterisk must have for us to work with it.
type Expected struct {
	Limit   time.Duration  // least TIMEOUT(absolute) of a survey
	Mark    string         // of the printed dialplan, see [Mark]
	Queues  []string       // that are rated
	Sounds  []layout.Sound // that callers may hear
	Markers []layout.Sound // each plays only where exactly these sounds were put; none = not looked at
	Etc     []string       // folders where an Asterisk of this machine may have its configuration
	// Service tells how the nodes of the running service stand; nil = it
	// does not run.
	Service map[string]Status
}

// Examine looks at everything that must be right for calls on these nodes to
// be surveyed. The nodes are looked at side by side, each for at most 30 s.
// Nobody's call is touched, no event connection is opened and nothing stays;
// only the sounds are played, to nobody, in a bridge of their own. The
// findings come in the order of the nodes.
func Examine(ctx context.Context, nodes []Server, want Expected) []Finding {
	var found []Finding
	all := beside(ctx, nodes, want, (*examiner).examine)
	for _, x := range all {
		x.compare(all)
		found = append(found, x.found...)
	}
	return found
}

// beside looks at the nodes that can be reached, side by side.
func beside(ctx context.Context, nodes []Server, want Expected, look func(*examiner, context.Context)) []*examiner {
	all := make([]*examiner, len(nodes))
	var running sync.WaitGroup
	for i, s := range nodes {
		x := newExaminer(s, want)
		all[i] = x
		running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, examineLimit)
			defer cancel()
			defer x.client.http.CloseIdleConnections()
			if !x.reach(ctx) {
				x.add("the rest", Unseen, "ARI does not let us in", "")
				return
			}
			look(x, ctx)
		})
	}
	running.Wait()
	return all
}

// examiner looks at one node.
type examiner struct {
	client *client
	want   Expected
	etc    string // folder of its configuration on this machine; "" if there is none
	noEtc  string // why there is none
	info   info
	queues map[string]bool // whether it has them, of those that were looked at
	lost   error           // it answers no more: nothing else is asked
	found  []Finding
}

// info is what Asterisk says of itself.
type info struct {
	System struct {
		Version  string `json:"version"`
		EntityID string `json:"entity_id"`
	} `json:"system"`
	Config struct {
		Name  string `json:"name"`
		SetID struct {
			User string `json:"user"`
		} `json:"setid"`
	} `json:"config"`
}

func newExaminer(s Server, want Expected) *examiner {
	x := &examiner{client: newClient(s, nil), want: want, queues: map[string]bool{}}
	x.etc, x.noEtc = confFolder(s.URL, want.Etc)
	return x
}

// examine looks at one thing after the other, so that a busy Asterisk has one
// more connection, and for a moment those of a service at work.
func (x *examiner) examine(ctx context.Context) {
	x.identity(ctx)
	x.rights(ctx)
	x.application(ctx)
	x.connections(ctx)
	x.dialplan(ctx)
	for _, name := range x.want.Queues {
		x.queue(ctx, name)
	}
	x.sounds(ctx)
}

func (x *examiner) add(check string, l Level, text, remedy string) {
	x.found = append(x.found, Finding{Node: x.client.server.Name, Check: check, Level: l, Text: text, Remedy: remedy})
}

func (x *examiner) well(check, format string, a ...any) {
	x.add(check, Well, fmt.Sprintf(format, a...), "")
}

// unseen says why a thing could not be looked at.
func (x *examiner) unseen(check string, why error) { x.add(check, Unseen, why.Error(), "") }

// ask sends a request. An answer of any kind is no error, unless it is one
// that was to be decoded and cannot be.
func (x *examiner) ask(ctx context.Context, method, path string, into any) (code int, err error) {
	if x.lost != nil {
		return 0, x.lost
	}
	code, _, reply, err := x.client.exchange(ctx, method, path, nil)
	if ctx.Err() != nil {
		return 0, errors.New("the time for this node is over")
	}
	if err != nil {
		x.lost = errors.New("no answer from Asterisk any more")
		x.add("ARI", Fault, "answered at first, then no more: "+reason(err), "is it overloaded or frozen? Its log says more")
		return 0, x.lost
	}
	if into != nil && code < 300 {
		if err := json.Unmarshal(reply, into); err != nil {
			return code, fmt.Errorf("unreadable answer %q", firstLine(reply))
		}
	}
	return code, nil
}

// answered words a code that says nothing about the thing in question.
func answered(code int, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("the answer was %d", code)
}

// conf reads a file of this node's configuration.
func (x *examiner) conf(name string) (*conf, error) {
	if x.etc == "" {
		return nil, errors.New(x.noEtc)
	}
	c, err := readConf(x.etc, name)
	if err != nil {
		return nil, errors.New(plain(err))
	}
	return c, nil
}

// reason words an error of a request without its address, which stands above.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return fmt.Sprintf("no answer within %s", RequestLimit)
		}
		err = u.Err
	}
	return err.Error()
}

// identity looks at the names by which calls of several nodes are told apart.
func (x *examiner) identity(ctx context.Context) {
	code, err := x.ask(ctx, http.MethodGet, "/asterisk/info?only=system,config", &x.info)
	if err != nil || code != http.StatusOK {
		x.unseen("systemname, entityid", answered(code, err))
		return
	}
	have, want := x.info.Config.Name, x.client.server.Name
	remedy := fmt.Sprintf("asterisk.conf, [options]: systemname = %s; then restart Asterisk", want)
	switch have {
	case want:
		x.well("systemname", "%s", have)
	case "":
		x.add("systemname", Fault, "has none: calls of several nodes could get the same unique id", remedy)
	default:
		x.add("systemname", Fault, fmt.Sprintf("is %q, our configuration calls this node %q", have, want),
			fmt.Sprintf("aftercall.yaml, asterisk.nodes: name: %s; or %s", have, remedy))
	}
	x.well("entityid", "%s", x.info.System.EntityID)
}

// rights finds out whether we may do anything, by stopping what does not play.
func (x *examiner) rights(ctx context.Context) {
	code, err := x.ask(ctx, http.MethodDelete, "/playbacks/aftercall-doctor", nil)
	user := x.client.server.Username
	switch code {
	case http.StatusNotFound:
		x.well("rights", "user %q may write", user)
	case http.StatusForbidden:
		x.add("rights", Fault, fmt.Sprintf("user %q may only read", user), fmt.Sprintf(`ari.conf, [%s]: read_only = no; then "module reload res_ari.so"`, user))
	default:
		x.unseen("rights", answered(code, err))
	}
}

// application finds out whose the application's name is: without a client and
// without callers Asterisk does not know it.
func (x *examiner) application(ctx context.Context) {
	const check = "application"
	app := x.client.server.App
	var known struct {
		ChannelIDs []string `json:"channel_ids"`
	}
	code, err := x.ask(ctx, http.MethodGet, "/applications/"+url.PathEscape(app), &known)
	st, ours := x.want.Service[x.client.server.Name]
	const own = "give each client a name of its own: asterisk.app in aftercall.yaml, and print the dialplan again"
	switch {
	case err != nil || code != http.StatusOK && code != http.StatusNotFound:
		x.unseen(check, answered(code, err))
	case ours && st.Connected && code == http.StatusOK:
		x.well(check, "%q: our service is connected", app)
	case ours && st.Connected:
		x.add(check, Fault, fmt.Sprintf("%q is not known here, and our service says that it is connected", app), "it runs with another configuration: restart it")
	case ours:
		x.add(check, Fault, fmt.Sprintf("%q: our service is not connected: %s", app, st.Error), own+"; or see the other lines")
	case code == http.StatusNotFound && x.want.Service != nil:
		x.add(check, Fault, fmt.Sprintf("%q: our service runs and does not know this node", app), "restart it: it runs with another configuration")
	case code == http.StatusNotFound:
		x.well(check, "%q is free: our service does not run", app)
	case len(known.ChannelIDs) > 0:
		x.add(check, Fault, fmt.Sprintf("%q holds %d callers, and our service does not run: it was killed, or another client has the name", app, len(known.ChannelIDs)), "start the service, which takes their surveys up again; if the name is another client's, "+own)
	default:
		x.add(check, Fault, fmt.Sprintf("%q is in use by another client: our service does not run", app), own)
	}
}

// compare adds what only shows beside the other nodes.
func (x *examiner) compare(all []*examiner) {
	for i := range x.found {
		f := &x.found[i]
		switch queue, isQueue := strings.CutPrefix(f.Check, "queue "); {
		case f.Check == "systemname":
			x.doubled(f, all, func(o *examiner) string { return o.info.Config.Name }, "systemname")
		case f.Check == "entityid":
			x.doubled(f, all, func(o *examiner) string { return o.info.System.EntityID }, "entityid")
		case isQueue && f.Level == Fault && slices.ContainsFunc(all, func(o *examiner) bool { return o.queues[queue] }) && !x.queues[queue]:
			f.Level, f.Text, f.Remedy = Well, "is on another node", ""
		}
	}
}

// doubled turns a finding into a fault if another node has the same value.
func (x *examiner) doubled(f *Finding, all []*examiner, of func(*examiner) string, option string) {
	i := slices.IndexFunc(all, func(o *examiner) bool { return o != x && of(o) != "" && of(o) == of(x) })
	if i < 0 {
		return
	}
	text := fmt.Sprintf("%s is also that of node %q: their calls cannot be told apart, or both are one Asterisk", of(x), all[i].client.server.Name)
	if f.Level == Fault {
		f.Text += "; " + text
		return
	}
	f.Level, f.Text = Fault, text
	f.Remedy = fmt.Sprintf("asterisk.conf, [options]: %s = one of its own; then restart Asterisk", option)
}
