package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"aftercall/scoring"
)

const callersNumber, connected = "+4930555017", "+4930555088"

// withNumber puts the two parties of a call into what Asterisk says of it.
func withNumber(said string) string {
	parties := fmt.Sprintf(`"language":"en","caller":{"name":"Ann %s","number":%[1]q},"connected":{"name":"","number":%q},`, callersNumber, connected)
	return strings.Replace(said, `"language":"en",`, parties, 1)
}

// numbered has a world keep full numbers, and log all it can into out.
func numbered(w *world, out *bytes.Buffer) {
	w.asked.Keep = func(number string) scoring.Caller { return scoring.NewCaller(scoring.CallerFull, "", number) }
	w.node.surveys.Log = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// wantCaller wants a call kept with a number, and neither party's anywhere else.
func (w *world) wantCaller(id, want string, log *bytes.Buffer) {
	w.t.Helper()
	found := false
	for _, r := range w.store.records {
		if r.ID.String() != id || r.Call == nil {
			continue
		}
		found = true
		if got := r.Call.Caller.Reveal(); got != want {
			w.t.Errorf("call %s is kept with %q, want %q", id, got, want)
		}
	}
	if !found {
		w.t.Errorf("call %s was not kept", id)
	}
	text, err := json.Marshal(w.store.records)
	if err != nil {
		w.t.Fatal(err)
	}
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for what, all := range map[string]string{"records": string(text), "log": log.String(), "metrics": fmt.Sprint(families), "requests": fmt.Sprint(w.Requests())} {
		for _, n := range []string{callersNumber, connected} {
			if strings.Contains(all, n[1:]) {
				w.t.Errorf("%s hold a number: %s", what, all)
			}
		}
	}
}

// TestCallerIsKept: of a caller who enters, what the configuration says; from
// the next one on, what it says after a reload.
func TestCallerIsKept(t *testing.T) {
	var log bytes.Buffer
	bubble(t, func(w *world) { numbered(w, &log) }, func(w *world) {
		for _, c := range []struct{ channel, want string }{{"c1", callersNumber}, {"c2", ""}} {
			w.says(withNumber(w.Start(c.channel, "v1", "agent=%zz", "queue=support", "uniqueid="+c.channel, "visit=1")))
			w.says(w.Playback("PlaybackStarted", c.channel, 0), key(c.channel, "1"))
			w.thanked(c.channel)
			w.wantCaller(c.channel+"/1", c.want, &log)
			w.asked = &Asking{Book: w.asked.Book, Epochs: w.asked.Epochs}
		}
		w.says(w.Start("c3", "v1", "agent=a", "queue=support", "uniqueid=c3", "visit=1")) // says nothing of a caller
		w.wantCaller("c3/1", "", &log)
	})
}

// TestCallerOfAdopted: of a caller whose entry was not heard, the same.
func TestCallerOfAdopted(t *testing.T) {
	var log bytes.Buffer
	bubble(t, func(w *world) {
		numbered(w, &log)
		w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1")
		w.On("channel", func(rw http.ResponseWriter, r *http.Request) {
			fmt.Fprint(rw, withNumber(`{"id":"c1","name":"PJSIP/trunk-0000002a","language":"en","dialplan":{"app_name":"Stasis","app_data":"aftercall,v1,agent=a,queue=support,uniqueid=c1,visit=1"}}`))
		})
	}, func(w *world) {
		w.wantCaller("c1/1", callersNumber, &log)
	})
}

// TestCallerInTrouble: what goes wrong does not tell who called: Asterisk
// answers nonsense, the store takes nothing.
func TestCallerInTrouble(t *testing.T) {
	for name, nonsense := range map[string]string{
		"cut off":  `{"name":"PJSIP/t-0000002a","caller":{"number":"` + callersNumber,
		"a number": `{"name":"PJSIP/t-0000002a","caller":{"number":4930555017}}`,
		"a list":   `{"name":["` + callersNumber + `"],"caller":"` + callersNumber + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			bubble(t, func(w *world) {
				numbered(w, &log)
				w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1")
				w.On("channel", func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, nonsense) })
				w.store.on(func(_ context.Context, r scoring.Record) (scoring.Receipt, error) {
					return scoring.Receipt{}, fmt.Errorf("%+v: %w", r, errDisk)
				})
			}, func(w *world) {
				w.says(withNumber(w.Start("c2", "v1", "agent=a", "queue=support", "uniqueid=c2", "visit=1")))
				if !strings.Contains(log.String(), "cannot tell whose survey") || !strings.Contains(log.String(), "a record was not stored") {
					t.Errorf("the log does not tell of the troubles:\n%s", log.String())
				}
				if strings.Contains(log.String(), callersNumber[1:]) {
					t.Errorf("the log tells a number:\n%s", log.String())
				}
			})
		})
	}
}
