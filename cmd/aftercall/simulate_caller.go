package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aftercall/ivr/layout"
)

// What can be typed besides the keys of a telephone.
const (
	hangUp = 'h'
	quit   = 'q'
	ctrlC  = 3 // the terminal makes no signal of it
)

// errQuit is whoever types wanting no more.
var errQuit = errors.New("the simulation was ended")

func isKey(b byte) bool { return strings.IndexByte(layout.Keys, b) >= 0 }

func isBlank(b byte) bool { return strings.IndexByte(" \t\r\n", b) >= 0 }

// press is one key of a script.
type press struct {
	at  time.Duration // since the survey began
	key byte          // one of layout.Keys or hangUp
}

// String gives the press as it stands in a script.
func (p press) String() string { return fmt.Sprintf("%s:%c", p.at, p.key) }

// readScript reads keys with their times: "2.5s:1,4s:h".
func readScript(text string) ([]press, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var script []press
	for i, part := range strings.Split(text, ",") {
		fault := func(format string, a ...any) error {
			return fmt.Errorf("--keys: key %d %q: "+format, append([]any{i + 1, part}, a...)...)
		}
		when, key, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			return nil, fault("want a time since the survey began and a key, such as 2.5s:1")
		}
		var at layout.Delay
		if err := at.UnmarshalText([]byte(when)); err != nil {
			return nil, fault("%w", err)
		}
		switch p := (press{at: at.D()}); {
		case p.at < 0 || p.at%time.Millisecond != 0:
			return nil, fault("%s, want whole milliseconds from 0", p.at)
		case i > 0 && p.at < script[i-1].at:
			return nil, fault("comes before %s, want the keys in order", script[i-1])
		case len(key) != 1 || key[0] != hangUp && !isKey(key[0]):
			return nil, fault("%q is no key, want one of 0-9 * #, or h to hang up", key)
		default:
			p.key = key[0]
			script = append(script, p)
		}
	}
	return script, nil
}

// caller is who presses keys: a script, or whoever types.
type caller struct {
	began    time.Time
	script   []press   // still to come
	keyboard *keyboard // nil = nobody types
	fast     bool      // no time passes
}

// asks reports whether somebody has to say what the caller does in a wait.
func (c *caller) asks() bool { return c.fast && c.keyboard != nil && !c.keyboard.ended }

// press gives what the caller does before a time, and when: a key, hangUp or
// a byte that is no key; 0 = nothing until then. idle says that until then the
// caller hears nothing. Unless the caller is fast, it takes as long.
func (c *caller) press(ctx context.Context, now, until time.Time, idle bool) (key byte, at time.Time, err error) {
	if len(c.script) > 0 {
		// At the end of a wait the key is first, at the end of a sound the sound.
		p := c.script[0]
		if at := c.began.Add(p.at); at.Before(until) || idle && at.Equal(until) {
			c.script = c.script[1:]
			return p.key, at, c.pass(ctx, at)
		}
	}
	switch {
	case c.keyboard == nil:
		return 0, until, c.pass(ctx, until)
	case !c.fast:
		key, err = c.keyboard.until(ctx, until)
		if key == 0 {
			return 0, until, err
		}
		return key, within(time.Now(), now, until), err
	case idle:
		key, err = c.keyboard.ask(ctx)
		if key != 0 {
			return key, now, err
		}
	}
	return 0, until, errors.Join(err, ctx.Err())
}

// pass lets time pass.
func (c *caller) pass(ctx context.Context, until time.Time) error {
	if c.fast {
		return ctx.Err()
	}
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// within moves a time between two others: whoever types may be a moment ahead
// of or behind the sounds.
func within(t, from, to time.Time) time.Time {
	if t.Before(from) {
		return from
	}
	if t.After(to) {
		return to
	}
	return t
}
