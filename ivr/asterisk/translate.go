package asterisk

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"

	"github.com/CyCoreSystems/ari/v5"
)

// playback gives the id of a list: "node1-17.3_2-0.1" is the first list of the
// second visit on channel node1-17.3. Its events find their way by the
// channel. The generation is how often the survey was taken up again by
// another run, which can so end what this one left on the air.
func playback(channel string, visit, generation, list int) string {
	return fmt.Sprintf("%s_%d-%d.%d", channel, visit, generation, list)
}

func (c *call) playback(list int) string {
	return playback(c.channel, c.id.Visit, c.generation, list)
}

// list gives the number of this call's list; -1 if the playback is another's.
func (c *call) list(playback string) int {
	own, ok := strings.CutPrefix(playback, fmt.Sprintf("%s_%d-%d.", c.channel, c.id.Visit, c.generation))
	n, err := strconv.Atoi(own)
	if !ok || err != nil {
		return -1
	}
	return n
}

// channelOf gives the channel of a playback; "" if it is not one of ours.
func channelOf(playback string) string {
	i := strings.LastIndexByte(playback, '_')
	if i < 0 {
		return ""
	}
	return playback[:i]
}

// translate turns an event of Asterisk into one of the survey; nil if it is
// none. Times between two of Asterisk's events are taken by its own clock,
// which does not jitter with the network or with us.
func (c *call) translate(event any) survey.Event {
	switch e := event.(type) {
	case survey.Event:
		return e
	case *ari.ChannelHangupRequest:
		c.byOthers = c.byOthers || e.Soft
	case *ari.StasisEnd:
		if c.byOthers {
			return survey.Left{Reason: scoring.Lost}
		}
		return survey.Left{Reason: scoring.CallerLeft}
	case *ari.ChannelDtmfReceived:
		if len(e.Digit) != 1 || !strings.Contains(layout.Keys+"ABCD", e.Digit) {
			return nil // no telephone has such a key
		}
		return survey.Key{Key: e.Digit}
	case *ari.PlaybackStarted:
		list := c.list(e.Playback.ID)
		if list == c.play {
			c.itemAt = time.Time(e.Timestamp)
			if c.listAt.IsZero() {
				c.listAt = c.itemAt
			}
		}
		return survey.Started{Play: list, Media: e.Playback.MediaURI}
	case *ari.PlaybackContinuing:
		return survey.Ended{Play: c.list(e.Playback.ID), Media: e.Playback.MediaURI, Took: took(c.itemAt, e.Timestamp)}
	case *ari.PlaybackFinished:
		return survey.Finished{Play: c.list(e.Playback.ID), Failed: e.Playback.State == "failed", Took: took(c.listAt, e.Timestamp)}
	}
	return nil
}

// took is the time between two of Asterisk's stamps, 0 if one is missing or
// its clock was set back between them.
func took(from time.Time, to ari.DateTime) time.Duration {
	if from.IsZero() || time.Time(to).Before(from) {
		return 0
	}
	return max(time.Time(to).Sub(from), time.Nanosecond)
}
