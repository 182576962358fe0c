package bench

import (
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
