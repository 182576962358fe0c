package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSummaryText(t *testing.T) {
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	survey := 1200
	s := newSummary()
	s.add(callRecord{
		Caller: "robot-1", Persona: "patient", DialledAt: began, AnsweredAt: began, EndedAt: began.Add(9 * time.Second),
		EndedBy: endedByFar, Released: true,
		Visits: []visitRecord{{SurveyStart: &survey, Presses: []press{{Key: "9"}, {Key: "1"}}}, {}},
	})
	s.add(callRecord{
		Caller: "robot-2", Persona: "hasty", DialledAt: began, AnsweredAt: began, EndedAt: began.Add(2500 * time.Millisecond),
		EndedBy: endedByCaller, ActsLeft: 1,
		Visits: []visitRecord{{}},
	})
	s.add(callRecord{
		Caller: "robot-3", Persona: "patient", DialledAt: began, EndedAt: began.Add(time.Second),
		EndedBy: endedByFault, Error: `dial "7001": refused: 404 Not Found`,
	})
	var out strings.Builder
	if err := s.print(&out, false); err != nil {
		t.Fatal(err)
	}
	want := `calls     3, answered 2, released 1, failed 1
heard     agents 3, surveys 1
ended by  caller: 1, failed: 1, far: 1
keys      1: 1, 9: 1, acts left 1
lasted    1s .. 2.5s .. 9s (shortest, median, longest)
persona   hasty                    1
persona   patient                  2
failed    robot-3: dial "7001": refused: 404 Not Found
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if err := s.fault(); err == nil || err.Error() != "1 of 3 calls could not be carried out" {
		t.Errorf("fault: %v", err)
	}
}

// One line of the log, as others read it.
func TestLogLine(t *testing.T) {
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	survey := 700
	var out strings.Builder
	newCallLog(&out).write(callRecord{
		Caller: "robot-17", CallID: "abc", Number: "7001", Persona: "patient",
		DialledAt: began, AnsweredAt: began.Add(time.Second), EndedAt: began.Add(2 * time.Second), EndedBy: endedByFar,
		Visits: []visitRecord{{
			TalkEnd: 600, SurveyStart: &survey,
			Segments: []segment{seg(tone, testTone, 0, 600)},
			Presses:  []press{{Key: "1", Start: 800, End: 900, Sent: 901234}},
		}},
		Segments: []segment{seg(tone, testTone, 0, 600), seg(silence, 0, 600, 700)},
		Released: true, Packets: packetCounts{Received: 35},
	})
	want := `{"caller":"robot-17","call_id":"abc","number":"7001","persona":"patient",` +
		`"dialled_at":"2026-01-01T12:00:00Z","answered_at":"2026-01-01T12:00:01Z","ended_at":"2026-01-01T12:00:02Z",` +
		`"ended_by":"far","error":"","acts_left":0,` +
		`"visits":[{"talk_start_ms":0,"talk_end_ms":600,"survey_start_ms":700,` +
		`"segments":[{"kind":"tone","hz":620,"start_ms":0,"end_ms":600,"came_us":0}],` +
		`"presses":[{"key":"1","start_ms":800,"end_ms":900,"sent_us":901234}]}],` +
		`"segments":[{"kind":"tone","hz":620,"start_ms":0,"end_ms":600,"came_us":0},{"kind":"silence","start_ms":600,"end_ms":700,"came_us":0}],` +
		`"released":true,"packets":{"received":35,"lost":0,"late":0,"anchored":0}}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestLogKeepsItsFault(t *testing.T) {
	l := newCallLog(fullDisk{})
	l.write(callRecord{Caller: "robot-1"})
	l.write(callRecord{Caller: "robot-2"})
	if err := l.fault(); !errors.Is(err, errFull) || err.Error() != `log: call of "robot-1": disk full` {
		t.Errorf("fault: %v", err)
	}
}
