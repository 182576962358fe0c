package centre

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// output takes what a program says: to a file of the run, to the centre's
// log, and to who waits for a line of it.
type output struct {
	mu   sync.Mutex
	to   io.Writer
	rest []byte
	line chan string
}

func (c *Centre) output(file string) (*output, error) {
	f, err := os.OpenFile(filepath.Join(c.Run, file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	c.files = append(c.files, f)
	o := &output{to: f, line: make(chan string, 1000)}
	if c.o.Log != nil {
		o.to = io.MultiWriter(f, c.o.Log)
	}
	return o, nil
}

// Write passes on what was said, line by line.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest = append(o.rest, p...)
	for {
		line, rest, ok := bytes.Cut(o.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		o.rest = rest
		if _, err := fmt.Fprintf(o.to, "%s\n", line); err != nil {
			return 0, err
		}
		select {
		case o.line <- string(line):
		default: // nobody waits any more
		}
	}
}

// wait returns the first line that is meant, unless the program ends before.
func (o *output) wait(ctx context.Context, ended <-chan struct{}, meant func(string) bool) (string, error) {
	for {
		select {
		case s := <-o.line:
			if meant(s) {
				return s, nil
			}
			continue
		default:
		}
		select {
		case s := <-o.line:
			if meant(s) {
				return s, nil
			}
		case <-ended:
			return "", errors.New("ended before it was ready; see its log")
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
