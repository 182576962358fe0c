package asterisk

import (
	"slices"
	"time"

	"aftercall/scoring/metrics"

	"github.com/CyCoreSystems/ari/v5"
	json "github.com/go-json-experiment/json/v1" // encoding/json of Go 1.27, in less than half the time of 1.26
)

// The types of events that are read.
const (
	stasisStart         = "StasisStart"
	stasisEnd           = "StasisEnd"
	hangupRequest       = "ChannelHangupRequest"
	dtmfReceived        = "ChannelDtmfReceived"
	playbackStarted     = "PlaybackStarted"
	playbackContinuing  = "PlaybackContinuing"
	playbackFinished    = "PlaybackFinished"
	applicationReplaced = "ApplicationReplaced"
)

var wanted = []string{stasisStart, stasisEnd, hangupRequest, dtmfReceived, playbackStarted, playbackContinuing, playbackFinished, applicationReplaced}

// said is an event as Asterisk words it, as far as it is read. The types of the
// library hold all of an event, and its decoder reads each one twice.
type said struct {
	Type      string   `json:"type"`
	Timestamp string   `json:"timestamp"`
	Args      []string `json:"args"`  // of Stasis()
	Digit     string   `json:"digit"` // of a key
	Soft      bool     `json:"soft"`  // of a hang-up: somebody asked for it
	Channel   struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Language string `json:"language"`
		Caller   struct {
			Number string `json:"number"`
		} `json:"caller"`
	} `json:"channel"`
	Playback struct {
		ID       string `json:"id"`
		MediaURI string `json:"media_uri"`
		State    string `json:"state"`
	} `json:"playback"`

	at time.Time // by Asterisk's clock; zero = not known
}

// decode gives the event that Asterisk sent, or what the one that cannot be
// used is counted as. One that is half decoded cannot: an empty digit or id
// must not count.
func decode(data []byte) (e *said, fault string) {
	e = &said{}
	err := json.Unmarshal(data, e)
	switch {
	case e.Type != "" && !slices.Contains(wanted, e.Type):
		return nil, metrics.Ignored
	case err != nil || e.Type == "":
		return nil, metrics.Undecodable
	case e.Timestamp == "":
		return e, ""
	}
	if e.at, err = time.Parse(ari.DateFormat, e.Timestamp); err != nil {
		return nil, metrics.Undecodable
	}
	return e, ""
}

// entered gives the channel of a StasisStart whose rest need not be readable;
// "" if it is none, or does not say.
func entered(data []byte) string {
	var e struct {
		Type    string `json:"type"`
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
	}
	if json.Unmarshal(data, &e) != nil || e.Type != stasisStart {
		return ""
	}
	return e.Channel.ID
}
