package faults

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/centre"
)

// The service is killed in a commit: the rows are in the store's file and the
// callers wait for the word that they are. Then the power fails as well: what
// was written last and never confirmed is torn, or garbage stands behind it.
func TestStoreKilledInACommit(t *testing.T) {
	t.Parallel()
	rounds := short(4, 30)
	k := open(t, centre.Options{}, reset, nobody)
	callers := k.traffic(t, rounds*40, 6)
	for round := range rounds {
		k.inProgress(t, busy)
		k.moment(time.Second)
		nth := 1 + k.moments.IntN(4)
		detach, err := Inject(t.Context(), k.ServicePID(), "path="+k.Store()+"-wal", fmt.Sprintf("fsync,fdatasync:signal=KILL:when=%d", nth))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-k.ServiceEnded():
		case <-time.After(endLimit):
			t.Fatal("the service commits nothing")
		}
		_ = detach() // there is nothing left to let go of
		what := spoil(t, k.Store()+"-wal", round%4)
		t.Logf("killed at sync %d of a thread; %s", nth, what)
		k.moment(time.Second)
		if err := k.StartService(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	k.account(t, callers.gone(t), func(e *Evidence) { e.Deaf = true })
}

// spoil does to the end of a log what a power cut may do to what was never
// confirmed, and says what.
func spoil(t *testing.T, wal string, how int) string {
	t.Helper()
	b, err := os.ReadFile(wal)
	if err != nil {
		t.Fatal(err)
	}
	const head, frameHead = 32, 24
	if len(b) < head {
		return "the log was empty"
	}
	frame := frameHead + int(binary.BigEndian.Uint32(b[8:]))
	end, last, frames := head, head, 0
	for end+frame <= len(b) && string(b[end+8:end+16]) == string(b[16:24]) { // of this log, not of the one it was written over
		last, end, frames = end, end+frame, frames+1
	}
	index, err := os.ReadFile(strings.TrimSuffix(wal, "-wal") + "-shm")
	if err != nil {
		t.Fatal(err)
	}
	if synced := int(binary.NativeEndian.Uint32(index[16:])); frames <= synced { // it was not a commit that was killed
		return "all of the log was confirmed"
	}
	what := "nothing torn"
	switch how {
	case 1:
		b, what = b[:last+frame/2], "the last frame is cut in the middle"
	case 2:
		b, what = append(b[:end], strings.Repeat("garbage ", 2000)...), "garbage behind the last frame"
	case 3:
		for i := last + frameHead; i < end; i++ {
			b[i] = 0
		}
		what = "the last frame has no content"
	}
	if err := os.WriteFile(wal, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return what
}

// A second service is refused, with the reason, on the store, the spill file
// or the socket of one that has callers; who does not notice.
func TestStoreOfTwo(t *testing.T) {
	t.Parallel()
	k := open(t, centre.Options{})
	callers := k.traffic(t, 40, 6)
	k.inProgress(t, busy)
	text, err := os.ReadFile(k.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	socket := k.Store() + ".sock"
	if _, err := os.Stat(socket); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	config := strings.ReplaceAll(string(text), "layout_files", "# a second one\nlayout_files")
	for _, c := range []struct {
		same, store, spill, socket, says string
	}{
		{"store", k.Store(), filepath.Join(other, "1.jsonl"), filepath.Join(other, "1.sock"), "the store is in use by another process"},
		{"spill file", filepath.Join(other, "2.db"), k.Spill(), filepath.Join(other, "2.sock"), "the spill file is in use by another program"},
		{"socket", filepath.Join(other, "3.db"), filepath.Join(other, "3.jsonl"), socket, "is that of another service"},
		{"everything", k.Store(), k.Spill(), socket, "the store is in use by another process"},
	} {
		changed := strings.NewReplacer("path: "+k.Store(), "path: "+c.store+"\n  socket: "+c.socket, "spill: "+k.Spill(), "spill: "+c.spill).Replace(config)
		file := filepath.Join(k.Run, "second.yaml")
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err := k.Program(ctx, "--config", file, "serve")
		cancel()
		if err == nil || !strings.Contains(err.Error(), c.says) || ctx.Err() == context.DeadlineExceeded {
			t.Errorf("the same %s: error %v, want %q", c.same, err, c.says)
		}
	}
	if code, page, err := k.Get(t.Context(), "/readyz"); err != nil || code != 200 {
		t.Errorf("/readyz of the first: %d, %v: %s", code, err, page)
	}
	k.account(t, callers.gone(t), nil)
}
