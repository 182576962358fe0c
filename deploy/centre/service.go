package centre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aftercall/deploy/lab"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"
)

// mostCalls is how many calls are read from the store at most.
const mostCalls = 100_000

// service is the running aftercall.
type service struct {
	process *lab.Process
	address string // of its HTTP
}

// StartService starts aftercall and returns when it is ready for callers.
func (c *Centre) StartService(ctx context.Context) error {
	cmd := c.command(context.WithoutCancel(ctx), "aftercall", "--config", c.config(), "serve")
	said, err := c.output("service.log")
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = said, said
	p, err := lab.StartProcess(cmd)
	if err != nil {
		return err
	}
	c.service.Store(&service{process: p})
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	line, err := said.wait(ctx, p.Done(), func(s string) bool { return strings.Contains(s, "msg=serving") })
	if err != nil {
		return fmt.Errorf("aftercall serve: %w\n%s", err, c.ServiceLog())
	}
	for _, field := range strings.Fields(line) {
		if at, ok := strings.CutPrefix(field, "http="); ok {
			c.service.Store(&service{process: p, address: at})
		}
	}
	return c.WaitReady(ctx)
}

// ServiceLog is what the service said so far.
func (c *Centre) ServiceLog() string {
	b, err := os.ReadFile(c.Run + "/service.log")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// WaitReady waits until every part of the service says that it is well.
func (c *Centre) WaitReady(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	last := ""
	for {
		code, body, err := c.Get(ctx, "/readyz")
		if err == nil && code == http.StatusOK {
			return nil
		}
		if last = body; err != nil {
			last = err.Error()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the service is not ready: %w: %s\n%s", ctx.Err(), last, c.ServiceLog())
		case <-tick.C:
		}
	}
}

// StopService ends the service as an operator does (SIGTERM).
func (c *Centre) StopService(ctx context.Context) error {
	p := c.service.Load().process
	if p.State() != nil {
		return nil
	}
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return p.End(ctx)
	}
	if code := p.State().ExitCode(); code != 0 {
		return fmt.Errorf("aftercall serve ended with status %d\n%s", code, c.ServiceLog())
	}
	return nil
}

// KillService ends the service as a power cut does (SIGKILL).
func (c *Centre) KillService() error {
	if err := c.service.Load().process.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-c.service.Load().process.Done()
	return nil
}

// ServicePID is the number of the running service's process.
func (c *Centre) ServicePID() int { return c.service.Load().process.PID() }

// ServiceEnded is closed when the service has ended.
func (c *Centre) ServiceEnded() <-chan struct{} { return c.service.Load().process.Done() }

// ServiceFault says how the service ended; nil while it runs.
func (c *Centre) ServiceFault() error {
	if s := c.service.Load().process.State(); s != nil {
		return fmt.Errorf("aftercall serve has ended: %s", s)
	}
	return nil
}

// Address is where the service's pages are: "127.0.0.1:port".
func (c *Centre) Address() string { return c.service.Load().address }

// Get asks the service for a page.
func (c *Centre) Get(ctx context.Context, path string) (code int, body string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.service.Load().address+path, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// Calls reads the calls of a queue ("" = all) from the store, newest first,
// by the program's own command.
func (c *Centre) Calls(ctx context.Context, queue string) ([]scoring.CallRow, error) {
	out, err := c.Program(ctx, "calls", "--json", "--limit", strconv.Itoa(mostCalls), "--queue", queue)
	if err != nil {
		return nil, err
	}
	var rows []scoring.CallRow
	for line := range strings.Lines(out) {
		var r scoring.CallRow
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return nil, fmt.Errorf("calls --json: %w: %s", err, line)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// Counts reads the agents' roll-up from the store.
func (c *Centre) Counts(ctx context.Context) ([]scoring.Count, error) {
	store, err := sqlite.OpenReadOnly(ctx, c.Store())
	if err != nil {
		return nil, err
	}
	defer store.Close()
	return store.Counts(ctx)
}

// Until waits until the calls in the store are as they are meant to be, and
// returns them, newest first. It reads the store itself, which costs less than
// a program at each look.
func (c *Centre) Until(ctx context.Context, meant func([]scoring.CallRow) bool) ([]scoring.CallRow, error) {
	store, err := sqlite.OpenReadOnly(ctx, c.Store())
	if err != nil {
		return nil, err
	}
	defer store.Close()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		rows, err := store.Calls(ctx, scoring.Query{Limit: mostCalls})
		if err != nil || meant(rows) {
			return rows, err
		}
		select {
		case <-ctx.Done():
			return rows, fmt.Errorf("%d calls in the store are not as they should be: %w", len(rows), ctx.Err())
		case <-tick.C:
		}
	}
}

// Reload has the service read its configuration anew, as an operator does
// (SIGHUP), and waits until it says that it has, or has not.
func (c *Centre) Reload(ctx context.Context) (well bool, err error) {
	before := reloads(c.ServiceLog())
	if err := c.Signal(syscall.SIGHUP); err != nil {
		return false, err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if now := reloads(c.ServiceLog()); len(now) > len(before) {
			return !strings.Contains(now[len(now)-1], "not reloaded"), nil
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("the service says nothing of a reload: %w\n%s", ctx.Err(), c.ServiceLog())
		case <-tick.C:
		}
	}
}

// reloads are the lines of a log that say how a reload went.
func reloads(log string) (lines []string) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "configuration reloaded") || strings.Contains(line, "configuration not reloaded") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Ended waits until every call of a queue in the store has its end, and
// returns them ("" = of all queues).
func (c *Centre) Ended(ctx context.Context, queue string) ([]scoring.CallRow, error) {
	_, err := c.Until(ctx, func(rows []scoring.CallRow) bool {
		return !slices.ContainsFunc(rows, func(r scoring.CallRow) bool {
			return r.End == nil && (queue == "" || queue == r.Call.Queue)
		})
	})
	if err != nil {
		return nil, err
	}
	return c.Calls(ctx, queue)
}

// Signal sends a signal to the service, e.g. syscall.SIGSTOP to freeze it.
func (c *Centre) Signal(sig os.Signal) error { return c.service.Load().process.Signal(sig) }
