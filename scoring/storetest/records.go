package storetest

import (
	"fmt"
	"time"

	"aftercall/scoring"
)

var start = time.Date(2026, 3, 28, 9, 30, 0, 250e6, time.UTC)

// Survey gives the records of one whole survey as the service writes them:
// the call with its assignment, the rating with its key, the end. n makes the
// call, and spreads the surveys over agents, layouts and answers.
func Survey(n int) [3]scoring.Record {
	id := scoring.CallID{UniqueID: fmt.Sprintf("node1-%d.%d", 1774690200+n/10, n), Visit: 1}
	at := start.Add(time.Duration(n) * time.Second)
	layout := []string{"habit", "gap", "strict"}[n%3]
	verdict := []string{"satisfied", "fair", "dissatisfied"}[n%7%3]
	key := fmt.Sprint(1 + n%7%3)
	press := int64(700 + n%50*60)
	return [3]scoring.Record{
		{ID: id, Call: &scoring.Call{Node: "node1", Trunk: fmt.Sprintf("PJSIP/trunk%d", n%3), Queue: "support",
			Agent:  scoring.Agent{ID: fmt.Sprintf("agent%d", n%200), Interface: fmt.Sprintf("PJSIP/%d", 1000+n%200), Name: "An Agent"},
			Survey: "service", Language: "en", Codec: "alaw", StartedAt: at, Day: scoring.Day(at, time.UTC)},
			Assignments: []scoring.Assignment{{Question: "service", Position: 1, Primary: true, Layout: layout,
				Version: layout + "-0a1b2c3d4e5f", Rendition: "9f8e7d6c5b4a", Epoch: 1}}},
		{ID: id, Answers: []scoring.Answer{{Question: "service", Outcome: scoring.Rated, Verdict: verdict, Value: 1 + n%7%3,
			Entry: key, Reading: 1, PressMS: press, Heard: 1 + n%3, At: at.Add(2 * time.Second)}},
			Keypresses: []scoring.Keypress{{Seq: 1, Question: "service", Key: key, Reading: 1, MS: press,
				Use: scoring.Accepted, At: at.Add(2 * time.Second)}}},
		{ID: id, End: &scoring.End{Reason: scoring.Completed, At: at.Add(3 * time.Second)}},
	}
}

// Whole gives the same survey as one record.
func Whole(n int) scoring.Record {
	parts := Survey(n)
	r := parts[0]
	r.Answers, r.Keypresses, r.End = parts[1].Answers, parts[1].Keypresses, parts[2].End
	return r
}

// full gives a record with every field set and two questions.
func full() scoring.Record {
	r := Whole(1)
	talk := int64(61500)
	r.Resumed = 2
	r.Call.Earlier = []scoring.Agent{{ID: "agent7", Interface: "PJSIP/1007", Name: "Wu, \"Bo\""}, {ID: scoring.Unknown}}
	r.Call.Caller = scoring.NewCaller(scoring.CallerHMAC, "0a1b2c3d", "00112233445566778899aabbccddeeff")
	r.Call.LinkedID, r.Call.TalkMS = "node1-1774690199.7", &talk
	r.Assignments = append(r.Assignments, scoring.Assignment{Question: "solved", Position: 2, Layout: "yes-no",
		Version: "yes-no-1", Rendition: "r2", Epoch: 4})
	r.Answers = append(r.Answers, scoring.Answer{Question: "solved", Outcome: scoring.HungUp, Reading: 2, Heard: 1, At: start})
	r.Keypresses = append(r.Keypresses,
		scoring.Keypress{Seq: 2, Question: "service", Key: "9", Reading: 1, MS: 1800, Use: scoring.Late, At: start},
		scoring.Keypress{Seq: 3, Question: "", Key: "#", Reading: 0, MS: 0, Use: scoring.Early, At: start})
	return r
}

// row is how a store gives back a record that was written whole.
func row(r scoring.Record) scoring.CallRow {
	out := scoring.CallRow{ID: r.ID, Call: *r.Call, Keys: r.Keypresses, End: r.End, Resumed: r.Resumed}
	for _, a := range r.Assignments {
		asked := scoring.AskedRow{Assignment: a}
		for _, answer := range r.Answers {
			if answer.Question == a.Question && asked.Answer == nil {
				asked.Answer = &answer
			}
		}
		out.Questions = append(out.Questions, asked)
	}
	return out
}
