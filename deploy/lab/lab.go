// Package lab runs a throwaway Asterisk for demonstrations and tests: real
// SIP, real queues, real ARI, on free ports of 127.0.0.1, in a folder of its
// own that is gone afterwards.
//
// FindRoot tells where the Asterisk is that "make setup" found or built,
// Start starts one run of it, and Stop ends the run:
//
//	root, err := lab.FindRoot()
//	a, err := lab.Start(ctx, lab.Options{Root: root, Dialplan: text,
//		Numbers:   []lab.Number{{Number: "7001", Queue: "support"}},
//		Agents:    []lab.Agent{{Number: "1001", Name: "Alice 1001", Queues: []string{"support"}}},
//		PhonePort: 6000})
//	defer a.Stop(ctx)
//
// Several runs live side by side. A run never outlives its program, however
// that ends; what a killed program left on disk is removed by the next Start.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// startLimit bounds Start when its context does not; a start takes about 1 s.
const startLimit = 30 * time.Second

// Options describe the call centre that Start plays.
type Options struct {
	// Root is the folder that holds usr/sbin/asterisk and becomes Asterisk's
	// root folder; "/" is the machine's own. FindRoot tells it.
	Root string
	// Dialplan is what `aftercall dialplan` prints. It defines the context
	// aftercall-rate, which the lab calls as Gosub(aftercall-rate,s,1(<queue>)).
	Dialplan string
	// Numbers are what callers can dial: at least one.
	Numbers []Number
	// Agents are the members of the queues. None: nobody ever answers.
	Agents []Agent
	// PhonePort is the UDP port on 127.0.0.1 at which all agents' phones
	// answer, 1 to 65535; the user part of the request tells which agent is
	// meant. Needed when there are agents.
	PhonePort int
	// Trace adds every step of the dialplan to the log. It costs Asterisk
	// time: not for measurements.
	Trace bool
	// Clock lets the clock be set: see [Asterisk.SetClock]. It needs Debian's
	// libfaketime.
	Clock bool
	// Edit changes a file of Asterisk's configuration before it is written;
	// nil = none.
	Edit func(name, text string) string
}

// Number is one number that callers can dial.
type Number struct {
	Number string // digits, 1 to 20
	Queue  string // letters, digits, "-" and "_", at most 64 characters
	// Visits is how often the caller goes through the queue and the rating
	// before the dialplan ends the call, 1 to 9; 0 means 1.
	Visits int
	// Language is set on the call, as Asterisk knows it (en, zh); "" leaves
	// Asterisk's own.
	Language string
}

// Agent is one member of queues.
type Agent struct {
	Number string   // digits, 1 to 20; the phone is PJSIP/<Number>
	Name   string   // the member's name, e.g. "Alice 1001"; may hold a comma
	Queues []string // each must be the queue of a Number
	Local  bool     // the queues reach the phone through Local/<Number>@agents/n
}

// Asterisk is one run. Its fields are set by Start and must not be changed.
type Asterisk struct {
	Name         string // its systemname
	ConfigFolder string // with asterisk.conf and the rest, on this machine
	SIPAddr      string // where callers dial, "127.0.0.1:port", UDP
	ARIURL       string // "http://127.0.0.1:port/ari"
	ARIUser      string
	ARIPassword  string // another one in every run
	SoundsFolder string // where prompts are put: a writable folder of this machine; links must not lead out of Root
	SoundsMedia  string // "sound:<SoundsMedia>/<name>" plays SoundsFolder/<name>.wav
	LogFile      string // notices, warnings, errors (and the trace); gone after Stop
	Version      string // e.g. "22.10.1"

	root    string
	folder  runFolder
	ports   ports
	env     []string // besides what every Asterisk gets
	process *Process
	stop    sync.Once
	stopErr error
}

// Start starts an Asterisk and returns when ARI and SIP both answer. The
// context bounds the start only (30 s if it has no nearer deadline); the run
// lasts until Stop, or until the program ends. An error holds the end of
// Asterisk's log.
func Start(ctx context.Context, o Options) (*Asterisk, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	folder, err := newRunFolder(o.Root)
	if err != nil {
		return nil, err
	}
	ports, err := claimPorts()
	if err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	a := newAsterisk(o.Root, folder, ports)
	if err := a.start(ctx, o); err != nil {
		err = fmt.Errorf("start asterisk of root %q: %w\n%s", o.Root, err, a.logTail())
		return nil, errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	return a, nil
}

func newAsterisk(root string, folder runFolder, p ports) *Asterisk {
	return &Asterisk{
		Name:         filepath.Base(folder.host),
		ConfigFolder: filepath.Join(folder.host, "etc"),
		SIPAddr:      fmt.Sprintf("127.0.0.1:%d", p.sip),
		ARIURL:       fmt.Sprintf("http://127.0.0.1:%d/ari", p.http),
		ARIUser:      "aftercall",
		ARIPassword:  randomText(),
		SoundsFolder: filepath.Join(folder.host, "sounds"),
		SoundsMedia:  filepath.Join(folder.inside, "sounds"),
		LogFile:      filepath.Join(folder.host, "log", logName),
		root:         root,
		folder:       folder,
		ports:        p,
	}
}

func (a *Asterisk) start(ctx context.Context, o Options) error {
	if err := a.writeConfig(o); err != nil {
		return err
	}
	if o.Clock {
		if err := a.ownClock(); err != nil {
			return err
		}
	}
	process, err := startAsterisk(a.root, a.folder, a.env)
	if err != nil {
		return err
	}
	a.process = process
	return a.waitReady(ctx)
}

// Done is closed when Asterisk has ended, by Stop or by itself.
func (a *Asterisk) Done() <-chan struct{} { return a.process.done }

// PID is the number of Asterisk's process, which must not have ended.
func (a *Asterisk) PID() int { return a.process.PID() }

// Signal sends a signal to Asterisk, e.g. syscall.SIGSTOP to freeze it. It
// fails with os.ErrProcessDone after the end.
func (a *Asterisk) Signal(sig os.Signal) error { return a.process.cmd.Process.Signal(sig) }

// CLI runs one command of Asterisk's command line, as `asterisk -rx` does, and
// returns what it printed.
func (a *Asterisk) CLI(ctx context.Context, command string) (string, error) {
	out, err := asteriskCommand(ctx, a.root, a.folder, "-rx", command).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("asterisk command %q: %w: %s", command, err, out)
	}
	return string(out), nil
}

// Stop ends the run and removes its folder with log and sounds. An Asterisk
// that does not end by itself in 5 s, or before the context ends, is killed,
// which is reported as an error. More calls return what the first returned.
func (a *Asterisk) Stop(ctx context.Context) error {
	a.stop.Do(func() {
		var err error
		if a.process != nil {
			err = a.process.End(ctx)
		}
		a.stopErr = errors.Join(err, a.ports.claim.Close(), a.folder.Remove())
	})
	return a.stopErr
}

// logTail is the end of what Asterisk said, for error messages.
func (a *Asterisk) logTail() string {
	const most = 4000 // bytes of each file
	var text []byte
	for _, name := range []string{filepath.Join(a.folder.host, "log", consoleName), a.LogFile} {
		f, err := os.Open(name)
		if err != nil {
			continue // a run that never got so far has no such log
		}
		if info, err := f.Stat(); err == nil && info.Size() > most {
			_, _ = f.Seek(-most, io.SeekEnd)
		}
		b, _ := io.ReadAll(f)
		_ = f.Close()
		text = append(text, b...)
	}
	return string(text)
}
