package scoring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// Whatever a record is printed, logged or marshalled by, what is kept of the
// caller's number does not come out; the form does, and comes back.
func TestCallerShowsItselfToNobody(t *testing.T) {
	const number = "+4930555017"
	r := Record{ID: CallID{"n-1", 1}, Call: &Call{Day: "2026-03-28", Agent: Agent{ID: "a"}, Queue: "q", StartedAt: time.Unix(1, 0), Caller: NewCaller(CallerFull, "5a5a5a5a", number)}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb+verb+"\n", r, *r.Call, r.Call.Caller, &r.Call.Caller)
		fmt.Fprintf(&out, verb+"\n", []Caller{r.Call.Caller})
	}
	fmt.Fprintln(&out, r.Call, r.Call.Caller)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("call", "record", r, "call", *r.Call, "caller", r.Call.Caller)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	for _, hidden := range []string{number, "555017", fmt.Sprintf("%x", number), fmt.Sprint([]byte(number))} {
		if strings.Contains(out.String(), hidden) {
			t.Errorf("%q comes out:\n%s", hidden, out.String())
		}
	}
	if want := `"caller":{"form":"full"}`; !strings.Contains(string(text), want) {
		t.Errorf("JSON %s, want %s in it", text, want)
	}
	var back Record
	if err := json.Unmarshal(text, &back); err != nil || !back.Call.Caller.Equal(NewCaller(CallerFull, "", "")) {
		t.Errorf("comes back as %v %q, error %v, want the form alone", back.Call.Caller, back.Call.Caller.Reveal(), err)
	}
	if got := r.Call.Caller.Reveal(); got != number {
		t.Errorf("reveals %q, want %q", got, number)
	}
	r.Call.Caller = Caller{}
	if text, err := json.Marshal(r); err != nil || strings.Contains(string(text), "caller") {
		t.Errorf("nothing kept: JSON %s, error %v, want no word of it", text, err)
	}
}

func TestCallerFormIsChecked(t *testing.T) {
	r := Record{ID: CallID{"n-1", 1}, Call: &Call{Day: "2026-03-28", Agent: Agent{ID: "a"}, Queue: "q", StartedAt: time.Unix(1, 0)}}
	for form, ok := range map[CallerForm]bool{"": true, CallerHMAC: true, CallerLast4: true, CallerFull: true, CallerNone: false, "md5": false} {
		r.Call.Caller.Form = form
		if err := r.Check(); (err == nil) != ok || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("form %q: error %v, want one: %v", form, err, !ok)
		}
	}
}
