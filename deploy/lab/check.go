package lab

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	digits      = regexp.MustCompile(`^[0-9]{1,20}$`)
	languageTag = regexp.MustCompile(`^[A-Za-z_-]{0,20}$`)
	queueName   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// check reports every fault at once. It is strict because the values become
// lines of Asterisk's configuration.
func (o Options) check() error {
	var faults []error
	fault := func(format string, a ...any) { faults = append(faults, fmt.Errorf(format, a...)) }
	if o.Root == "" {
		fault("root: empty, want the folder that holds usr/sbin/asterisk (see FindRoot)")
	}
	if len(o.Numbers) == 0 {
		fault("numbers: none, want at least one")
	}
	var queues, seen []string
	for _, n := range o.Numbers {
		if !digits.MatchString(n.Number) || slices.Contains(seen, n.Number) {
			fault("number %q: want 1 to 20 digits, each number once", n.Number)
		}
		if !queueName.MatchString(n.Queue) || n.Queue == "general" {
			fault("number %q: queue %q: want letters, digits, - and _, and not general", n.Number, n.Queue)
		}
		if n.Visits < 0 || n.Visits > 9 {
			fault("number %q: visits %d: want 1 to 9", n.Number, n.Visits)
		}
		if !languageTag.MatchString(n.Language) {
			fault("number %q: language %q: want letters, - and _, or none", n.Number, n.Language)
		}
		seen, queues = append(seen, n.Number), append(queues, n.Queue)
	}
	if len(o.Agents) > 0 && (o.PhonePort < 1 || o.PhonePort > 65535) {
		fault("phone port %d: want 1 to 65535", o.PhonePort)
	}
	seen = nil
	for _, a := range o.Agents {
		if !digits.MatchString(a.Number) || slices.Contains(seen, a.Number) {
			fault("agent %q: want 1 to 20 digits, each agent once", a.Number)
		}
		if a.Name == "" || strings.ContainsAny(a.Name, ";\"\\\r\n\x00") {
			fault("agent %q: name %q: want one line without ; \" and \\", a.Number, a.Name)
		}
		for _, q := range a.Queues {
			if !slices.Contains(queues, q) {
				fault("agent %q: queue %q: no number leads to it", a.Number, q)
			}
		}
		seen = append(seen, a.Number)
	}
	return errors.Join(faults...)
}
