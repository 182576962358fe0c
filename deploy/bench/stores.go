package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	days     = 90        // that the surveys of a large store are of
	invented = 3_000_000 // surveys that are invented; a larger store is a multiple of one with so many
)

// aftercall prepares the program with the shipped configuration on a store.
func (s *Suite) aftercall(ctx context.Context, store string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.Program, append([]string{"--config", filepath.Join(s.Top, "configs", "aftercall.yaml")}, args...)...)
	cmd.Env = append(os.Environ(), "AFTERCALL_STORE_PATH="+store, "AFTERCALL_ARI_PASSWORD=none")
	return cmd
}

// Invented gives a store of so many surveys at least, of 90 days, 500 agents
// and three layouts, made by aftercall synth; more than 3,000,000 of them are a
// multiple of those (see multiplied). It is made once, and must not be changed
// by who uses it. The lock keeps two runs from making the same one.
func (s *Suite) Invented(ctx context.Context, surveys int) (path string, err error) {
	if err := os.MkdirAll(s.Folder, 0o755); err != nil {
		return "", err
	}
	path = filepath.Join(s.Folder, fmt.Sprintf("%d.db", surveys))
	// Not path+".lock", which whoever has the store open holds.
	lock, err := os.OpenFile(path+".making", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("%s.making: %w", path, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	s.Say("making a store of %d surveys", surveys)
	began := time.Now()
	half := path + ".half"
	for _, tail := range []string{"", "-wal", "-shm"} {
		if err := os.RemoveAll(half + tail); err != nil {
			return "", err
		}
	}
	if err := s.invent(ctx, half, surveys); err != nil {
		return "", fmt.Errorf("make a store of %d surveys: %w", surveys, err)
	}
	s.Say("made a store of %d surveys in %s", surveys, time.Since(began).Round(time.Second))
	return path, os.Rename(half, path)
}

func (s *Suite) invent(ctx context.Context, path string, surveys int) error {
	if surveys > invented {
		from, err := s.Invented(ctx, invented)
		if err != nil {
			return err
		}
		return multiplied(ctx, from, path, (surveys+invented-1)/invented)
	}
	perDay := (surveys + days - 1) / days
	out, err := s.aftercall(ctx, path, "synth", "--out", path, "--days", strconv.Itoa(days), "--calls-per-day", strconv.Itoa(perDay)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
