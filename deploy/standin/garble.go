package standin

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// Garbled are the kinds of events that are not as ARI promises.
//
//	cut        half the JSON
//	types      every value of the wrong type
//	timestamp  no time at which it happened: a client may half decode it
//	huge       half a megabyte of it
//	empty      a frame with nothing in it
//	binary     bytes that are no text, in a binary frame
//	unknown    of a type that nobody knows
//	stranger   of a channel that does not exist
//	other      of somebody else's channel; but not of an entry, which nobody could tell from a true one
//	null       its objects are null
var Garbled = []string{"cut", "types", "timestamp", "huge", "empty", "binary", "unknown", "stranger", "other", "null"}

// Stranger is the channel that does not exist.
const Stranger = "nobody-1.1"

// garbled gives an event in a form that is not as it should be. The lock is
// held.
func (s *Script) garbled(how, kind, channel, event string, others []string) delivery {
	d := delivery{kind: websocket.MessageText}
	quoted := strconv.Quote(channel)
	switch how {
	case "cut":
		d.data = []byte(event[:len(event)/2])
	case "types":
		d.data = retyped(event)
	case "timestamp":
		d.data = replaced(event, "timestamp", "yesterday at noon")
	case "huge":
		d.data = replaced(event, "padding", strings.Repeat("x", 1<<19))
		d.to, d.key, d.entry = channel, keyOf(kind, event), kind == "StasisStart" // is right, for all its length
	case "empty":
		d.data = []byte{}
	case "binary":
		d.kind, d.data = websocket.MessageBinary, make([]byte, 200)
		for i := range d.data {
			d.data[i] = byte(s.chance.Uint32())
		}
	case "unknown":
		d.data = replaced(event, "type", "ChannelDreamed")
	case "null":
		d.data = replaced(string(replaced(event, "playback", nil)), "channel", nil)
	case "stranger":
		d.data = []byte(strings.ReplaceAll(event, channel, Stranger))
	case "other":
		to := Stranger
		if len(others) > 0 && kind != "StasisStart" {
			to = others[s.chance.IntN(len(others))]
		}
		d.data = []byte(strings.ReplaceAll(strings.ReplaceAll(event, quoted, strconv.Quote(to)), channel+"_", to+"_"))
		d.to, d.key = to, keyOf(kind, event)
		if kind != "ChannelDtmfReceived" {
			d.disturbs = to
		}
	}
	return d
}

// replaced gives an event with another value for one of its fields.
func replaced(event, field string, value any) []byte {
	var o Object
	if json.Unmarshal([]byte(event), &o) != nil {
		return []byte(event)
	}
	o[field] = value
	b, _ := json.Marshal(o)
	return b
}

// retyped gives an event whose fields have the wrong types, but for the type
// of the event itself.
func retyped(event string) []byte {
	var o Object
	if json.Unmarshal([]byte(event), &o) != nil {
		return []byte(event)
	}
	for k, v := range o {
		if _, text := v.(string); text && k != "type" {
			o[k] = 17
		} else if !text {
			o[k] = "an object"
		}
	}
	b, _ := json.Marshal(o)
	return b
}

// keyOf gives the key that an event is of; "" if it is of none.
func keyOf(kind, event string) string {
	var e struct{ Digit string }
	if kind != "ChannelDtmfReceived" || json.Unmarshal([]byte(event), &e) != nil {
		return ""
	}
	return e.Digit
}

// spoil does what was asked for, and answers wrongly.
func (r *rule) spoil(w http.ResponseWriter, req *http.Request, well Reply) {
	if r.fault == "slow" {
		select {
		case <-time.After(r.wait):
			well(w, req)
		case <-req.Context().Done():
		}
		return
	}
	if r.fault == "garbage" {
		_, _ = w.Write([]byte("<html>\x00\xff{\"channel_ids\":7"))
		return
	}
	body, _ := io.ReadAll(req.Body)
	again := func() *http.Request { req.Body = io.NopCloser(bytes.NewReader(body)); return req }
	said := httptest.NewRecorder()
	well(said, again())
	switch r.fault {
	case "done":
		http.Error(w, `{"message":"so the test wants it"}`, r.code)
	case "twice":
		well(w, again())
	case "half":
		w.Header().Set("Content-Length", strconv.Itoa(said.Body.Len()+100))
		_, _ = w.Write(said.Body.Bytes())
		panic(http.ErrAbortHandler) // the connection ends without the rest
	}
}
