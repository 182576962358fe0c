package asterisk

import (
	"net/url"
	"testing"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

func TestResolve(t *testing.T) {
	roster, bad := scoring.NewRoster([]scoring.RosterAgent{
		{ID: "wf-7", Aliases: []scoring.Alias{{Interface: "PJSIP/1001", To: "2026-03-31"}}},
		{ID: "al-1", Aliases: []scoring.Alias{{Member: "Alice"}, {Interface: "PJSIP/1001", From: "2026-04-01"}}},
	})
	if bad != nil {
		t.Fatal(bad)
	}
	for _, c := range []struct {
		name   string
		args   []string
		day    string
		id     string
		faults []string
	}{
		{"named", []string{"agent=PJSIP%2F1001", "agentname=Alice", "agentid=hr-9"}, "2026-01-05", "hr-9", nil},
		{"by the desk", []string{"agent=PJSIP%2F1001"}, "2026-01-05", "wf-7", nil},
		{"the desk is another's now", []string{"agent=PJSIP%2F1001"}, "2026-04-01", "al-1", nil},
		{"at another desk", []string{"agent=PJSIP%2F1001", "agentname=Alice"}, "2026-01-05", "al-1", nil},
		{"an empty id is none", []string{"agent=PJSIP%2F1001", "agentid="}, "2026-01-05", "wf-7", nil},
		{"an unusable id is none", []string{"agent=PJSIP%2F1001", "agentid=h%20r"}, "2026-01-05", "wf-7", []string{"agentid"}},
		{"not listed", []string{"agent=PJSIP%2F1002", "agentname=Bob"}, "2026-01-05", "PJSIP/1002", nil},
		{"not listed, no id", []string{"agent=PJSIP%2F10%2002", "agentname=Bob"}, "2026-01-05", "unknown", []string{"agentid"}},
		{"not listed, both unusable", []string{"agent=PJSIP%2F10%2002", "agentid=h%20r"}, "2026-01-05", "unknown", []string{"agentid"}},
		{"listed, whatever the interface", []string{"agent=PJSIP%2F10%2002", "agentname=Alice"}, "2026-01-05", "al-1", nil},
		{"no interface", []string{"agent=", "agentname=Alice"}, "2026-01-05", "al-1", []string{"agent"}},
		{"nothing", []string{"agent="}, "2026-01-05", "unknown", []string{"agent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := parse(append([]string{ArgumentsVersion, "queue=support", "uniqueid=u.1", "visit=1"}, c.args...), "u.1")
			came := a.agent
			a.resolve(roster, c.day)
			if a.agent.ID != c.id || a.agent.Interface != came.Interface || a.agent.Name != came.Name {
				t.Errorf("%+v is resolved to %+v, want id %q", came, a.agent, c.id)
			}
			if d := cmp.Diff(c.faults, a.faults); d != "" {
				t.Errorf("faults differ (-want +got):\n%s", d)
			}
			a.resolve(scoring.Roster{}, c.day)
			if a.agent.ID != c.id {
				t.Errorf("resolved again, the id is %q, want %q", a.agent.ID, c.id)
			}
		})
	}
}

// Those before the rated agent are resolved in the same way.
func TestResolveEarlier(t *testing.T) {
	roster, bad := scoring.NewRoster([]scoring.RosterAgent{{ID: "wf-7", Aliases: []scoring.Alias{{Interface: "PJSIP/1001"}}}})
	if bad != nil {
		t.Fatal(bad)
	}
	a := parse([]string{ArgumentsVersion, "queue=support", "uniqueid=u.1", "visit=1", "agent=PJSIP%2F1001", "dialled=PJSIP%2F1002",
		"attended=PJSIP%2F1002-00000002", "hungup=PJSIP%2F1003-00000004"}, "u.1")
	a.resolve(roster, "2026-01-05")
	want := []scoring.Agent{{ID: "wf-7", Interface: "PJSIP/1001"}, {ID: "PJSIP/1002", Interface: "PJSIP/1002"}}
	if d := cmp.Diff(want, a.earlier); d != "" || a.agent.ID != "PJSIP/1003" {
		t.Errorf("agent %q, earlier agents differ (-want +got):\n%s", a.agent.ID, d)
	}
}

// TestNoTelephoneNumbers: whoever a caller is handed over to may have a number
// that is nobody's business. Agents whom a queue called, and those of the
// roster, are known by what they are called there.
func TestNoTelephoneNumbers(t *testing.T) {
	roster, bad := scoring.NewRoster([]scoring.RosterAgent{{ID: "home", Aliases: []scoring.Alias{{Interface: "SIP/01701234567"}}}})
	if bad != nil {
		t.Fatal(bad)
	}
	for _, c := range []struct {
		name, agent, member, dialled, attended, hungup string
		want                                           scoring.Agent
		faults                                         []string
	}{
		{name: "handed over to a number", agent: "PJSIP/1001", member: "Alice", attended: "PJSIP/1001-00000001", hungup: "PJSIP/017012345678-00000002",
			want: scoring.Agent{ID: scoring.Unknown, Interface: "PJSIP"}, faults: []string{"agent"}},
		{name: "grouped", agent: "PJSIP/1001", member: "Alice", dialled: "Local/+49 170-12 345 678@out",
			want: scoring.Agent{ID: scoring.Unknown, Interface: "Local"}, faults: []string{"agent"}},
		{name: "an agent at home", agent: "PJSIP/1001", member: "Alice", dialled: "SIP/01701234567", want: scoring.Agent{ID: "home", Interface: "SIP/01701234567"}},
		{name: "a member of the queue", agent: "Local/01701234567@out", member: "Bob", want: scoring.Agent{ID: "Local/01701234567@out", Interface: "Local/01701234567@out", Name: "Bob"}},
		{name: "an extension", agent: "PJSIP/1001", member: "Alice", dialled: "PJSIP/123456", want: scoring.Agent{ID: "PJSIP/123456", Interface: "PJSIP/123456"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{ArgumentsVersion, "queue=support", "uniqueid=u.1", "visit=1"}
			for key, value := range map[string]string{"agent": c.agent, "agentname": c.member, "dialled": c.dialled, "attended": c.attended, "hungup": c.hungup} {
				args = append(args, key+"="+url.PathEscape(value))
			}
			a := parse(args, "u.1")
			a.resolve(roster, "2026-01-05")
			if a.agent != c.want {
				t.Errorf("agent %+v, want %+v", a.agent, c.want)
			}
			if d := cmp.Diff(c.faults, a.faults); d != "" {
				t.Errorf("faults differ (-want +got):\n%s", d)
			}
		})
	}
	a := parse([]string{ArgumentsVersion, "queue=support", "uniqueid=u.1", "visit=1", "agent=PJSIP%2F1001", "agentname=Alice",
		"attended=Local%2F%2B4917012345678%40ctx-00000001%3B1", "hungup=PJSIP%2F1003-00000004"}, "u.1")
	a.resolve(roster, "2026-01-05")
	for _, e := range a.earlier {
		if telephone.MatchString(e.Interface) || telephone.MatchString(e.ID) {
			t.Errorf("earlier agent %+v, want no number", e)
		}
	}
}
