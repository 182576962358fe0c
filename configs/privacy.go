package configs

import (
	"fmt"
	"os"
	"slices"
	"time"

	"aftercall/scoring"
)

// minKey is the fewest bytes of the key: callers' numbers are so few that a
// weak one is found by trying.
const minKey = 32

// resolve reads the key, where callers' numbers are kept under one.
func (p *Privacy) resolve(g *ledger, folder string) {
	if p.KeyFile != "" {
		p.KeyFile = g.absolute("privacy.key_file", folder, p.KeyFile)
	}
	from := []source{{"key_file", p.KeyFile, keyFile}, {"key_env", p.KeyEnv, variable}, {"key_credential", p.KeyCredential, credential}}
	if p.Caller != scoring.CallerHMAC {
		for _, s := range from {
			if s.value != "" {
				g.add("privacy."+s.key, "is for caller: %s alone, want none with %q", scoring.CallerHMAC, p.Caller)
			}
		}
		return
	}
	faults := g.count()
	p.Key = g.secret("privacy", ".", "key", from, g.read.key)
	if n := len(p.Key); g.read.key && n < minKey && g.count() == faults {
		g.add("privacy", "the key has %d bytes, want %d or more: openssl rand -hex 32 makes one", n, minKey)
	}
}

// keyFile reads a key that nobody but the owner and the group of its file can
// read, and nobody but the owner can change.
func keyFile(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o027 != 0 {
		return "", fmt.Errorf("can be read or changed by others (mode %04o), want 0600 or 0640", info.Mode().Perm())
	}
	return passwordFile(path)
}

// privacy checks what is kept of callers, and for how long.
func (g *ledger) privacy(p Privacy, s Store) {
	if !slices.Contains(scoring.CallerForms, p.Caller) {
		g.add("privacy.caller", "%q, want one of %v", p.Caller, scoring.CallerForms)
	}
	if p.KeepCalls != 0 {
		g.length("privacy.keep_calls", p.KeepCalls, 24*time.Hour, 100*365*24*time.Hour)
	}
	if p.KeyFile == "" {
		return
	}
	for _, f := range storeFiles(s) {
		if f == p.KeyFile || sameFile(f, p.KeyFile) {
			g.add("privacy.key_file", "is a file of the store (%s), want one away from it", f)
			return
		}
	}
}

// storeFiles lists every file of a store.
func storeFiles(s Store) []string {
	all := []string{s.Path, s.Spill, s.Spill + ".rejected", s.Socket}
	for _, end := range besides {
		all = append(all, s.Path+end)
	}
	return all
}

// sameFile reports whether two paths are of one file, by links too.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, other)
}

// KeyShared reports whether the group of the key's file can read it.
func (p Privacy) KeyShared() bool {
	info, err := os.Stat(p.KeyFile)
	return p.KeyFile != "" && err == nil && info.Mode().Perm()&0o040 != 0
}
