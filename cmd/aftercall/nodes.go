package main

import (
	"context"
	"sync"
	"time"

	"aftercall/configs"
	"aftercall/ivr/asterisk"
)

// nodes are the Asterisk nodes of the service. Each has its own connection
// and its own calls; one that is in trouble does not hold up the others.
type nodes struct {
	make  func(asterisk.Server) *asterisk.Node
	drain func() time.Duration // for the callers of a node that is stopped
	gone  func(name string)    // is told of a node that is not there any more

	mu      sync.Mutex
	at      []*nodeRun          // in the order of the configuration
	leaving map[string]*nodeRun // not in it any more, with callers who may still finish
	begun   sync.WaitGroup
	stopped bool
}

// nodeRun is one node from its start to its end.
type nodeRun struct {
	server asterisk.Server
	node   *asterisk.Node
	stop   context.CancelFunc
	done   chan struct{} // closed when Run returned
}

// servers lists the nodes of a configuration.
func servers(c *configs.Config) []asterisk.Server {
	var list []asterisk.Server
	for _, n := range c.Asterisk.Nodes {
		list = append(list, asterisk.Server{Name: n.Name, URL: n.URL, Username: n.Username, Password: string(n.Password), App: c.Asterisk.App})
	}
	return list
}

// arrange lets exactly these nodes run. One that is as it was goes on as if
// nothing had happened; one that is not wanted any more, or not as it was,
// lets its callers finish; its successor, also one that comes with a later
// configuration, connects behind that, because only one client at a time gets
// the application's events. All end with ctx.
func (f *nodes) arrange(ctx context.Context, want []asterisk.Server) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return
	}
	before := map[string]*nodeRun{}
	for _, r := range f.at {
		before[r.server.Name] = r
	}
	f.at = nil
	for _, s := range want {
		old := before[s.Name]
		delete(before, s.Name)
		switch {
		case old == nil:
			f.at = append(f.at, f.begin(ctx, s, f.leaving[s.Name]))
		case old.server == s:
			f.at = append(f.at, old)
		default:
			old.stop()
			f.at = append(f.at, f.begin(ctx, s, old))
		}
	}
	for name, old := range before {
		old.stop()
		f.leaving[name] = old
		f.begun.Go(func() { <-old.done; f.leave(old) })
	}
}

// leave tells of a node that ended, unless one of its name came back.
func (f *nodes) leave(old *nodeRun) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := old.server.Name
	if f.leaving[name] == old {
		delete(f.leaving, name)
	}
	for _, r := range f.at {
		if r.server.Name == name {
			return
		}
	}
	f.gone(name)
}

func (f *nodes) begin(ctx context.Context, s asterisk.Server, after *nodeRun) *nodeRun {
	ctx, stop := context.WithCancel(ctx)
	r := &nodeRun{server: s, node: f.make(s), stop: stop, done: make(chan struct{})}
	f.begun.Go(func() {
		defer close(r.done)
		defer stop()
		if after != nil {
			<-after.done // ends within the drain and asterisk.StopLimit
		}
		r.node.Run(ctx, f.drain)
	})
	return r
}

// wait returns when every node has ended; from now on none begins.
func (f *nodes) wait() {
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	f.begun.Wait()
}

// status tells how each node stands, in the order of the configuration.
func (f *nodes) status() []asterisk.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []asterisk.Status
	for _, r := range f.at {
		all = append(all, r.node.Status())
	}
	return all
}
