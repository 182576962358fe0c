package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"aftercall/deploy/lab"
)

// samplesASecond is how many samples are taken of a second's work.
const samplesASecond = 997

// profiles says what contenders spend their CPU time on, by the kernel's
// samples of Asterisk and the service under the same callers as before: two texts
// for each process, by function and by caller, and one by area for a process in Go.
// The product has no port for that, and needs none. It does nothing unless a
// folder for them was named; perf needs rights that root has.
func (st *stage) profiles(ctx context.Context, all []contender, rate int) error {
	if st.s.Profiles == "" {
		return nil
	}
	if err := os.MkdirAll(st.s.Profiles, 0o755); err != nil {
		return err
	}
	for _, c := range all {
		pids := map[string]int{"asterisk": st.Asterisk.PID()}
		if c.PID != nil {
			pids["own"] = c.PID()
		}
		for name, pid := range pids {
			st.s.Say("profile of %s of %s", name, c.Name)
			if err := st.profile(ctx, c, rate, pid, filepath.Join(st.s.Profiles, c.Name[:1]+"-"+name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (st *stage) profile(ctx context.Context, c contender, rate, pid int, to string) error {
	const seconds = 15
	samples := filepath.Join(st.Run, "perf.data")
	var said bytes.Buffer
	cmd := exec.Command("perf", "record", "-q", "-F", strconv.Itoa(samplesASecond), "-g", "-p", strconv.Itoa(pid), "-o", samples)
	cmd.Stderr = &said
	perf, err := lab.StartProcess(cmd)
	if err != nil {
		return fmt.Errorf("%w, want perf (Debian: linux-perf)", err)
	}
	_, err = st.callers(ctx, c, seconds*rate, rate)
	err = errors.Join(err, perf.Signal(os.Interrupt))
	select {
	case <-perf.Done():
	case <-time.After(30 * time.Second):
		err = errors.Join(err, perf.End(ctx))
	}
	if err != nil {
		return fmt.Errorf("%w: perf says %q", err, said.String())
	}
	for ending, args := range map[string][]string{
		".txt":         {"--no-children", "--percent-limit", "0.3"},
		".callers.txt": {"--children", "--percent-limit", "1"},
	} {
		args = append([]string{"report", "-i", samples, "--stdio", "-g", "none", "-s", "sym,dso"}, args...)
		out, err := exec.CommandContext(ctx, "perf", args...).Output()
		if err != nil {
			return fmt.Errorf("perf report: %w", err)
		}
		if err := os.WriteFile(to+ending, []byte(strings.TrimSpace(string(out))+"\n"), 0o644); err != nil {
			return err
		}
	}
	if pid == st.Asterisk.PID() {
		return nil
	}
	text, err := byAreas(ctx, samples, seconds*rate)
	if err != nil {
		return err
	}
	return os.WriteFile(to+".areas.txt", []byte(text), 0o644)
}
