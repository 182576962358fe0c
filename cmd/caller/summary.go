package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// shownFailures is how many failed calls a summary names.
const shownFailures = 10

// summary adds up the calls of one run.
type summary struct {
	Calls     int            `json:"calls"`
	Answered  int            `json:"answered"`
	Personas  map[string]int `json:"personas"` // calls
	Talks     int            `json:"talks"`    // an agent was heard
	Surveys   int            `json:"surveys"`  // speech was heard after an agent
	Keys      map[string]int `json:"keys"`     // presses
	EndedBy   map[ending]int `json:"ended_by"`
	Released  int            `json:"released"`
	ActsLeft  int            `json:"acts_left"`
	Failed    int            `json:"failed"`
	Failures  []string       `json:"failures"` // the first of them
	Durations callSeconds    `json:"call_seconds"`

	seconds []float64
}

// callSeconds is how long calls took from dialling to their end.
type callSeconds struct {
	Shortest float64 `json:"shortest"`
	Median   float64 `json:"median"`
	Longest  float64 `json:"longest"`
}

func newSummary() *summary {
	return &summary{Personas: map[string]int{}, Keys: map[string]int{}, EndedBy: map[ending]int{}, Failures: []string{}}
}

func (s *summary) add(r callRecord) {
	s.Calls++
	if !r.AnsweredAt.IsZero() {
		s.Answered++
	}
	s.Personas[r.Persona]++
	s.EndedBy[r.EndedBy]++
	s.ActsLeft += r.ActsLeft
	for _, v := range r.Visits {
		s.Talks++
		if v.SurveyStart != nil {
			s.Surveys++
		}
		for _, p := range v.Presses {
			s.Keys[p.Key]++
		}
	}
	if r.Released {
		s.Released++
	}
	if r.Error != "" {
		s.Failed++
		if len(s.Failures) < shownFailures {
			s.Failures = append(s.Failures, r.Caller+": "+r.Error)
		}
	}
	s.seconds = append(s.seconds, r.EndedAt.Sub(r.DialledAt).Seconds())
}

// fault is nil if every call could be carried out.
func (s *summary) fault() error {
	if s.Failed > 0 {
		return fmt.Errorf("%d of %d calls could not be carried out", s.Failed, s.Calls)
	}
	return nil
}

// print writes the summary, as text or as one JSON object.
func (s *summary) print(w io.Writer, asJSON bool) error {
	if n := len(s.seconds); n > 0 {
		slices.Sort(s.seconds)
		s.Durations = callSeconds{s.seconds[0], s.seconds[n/2], s.seconds[n-1]}
	}
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	_, err := io.WriteString(w, s.text())
	return err
}

func (s *summary) text() string {
	text := fmt.Sprintf("calls     %d, answered %d, released %d, failed %d\n", s.Calls, s.Answered, s.Released, s.Failed)
	text += fmt.Sprintf("heard     agents %d, surveys %d\n", s.Talks, s.Surveys)
	text += "ended by " + counts(s.EndedBy) + "\n"
	text += "keys     " + counts(s.Keys) + fmt.Sprintf(", acts left %d\n", s.ActsLeft)
	d := s.Durations
	text += fmt.Sprintf("lasted    %s .. %s .. %s (shortest, median, longest)\n",
		seconds(d.Shortest), seconds(d.Median), seconds(d.Longest))
	for _, name := range slices.Sorted(maps.Keys(s.Personas)) {
		text += fmt.Sprintf("persona   %-24s %d\n", name, s.Personas[name])
	}
	for _, f := range s.Failures {
		text += "failed    " + f + "\n"
	}
	if more := s.Failed - len(s.Failures); more > 0 {
		text += fmt.Sprintf("failed    and %d more\n", more)
	}
	return text
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
}

func counts[K ~string](m map[K]int) string {
	if len(m) == 0 {
		return " none"
	}
	text := ""
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %s: %d", k, m[k])
	}
	return text
}
