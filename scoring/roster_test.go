package scoring

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// desks is a roster of two people who change desks, and one who is known by
// agentid= alone.
var desks = []RosterAgent{
	{ID: "wf-7", Name: "王芳", Aliases: []Alias{
		{Interface: "PJSIP/1001", To: "2026-03-31"},
		{Interface: "PJSIP/1002", From: "2026-04-01"},
		{Member: "Wang Fang"},
	}},
	{ID: "al-1", Name: "Alice", Aliases: []Alias{
		{Interface: "PJSIP/1001", From: "2026-04-01", To: "2026-04-01"},
		{Interface: "Local/1003@agents/n"},
		{Member: "Alice 1001", From: "2026-01-01"},
	}},
	{ID: "named-by-the-dialplan"},
}

func TestRosterID(t *testing.T) {
	r, bad := NewRoster(desks)
	if bad != nil {
		t.Fatal(bad)
	}
	for _, c := range []struct{ name, iface, member, day, want string }{
		{"before the change", "PJSIP/1001", "", "2026-01-05", "wf-7"},
		{"last day", "PJSIP/1001", "", "2026-03-31", "wf-7"},
		{"first and only day", "PJSIP/1001", "", "2026-04-01", "al-1"},
		{"the day behind it", "PJSIP/1001", "", "2026-04-02", ""},
		{"first day of another desk", "PJSIP/1002", "", "2026-04-01", "wf-7"},
		{"the day before", "PJSIP/1002", "", "2026-03-31", ""},
		{"the name wins over the desk", "PJSIP/1001", "Alice 1001", "2026-01-05", "al-1"},
		{"the name is not yet hers: the desk", "PJSIP/1001", "Alice 1001", "2025-12-31", "wf-7"},
		{"a name that nobody has: the desk", "PJSIP/1001", "Bob", "2026-01-05", "wf-7"},
		{"names are compared with their case", "PJSIP/9", "wang fang", "2026-01-05", ""},
		{"no interface", "", "Wang Fang", "2026-01-05", "wf-7"},
		{"nothing", "", "", "2026-01-05", ""},
		{"Local as listed", "Local/1003@agents/n", "", "2026-01-05", "al-1"},
		{"Local without options", "Local/1003@agents", "", "2026-01-05", "al-1"},
		{"Local with others", "Local/1003@agents/nj", "", "2026-01-05", "al-1"},
		{"Local elsewhere", "Local/1003@others/n", "", "2026-01-05", ""},
		{"technology in another case", "pjsip/1001", "", "2026-01-05", "wf-7"},
		{"the rest in another case", "Local/1003@Agents/n", "", "2026-01-05", ""},
		{"a slash elsewhere is no option", "PJSIP/1001/n", "", "2026-01-05", ""},
		{"unknown", "PJSIP/7", "Zoe", "2026-01-05", ""},
	} {
		id, ok := r.ID(Agent{ID: "is not read", Interface: c.iface, Name: c.member}, c.day)
		if id != c.want || ok != (c.want != "") {
			t.Errorf("%s: ID = %q, %v, want %q", c.name, id, ok, c.want)
		}
	}
	if id, ok := (Roster{}).ID(Agent{Interface: "PJSIP/1001"}, "2026-01-05"); ok {
		t.Errorf("the zero roster knows %q, want nobody", id)
	}
}

func TestRosterFaults(t *testing.T) {
	one := func(a ...Alias) []RosterAgent { return []RosterAgent{{ID: "7", Aliases: a}} }
	two := func(a, b Alias) []RosterAgent {
		return []RosterAgent{{ID: "7", Aliases: []Alias{a}}, {ID: "8", Aliases: []Alias{b}}}
	}
	long := strings.Repeat("x", MaxName+1)
	for _, c := range []struct {
		name   string
		agents []RosterAgent
		want   string // one fault a line
	}{
		{"nobody", nil, ""},
		{"desks", desks, ""},
		{"no id", []RosterAgent{{}, {Name: "Bob"}}, `agent 1: has no id; agent "Bob": has no id`},
		{"id with a blank", []RosterAgent{{ID: "w f"}}, `agent "w f": id, want letters, digits, @ / _ . : + * # - and at most 128 bytes`},
		{"id too long", []RosterAgent{{ID: long[:MaxID+1]}}, `agent "` + long[:MaxID+1] + `": id, want letters, digits, @ / _ . : + * # - and at most 128 bytes`},
		{"longest id", []RosterAgent{{ID: long[:MaxID]}}, ""},
		{"unknown", []RosterAgent{{ID: "unknown"}}, `agent "unknown": id is what calls without an agent are kept under, want another`},
		{"doubled", []RosterAgent{{ID: "7"}, {ID: "8"}, {ID: "7"}}, `agent "7": is defined twice`},
		{"name", []RosterAgent{{ID: "7", Name: "a\nb"}, {ID: "8", Name: long}}, `agent "7": name: "a\nb", want no control characters; agent "8": name: has 257 bytes, want at most 256`},
		{"team", []RosterAgent{{ID: "7", Team: "a\u202eb\x7f"}, {ID: "8", Team: long}, {ID: "9", Team: "早班"}}, `agent "7": team: "a\u202eb\x7f", want no control characters; agent "8": team: has 257 bytes, want at most 256`},
		{"hostile ids", []RosterAgent{{ID: `a"b`}, {ID: "a\nb"}, {ID: "🙂"}, {ID: strings.Repeat("x", 10_000)}, {ID: strings.Repeat("x", 10_000), Name: "Ann"}},
			`agent "a\"b": id, want letters, digits, @ / _ . : + * # - and at most 128 bytes; ` +
				`agent "a\nb": id, want letters, digits, @ / _ . : + * # - and at most 128 bytes; ` +
				`agent "🙂": id, want letters, digits, @ / _ . : + * # - and at most 128 bytes; ` +
				`agent 4: id, want letters, digits, @ / _ . : + * # - and at most 128 bytes; ` +
				`agent "Ann": id, want letters, digits, @ / _ . : + * # - and at most 128 bytes`},
		{"neither", one(Alias{From: "2026-01-01"}), `agent "7": alias 1: interface or member, want exactly one of them`},
		{"both", one(Alias{Interface: "PJSIP/1", Member: "A"}), `agent "7": alias 1: interface or member, want exactly one of them`},
		{"no interface", one(Alias{Interface: "1001"}, Alias{Interface: "PJSIP/"}, Alias{Interface: "/1"}),
			`agent "7": alias 1: interface: "1001", want one such as PJSIP/1001; ` +
				`agent "7": alias 2: interface: "PJSIP/", want one such as PJSIP/1001; ` +
				`agent "7": alias 3: interface: "/1", want one such as PJSIP/1001`},
		{"no text", one(Alias{Interface: "PJSIP/\x00"}, Alias{Member: "\xff"}, Alias{Member: long}),
			`agent "7": alias 1: interface: "PJSIP/\x00", want no control characters; ` +
				`agent "7": alias 2: member: "\xff", want no control characters; ` +
				`agent "7": alias 3: member: has 257 bytes, want at most 256`},
		{"dates", one(Alias{Member: "A", From: "2026-1-1", To: "31.12.2026"}, Alias{Member: "B", From: "2026-02-30"}),
			`agent "7": alias 1: from: "2026-1-1", want a date such as 2026-01-31; ` +
				`agent "7": alias 1: to: "31.12.2026", want a date such as 2026-01-31; ` +
				`agent "7": alias 2: from: "2026-02-30", want a date such as 2026-01-31`},
		{"from after to", one(Alias{Member: "A", From: "2026-01-02", To: "2026-01-01"}),
			`agent "7": alias 1: from 2026-01-02 is after to 2026-01-01, want the first day and the last`},
		{"one day", one(Alias{Member: "A", From: "2026-01-01", To: "2026-01-01"}), ""},
		{"two people at one desk", two(Alias{Interface: "PJSIP/1", To: "2026-01-01"}, Alias{Interface: "pjsip/1", From: "2026-01-01"}),
			`agent "8": alias 1: interface "pjsip/1" overlaps in time with agent "7": alias 1, want dates apart`},
		{"the later one stands first", two(Alias{Interface: "PJSIP/1", From: "2026-01-01"}, Alias{Interface: "PJSIP/1"}),
			`agent "8": alias 1: interface "PJSIP/1" overlaps in time with agent "7": alias 1, want dates apart`},
		{"one after another", two(Alias{Member: "A", To: "2026-01-01"}, Alias{Member: "A", From: "2026-01-02"}), ""},
		{"a name like an interface", two(Alias{Member: "PJSIP/1"}, Alias{Interface: "PJSIP/1"}), ""},
		{"of one agent", one(Alias{Interface: "Local/1@a/n"}, Alias{Interface: "Local/1@a"}),
			`agent "7": alias 2: interface "Local/1@a" overlaps in time with agent "7": alias 1, want dates apart`},
		{"three in a row", one(Alias{Member: "A", From: "2026-01-01", To: "2026-01-20"}, Alias{Member: "A", From: "2026-01-10", To: "2026-01-30"}, Alias{Member: "A", From: "2026-01-25"}),
			`agent "7": alias 2: member "A" overlaps in time with agent "7": alias 1, want dates apart; ` +
				`agent "7": alias 3: member "A" overlaps in time with agent "7": alias 2, want dates apart`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, bad := NewRoster(c.agents)
			var got []string
			for _, f := range bad {
				got = append(got, f.Error())
			}
			if d := cmp.Diff(c.want, strings.Join(got, "; ")); d != "" {
				t.Errorf("faults differ (-want +got):\n%s", d)
			}
		})
	}
}

// A roster without a fault gives, on every day, the one agent whom a search
// of the whole list finds; with two, it has a fault.
func TestRosterIsTheList(t *testing.T) {
	day := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("2026-01-%02d", rapid.IntRange(1, 9).Draw(t, "day")) })
	bound := rapid.OneOf(rapid.Just(""), day)
	rapid.Check(t, func(t *rapid.T) {
		var all []RosterAgent
		for i := range rapid.IntRange(1, 4).Draw(t, "agents") {
			a := RosterAgent{ID: fmt.Sprint(i)}
			for range rapid.IntRange(0, 3).Draw(t, "aliases") {
				l := Alias{From: bound.Draw(t, "from"), To: bound.Draw(t, "to")}
				if l.To != "" && l.From > l.To {
					l.From, l.To = l.To, l.From
				}
				if l.Member = rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "member"); l.Member == "" {
					l.Interface = rapid.SampledFrom([]string{"PJSIP/1", "PJSIP/2"}).Draw(t, "interface")
				}
				a.Aliases = append(a.Aliases, l)
			}
			all = append(all, a)
		}
		r, bad := NewRoster(all)
		twice := false
		for _, key := range []Agent{{Name: "A"}, {Name: "B"}, {Interface: "PJSIP/1"}, {Interface: "PJSIP/2"}} {
			for d := 1; d <= 9; d++ {
				day := fmt.Sprintf("2026-01-%02d", d)
				found := having(all, key, day)
				twice = twice || len(found) > 1
				if id, ok := r.ID(key, day); bad == nil && (ok != (len(found) == 1) || ok && id != found[0]) {
					t.Fatalf("ID(%+v, %s) = %q, %v, want %q", key, day, id, ok, found)
				}
			}
		}
		if twice != (bad != nil) {
			t.Fatalf("faults = %v, somebody else's alias = %v", bad, twice)
		}
	})
}

// having searches the whole list for an alias on a day.
func having(all []RosterAgent, key Agent, day string) (ids []string) {
	for _, a := range all {
		for _, l := range a.Aliases {
			if l.Member == key.Name && l.Interface == key.Interface && l.From <= day && (l.To == "" || day <= l.To) {
				ids = append(ids, a.ID)
			}
		}
	}
	return ids
}

// BenchmarkRosterID: a look-up costs the same however many agents there are.
func BenchmarkRosterID(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := make([]RosterAgent, n)
			for i := range all {
				all[i] = RosterAgent{ID: fmt.Sprint(i), Aliases: []Alias{{Interface: fmt.Sprintf("PJSIP/%d", i)}}}
			}
			r, bad := NewRoster(all)
			if bad != nil {
				b.Fatal(bad)
			}
			for b.Loop() {
				if _, ok := r.ID(Agent{Interface: "PJSIP/7", Name: "nobody"}, "2026-01-01"); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}
