package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A persona is how one kind of caller behaves: its acts, each of which waits
// for its cue. With no acts left it listens until the far end hangs up.
type persona struct {
	Name   string `yaml:"name"`
	Weight int    `yaml:"weight"` // share of the calls, against the other weights
	Number string `yaml:"number"` // what to dial
	Acts   []act  `yaml:"acts"`
}

// An act is one cue and one deed. Acts of one visit happen in their order.
type act struct {
	Visit int `yaml:"visit"` // which agent's talk it belongs to, from 1

	Talk      *span `yaml:"talk"`       // this long after the agent's tone began
	At        *span `yaml:"at"`         // this long after the survey's first speech
	AfterPart *int  `yaml:"after_part"` // the survey's n-th part has been heard to its end
	Quiet     *span `yaml:"quiet"`      // speech since the act before, then this much silence

	Press  string `yaml:"press"` // keys 0-9 * #, pressed one after another
	Hangup bool   `yaml:"hangup"`
}

// span is a duration that must be written with its unit.
type span time.Duration

// UnmarshalYAML refuses a bare number: 5 would silently be five nanoseconds.
func (s *span) UnmarshalYAML(n *yaml.Node) error {
	d, err := time.ParseDuration(n.Value)
	if err != nil || n.Tag == "!!int" || d < 0 {
		return fmt.Errorf("line %d: %q: not a duration, want e.g. 800ms or 2s", n.Line, n.Value)
	}
	*s = span(d)
	return nil
}

func (s *span) ms() int { return int(time.Duration(*s).Milliseconds()) }

// readPersonas reads and checks a file of personas; number is dialled by those
// that name none. The error names every fault.
func readPersonas(text []byte, number string) ([]persona, error) {
	var file struct {
		Personas []persona `yaml:"personas"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(file.Personas) == 0 {
		return nil, errors.New("personas: none, want one or more")
	}
	var faults []error
	names := map[string]bool{}
	for i := range file.Personas {
		p := &file.Personas[i]
		if p.Number == "" {
			p.Number = number
		}
		if p.Name == "" {
			faults = append(faults, fmt.Errorf("persona %d: name: none, want one", i+1))
			p.Name = fmt.Sprint(i + 1)
		} else if names[p.Name] {
			faults = append(faults, fmt.Errorf("persona %q: name is used twice, want another", p.Name))
		}
		names[p.Name] = true
		faults = append(faults, p.check()...)
	}
	return file.Personas, errors.Join(faults...)
}

func (p *persona) check() (faults []error) {
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("persona %q: "+format, append([]any{p.Name}, args...)...))
	}
	if p.Weight < 1 || p.Weight > 1_000_000 {
		fault("weight: %d, want 1 to 1000000", p.Weight)
	}
	if p.Number == "" {
		fault("number: none, want number: here or --number")
	} else if !isUser(p.Number) {
		fault("number: %q, want letters, digits, - _ . + *", p.Number)
	}
	visit := 1
	for i := range p.Acts {
		a := &p.Acts[i]
		if a.Visit == 0 {
			a.Visit = 1
		}
		for _, text := range a.check() {
			fault("act %d: %s", i+1, text)
		}
		if a.Visit > 0 && a.Visit < visit {
			fault("act %d: visit: %d stands after an act of visit %d, want visits in order", i+1, a.Visit, visit)
		}
		visit = max(visit, a.Visit)
		if i > 0 && p.Acts[i-1].Hangup {
			fault("act %d: stands after a hangup, want none", i+1)
		}
	}
	return faults
}

// check returns what is wrong with one act.
func (a *act) check() (faults []string) {
	cues := 0
	for _, given := range []bool{a.Talk != nil, a.At != nil, a.AfterPart != nil, a.Quiet != nil} {
		if given {
			cues++
		}
	}
	if cues != 1 {
		faults = append(faults, fmt.Sprintf("%d cues, want exactly one of talk, at, after_part, quiet", cues))
	}
	if (a.Press != "") == a.Hangup {
		faults = append(faults, "want exactly one of press and hangup: true")
	}
	for _, key := range a.Press {
		if !strings.ContainsRune(keypadKeys, key) {
			faults = append(faults, fmt.Sprintf("press: %q is not a key, want 0-9 * #", key))
		}
	}
	if a.AfterPart != nil && *a.AfterPart < 1 {
		faults = append(faults, fmt.Sprintf("after_part: %d, want 1 or more", *a.AfterPart))
	}
	if a.Quiet != nil && *a.Quiet < span(partPause) {
		faults = append(faults, fmt.Sprintf("quiet: %s, want %s or more (shorter silences are inside a part)",
			time.Duration(*a.Quiet), partPause))
	}
	if a.Visit < 1 {
		faults = append(faults, fmt.Sprintf("visit: %d, want 1 or more", a.Visit))
	}
	return faults
}

// isUser tells whether s may stand unescaped in the user part of a SIP URI and
// in a dialplan.
func isUser(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && !(r >= '0' && r <= '9') && !strings.ContainsRune("-_.+*", r)
	})
}

// choosePersona gives call number n its persona: by hash, so the same seed
// makes the same calls again.
func choosePersona(personas []persona, seed uint64, n int) *persona {
	var text [16]byte
	binary.BigEndian.PutUint64(text[:8], seed)
	binary.BigEndian.PutUint64(text[8:], uint64(n))
	sum := sha256.Sum256(text[:])
	total := 0
	for i := range personas {
		total += personas[i].Weight
	}
	at := int(binary.BigEndian.Uint64(sum[:8]) % uint64(total))
	i := 0
	for at >= personas[i].Weight {
		at -= personas[i].Weight
		i++
	}
	return &personas[i]
}
