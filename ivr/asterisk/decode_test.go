package asterisk

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
)

// nowhere is where nobody answers.
func nowhere(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody") }

// FuzzDecode: whatever comes over the event connection, from its bytes to the
// calls in progress: nothing panics or waits, a call that the bytes do not
// name is told nothing, nobody's entry is read out of anything else, and
// nothing reaches a survey that cannot be kept.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(key("c1", "1")))
	f.Add([]byte(event("StasisStart", "channel", object{"id": "c1"})))
	f.Add([]byte(event("PlaybackFinished", "playback", object{"id": "c1_1-0.1", "state": "failed"})))
	f.Add([]byte(event("PlaybackStarted", "playback", object{"id": "c1_1-0.1", "media_uri": "sound:a"})))
	f.Add([]byte(event("StasisEnd", "channel", object{"id": "c1"})))
	f.Add([]byte(`{"type":"ApplicationReplaced"}`))
	f.Add([]byte(`{"type":"StasisEnd","Type":"ChannelDtmfReceived","CHANNEL":{"id":"c1","id":"c2"},"digit":"1"}`))
	f.Add([]byte(`{"type":"PlaybackStarted","playback":{"id":"c1_1-0.1","media-uri":"sound:a","mediaURI":"sound:b"}}`))
	f.Add([]byte("{\"type\":\"StasisEnd\",\"channel\":{\"name\":\"M\xfcller\",\"id\":\"c1\"}}"))
	f.Add([]byte(`{"type":"ChannelDtmfReceived","digit":"é","channel":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		book, err := survey.NewBook(toy, "seed", nil, toneLibrary{})
		if err != nil {
			t.Fatal(err)
		}
		n := NewNode(Server{Name: "node1", URL: "http://asterisk/ari", App: "aftercall"}, Surveys{
			Asking: func() *Asking { return &Asking{Book: book} }, Zone: time.UTC, Meter: metrics.NewService(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler),
		})
		n.client.http.Transport.(*http.Transport).DialContext = nowhere
		n.stopping = true // nobody new is asked: the survey has a fuzz test of its own
		c, other := n.inProgress("c1"), n.inProgress("a call that no bytes name 4b1f")
		e, fault := decode(data)
		if (e == nil) != (fault != "") {
			t.Fatalf("decoded to %v and counted as %q, want one of the two", e, fault)
		}
		if e != nil {
			slow := &said{at: e.at} // the same decoder from Go 1.27 on
			if err := json.Unmarshal(data, slow); err != nil || !cmp.Equal(slow, e, cmp.AllowUnexported(said{}), cmpopts.EquateEmpty()) {
				t.Errorf("decoded to %+v, by Go's own encoding/json to %+v, error %v", e, slow, err)
			}
		}
		if id := entered(data); id != "" && (!strings.Contains(string(data), "StasisStart") && !strings.Contains(string(data), `\u`)) {
			t.Errorf("channel %q entered by %q", id, data)
		}
		if e != nil && entered(data) != "" && (e.Type != stasisStart || e.Channel.ID != entered(data)) {
			t.Errorf("channel %q entered by %+v", entered(data), e)
		}
		if e == nil && entered(data) != "" {
			n.unheard(entered(data))
		}
		if e != nil {
			n.dispatch(t.Context(), arrival{time.Now(), e})
		}
		n.helpers.Wait()
		replaced := e != nil && e.Type == applicationReplaced
		if told := len(other.inbox) > 0; told != replaced || other.over {
			t.Errorf("somebody else's call was told: %v, is over: %v", told, other.over)
		}
		named := strings.Contains(string(data), "c1") || strings.Contains(string(data), `\u`)
		if !named && !replaced && (len(c.inbox) > 0 || c.over) {
			t.Errorf("call c1 was told of %q", data)
		}
		for len(c.inbox) > 0 {
			told(t, c, <-c.inbox)
		}
	})
}

// recorded are the events of one survey as Asterisk 22.10.1 worded them: the menu
// is barged into, the thank-you heard to its end.
func recorded(t testing.TB) (events []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/survey.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		events = append(events, strings.TrimSpace(line))
	}
	return events
}

// TestDecodeAsTheLibraryDoes: what is read of an event is what the library, which
// decodes all of it, has there; but for the channel's language, which it drops.
func TestDecodeAsTheLibraryDoes(t *testing.T) {
	hangup := `{"type":"ChannelHangupRequest","timestamp":"2026-11-28T22:36:06.481+0000","soft":true,"channel":{"id":"c1"}}`
	for _, data := range append(recorded(t), hangup, `{"type":"ApplicationReplaced","application":"aftercall"}`) {
		theirs, err := ari.DecodeEvent([]byte(data))
		if err != nil {
			t.Fatal(err)
		}
		ours, fault := decode([]byte(data))
		if fault != "" {
			t.Fatalf("%s is counted as %s", data, fault)
		}
		want := &said{Type: theirs.GetType(), Timestamp: ours.Timestamp}
		var channel ari.ChannelData
		var playback ari.PlaybackData
		var at ari.DateTime
		switch e := theirs.(type) {
		case *ari.StasisStart:
			channel, at, want.Args = e.Channel, e.Timestamp, e.Args
		case *ari.StasisEnd:
			channel, at = e.Channel, e.Timestamp
		case *ari.ChannelHangupRequest:
			channel, at, want.Soft = e.Channel, e.Timestamp, e.Soft
		case *ari.ChannelDtmfReceived:
			channel, at, want.Digit = e.Channel, e.Timestamp, e.Digit
		case *ari.PlaybackStarted:
			playback, at = e.Playback, e.Timestamp
		case *ari.PlaybackContinuing:
			playback, at = e.Playback, e.Timestamp
		case *ari.PlaybackFinished:
			playback, at = e.Playback, e.Timestamp
		}
		want.at = time.Time(at)
		want.Channel.ID, want.Channel.Name = channel.ID, channel.Name
		if channel.Caller != nil {
			want.Channel.Caller.Number, want.Channel.Language = channel.Caller.Number, "en"
		}
		want.Playback.ID, want.Playback.MediaURI, want.Playback.State = playback.ID, playback.MediaURI, playback.State
		if diff := cmp.Diff(want, ours, cmp.AllowUnexported(said{})); diff != "" {
			t.Errorf("%s: the library (-) and we (+) read:\n%s", want.Type, diff)
		}
	}
}

// TestDecodeWhatIsNotStrict: what is wrong with an event and does not matter to us is
// no reason to leave a caller unasked.
func TestDecodeWhatIsNotStrict(t *testing.T) {
	for name, data := range map[string]string{
		"a name that is no UTF-8": "{\"type\":\"StasisStart\",\"channel\":{\"id\":\"c1\",\"name\":\"M\xfcller\",\"caller\":{\"name\":\"\xff\"}}}",
		"half of a character":     `{"type":"StasisStart","channel":{"id":"c1","caller":{"name":"\ud83d"}}}`,
		"a name that comes twice": `{"type":"StasisStart","channel":{"id":"c2","id":"c1"}}`,
		"capitals":                `{"Type":"StasisStart","Channel":{"ID":"c1"}}`,
	} {
		if e, fault := decode([]byte(data)); fault != "" || e.Type != stasisStart || e.Channel.ID != "c1" {
			t.Errorf("%s: decoded to %+v, %q, want the entry of channel c1", name, e, fault)
		}
	}
}

// inProgress adds a call that only keeps what it is told.
func (n *Node) inProgress(channel string) *call {
	c := &call{node: n, channel: channel, id: scoring.CallID{UniqueID: channel, Visit: 1}, play: 1, inbox: make(chan arrival, inboxBound), log: n.surveys.Log}
	n.calls[channel] = c
	return c
}

// told looks at what a survey is told of an event.
func told(t *testing.T, c *call, a arrival) {
	switch e := c.translate(a).(type) {
	case survey.Key:
		if len(e.Key) != 1 || !strings.Contains(layout.Keys+"ABCD", e.Key) {
			t.Errorf("key %q", e.Key)
		}
	case survey.Started:
		if !utf8.ValidString(e.Media) {
			t.Errorf("media %q is no text", e.Media)
		}
	case survey.Ended:
		if e.Took < 0 {
			t.Errorf("took %s", e.Took)
		}
	case survey.Finished:
		if e.Took < 0 {
			t.Errorf("took %s", e.Took)
		}
	}
}

// TestPlaybackIDs: an id leads back to its channel and its list, and to no
// other call's.
func TestPlaybackIDs(t *testing.T) {
	for _, channel := range []string{"node1-17.3", "under_score_1.2", "", "王-1.1"} {
		c := &call{channel: channel, id: scoring.CallID{Visit: 12}, generation: 3}
		id := c.playback(7)
		if channelOf(id) != channel || c.list(id) != 7 {
			t.Errorf("playback %q is list %d of channel %q, want 7 of %q", id, c.list(id), channelOf(id), channel)
		}
		for _, other := range []*call{
			{channel: channel, id: scoring.CallID{Visit: 1}, generation: 3}, {channel: channel, id: scoring.CallID{Visit: 12}},
			{channel: channel, id: scoring.CallID{Visit: 12}, generation: 31}, {channel: channel + "_12", id: scoring.CallID{Visit: 12}, generation: 3},
		} {
			if n := other.list(id); n != -1 {
				t.Errorf("playback %q is list %d of visit %d, generation %d on %q, want none", id, n, other.id.Visit, other.generation, other.channel)
			}
		}
	}
	if c := channelOf("7f1c-beep"); c != "" {
		t.Errorf("a playback of another program is on channel %q, want none", c)
	}
}

// TestTook: times are between two of Asterisk's stamps, and known or 0.
func TestTook(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		from, to time.Time
		ours     time.Duration
		want     time.Duration
	}{
		{at, at.Add(time.Second), time.Second, time.Second}, {time.Time{}, at, time.Second, 0}, {at, time.Time{}, time.Second, 0},
		{at, at, 0, time.Nanosecond},                                                           // ended at once
		{at, at.Add(time.Second), time.Second + lateness, time.Second},                         // the event came late
		{at, at.Add(time.Second), 0, time.Second},                                              // the one before came late
		{at.Add(time.Hour), at, 10 * time.Second, 10*time.Second - lateness},                   // Asterisk's clock set back
		{at.Add(time.Hour), at, lateness, 0},                                                   // which leaves nothing to go by
		{at, at.Add(5 * time.Second), 10 * time.Second, 10*time.Second - lateness},             // by less than the sound lasts
		{at, at.Add(time.Hour + 10*time.Second), 10 * time.Second, time.Hour + 10*time.Second}, // set forward: long enough either way
	} {
		if got := took(stamp{c.from, at}, stamp{c.to, at.Add(c.ours)}); got != c.want {
			t.Errorf("took(%s, %s) while %s passed = %s, want %s", c.from, c.to, c.ours, got, c.want)
		}
	}
}

// TestClockSetBackUnderAList: Asterisk's clock is set back while a menu is
// read, by less than that takes. The menu is not shorter for that.
func TestClockSetBackUnderAList(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		for item := range 2 {
			w.pass(time.Second)
			w.says(w.Playback("PlaybackStarted", "c1", item+1))
		}
		w.pass(time.Second)
		now, back := time.Now().Format(ari.DateFormat), time.Now().Add(-2900*time.Millisecond).Format(ari.DateFormat)
		w.says(strings.Replace(w.Playback("PlaybackFinished", "c1", 2), now, back, 1))
		w.pass(2 * time.Second)
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

// TestClockSetBack: Asterisk's clock is set back while a menu is read. That
// says nothing of the sound, and the caller is asked on.
func TestClockSetBack(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.pass(time.Second)
		now, back := time.Now().Format(ari.DateFormat), time.Now().Add(-time.Hour).Format(ari.DateFormat)
		w.says(strings.Replace(w.Playback("PlaybackContinuing", "c1", 0), now, back, 1))
		w.pass(3 * time.Second)
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

func TestCut(t *testing.T) {
	for in, want := range map[string]string{"": "", "abc": "abc", "abcdef": "abcd", "abc€": "abc", "王芳": "王", "a\xffb": "ab"} {
		if got := cut(in, 4); got != want {
			t.Errorf("cut(%q, 4) = %q, want %q", in, got, want)
		}
	}
}
