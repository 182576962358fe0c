package layout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Bounds of a definition. They keep a menu within what a caller can stand and
// what a prompt file can hold.
const (
	MaxOptions = 9
	MaxRetries = 5
	MaxPause   = 20 * time.Second
	MinWait    = time.Second
	MaxWait    = 30 * time.Second
	MaxText    = 500 // characters of one text
)

// name is what scales, questions, verdicts, layouts, surveys may be called:
// they become metric labels and words on a command line.
var name = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$`)

// IsName reports whether s may be the name of something that is defined: 1 to
// 64 letters, digits, _ . or -, with a letter or digit in front.
func IsName(s string) bool { return name.MatchString(s) }

// reserved are results of a question that no verdict may be named like.
var reserved = []string{"rated", "error", "hangup", "invalid", "no_input", "not_reached", "declined", "suppressed"}

// checker collects faults.
type checker struct {
	c      Catalogue
	faults []Fault
}

func (k *checker) add(path, format string, a ...any) {
	k.faults = append(k.faults, Fault{Path: path, Text: fmt.Sprintf(format, a...)})
}

// Faults names everything that is wrong with the definitions, in the order in
// which they stand; nil if nothing is.
func (c Catalogue) Faults() []Fault {
	k := &checker{c: c}
	if len(c.Languages) == 0 {
		k.add("languages", "none, want at least one such as en")
	}
	each(k, "scale", c.Scales, func(s Scale) string { return s.Name }, k.scale)
	each(k, "question", c.Questions, func(q Question) string { return q.Name }, k.question)
	each(k, "layout", c.Layouts, func(l Layout) string { return l.Name }, k.layout)
	each(k, "survey", c.Surveys, func(s Survey) string { return s.Name }, k.survey)
	k.queue("default", c.Default)
	each(k, "queue", c.Queues, func(q Queue) string { return q.Name }, k.queue)
	return k.faults
}

// each checks the names of a list and then every entry.
func each[T any](k *checker, kind string, all []T, nameOf func(T) string, check func(path string, v T)) {
	seen := map[string]bool{}
	for i, v := range all {
		n := nameOf(v)
		path := fmt.Sprintf("%s %q", kind, n)
		switch {
		case n == "":
			path = fmt.Sprintf("%s %d", kind, i+1)
			k.add(path, "has no name")
		case !IsName(n):
			k.add(path, "name, want letters, digits, _ . - and at most 64 characters")
		case seen[n]:
			k.add(path, "is defined twice")
		}
		seen[n] = true
		check(path, v)
	}
}

// texts checks that a text stands in the site's first language and in none that
// is not the site's. Where it lacks another, [Catalogue.Asked] falls back.
func (k *checker) texts(path string, t Texts, holders ...string) {
	seen := map[string]bool{}
	for _, x := range t {
		p := fmt.Sprintf("%s: %s", path, x.Language)
		switch {
		case !slices.Contains(k.c.Languages, x.Language):
			k.add(p, "language is not one of the site's %v", k.c.Languages)
		case seen[x.Language]:
			k.add(p, "stands twice")
		case strings.TrimSpace(x.Say) == "":
			k.add(p, "is empty")
		case len([]rune(x.Say)) > MaxText:
			k.add(p, "has %d characters, want at most %d", len([]rune(x.Say)), MaxText)
		case strings.ContainsFunc(x.Say, unicode.IsControl):
			k.add(p, "%q holds a control character, want one line", x.Say)
		}
		seen[x.Language] = true
		for _, h := range holders {
			if !strings.Contains(x.Say, h) {
				k.add(p, "%q does not contain %s", x.Say, h)
			}
		}
	}
	if len(k.c.Languages) > 0 && !seen[k.c.Languages[0]] {
		k.add(path, "no text in language %s, the site's first", k.c.Languages[0])
	}
}

func (k *checker) scale(path string, s Scale) {
	if len(s.Verdicts) < 2 {
		k.add(path, "has %d verdicts, want at least 2", len(s.Verdicts))
	}
	seen := map[string]bool{}
	satisfied := 0
	for i, v := range s.Verdicts {
		p := fmt.Sprintf("%s: verdict %q", path, v.ID)
		switch {
		case !name.MatchString(v.ID):
			k.add(p, "id, want letters, digits, _ . - and at most 64 characters")
		case slices.Contains(reserved, v.ID):
			k.add(p, "is the name of an outcome, want another")
		case seen[v.ID]:
			k.add(p, "is defined twice")
		}
		seen[v.ID] = true
		if v.Satisfied {
			satisfied++
		}
		if i > 0 && v.Value <= s.Verdicts[i-1].Value {
			k.add(p, "value %d is not above %d of the verdict before it, want worst first", v.Value, s.Verdicts[i-1].Value)
		}
		k.texts(p+": label", v.Label)
	}
	if n := len(s.Verdicts); n > 0 && (satisfied == 0 || satisfied == n) {
		k.add(path, "%d of %d verdicts count as satisfied, want some but not all", satisfied, n)
	}
}

func (k *checker) question(path string, q Question) {
	if _, ok := k.c.Scale(q.Scale); !ok {
		k.add(path, "scale %q is not defined", q.Scale)
	}
	k.texts(path+": ask", q.Ask)
}
