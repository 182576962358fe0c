package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// keyboard is standard input, read byte by byte, no further than is asked
// for: what is typed behind the last key is another program's.
type keyboard struct {
	typed    chan byte // closed when the input ends
	err      error     // why it ended, if not by itself; set before typed is closed
	terminal bool

	ended  bool // the end has been read
	filled bool // the line that is being read has more than blanks
	before byte // of what is read of a key without a sign; 0 = nothing

	close func() // ends the reading and gives the terminal back
}

// listen begins to read keys. A terminal gives them as they are pressed and
// does not show them, until close.
func listen(in io.Reader) (*keyboard, error) {
	k := &keyboard{typed: make(chan byte)}
	file, ok := in.(*os.File)
	if !ok {
		// A reader that is no file is in memory and does not keep us waiting.
		k.start(in, func() {}, make(chan struct{}))
		return k, nil
	}
	restore, terminal, err := raw(int(file.Fd()))
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	k.terminal = terminal
	stopped, stop, err := os.Pipe()
	if err != nil {
		restore()
		return nil, err
	}
	gone := make(chan struct{})
	k.start(ready{file, stopped}, func() { _ = stop.Close() }, gone)
	wait := k.close
	k.close = func() {
		wait()
		_ = stopped.Close()
		restore()
	}
	return k, nil
}

// start begins to read; close calls stop and waits for the reading to end.
func (k *keyboard) start(in io.Reader, stop func(), gone chan struct{}) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer close(k.typed)
		b := make([]byte, 1)
		for {
			n, err := in.Read(b)
			if n == 1 {
				select {
				case k.typed <- b[0]:
				case <-gone:
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					k.err = fmt.Errorf("standard input: %w", err)
				}
				return
			}
		}
	}()
	k.close = func() {
		close(gone)
		stop()
		<-over
	}
}

// until waits for a key until a time; 0 = none came.
func (k *keyboard) until(ctx context.Context, until time.Time) (byte, error) {
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	for {
		select {
		case b, ok := <-k.typed:
			if b, err := k.read(b, ok); b != 0 && b != '\n' || err != nil {
				return b, err
			}
		case <-t.C:
			return 0, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// ask waits for a key or for Enter; 0 = the caller presses nothing.
func (k *keyboard) ask(ctx context.Context) (byte, error) {
	for !k.ended {
		select {
		case b, ok := <-k.typed:
			switch b, err := k.read(b, ok); {
			case b == '\n':
				return 0, nil
			case b != 0 || err != nil:
				return b, err
			}
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return 0, nil
}

// read says what a byte that was typed means: 0 = nothing, '\n' = Enter, which
// in a pipe is an empty line: there a key may have the rest of its line to
// itself.
func (k *keyboard) read(b byte, ok bool) (byte, error) {
	if !ok {
		k.ended, k.typed = true, nil
		return 0, k.err
	}
	empty := k.terminal || !k.filled
	k.filled = b != '\n' && (k.filled || !isBlank(b))
	switch {
	case k.special(b):
		return 0, nil
	case b == quit || b == ctrlC:
		return 0, errQuit
	case b == '\n' && empty:
		return '\n', nil
	case isBlank(b):
		return 0, nil
	}
	return b, nil
}

// special reports whether a byte is part of what a terminal sends for a key
// without a sign of its own: Delete is ESC [ 3 ~, and no 3.
func (k *keyboard) special(b byte) bool {
	const escape = 0x1b
	was := k.before
	k.before = 0
	switch {
	case b == escape, was == escape && (b == '[' || b == 'O'):
		k.before = b
		return true
	case was == '[' && b >= ' ' && b < '@': // parameters
		k.before = was
		return true
	}
	return was == '[' || was == 'O' // the last byte
}

// ready reads a file only when there is something to read, because a read of
// a terminal or a pipe cannot be called back. It ends with stopped.
type ready struct{ file, stopped *os.File }

func (r ready) Read(p []byte) (int, error) {
	fds := []unix.PollFd{{Fd: int32(r.file.Fd()), Events: unix.POLLIN}, {Fd: int32(r.stopped.Fd()), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, os.NewSyscallError("poll", err)
		case fds[1].Revents != 0:
			return 0, io.EOF
		}
		return r.file.Read(p)
	}
}

// raw makes a terminal give each key as it is pressed, without showing it or
// making a signal of it; restore undoes that. Something that is no terminal is
// left alone. While the terminal is so, a reader of our output that goes away
// must not end us: a write fails instead.
func raw(fd int) (restore func(), terminal bool, err error) {
	was, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return func() {}, false, nil
	}
	now := *was
	now.Lflag &^= unix.ICANON | unix.ECHO | unix.ISIG | unix.IEXTEN
	now.Iflag |= unix.ICRNL
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &now); err != nil {
		return nil, true, err
	}
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
	return func() {
		_ = unix.IoctlSetTermios(fd, unix.TCSETS, was) // a terminal that is gone needs nothing
		signal.Stop(pipes)
	}, true, nil
}
