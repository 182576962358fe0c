package configs

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"golang.org/x/text/language"
)

// maxAsterisks is how many Asterisk nodes one service can have.
const maxAsterisks = 100

// identifier is what applications and nodes may be called: Asterisk puts
// these names into arguments and unique ids.
var identifier = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// check adds every fault that the values have.
func (g *ledger) check(c *Config) {
	g.site(c)
	g.asterisk(c.Asterisk)
	g.length("store.limit", c.Store.Limit, 100*time.Millisecond, 2*time.Second)
	g.storeFiles(c.Store)
	g.privacy(c.Privacy, c.Store)
	g.listen(c.HTTP)
	g.prompts(c)
	g.length("survey.longest", c.Survey.Longest, 10*time.Second, 5*time.Minute)
	g.length("survey.drain", c.Survey.Drain, 0, 5*time.Minute)
	g.filled("survey.seed", c.Survey.Seed)
	if n := c.Metrics.MaxAgents; n < 1 || n > 100_000 {
		g.add("metrics.max_agents", "%d, want 1 to 100000", n)
	}
	if m := c.Metrics; m.AgentIdle != 0 {
		g.length("metrics.agent_idle", m.AgentIdle, 24*time.Hour, 10*365*24*time.Hour)
	}
	for i, w := range c.Metrics.Windows {
		name := elementName(&noNode, "metrics", "windows", i)
		switch {
		case !slices.Contains(MetricWindows, w):
			g.add(name, "%q, want one of %v", w, MetricWindows)
		case slices.Contains(c.Metrics.Windows[:i], w):
			g.add(name, "%q stands twice", w)
		}
	}
	if levels := []string{"debug", "info", "warn", "error"}; !slices.Contains(levels, c.Log.Level) {
		g.add("log.level", "%q, want one of %v", c.Log.Level, levels)
	}
	g.catalogue(c)
	g.agents(c)
}

// besides is what SQLite and the store put beside the database.
var besides = []string{"-wal", "-shm", "-journal", ".lock", ".restored", ".restore-unfinished"}

// maxSocket is the most bytes of a socket's path. unix takes 107.
const maxSocket = 100

// storeFiles refuses files that would get into each other's way.
func (g *ledger) storeFiles(s Store) {
	for _, f := range []struct{ name, path string }{{"store.path", s.Path}, {"store.spill", s.Spill}, {"store.socket", s.Socket}} {
		if info, err := os.Stat(f.path); err == nil && info.IsDir() {
			g.add(f.name, "%q is a folder, want a file", f.path)
		}
		if s.Path == "" || f.path == "" || f.name == "store.path" {
			continue
		}
		if f.path == s.Path {
			g.add(f.name, "is the same file as store.path, want another")
		}
		for _, end := range besides {
			if f.path == s.Path+end {
				g.add(f.name, "is a file that belongs to store.path (%s), want another", end)
			}
		}
	}
	if s.Socket != "" && s.Socket == s.Spill {
		g.add("store.socket", "is the same file as store.spill, want another")
	}
	if n := len(s.Socket); n > maxSocket {
		g.add("store.socket", "%q has %d bytes, want at most %d: name a path that is shorter", s.Socket, n, maxSocket)
	}
}

// catalogue adds the faults of what callers are asked. What only follows from
// a fault that is known already is left out.
func (g *ledger) catalogue(c *Config) {
	c.Catalogue.Languages = c.Site.Languages
	all := c.Catalogue
	if len(all.Languages) == 0 {
		for _, v := range c.Prompts.Voices {
			all.Languages = append(all.Languages, v.Language)
		}
	}
	if all.Default.Survey == "" {
		g.add("default", "has no survey, want one for calls of a queue that is not listed")
	}
	for _, f := range all.Faults() {
		forQueue := f.Path == "default" || strings.HasPrefix(f.Path, "queue ")
		if f.Path == "languages" || forQueue && g.partial || f.Path == "default" && all.Default.Survey == "" {
			continue
		}
		g.add(f.Path, "%s", f.Text)
	}
	g.satisfied(all)
}

// satisfied refuses a verdict that counts as satisfied in the scale of one
// primary question that is asked, and does not in that of another: agents'
// ratings are shown by verdict alone.
func (g *ledger) satisfied(c layout.Catalogue) {
	type counted struct {
		scale     string
		satisfied bool
	}
	first := map[string]counted{} // by verdict
	for _, s := range c.PrimaryScales() {
		for _, v := range s.Verdicts {
			before, known := first[v.ID]
			switch {
			case !known:
				first[v.ID] = counted{s.Name, v.Satisfied}
			case before.satisfied != v.Satisfied:
				g.add(fmt.Sprintf("scale %q: verdict %q", s.Name, v.ID), "satisfied: %v, but %v in scale %q; primary questions ask by both, and agents' ratings are shown by verdict alone: want one of the two, or another id",
					v.Satisfied, before.satisfied, before.scale)
			}
		}
	}
}

// agents makes the roster and adds its faults. What only follows from a value
// of theirs that could not be decoded is left out.
func (g *ledger) agents(c *Config) {
	roster, faults := scoring.NewRoster(c.Agents)
	c.Roster = roster
	for _, f := range faults {
		if !slices.ContainsFunc(g.undecoded, func(u string) bool { return strings.HasPrefix(u, f.Path+": ") }) {
			g.add(f.Path, "%s", f.Text)
		}
	}
}

func (g *ledger) filled(name, value string) bool {
	if strings.TrimSpace(value) == "" {
		g.add(name, "is empty")
		return false
	}
	return true
}

func (g *ledger) site(c *Config) {
	if n := utf8.RuneCountInString(c.Site.Name); g.filled("site.name", c.Site.Name) && n > 100 {
		g.add("site.name", "has %d characters, want at most 100", n)
	}
	if strings.ContainsFunc(c.Site.Name, unicode.IsControl) {
		g.add("site.name", "%.200q holds a control character, want one line", c.Site.Name)
	}
	zone := c.Site.TimeZone
	var err error
	c.Zone, err = time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		g.add("site.time_zone", "%q is no time zone, want an IANA name such as Asia/Shanghai", zone)
	}
	if len(c.Site.Languages) == 0 {
		g.add("site.languages", "none, want at least one such as en")
	}
	var known []string
	for i, l := range c.Site.Languages {
		name := elementName(&noNode, "site", "languages", i)
		tag, err := language.Raw.Parse(l)
		switch {
		case err != nil:
			g.add(name, "%q is no language, want one such as en or zh-CN", l)
			continue
		case tag.String() != l:
			g.add(name, "%q, want it written %q", l, tag)
		case slices.Contains(known, l):
			g.add(name, "%q stands twice", l)
			continue
		}
		known = append(known, tag.String())
	}
	c.Site.Languages = known // so that one wrong spelling is not a fault of every text
}

func (g *ledger) asterisk(a Asterisk) {
	if !identifier.MatchString(a.App) {
		g.add("asterisk.app", "%q, want 1 to 40 letters, digits, _ and -", a.App)
	}
	if n := len(a.Nodes); n < 1 || n > maxAsterisks {
		g.add("asterisk.nodes", "has %d nodes, want 1 to %d", n, maxAsterisks)
	}
	var seen []string
	at := map[string]string{}
	for i, n := range a.Nodes {
		name := nodeName(n, i)
		switch {
		case n.Name == "":
			g.add(name, "has no name")
		case !identifier.MatchString(n.Name):
			g.add(name, "name, want 1 to 40 letters, digits, _ and -")
		case slices.Contains(seen, n.Name):
			g.add(name, "is defined twice")
		}
		seen = append(seen, n.Name)
		if err := checkURL(n.URL); err != nil {
			g.add(name+": url", "%v", err)
		} else if other, taken := at[n.URL]; taken {
			g.add(name+": url", "is that of %s too, want one node for each Asterisk", other)
		}
		at[n.URL] = name
		g.filled(name+": username", n.Username)
	}
}

func nodeName(n Node, i int) string {
	if n.Name == "" {
		return fmt.Sprintf("asterisk: node %d", i+1)
	}
	return fmt.Sprintf("asterisk: node %q", n.Name)
}

// checkURL never shows an address that could hold a password.
func checkURL(s string) error {
	const want = "want one such as http://127.0.0.1:8088/ari"
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("is no address, " + want)
	case u.User != nil:
		return errors.New("holds a user or a password, want them in username and password_file")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.RawQuery != "", u.Fragment != "":
		return fmt.Errorf("%q, %s", s, want)
	case !strings.HasSuffix(u.Path, "/ari"):
		return fmt.Errorf("%q does not end in /ari, %s", s, want)
	}
	return nil
}

// hostName is the name of a machine, as a browser asks for it.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63}){0,9}$`)

func (g *ledger) listen(h HTTP) {
	_, port, err := net.SplitHostPort(h.Listen)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		g.add("http.listen", "%q, want host:port such as 127.0.0.1:9380", h.Listen)
	}
	for i, name := range h.Hosts {
		if !hostName.MatchString(name) {
			g.add(elementName(&noNode, "http", "hosts", i), "%q, want a name such as ratings.example.com, without a port", name)
		}
	}
}

// length checks a length of time. A bare number in YAML arrives as
// nanoseconds.
func (g *ledger) length(name string, d, least, most time.Duration) {
	switch {
	case d > 0 && d < time.Millisecond:
		g.add(name, "%s, want a number with a unit such as 500ms or 3s (did you forget the unit?)", d)
	case d < least || d > most:
		g.add(name, "%s, want %s to %s", d, least, most)
	}
}
