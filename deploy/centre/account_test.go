package centre

import (
	"strings"
	"testing"
	"time"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// invented gives a caller of one visit: 600 ms of talk and, if asked, a survey.
func invented(endedBy string, asked bool) Heard {
	talk := Segment{Kind: "tone", Hz: 620, EndMS: 600}
	v := Visit{TalkEndMS: 600, Segments: []Segment{talk}}
	if asked {
		start := 900
		v.SurveyStartMS = &start
		v.Segments = append(v.Segments, Segment{Kind: "silence", StartMS: 600, EndMS: 900}, Segment{Kind: "speech", StartMS: 900, EndMS: 2000})
	}
	return Heard{Caller: "robot-1", Persona: "x", EndedBy: endedBy, Visits: []Visit{v}}
}

// kept is what the store has of a visit without a key.
func kept(visit int) scoring.CallRow {
	return scoring.CallRow{
		ID:  scoring.CallID{UniqueID: "lab-1.0", Visit: visit},
		End: &scoring.End{Reason: scoring.Silent, At: time.Unix(1, 0)},
	}
}

// leftInSilence: the caller hung up behind the talk, before the first word.
func leftInSilence() Heard {
	h := invented("caller", false)
	v := &h.Visits[0]
	v.Segments = append(v.Segments, Segment{Kind: "silence", StartMS: 600, EndMS: 700})
	return h
}

func TestAccount(t *testing.T) {
	twoVisits := invented("far", false)
	twoVisits.Visits = append(twoVisits.Visits, invented("far", true).Visits...)
	for _, tt := range []struct {
		name  string
		heard Heard
		rows  []scoring.CallRow
		want  string // behind the caller's name; "" = no fault
	}{
		{"surveyed and stored", invented("far", true), []scoring.CallRow{kept(1)}, ""},
		{"hung up in the survey", invented("caller", true), []scoring.CallRow{kept(1)}, ""},
		{"hung up in the talk", invented("caller", false), nil, ""},
		{"hung up before the first word", leftInSilence(), nil, ""},
		{"hung up before the first word, stored", leftInSilence(), []scoring.CallRow{kept(1)}, ""},
		{"never answered", Heard{Caller: "robot-1", Persona: "x", EndedBy: "far"}, nil, ""},
		{"agent left, nothing happened", invented("far", false), nil, "visit 1: the agent hung up and no survey was heard"},
		{"stored, but not heard", invented("far", false), []scoring.CallRow{kept(1)}, "visit 1: the agent hung up and no survey was heard"},
		{"first of two visits not surveyed", twoVisits, []scoring.CallRow{kept(2)}, "visit 1: the agent hung up and no survey was heard"},
		{"heard, but not stored", invented("far", true), nil, "visit 1 was surveyed and is not in the store"},
		{"hung up in the talk, stored", invented("caller", false), []scoring.CallRow{kept(1)}, "visit 1: the caller hung up in the talk and is in the store"},
		{"stored twice", invented("far", true), []scoring.CallRow{kept(1), kept(1)}, "visit 1 is in the store twice"},
		{"visit not made", invented("far", true), []scoring.CallRow{kept(1), kept(2)}, "the store holds visit 2, which the caller did not make"},
	} {
		var want []string
		if tt.want != "" {
			want = []string{"robot-1 (x, call lab-1.0): " + tt.want}
		}
		got := Account([]Heard{tt.heard}, tt.rows, map[string]string{"robot-1": "lab-1.0"})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestAccountOfCallsThatOneSideDoesNotKnow(t *testing.T) {
	got := Account([]Heard{invented("far", true)}, []scoring.CallRow{kept(1)}, nil)
	want := []string{"robot-1 (x): Asterisk never saw the call", "the store holds call lab-1.0, which no caller made"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A service that is dead before the first caller: every one of them is a
// fault, and so is the service.
func TestAccountOfADeadService(t *testing.T) {
	t.Parallel()
	rows := []row{{name: "nobody asks", calls: 2}}
	c := openRows(t, rows, Options{Agents: 2}, "Error reading from web socket: Connection reset by peer")
	if err := c.ServiceFault(); err != nil {
		t.Fatalf("the service runs: %v", err)
	}
	if err := c.KillService(); err != nil {
		t.Fatal(err)
	}
	if err := c.ServiceFault(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the service was killed: %v", err)
	}
	heard := c.robots(t, rows[0])
	faults := Account(heard, c.settled(t, heard), c.ids(t))
	if len(faults) != 2 || !strings.HasSuffix(faults[0], "visit 1: the agent hung up and no survey was heard") {
		t.Errorf("faults %q, want one of each of 2 callers", faults)
	}
}
