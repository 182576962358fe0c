package configs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
)

const callerKey = "5e8f0c1d2b3a49586776859493a2b1c0"

// TestCallerKey: the key is read from each of its three places, only for who
// asks for it, and shows itself to nobody.
func TestCallerKey(t *testing.T) {
	t.Setenv("TEST_PASSWORD", password)
	folder := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", folder)
	t.Setenv("TEST_CALLER_KEY", callerKey)
	file := filepath.Join(folder, "caller-key")
	if err := os.WriteFile(file, []byte(callerKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"key_file: " + file, "key_env: TEST_CALLER_KEY", "key_credential: caller-key"} {
		path := write(t, good(t)+"privacy: {caller: hmac, "+source+"}\n")
		for name, l := range map[string]struct {
			load     func(string) (*Config, error)
			key, ari string
		}{"Load": {Load, callerKey, password}, "LoadKey": {LoadKey, callerKey, ""}, "LoadOffline": {LoadOffline, "", ""}} {
			c, err := l.load(path)
			if err != nil {
				t.Fatalf("%s, %s: %v", source, name, err)
			}
			if string(c.Privacy.Key) != l.key || string(c.Asterisk.Nodes[0].Password) != l.ari || c.Privacy.Caller != scoring.CallerHMAC {
				t.Errorf("%s, %s: key of %d bytes, password of %d, want %d and %d", source, name, len(c.Privacy.Key), len(c.Asterisk.Nodes[0].Password), len(l.key), len(l.ari))
			}
			if all := fmt.Sprintf("%v %+v %#v", c.Privacy, c.Privacy, c.Privacy); strings.Contains(all, callerKey) {
				t.Errorf("%s, %s: the key is printed: %s", source, name, all)
			}
		}
	}
}

// TestCallerKeyFileOfOthers: a key that others can read or change is none.
func TestCallerKeyFileOfOthers(t *testing.T) {
	t.Setenv("TEST_PASSWORD", password)
	file := filepath.Join(t.TempDir(), "caller-key")
	if err := os.WriteFile(file, []byte(callerKey), 0o600); err != nil {
		t.Fatal(err)
	}
	path := write(t, good(t)+"privacy: {caller: hmac, key_file: "+file+"}\n")
	for mode, want := range map[os.FileMode]struct{ taken, shared bool }{
		0o600: {true, false}, 0o400: {true, false}, 0o640: {true, true}, 0o440: {true, true},
		0o644: {false, true}, 0o604: {false, false}, 0o660: {false, true}, 0o602: {false, false},
	} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if (err == nil) != want.taken || err != nil && !strings.Contains(err.Error(), fmt.Sprintf("privacy.key_file: %q: can be read or changed by others (mode %04o), want 0600 or 0640", file, mode)) {
			t.Errorf("mode %04o: error %v, want it taken: %v", mode, err, want.taken)
		}
		if got := (Privacy{KeyFile: file}).KeyShared(); got != want.shared {
			t.Errorf("mode %04o: shared with the group: %v, want %v", mode, got, want.shared)
		}
	}
}

// TestCallerKeyInTheStore: by whatever name.
func TestCallerKeyInTheStore(t *testing.T) {
	t.Setenv("TEST_PASSWORD", password)
	folder := t.TempDir()
	db, link := filepath.Join(folder, "a.db"), filepath.Join(folder, "key")
	if err := os.WriteFile(db, []byte(callerKey), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(string, string) error{"symlink": os.Symlink, "hard link": os.Link} {
		if err := make(db, link); err != nil {
			t.Fatal(err)
		}
		_, err := Load(write(t, good(t)+"store: {path: "+db+"}\nprivacy: {caller: hmac, key_file: "+link+"}\n"))
		if err == nil || !strings.Contains(err.Error(), "privacy.key_file: is a file of the store ("+db+"), want one away from it") {
			t.Errorf("%s: error %v", name, err)
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeepDays(t *testing.T) {
	for keep, want := range map[time.Duration]int{0: 0, 24 * time.Hour: 1, 25 * time.Hour: 2, 2160 * time.Hour: 90} {
		if got := (Privacy{KeepCalls: keep}).KeepDays(); got != want {
			t.Errorf("%s is %d days, want %d", keep, got, want)
		}
	}
}
