// Package centre runs a whole call centre on this machine for demonstrations
// and end-to-end tests: the lab's Asterisk with its queues, the phones of the
// agents, the aftercall service over a store of its own, and robot callers.
// Everything in it is real but the people.
//
// The way in: [Open] starts a [Centre]; [Centre.Call] lets callers dial and
// returns what each of them heard and pressed; [Centre.Calls] reads the
// store; [Account] holds one against the other.
package centre

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"aftercall/deploy/lab"
	"aftercall/ivr/layout"
)

// startLimit bounds the start of each program.
const startLimit = 30 * time.Second

// Queue is one queue of the centre with the number that leads to it.
type Queue struct {
	Number    string
	Name      string
	Survey    string
	Layouts   []layout.Arm
	Visits    int    // how often a caller goes through queue and rating; 0 = once
	Language  string // of the call, as Asterisk knows it; "" = en
	Unlisted  bool   // the configuration does not know the queue
	Unstaffed bool   // no agent answers there
	Agents    []int  // who answers there, counted from 1 (1001); nil = all
}

// Options describe a centre.
type Options struct {
	Folder  string // of the repository: configs/ and .lab/ are there
	Layouts string // file of layouts; "" = the shipped one
	// Recordings is a folder as prompts.recordings takes it; "" = none.
	Recordings string
	Programs   string   // folder of the built aftercall and caller; "" = bin/ of the repository
	Store      string   // folder of the database; "" = the run's own
	Env        []string // "NAME=value", for the programs besides their own environment
	Zone       string   // of the site; "" = Asia/Shanghai
	Clock      bool     // the clock of the Asterisks can be set: see lab.Options
	// StoreLimit is how long a caller may wait for the store, as store.limit
	// takes it; "" = 2s, the most: a disk that many centres share may stall.
	StoreLimit string
	Queues     []Queue                      // at least one
	Nodes      int                          // Asterisks, all with the same numbers and agents; 0 = 1
	Agents     int                          // in every queue that is staffed, from 1001 on
	Teams      []string                     // agents are on the roster, in these teams by turns; nil = there is no roster
	Names      []string                     // of the agents, by turns; nil = made up
	Talk       string                       // how long agents talk: "1s..3s"
	Local      []int                        // agents whom queues reach through a Local channel, counted from 1
	Phones     []string                     // more flags of `caller agents`, e.g. --transfer
	Listen     string                       // of the service's HTTP; "" = a free port of 127.0.0.1
	Log        io.Writer                    // takes what the programs say; nil = only their files
	Route      func(*lab.Asterisk) string   // of its ARI: the address at which the service finds it; nil = its own
	PBX        string                       // flag of the dialplan command: "--freepbx", "--issabel"; "" = plain Asterisk
	Dialled    func(dialplan string) string // changes the dialplan before it is used; nil = as printed
}

// Centre is a running call centre.
type Centre struct {
	Asterisk *lab.Asterisk   // the first of Nodes
	Nodes    []*lab.Asterisk // what the service is connected to
	Run      string          // folder of this run: configuration, store, logs

	o       Options
	folder  lab.Folder
	phones  *lab.Process
	service atomic.Pointer[service] // set anew with each start; pages may be asked for meanwhile
	callers int                     // runs of callers so far
	files   []*os.File              // logs
}

// Open starts a centre and returns when callers can be surveyed. ctx bounds
// the start. The programs in bin/ must have been built, and the lab set up
// (make setup build).
func Open(ctx context.Context, o Options) (*Centre, error) {
	folder, err := filepath.Abs(o.Folder)
	if err != nil {
		return nil, err
	}
	o.Folder = folder
	if o.Programs == "" {
		o.Programs = filepath.Join(folder, "bin")
	}
	run, err := lab.NewFolder(filepath.Join(folder, ".lab", "runs"))
	if err != nil {
		return nil, err
	}
	c := &Centre{o: o, Run: run.Path, folder: run}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Close(context.WithoutCancel(ctx)))
	}
	return c, nil
}

func (c *Centre) start(ctx context.Context) error {
	root, err := lab.FindRoot()
	if err != nil {
		return err
	}
	// The dialplan needs no Asterisk yet, and Asterisk needs the dialplan.
	if err := c.writeConfig([]node{placeholder}); err != nil {
		return err
	}
	args := []string{"dialplan"}
	if c.o.PBX != "" {
		args = append(args, c.o.PBX)
	}
	dialplan, err := c.Program(ctx, args...)
	if err != nil {
		return err
	}
	if c.o.Dialled != nil {
		dialplan = c.o.Dialled(dialplan)
	}
	port, err := c.startPhones(ctx)
	if err != nil {
		return err
	}
	o := lab.Options{Root: root, Dialplan: dialplan, PhonePort: port, Clock: c.o.Clock}
	for _, q := range c.o.Queues {
		o.Numbers = append(o.Numbers, lab.Number{Number: q.Number, Queue: q.Name, Visits: q.Visits, Language: q.Language})
	}
	for i := range c.o.Agents {
		o.Agents = append(o.Agents, c.agent(i+1))
	}
	for range max(c.o.Nodes, 1) {
		a, err := lab.Start(ctx, o)
		if err != nil {
			return err
		}
		c.Nodes = append(c.Nodes, a)
	}
	c.Asterisk = c.Nodes[0]
	if err := c.Configure(); err != nil {
		return err
	}
	if err := c.prompts(ctx); err != nil {
		return err
	}
	return c.StartService(ctx)
}

// agent is the n-th agent, counted from 1.
func (c *Centre) agent(n int) lab.Agent {
	names := c.o.Names
	if names == nil {
		names = agentNames
	}
	a := lab.Agent{
		Number: fmt.Sprint(1000 + n), Name: fmt.Sprintf("%s %d", names[(n-1)%len(names)], 1000+n),
		Local: slices.Contains(c.o.Local, n),
	}
	for _, q := range c.o.Queues {
		if !q.Unstaffed && (q.Agents == nil || slices.Contains(q.Agents, n)) {
			a.Queues = append(a.Queues, q.Name)
		}
	}
	return a
}

// agentNames are made up.
var agentNames = []string{"Alice", "Bob", "Chen, Mei", "Dana", "Erik", "王芳"}

// prompts speaks the texts once for all runs and copies the sounds to where
// this run's Asterisks find them: all have the same root folder, and run as we do.
func (c *Centre) prompts(ctx context.Context) error {
	if _, err := c.Program(ctx, "prompts", "build"); err != nil {
		return err
	}
	we, err := user.Current()
	if err != nil {
		return err
	}
	_, err = c.Program(ctx, "prompts", "install", "--to", c.Asterisk.SoundsFolder, "--user", we.Username)
	return err
}

// cache holds the sounds of every run.
func (c *Centre) cache() string { return filepath.Join(c.o.Folder, ".lab", "prompts") }

// Program runs a subcommand of aftercall with this centre's configuration and
// returns what it printed.
func (c *Centre) Program(ctx context.Context, args ...string) (string, error) {
	cmd := c.command(ctx, "aftercall", append([]string{"--config", c.config()}, args...)...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("aftercall %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

// command prepares one of the repository's programs.
func (c *Centre) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.o.Programs, name), args...)
	cmd.Dir, cmd.Env = c.Run, append(os.Environ(), c.o.Env...)
	return cmd
}

// startPhones starts the agents' phones and returns their port.
func (c *Centre) startPhones(ctx context.Context) (port int, err error) {
	args := append([]string{"agents", "--listen", "127.0.0.1:0", "--talk", c.o.Talk}, c.o.Phones...)
	cmd := c.command(context.WithoutCancel(ctx), "caller", args...)
	said, err := c.output("phones.log")
	if err != nil {
		return 0, err
	}
	cmd.Stdout, cmd.Stderr = said, said
	if c.phones, err = lab.StartProcess(cmd); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	line, err := said.wait(ctx, c.phones.Done(), func(s string) bool { return strings.HasPrefix(s, "listening on ") })
	if err != nil {
		return 0, fmt.Errorf("phones: %w", err)
	}
	if _, err := fmt.Sscanf(line[strings.LastIndexByte(line, ':')+1:], "%d", &port); err != nil {
		return 0, fmt.Errorf("phones: %q: %w", line, err)
	}
	return port, nil
}

// Close ends every program and removes the run's folder.
func (c *Centre) Close(ctx context.Context) error {
	var errs []error
	if c.service.Load() != nil {
		errs = append(errs, c.StopService(ctx))
	}
	if c.phones != nil {
		errs = append(errs, c.phones.End(ctx))
	}
	for _, a := range c.Nodes {
		errs = append(errs, a.Stop(ctx))
	}
	for _, f := range c.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(append(errs, c.folder.Remove())...)
}
