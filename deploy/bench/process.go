package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the time for which a process has worked so far, all of its threads,
// also those that have ended, to the nanosecond. Of the clock's number see
// clock_getcpuclockid(3).
func CPU(pid int) (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|2, &t); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// Memory is what a process holds in memory now and the most that it held, in
// bytes.
func Memory(pid int) (now, most int, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	kB := func(name string) int {
		_, rest, _ := strings.Cut(string(b), name+":")
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			return 0
		}
		n, _ := strconv.Atoi(fields[0])
		return n << 10
	}
	if now, most = kB("VmRSS"), kB("VmHWM"); now == 0 || most == 0 {
		return 0, 0, fmt.Errorf("memory of process %d: /proc says nothing of VmRSS and VmHWM", pid)
	}
	return now, most, nil
}

// Priority gives each thread of a process the niceness n, -20 (first) to 19
// (last). Those that it starts later have that of the thread that starts them.
// Below 0 it takes root.
func Priority(pid, n int) error {
	for changed := true; changed; { // threads may have been started meanwhile
		changed = false
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return err
		}
		for _, t := range threads {
			id, err := strconv.Atoi(t.Name())
			if err != nil {
				return err
			}
			was, err := unix.Getpriority(unix.PRIO_PROCESS, id)
			if errors.Is(err, unix.ESRCH) {
				continue
			}
			if err == nil && 20-was != n { // the system's own way of saying it
				changed, err = true, unix.Setpriority(unix.PRIO_PROCESS, id, n)
			}
			if err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("niceness %d for process %d: %w, want root", n, pid, err)
			}
		}
	}
	return nil
}
