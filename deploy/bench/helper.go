package bench

import (
	"bufio"
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"aftercall/deploy/lab"
)

// helperLimit bounds what a helper may take to begin, or to answer.
const helperLimit = 30 * time.Second

// helper is the process of a contender. It says a line that begins with
// "bench: " when it is ready, and one for each line that it is given.
type helper struct {
	*lab.Process
	First string // what it said first

	in     io.WriteCloser // closed at its end
	lines  chan string    // closed at its end
	errors *os.File
}

// help starts a helper and waits for its first line.
func (st *stage) help(ctx context.Context, env []string, name string, args ...string) (*helper, error) {
	h := &helper{lines: make(chan string, 1)}
	var err error
	if h.errors, err = os.CreateTemp(st.Run, filepath.Base(name)+"-*.errors"); err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), h.errors
	var out *os.File
	r, w, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, h.errors.Close())
	}
	out, cmd.Stdout = r, w
	if h.in, err = cmd.StdinPipe(); err != nil {
		return nil, errors.Join(err, r.Close(), w.Close(), h.errors.Close())
	}
	h.Process, err = lab.StartProcess(cmd)
	_ = w.Close() // the helper has it
	if err != nil {
		return nil, errors.Join(err, r.Close(), h.errors.Close())
	}
	st.helpers = append(st.helpers, h)
	go func() { // ends with the helper
		defer close(h.lines)
		defer out.Close()
		for s := bufio.NewScanner(out); s.Scan(); {
			if line, ours := strings.CutPrefix(s.Text(), "bench: "); ours { // its libraries may have their say, too
				h.lines <- line
			}
		}
	}()
	h.First, err = h.line(ctx)
	return h, err
}

// Ask gives the helper a line and returns what it answers.
func (h *helper) Ask(ctx context.Context) (string, error) {
	if _, err := h.in.Write([]byte("\n")); err != nil {
		return "", err
	}
	return h.line(ctx)
}

func (h *helper) line(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, helperLimit)
	defer cancel()
	select {
	case line, ok := <-h.lines:
		if ok {
			return line, nil
		}
		return "", fmt.Errorf("a contender's process has ended: %s", h.said())
	case <-ctx.Done():
		return "", fmt.Errorf("a contender's process says nothing: %w: %s", ctx.Err(), h.said())
	}
}

// said are the errors that it wrote last.
func (h *helper) said() []byte { return lastOf(h.errors.Name()) }

// lastOf is the end of a file that somebody writes, to be shown with an error.
func lastOf(path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		return []byte(err.Error())
	}
	return b[max(0, len(b)-1500):]
}

// Close ends the helper.
func (h *helper) Close() error {
	err := h.End(context.Background()) // it has a limit of its own
	for range h.lines {
	}
	return errors.Join(err, h.errors.Close())
}

// flags is the environment in which whatever is held against aftercall is built:
// SQLite must sync as aftercall's does.
func (s *Suite) flags() ([]string, error) {
	info, err := buildinfo.ReadFile(s.Program)
	if err != nil {
		return nil, fmt.Errorf("%s: %w, want a built aftercall", s.Program, err)
	}
	env := os.Environ()
	for _, set := range info.Settings {
		if set.Key == "CGO_CFLAGS" {
			env = append(env, "CGO_CFLAGS="+set.Value)
		}
	}
	return env, nil
}

// build makes the command bench, for what is measured in a process of its own.
func (s *Suite) build(ctx context.Context, program string) (err error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/bench")
	cmd.Dir = s.Top
	if cmd.Env, err = s.flags(); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the command bench: %w\n%s", err, out)
	}
	return nil
}

// npm installs node-ari-client once for each content of the lock file, and
// gives the folder of the script.
func (s *Suite) npm(ctx context.Context) (folder string, err error) {
	folder = filepath.Join(s.Top, ".lab", "npm-ari")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc", "node.js"} {
		if _, err := unpack(name, folder); err != nil {
			return "", err
		}
	}
	lock, err := surveyFiles.ReadFile("survey/package-lock.json")
	if err != nil {
		return "", err
	}
	done := filepath.Join(folder, "installed")
	if have, err := os.ReadFile(done); err == nil && bytes.Equal(have, lock) {
		return folder, nil
	}
	s.Say("npm ci: node-ari-client")
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-progress")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w, want node 18 and npm 9 or newer, and a registry that answers\n%s", err, strings.TrimSpace(string(out)))
	}
	return folder, os.WriteFile(done, lock, 0o644)
}
