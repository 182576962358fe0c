package asterisk

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercall/ivr/layout"
)

// player answers as an Asterisk that has every sound but some.
func player(lacks ...string) http.Handler {
	var mu sync.Mutex
	playing := map[string]bool{} // playbacks
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ari/asterisk/ping", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"ping":"pong","timestamp":%q}`, time.Now().Format("2006-01-02T15:04:05.000-0700"))
	})
	mux.HandleFunc("POST /ari/bridges/{id}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("DELETE /ari/bridges/{id}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /ari/bridges/{id}/play/{playback}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		playing[r.PathValue("playback")] = true
		for _, l := range lacks {
			if r.FormValue("media") == l {
				delete(playing, r.PathValue("playback"))
			}
		}
		w.WriteHeader(http.StatusCreated)
	})
	mux.HandleFunc("/ari/playbacks/{id}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if !playing[r.PathValue("id")] {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, `{"state":"playing"}`)
	})
	return mux
}

// Sounds that are missing, of another build, and well.
func TestExamineSounds(t *testing.T) {
	sound := func(name string) layout.Sound {
		return layout.Sound{Media: "sound:/sounds/" + name, Length: time.Minute}
	}
	sounds := []layout.Sound{sound("a"), sound("b"), sound("c")}
	const (
		reached = "ARI: ok: answers\nlogin: ok: user \"aftercall\"\nclock: ok: within 5s of ours\n"
		another = "sounds: warning: Asterisk can play all 3, and has sounds of another build: their lengths may differ\n"
	)
	for _, tt := range []struct {
		name   string
		lacks  []string
		want   Expected
		finds  string
		doctor string // the doctor's line of sounds; "" = the same
	}{
		{"all", nil, Expected{Sounds: sounds, Markers: []layout.Sound{sound("m")}}, "sounds: ok: Asterisk can play all 3, of our build\n", ""},
		{"no manifest", nil, Expected{Sounds: sounds}, "sounds: ok: Asterisk can play all 3\n", ""},
		{"another build", []string{"sound:/sounds/m"}, Expected{Sounds: sounds, Markers: []layout.Sound{sound("m")}}, another, ""},
		{"of a larger set", []string{"sound:/sounds/m"}, Expected{Sounds: sounds, Markers: []layout.Sound{sound("m"), sound("l")}}, "sounds: ok: Asterisk can play all 3, of our build\n", ""},
		{"some missing", []string{"sound:/sounds/a", "sound:/sounds/c", "sound:/sounds/m"}, Expected{Sounds: sounds, Markers: []layout.Sound{sound("m")}},
			"a.wav: fault: Asterisk cannot play /sounds/a.wav\nc.wav: fault: Asterisk cannot play /sounds/c.wav\n",
			"sounds: fault: Asterisk cannot play 2 of 3, such as /sounds/a.wav\n"},
		{"none built", nil, Expected{}, "sounds: not looked at: none is built\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := player(tt.lacks...)
			server := httptest.NewServer(h)
			defer server.Close()
			var out strings.Builder
			for _, f := range ExamineSounds(t.Context(), []Server{{Name: "node1", URL: server.URL + "/ari", Username: "aftercall"}}, tt.want) {
				fmt.Fprintf(&out, "%s: %s: %s\n", f.Check, f.Level, f.Text)
				if bad := f.Level == Fault || f.Level == Warning; bad != strings.Contains(f.Remedy, "aftercall prompts pack") {
					t.Errorf("%s: remedy %q", f.Check, f.Remedy)
				}
			}
			if got := out.String(); got != reached+tt.finds {
				t.Errorf("found\n%swant\n%s", got, reached+tt.finds)
			}
			if tt.doctor == "" {
				tt.doctor = tt.finds
			}
			if got := examined(t, h, tt.want, "right"); !strings.HasSuffix(got, "\n"+tt.doctor) {
				t.Errorf("the doctor found\n%swant at the end\n%s", got, tt.doctor)
			}
		})
	}
}
