package asterisk

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"
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
// none.
func (c *call) translate(a arrival) survey.Event {
	e, ok := a.event.(*said)
	if !ok {
		return a.event.(survey.Event)
	}
	at := stamp{e.at, a.at}
	switch e.Type {
	case hangupRequest:
		c.byOthers = c.byOthers || e.Soft
	case stasisEnd:
		if c.byOthers {
			return survey.Left{Reason: scoring.Lost}
		}
		return survey.Left{Reason: scoring.CallerLeft, Late: late(c.first, at)}
	case dtmfReceived:
		if len(e.Digit) != 1 || !strings.Contains(layout.Keys+"ABCD", e.Digit) {
			return nil // no telephone has such a key
		}
		return survey.Key{Key: e.Digit}
	case playbackStarted:
		if c.first.theirs.IsZero() {
			c.first = at
		}
		list := c.list(e.Playback.ID)
		if list == c.play {
			c.item, c.itemAt = e.Playback.MediaURI, at
			if c.listAt.theirs.IsZero() {
				c.listAt = c.itemAt
			}
		}
		return survey.Started{Play: list, Media: e.Playback.MediaURI}
	case playbackContinuing: // not asked for, and sent by an Asterisk that has no filter
		c.item = ""
		return survey.Ended{Play: c.list(e.Playback.ID), Media: e.Playback.MediaURI, Took: took(c.itemAt, at)}
	case playbackFinished:
		return survey.Finished{Play: c.list(e.Playback.ID), Failed: e.Playback.State == "failed", Took: took(c.listAt, at)}
	}
	return nil
}

// soundEnded gives the end of a sound that the start of the next one of its list
// tells of; nil if it tells of none, or Asterisk's clock was set back between.
func (c *call) soundEnded(a arrival) survey.Event {
	e, ok := a.event.(*said)
	if !ok || e.Type != playbackStarted || c.item == "" || e.Playback.MediaURI == c.item || e.at.Before(c.itemAt.theirs) || c.list(e.Playback.ID) != c.play {
		return nil
	}
	return survey.Ended{Play: c.play, Media: c.item, Took: took(c.itemAt, stamp{e.at, a.at})}
}

// stamp is when an event happened by Asterisk's clock, and when it came by
// ours.
type stamp struct{ theirs, ours time.Time }

// late is how much further Asterisk's clock went between two events than time
// did; 0 if it was not set forward, or that is not known.
func late(from, to stamp) time.Duration {
	if from.theirs.IsZero() || to.theirs.IsZero() {
		return 0
	}
	return max(to.theirs.Sub(from.theirs)-to.ours.Sub(from.ours), 0)
}

// lateness is how much later than the event before it an event may come.
const lateness = 200 * time.Millisecond

// took is the time between two of Asterisk's events, 0 if it is not known. It
// is taken by Asterisk's clock, which does not jitter with the network or with
// us, but not for much less than what passed here: then the clock was set back.
func took(from, to stamp) time.Duration {
	if from.theirs.IsZero() || to.theirs.IsZero() {
		return 0
	}
	theirs, least := to.theirs.Sub(from.theirs), to.ours.Sub(from.ours)-lateness
	if theirs < 0 {
		return max(least, 0)
	}
	return max(theirs, least, time.Nanosecond)
}
