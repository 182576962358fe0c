package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aftercall/deploy/centre"
	"aftercall/deploy/lab"
	"aftercall/ivr/layout"
)

const (
	queueName    = "bench"
	crowdNumber  = "7100" // that SIPp dials
	robotsNumber = "7101"
	thanksHz     = 2400
	lastWait     = 60 * time.Second // for surveys to end when nobody calls any more
)

// straight are numbers that lead straight into the rating, as if an agent had
// just hung up. A robot waits for an agent's voice first: 620 Hz.
const straight = `
[lab]
exten => 7100,1,Answer()
 same => n,Set(MEMBERINTERFACE=PJSIP/1001)
 same => n,Gosub(aftercall-rate,s,1(bench))
 same => n,Hangup()
exten => 7101,1,Answer()
 same => n,Playtones(620)
 same => n,Wait(0.25)
 same => n,StopPlaytones()
 same => n,Set(MEMBERINTERFACE=PJSIP/1001)
 same => n,Gosub(aftercall-rate,s,1(bench))
 same => n,Hangup()
`

// atOnce is a robot that rates as soon as it hears the menu.
const atOnce = `personas: [{name: at once, weight: 1, acts: [{at: 0ms, press: "1"}]}]`

// latencyStage is a centre without agents in which surveys are kept in progress.
type latencyStage struct {
	*centre.Centre
	folder   string
	scenario string // of SIPp
	crowd    *lab.Process
	said     bytes.Buffer // by SIPp
}

// openLatencyStage opens a centre on the programs beside the one that is measured.
// The menu is the shipped one but for the silence before it, so that a robot
// can press soon; the thank-you is a tone of 0.15 s without the pause before it.
func openLatencyStage(ctx context.Context, s *Suite) (*latencyStage, error) {
	folder, err := os.MkdirTemp("", "aftercall-bench-")
	if err != nil {
		return nil, err
	}
	st := &latencyStage{folder: folder, scenario: filepath.Join(folder, "rates.xml")}
	layouts := filepath.Join(folder, "layouts.yaml")
	err = errors.Join(
		centre.ThanksTone(folder, thanksHz, 150*time.Millisecond),
		edited(filepath.Join(s.Top, "configs", "layouts.yaml"), layouts, "lead_in: &lead_in 500ms", "lead_in: &lead_in 0ms", "thanks_pause: 300ms", "thanks_pause: 0ms"),
		edited(filepath.Join(s.Top, "deploy", "centre", "testdata", "rates.xml"), st.scenario, `<pause milliseconds="7000" />`, `<pause />`))
	if err == nil {
		st.Centre, err = centre.Open(ctx, centre.Options{
			Folder: s.Top, Programs: filepath.Dir(s.Program), Layouts: layouts, Recordings: folder, Talk: "1s..1s",
			Queues:  []centre.Queue{{Number: "7001", Name: queueName, Survey: "service", Layouts: []layout.Arm{{Layout: "habit", Weight: 1}}, Unstaffed: true}},
			Dialled: func(dialplan string) string { return dialplan + straight },
		})
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return st, nil
}

// edited copies a text and puts the second of each pair in the place of the
// first.
func edited(from, to string, pairs ...string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	text := string(b)
	for pair := range slices.Chunk(pairs, 2) {
		if !strings.Contains(text, pair[0]) {
			return fmt.Errorf("%s: want %q in it", from, pair[0])
		}
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return os.WriteFile(to, []byte(text), 0o600)
}

func (st *latencyStage) close(ctx context.Context) error {
	var crowd error
	if st.crowd != nil {
		crowd = st.crowd.End(ctx)
	}
	return errors.Join(crowd, st.Close(ctx), os.RemoveAll(st.folder))
}

// gather has SIPp keep so many calls up, each of which rates after a while in
// the menu, and returns when all are there and the first have gone. They come
// and go at a steady rate. Nobody = 0.
func (st *latencyStage) gather(ctx context.Context, n int, listens time.Duration) error {
	if n == 0 {
		return nil
	}
	rate := max(float64(n)/listens.Seconds(), 1) // a little more than go: they take longer, with key and thank-you
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "sipp", "-sf", st.scenario, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin",
		"-m", "1000000", "-l", strconv.Itoa(n), "-r", strconv.Itoa(int(rate*1000)), "-rp", "1000000", "-d", strconv.FormatInt(listens.Milliseconds(), 10),
		"-s", crowdNumber, "-key", "caller", "crowd", st.Asterisk.SIPAddr)
	cmd.Dir = st.folder
	st.said.Reset()
	cmd.Stdout, cmd.Stderr = &st.said, &st.said
	var err error
	if st.crowd, err = lab.StartProcess(cmd); err != nil {
		return fmt.Errorf("SIPp: %w: run make setup", err)
	}
	return st.pause(ctx, listens+time.Second)
}

// disperse has SIPp end its calls as they come to their end, and waits until
// no survey is in progress. The error says if a call of it went wrong.
func (st *latencyStage) disperse(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lastWait)
	defer cancel()
	if p := st.crowd; p != nil {
		if err := p.Signal(syscall.SIGUSR1); err != nil {
			return err
		}
		st.crowd = nil
		select {
		case <-p.Done():
		case <-ctx.Done():
			return errors.Join(ctx.Err(), p.End(context.WithoutCancel(ctx)))
		}
		if !p.State().Success() {
			return fmt.Errorf("SIPp: %s\n%s", p.State(), st.said.Bytes())
		}
	}
	for {
		f, err := readMetrics(ctx, st.Address())
		if err != nil {
			return err
		}
		if f.sum("aftercall_surveys_active") == 0 {
			return nil
		}
		if err := st.pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// pause waits, unless SIPp or the suite ends.
func (st *latencyStage) pause(ctx context.Context, d time.Duration) error {
	var ended <-chan struct{}
	if st.crowd != nil {
		ended = st.crowd.Done()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ended:
		return fmt.Errorf("SIPp has ended: %s\n%s", st.crowd.State(), st.said.Bytes())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// faults are the service's complaints.
func (st *latencyStage) faults() string {
	var lines strings.Builder
	for line := range strings.Lines(st.ServiceLog()) {
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			lines.WriteString(line)
		}
	}
	return lines.String()
}
