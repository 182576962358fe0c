package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const clockName = "clock"

// ownClock gives this Asterisk a clock of its own, by a library that is loaded
// before all others. What Asterisk measures without the clock goes on as it
// is, as when an operator sets the machine's clock.
func (a *Asterisk) ownClock() error {
	const library = "libfaketime.so.1"
	found, err := filepath.Glob("/usr/lib/*/faketime/" + library)
	if err != nil || len(found) == 0 {
		return fmt.Errorf("a clock that can be set: no %s, want Debian's package libfaketime (make setup)", library)
	}
	code, err := os.ReadFile(found[0])
	if err != nil {
		return fmt.Errorf("a clock that can be set: %w", err)
	}
	if err := os.WriteFile(filepath.Join(a.folder.host, library), code, 0o755); err != nil {
		return fmt.Errorf("a clock that can be set: %w", err)
	}
	a.env = []string{
		"LD_PRELOAD=" + filepath.Join(a.folder.inside, library),
		"FAKETIME_TIMESTAMP_FILE=" + filepath.Join(a.folder.inside, clockName),
		"FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_RESET=1",
	}
	return a.SetClock(0)
}

// SetClock sets the clock of an Asterisk with Options.Clock so far before
// (negative) or behind the machine's, to the second. It takes effect within two
// seconds: see [Asterisk.ClockShows].
func (a *Asterisk) SetClock(offset time.Duration) error {
	name := filepath.Join(a.folder.host, clockName)
	if err := os.WriteFile(name+".new", fmt.Appendf(nil, "%+d\n", int64(offset/time.Second)), 0o644); err != nil {
		return fmt.Errorf("set the clock of asterisk %q: %w", a.Name, err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("set the clock of asterisk %q: %w", a.Name, err)
	}
	return nil
}

// ClockShows waits until Asterisk's clock is so far before or behind the
// machine's, to a second; for ctx at most.
func (a *Asterisk) ClockShows(ctx context.Context, offset time.Duration) error {
	for {
		said, err := a.CLI(ctx, "dialplan eval function STRFTIME(,UTC,%s)")
		if err != nil {
			return err
		}
		_, result, _ := strings.Cut(said, "Result: ")
		theirs, err := strconv.ParseInt(strings.TrimSpace(result), 10, 64)
		if err != nil {
			return fmt.Errorf("the clock of asterisk %q: it says %q, want seconds since 1970", a.Name, said)
		}
		if off := theirs - time.Now().Unix() - int64(offset/time.Second); off >= -1 && off <= 1 {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the clock of asterisk %q: %w: it says %d, want it off by %s", a.Name, ctx.Err(), theirs, offset)
		}
	}
}
