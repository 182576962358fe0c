package prompt

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// accessLimit is how long all the looks through another user's eyes may take.
const accessLimit = 30 * time.Second

// Listener is the user of this machine as whom Asterisk reads sounds.
type Listener struct {
	name string
	who  syscall.Credential
}

// FindListener looks a user up, with all groups.
func FindListener(name string) (Listener, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return Listener{}, err
	}
	ids := []string{u.Uid, u.Gid}
	groups, err := u.GroupIds()
	if err != nil {
		return Listener{}, err
	}
	numbers := make([]uint32, 0, len(ids)+len(groups))
	for _, id := range append(ids, groups...) {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return Listener{}, fmt.Errorf("user %q: id %q, want a number", name, id)
		}
		numbers = append(numbers, uint32(n))
	}
	return Listener{name: name, who: syscall.Credential{Uid: numbers[0], Gid: numbers[1], Groups: numbers[2:]}}, nil
}

// Reads finds out, as the listener, whether every file can be read. Its error
// names the first folder on the way that keeps the listener out, or the first
// file, and says what to do. We must be root.
func (p Listener) Reads(ctx context.Context, folder string, files []string) error {
	ctx, cancel := context.WithTimeout(ctx, accessLimit)
	defer cancel()
	abs, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return err
	}
	// Where links lead first: there the folder is that has to be changed.
	for _, way := range [][]string{above(real), above(abs)} {
		for _, f := range way {
			if ok, err := p.may(ctx, "-x", f); err != nil {
				return err
			} else if !ok {
				return fmt.Errorf("user %q may not enter folder %q: chmod o+x %s", p.name, f, f)
			}
		}
	}
	for _, name := range files {
		f := filepath.Join(real, name)
		if ok, err := p.may(ctx, "-r", f); err != nil {
			return err
		} else if !ok {
			return fmt.Errorf("user %q may not read file %q: chmod o+r %s", p.name, f, f)
		}
	}
	return nil
}

// above lists the folders of a path from the top, with itself.
func above(path string) []string {
	way := []string{path}
	for path != filepath.Dir(path) {
		path = filepath.Dir(path)
		way = append(way, path)
	}
	slices.Reverse(way)
	return way
}

// may asks the standard test, which asks the kernel: modes, access lists and
// whatever else it goes by.
func (p Listener) may(ctx context.Context, what, path string) (bool, error) {
	cmd := exec.CommandContext(ctx, "test", what, path)
	cmd.Dir = "/" // ours may be closed to the listener
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &p.who}
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 1 && ctx.Err() == nil {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("test %s %s as user %q: %w", what, path, p.name, err)
	}
	return true, nil
}
