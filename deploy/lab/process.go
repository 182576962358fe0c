package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// stopLimit is how long a program may take to end by itself.
const stopLimit = 5 * time.Second

// Process is a program that does not outlive this one.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// State says how the program ended; nil before Done.
func (p *Process) State() *os.ProcessState {
	select {
	case <-p.done:
		return p.cmd.ProcessState
	default:
		return nil
	}
}

// PID is the number of the process, which must not have ended.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal. It fails with os.ErrProcessDone after the end.
func (p *Process) Signal(sig os.Signal) error { return p.cmd.Process.Signal(sig) }

// asteriskCommand prepares the program in its own root folder, with the
// configuration of the run. Without root's rights the root folder is changed
// in a user namespace.
func asteriskCommand(ctx context.Context, root string, f runFolder, args ...string) *exec.Cmd {
	args = append([]string{"-C", filepath.Join(f.inside, "etc/asterisk.conf")}, args...)
	cmd := exec.CommandContext(ctx, "/usr/sbin/asterisk", args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + f.inside, "TERM=dumb", "TZ=UTC"}
	// A process group of its own: an interrupt from the terminal ends the
	// program first, which then ends Asterisk in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if root == "/" {
		return cmd
	}
	cmd.SysProcAttr.Chroot = root
	if uid := os.Geteuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return cmd
}

// StartProcess starts a program so that the kernel kills it when this program
// dies, in a process group of its own: an interrupt from the terminal ends
// this program first, which then ends the other in order.
func StartProcess(cmd *exec.Cmd) (*Process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Pdeathsig = true, syscall.SIGKILL
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel watches the thread that started the program, so one
		// thread stays with it to its end.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in ProcessState
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	return p, nil
}

// startAsterisk starts Asterisk in its root folder.
func startAsterisk(root string, f runFolder, env []string) (*Process, error) {
	console, err := os.Create(filepath.Join(f.host, "log", consoleName))
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	defer console.Close()
	cmd := asteriskCommand(context.Background(), root, f, "-f") // no context: the run ends by Stop
	cmd.Stdout, cmd.Stderr = console, console
	cmd.Env = append(cmd.Env, env...)
	p, err := StartProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("%w, want an Asterisk at %q (make setup)", err, filepath.Join(root, cmd.Path))
	}
	return p, nil
}

// End asks the program to end (SIGTERM) and kills it when it does not within
// 5 s or before the context ends, which is an error.
func (p *Process) End(ctx context.Context) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", filepath.Base(p.cmd.Path), err)
	}
	limit, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	select {
	case <-p.done:
		return nil
	case <-limit.Done():
	}
	// The group's number is the process's own; it cannot be reused before
	// Wait has returned, which done tells.
	err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
	return errors.Join(fmt.Errorf("stop %s: killed: %w", filepath.Base(p.cmd.Path), limit.Err()), err)
}
