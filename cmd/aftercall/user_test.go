package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercall/scoring"
)

// spawn is the program in a process of its own, and what it says.
type spawn struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
	log   string
}

// spawned starts the program as a user; nil is the test's own.
func spawned(t *testing.T, path string, user *syscall.Credential, args ...string) *spawn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	p := &spawn{t: t, cmd: exec.CommandContext(ctx, program(t, user), append([]string{"-c", path}, args...)...), lines: bufio.NewScanner(r)}
	p.cmd.Env = append(os.Environ(), partVariable+"=serve")
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = w, w, "/"
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	err = p.cmd.Start()
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() }) // both fail if it has ended
	return p
}

// program gives the test's own program, which plays the part of aftercall (see
// playPart); for another user a copy of it where everybody may run it.
func program(t *testing.T, user *syscall.Credential) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil || user == nil {
		return own
	}
	open := filepath.Join(t.TempDir(), "aftercall")
	copyFile(t, own, open)
	for _, f := range []string{open, filepath.Dir(open), filepath.Dir(filepath.Dir(open))} {
		if err := os.Chmod(f, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return open
}

// says waits for a line.
func (p *spawn) says(what string) []string {
	p.t.Helper()
	wanted := regexp.MustCompile(what)
	if m := wanted.FindStringSubmatch(p.log); m != nil {
		return m
	}
	for p.lines.Scan() {
		p.log += p.lines.Text() + "\n"
		if m := wanted.FindStringSubmatch(p.lines.Text()); m != nil {
			return m
		}
	}
	p.t.Fatalf("the program does not say %q:\n%s", what, p.log)
	return nil
}

// get asks for a page.
func (p *spawn) get(page string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.says(listening.String())[1]+page, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// ended waits for the end and gives all that was said, and the status.
func (p *spawn) ended() (said string, status int) {
	for p.lines.Scan() {
		p.log += p.lines.Text() + "\n"
	}
	_ = p.cmd.Wait() // the status tells
	return p.log, p.cmd.ProcessState.ExitCode()
}

// nobodysID is that of nobody on Debian; it need not have a name.
const nobodysID = 65534

// unprivileged gives a user who is not root, and a folder of the site of that
// user's own. Where the test itself is not root, it is the test's own user.
func unprivileged(t *testing.T, path string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	folder := filepath.Dir(path)
	if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(folder, func(f string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(f, nobodysID, nobodysID))
	})
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: nobodysID, Gid: nobodysID}
}

// TestRunsWithoutRoot: everything that the service does, as a user who owns
// nothing but the folder of its data; what it makes there, nobody else reads.
func TestRunsWithoutRoot(t *testing.T) {
	path := built(t)
	c := load(t, path)
	record, err := json.Marshal(visit(1, scoring.Rated, scoring.Completed))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Store.Spill, append(record, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	user := unprivileged(t, path)
	p := spawned(t, path, user, "serve")
	p.says(`msg=serving `)
	if status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status")); err != nil || regexp.MustCompile(`(?m)^(Uid|Gid|Groups):.*\b0\b`).Match(status) {
		t.Errorf("the service is root, or of its group: %v\n%s", err, status)
	}
	for _, want := range []string{`"name": "store",` + "\n      " + `"ok": true`, `"name": "spill",` + "\n      " + `"ok": true`} {
		if said := p.get("/readyz"); !strings.Contains(said, want) {
			t.Errorf("/readyz says %s, want %s", said, want)
		}
	}
	for _, f := range []string{c.Store.Path, c.Store.Path + "-wal", c.Store.Path + "-shm", c.Store.Path + ".lock", c.Store.Socket, c.Store.Spill} {
		if info, err := os.Lstat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v, want mode 0600", f, info, err)
		}
	}
	order := spawned(t, path, user, "experiment", "start", "spring", "--layouts", "habit,strict", "--queue", "support", "--size", "1000")
	if said, status := order.ended(); status != 0 {
		t.Errorf("experiment start: status %d, %s", status, said)
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.says(`msg="configuration reloaded"`)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if said, status := p.ended(); status != 0 {
		t.Errorf("the service ended with status %d:\n%s", status, said)
	}
	calls := spawned(t, path, user, "calls", "--json")
	if said, status := calls.ended(); status != 0 || !strings.Contains(said, `"uniqueid":"node1-1.0"`) {
		t.Errorf("calls: status %d, %s, want the one that was spilled", status, said)
	}
}

// TestFolderOfSomebodyElse: the service says what it cannot write, and where.
func TestFolderOfSomebodyElse(t *testing.T) {
	path := built(t)
	user := unprivileged(t, path)
	folder := filepath.Dir(path)
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(folder, 0o700) }() // to be removed
	if said, status := spawned(t, path, user, "serve").ended(); status != 1 ||
		!strings.Contains(said, `lock database "`+folder+`/aftercall.db": the database cannot be written`) || !strings.Contains(said, "permission denied") {
		t.Errorf("serve in a folder that is not its own: status %d, %s", status, said)
	}
	if said, status := spawned(t, path, user, "doctor", "--etc", "/none").ended(); status != 1 ||
		!strings.Contains(said, folder+" cannot be written by this user: permission denied") {
		t.Errorf("doctor of a folder that is not its own: status %d, %s", status, said)
	}
}
