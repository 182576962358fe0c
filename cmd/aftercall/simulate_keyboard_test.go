package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pipe gives a standard input that holds a text; its writer stays open if it
// is asked for.
func pipe(t *testing.T, text string) (in, w *os.File) {
	t.Helper()
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); w.Close() })
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	return in, w
}

// TestSimulateTyped: with --fast a key is read where the caller can only wait;
// an empty line is a caller who waits.
func TestSimulateTyped(t *testing.T) {
	path := site(t)
	const text = "9\n \n x\t7\n1\n"
	in, w := pipe(t, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out, log, status := typed(t, path, in, "simulate", "habit", "--fast")
	if log != "" || status != 0 {
		t.Errorf("printed %q with status %d", log, status)
	}
	golden(t, "simulate-typed.golden", out)
	again, _, _ := typed(t, path, strings.NewReader(text), "simulate", "habit", "--fast")
	if again != out {
		t.Errorf("from memory it shows\n%s\nfrom a pipe\n%s", again, out)
	}
	out, _, status = command(t, path, "simulate", "habit", "--fast")
	wants(t, "simulate without input", out, `.*the caller pressed no key.*`, status, 0)
	out, _, status = typed(t, path, strings.NewReader("9q1"), "simulate", "habit", "--fast")
	wants(t, "simulate that is ended", out, `.*Sorry, that key is not in the menu\n.*Ended before the survey was over: there is nothing to store\n`, status, 0)
}

// TestSimulateReadsNoFurther: what stands behind the last key is left to
// others, but for one byte.
func TestSimulateReadsNoFurther(t *testing.T) {
	in, w := pipe(t, "h123")
	out, _, status := typed(t, site(t), in, "simulate", "habit")
	wants(t, "simulate", out, `.* s  the caller hangs up\n\nWhat would be stored\n.*hung up.*`, status, 0)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(in)
	if err != nil || !strings.HasSuffix("123", string(rest)) || len(rest) < 2 {
		t.Errorf("left %q, %v, want 123 or 23", rest, err)
	}
}

// TestSimulateBargeIn: a key is kept with the time at which it came.
func TestSimulateBargeIn(t *testing.T) {
	path := site(t)
	in, keys := pipe(t, "")
	out, w := io.Pipe()
	begun, shown := time.Now(), 0.0 // s until the key was shown
	go func() {
		_ = w.CloseWithError(run(t.Context(), []string{"-c", path, "simulate", "habit"}, in, w, w))
	}()
	lines := bufio.NewScanner(out)
	text := ""
	for lines.Scan() {
		text += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "key 9: ") {
			shown = time.Since(begun).Seconds()
		}
		for seen, key := range map[string]string{" 0.50 s  Please rate": "9", "key 9: ": "h"} {
			if !strings.Contains(lines.Text(), seen) {
				continue
			}
			if _, err := io.WriteString(keys, key); err != nil {
				t.Error(err)
			}
		}
	}
	m := regexp.MustCompile(`(?s)\n +(\d+\.\d\d) s  key 9: .*\n9 +(\d+) +1 +means nothing here\n`).FindStringSubmatch(text)
	if err := lines.Err(); err != nil || m == nil {
		t.Fatalf("error %v, no key in\n%s", err, text)
	}
	at, _ := strconv.ParseFloat(m[1], 64)
	ms, _ := strconv.ParseFloat(m[2], 64)
	if at < 0.5 || at > shown+0.006 || math.Abs(at*1000-ms) > 6 { // one is rounded, one cut
		t.Errorf("the key came at %s s and is kept at %s ms, want the same, from 0.5 s to %.3f s", m[1], m[2], shown)
	}
}

// terminal is a pseudo terminal: what is written to keys is typed.
func terminal(t *testing.T) (keys, screen *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close() })
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keys, screen
}

func modes(t *testing.T, f *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

// TestSimulateOnATerminal: a key counts as it is pressed and is not shown, and
// however the simulation ends, the terminal is then as it was.
func TestSimulateOnATerminal(t *testing.T) {
	path := site(t)
	for _, c := range []struct {
		name, keys string
		args       []string
		cancel     bool
		shows      []string
	}{
		{name: "hang-up", keys: "h", shows: []string{"the caller hangs up", "hung up"}},
		{name: "rated", keys: "9\r1", args: []string{"--fast"}, shows: []string{"We have not received your choice", "rates the question"}},
		{name: "delete, up, F1, rated", keys: "\x1b[3~\x1b[A\x1bOP2", args: []string{"--fast"}, shows: []string{"2    ", "fair"}},
		{name: "quit", keys: "q", shows: []string{"there is nothing to store"}},
		{name: "ctrl-c", keys: "\x03", shows: []string{"there is nothing to store"}},
		{name: "a signal", cancel: true, shows: []string{"there is nothing to store"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, screen := terminal(t)
			was := modes(t, screen)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			out, w := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				err := run(ctx, append([]string{"-c", path, "simulate", "habit"}, c.args...), screen, w, w)
				_ = w.CloseWithError(err)
				ended <- err
			}()
			lines := bufio.NewScanner(out)
			text := ""
			for lines.Scan() {
				text += lines.Text() + "\n"
				if !strings.HasPrefix(lines.Text(), "Keys: ") {
					continue
				}
				if now := modes(t, screen); now.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) != 0 || now.Oflag != was.Oflag {
					t.Errorf("modes %+v while keys are read", now)
				}
				if _, err := io.WriteString(keys, c.keys); err != nil {
					t.Error(err)
				}
				if c.cancel {
					cancel()
				}
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
			for _, show := range c.shows {
				if !strings.Contains(text, show) {
					t.Errorf("no %q in\n%s", show, text)
				}
			}
			if now := modes(t, screen); now != was {
				t.Errorf("modes are %+v, were %+v", now, was)
			}
		})
	}
}
