package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"aftercall/cmd/aftercall/web"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// Bounds of what systemd is told.
const (
	maxStatus   = 1000             // bytes of the status; a whole message may have 4096
	statusEvery = 15 * time.Second // where systemd wants no watchdog, and while the service starts
)

// notifier tells systemd how the service stands, as a unit of Type=notify (or
// notify-reload, from systemd 253) wants it. Without systemd every method does
// nothing. What systemd cannot be told is logged: it is no reason to stop.
type notifier struct {
	log *slog.Logger
}

// during lets systemd wait for what may take longer than the unit's
// TimeoutStartSec, and does it. As long as it takes, systemd hears every so
// often that it goes on.
func (n notifier) during(every time.Duration, status string, do func() error) error {
	done := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		beat := time.NewTicker(every)
		defer beat.Stop()
		// Twice the interval, and then some: a busy machine is no reason to end it.
		more := fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", (2*every + time.Minute).Microseconds())
		for n.tell(more, statusLine(status)) {
			select {
			case <-done:
				return
			case <-beat.C:
			}
		}
	})
	defer telling.Wait()
	defer close(done)
	return do()
}

// ready says that the service has started, or that a reload is over, whatever
// came of it.
func (n notifier) ready(status string) { n.tell(daemon.SdNotifyReady, statusLine(status)) }

// reload says that a reload begins; ready must follow.
func (n notifier) reload() {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		n.log.Warn("systemd is not told of the reload", "error", err)
		return
	}
	n.tell(daemon.SdNotifyReloading, fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000))
}

// stopping says that the service stops and how long that may take, which
// counts where the unit's TimeoutStopSec is shorter.
func (n notifier) stopping(longest time.Duration) {
	n.tell(daemon.SdNotifyStopping, fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", longest.Microseconds()), statusLine("stopping: nobody new is asked"))
}

// watch asks how the service stands, at half the interval of systemd's
// watchdog, and feeds the watchdog with each answer, which is the status too.
// ask looks at every part of the service and must answer from memory: while
// one of them hangs the watchdog goes hungry, and systemd starts the service
// anew. A part that answers that it is unwell, such as an Asterisk that is
// away, is no reason for that. watch returns when ctx ends, which has to be
// after the callers in progress have left: the watchdog watches the stop too.
func (n notifier) watch(ctx context.Context, ask func() string) {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		n.log.Warn("systemd's watchdog is not fed", "error", err)
	}
	every := statusEvery
	var feed []string
	if limit > 0 {
		every, feed = limit/2, []string{daemon.SdNotifyWatchdog}
	}
	beat := time.NewTicker(every)
	defer beat.Stop()
	for {
		if !n.tell(append(feed, statusLine(ask()))...) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// tell sends one message of several assignments. It reports whether there is
// a systemd to be told.
func (n notifier) tell(assignments ...string) bool {
	sent, err := daemon.SdNotify(false, strings.Join(assignments, "\n"))
	if err != nil {
		n.log.Warn("systemd is not told how the service stands", "error", err)
	}
	return sent || err != nil
}

// statusLine is the assignment of a status: one line of valid UTF-8, cut to
// maxStatus bytes.
func statusLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return "STATUS=" + strings.ToValidUTF8(s[:min(len(s), maxStatus)], "")
}

// standing says in one line how the parts of the service stand.
func standing(parts []web.Part) string {
	active := 0
	var unwell []string
	for _, p := range parts {
		active += p.Active
		if !p.OK {
			unwell = append(unwell, strings.TrimSpace(p.Name+" "+p.Instance)+": "+p.Error)
		}
	}
	return strings.Join(append([]string{fmt.Sprintf("%d surveys in progress", active)}, unwell...), "; ")
}
