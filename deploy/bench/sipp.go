package bench

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"aftercall/deploy/lab"
)

// heardAll is the least time from a caller's key to the hang-up in which all of
// the thank-you can be heard: 140 ms of the key and 900 ms.
const heardAll = 1000 * time.Millisecond

// load is one run of callers.
type load struct {
	Asterisk, Own time.Duration   // CPU time of the run
	Ends          []time.Duration // from each caller's key to the hang-up, sorted
	Span          time.Duration   // from the first hang-up to the last
}

// callers lets so many callers dial a contender at a rate a second. It is an
// error if one of them fails, does not hear the thank-you to its end, or is
// not kept.
func (st *stage) callers(ctx context.Context, c contender, calls, rate int) (l load, err error) {
	if err := st.recording(ctx, c.CDR); err != nil {
		return l, err
	}
	before, err := c.Kept(ctx)
	if err != nil {
		return l, err
	}
	asterisk, own, err := st.cpu(c)
	if err != nil {
		return l, err
	}
	if l.Ends, l.Span, err = st.sipp(ctx, c.Number, calls, rate); err == nil {
		err = st.kept(ctx, c, before, calls)
	}
	if err != nil {
		said := lastOf(st.Asterisk.LogFile)
		for _, h := range st.helpers {
			said = append(said, h.said()...)
		}
		return l, fmt.Errorf("%s, %d calls at %d/s: %w\nAsterisk and the processes say:\n%s", c.Name, calls, rate, err, said)
	}
	l.Asterisk, l.Own, err = st.cpu(c)
	l.Asterisk, l.Own = l.Asterisk-asterisk, l.Own-own
	return l, err
}

// cpu is the CPU time of Asterisk and of the contender so far.
func (st *stage) cpu(c contender) (asterisk, own time.Duration, err error) {
	if asterisk, err = CPU(st.Asterisk.PID()); err != nil || c.PID == nil {
		return asterisk, 0, err
	}
	own, err = CPU(c.PID())
	return asterisk, own, err
}

// kept waits until the answers of so many callers are kept besides those
// before, and not one more, for 5 s: the last record is written behind the
// hang-up.
func (st *stage) kept(ctx context.Context, c contender, before, callers int) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		n, err := c.Kept(ctx)
		missing := before + callers - n
		switch {
		case err != nil || missing == 0:
			return err
		case missing < 0:
			return fmt.Errorf("%d answers more than callers", -missing)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d answers are missing", missing, callers)
		}
	}
}

// sipp runs the callers to their end and returns how long each was on the
// phone behind the key, and how far the first and the last hang-up lie apart.
func (st *stage) sipp(ctx context.Context, number string, calls, rate int) (ends []time.Duration, span time.Duration, err error) {
	folder, err := os.MkdirTemp(st.Run, "callers-")
	if err != nil {
		return nil, 0, err
	}
	scenario, err := unpack("caller.xml", folder)
	if err != nil {
		return nil, 0, err
	}
	port, err := freeUDP()
	if err != nil {
		return nil, 0, err
	}
	limit := time.Duration(calls/rate)*time.Second + 30*time.Second
	said := filepath.Join(folder, "errors")
	cmd := exec.Command("sipp", "-sf", scenario, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", strconv.Itoa(port), "-nostdin",
		"-timeout", strconv.Itoa(int(limit.Seconds())), "-timeout_error", "-m", strconv.Itoa(calls), "-l", strconv.Itoa(calls),
		"-r", strconv.Itoa(rate), "-trace_rtt", "-rtt_freq", "1", "-trace_err", "-error_file", said,
		"-s", number, st.Asterisk.SIPAddr)
	cmd.Dir = folder // its statistics are for a screen
	p, err := lab.StartProcess(cmd)
	if err != nil {
		return nil, 0, fmt.Errorf("%w, want SIPp (make setup)", err)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return nil, 0, errors.Join(ctx.Err(), p.End(context.WithoutCancel(ctx)))
	}
	if state := p.State(); !state.Success() {
		return nil, 0, fmt.Errorf("SIPp: %s: %s", state, lastOf(said))
	}
	return readEnds(folder, calls)
}

// readEnds reads the response times that SIPp left in a folder.
func readEnds(folder string, calls int) (ends []time.Duration, span time.Duration, err error) {
	found, err := filepath.Glob(filepath.Join(folder, "*_rtt.csv"))
	if err != nil || len(found) != 1 {
		return nil, 0, fmt.Errorf("SIPp left %q, want one file of response times: %w", found, err)
	}
	f, err := os.Open(found[0])
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord = ';', -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) != calls+1 {
		return nil, 0, fmt.Errorf("%s: %d lines, want %d and a heading: %w", found[0], len(rows), calls, err)
	}
	var at []float64
	for _, row := range rows[1:] {
		when, err1 := strconv.ParseFloat(strings.TrimSpace(row[0]), 64)
		took, err2 := strconv.ParseFloat(strings.TrimSpace(row[1]), 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, 0, fmt.Errorf("%s: %q: %w", found[0], row, err)
		}
		at, ends = append(at, when), append(ends, time.Duration(took*float64(time.Millisecond)))
	}
	slices.Sort(ends)
	if ends[0] < heardAll {
		return nil, 0, fmt.Errorf("a caller was hung up on %s behind the key, want %s for the thank-you", ends[0], heardAll)
	}
	return ends, time.Duration((slices.Max(at) - slices.Min(at)) * float64(time.Millisecond)), nil
}

// freeUDP is a free port: SIPp does not tell which one it took.
func freeUDP() (int, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port, nil
}
