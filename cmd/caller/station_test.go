package main

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
)

// dialed is a call that stands, made by a station of its own, which answers
// calls by onCall.
func dialed(t *testing.T, address string, onCall ...sipgo.RequestHandler) *call {
	t.Helper()
	host, err := hostTowards(address)
	if err != nil {
		t.Fatal(err)
	}
	o := callerOptions{proxy: address}
	crew, err := newCrew(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, handler := range onCall {
		crew.station.close()
		if crew.station, err = newStation(netip.AddrPortFrom(host, 0), handler); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(crew.close)
	c := &call{crew: crew, outgoing: outgoing{answered: make(chan struct{})}}
	c.record = callRecord{Caller: "robot-1", CallID: "call-of-" + t.Name(), Number: "1001"}
	if c.line, err = newLine(host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.line.conn.Close() })
	crew.station.join(c.record.CallID, c)
	t.Cleanup(func() { crew.station.leave(c.record.CallID) })
	if err := c.dial(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// What a far end may ask of a phone in the middle of a call.
func TestRequestsInACall(t *testing.T) {
	address, hangUp := phones(t, "1m..1m")
	defer hangUp()
	c := dialed(t, address)
	elsewhere, err := newLine(c.line.local().Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.conn.Close()

	recipient := c.dialog.InviteResponse.Contact().Address
	request := func(method sip.RequestMethod, sdp []byte, want int) *sip.Response {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), requestLimit)
		defer cancel()
		req := sip.NewRequest(method, recipient)
		if sdp != nil {
			req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
			req.SetBody(sdp)
		}
		res, err := c.dialog.Do(ctx, req)
		if err != nil {
			t.Fatal(method, err)
		}
		if res.StatusCode != want {
			t.Errorf("%s: %d %s, want %d", method, res.StatusCode, res.Reason, want)
		}
		return res
	}
	request(sip.OPTIONS, nil, 200)
	request(sip.UPDATE, nil, 200)
	request(sip.INVITE, []byte("v=0\r\n"), 488)
	moved := media{address: elsewhere.local(), codecs: []uint8{typePCMU}, keys: 96}
	answer, err := readSDP(request(sip.INVITE, writeSDP(moved), 200).Body())
	if err != nil || answer.address == moved.address || answer.keys != typeKeys {
		t.Errorf("answer %+v, %v; want the phone's own", answer, err)
	}
	if err := elsewhere.conn.SetReadDeadline(time.Now().Add(requestLimit)); err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.conn.Read(make([]byte, 500)); err != nil {
		t.Errorf("audio at the new address: %v", err)
	}
	request(sip.BYE, nil, 200)
}

// A robot answers what Asterisk asks of it, and knows a BYE that is not for it.
func TestRequestsToARobot(t *testing.T) {
	address, hangUp := phones(t, "1m..1m")
	defer hangUp()
	c := dialed(t, address)
	defer func() { _ = sayBye(c.dialog) }()
	offer := media{address: c.line.local(), codecs: []uint8{typePCMA}, keys: 96}
	text, err := c.renegotiate(writeSDP(offer))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := readSDP(text)
	if err != nil || len(answer.codecs) != 1 || answer.codecs[0] != typePCMA || answer.keys != 96 || c.keyType != 96 {
		t.Errorf("answer %+v, keys sent as %d, %v; want the offer's codec and type", answer, c.keyType, err)
	}

	stranger, err := newCrew(t.Context(), callerOptions{proxy: address}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.close()
	ctx, cancel := context.WithTimeout(t.Context(), requestLimit)
	defer cancel()
	own := c.crew.station.address
	for _, method := range []sip.RequestMethod{sip.BYE, sip.UPDATE} {
		req := sip.NewRequest(method, sip.Uri{Scheme: "sip", User: "caller", Host: own.Addr().String(), Port: int(own.Port())})
		req.AppendHeader(&stranger.station.dialogs.ContactHDR)
		res, err := stranger.station.dialogs.Client.Do(ctx, req, sipgo.ClientRequestBuild)
		if err != nil || res.StatusCode != sip.StatusCallTransactionDoesNotExists {
			t.Errorf("%s of no call: %v, %v, want 481", method, res, err)
		}
	}
}

// Stopped while the far end rings, the callers give up and say so.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var rung atomic.Int32
	far, err := newStation(netip.MustParseAddrPort("127.0.0.1:0"), func(req *sip.Request, tx sip.ServerTransaction) {
		_ = tx.Respond(sip.NewResponseFromRequest(req, sip.StatusRinging, "Ringing", nil))
		if rung.Add(1) == 2 {
			cancel()
		}
		<-tx.Done()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer far.close()
	crew, err := newCrew(ctx, callerOptions{proxy: far.address.String(), prefix: "robot-", calls: 3, rate: 1000, atOnce: 2,
		limit: time.Minute, tone: testTone, releaseTone: testRelease}, []persona{{Name: "x", Weight: 1, Number: "1001"}})
	if err != nil {
		t.Fatal(err)
	}
	defer crew.close()
	var faults []string
	err = crew.dialAll(func(r callRecord) { faults = append(faults, r.Error) })
	if err == nil || err.Error() != "stopped after 2 of 3 calls were dialled" {
		t.Errorf("error %v", err)
	}
	want := []string{`dial "1001": stopped`, `dial "1001": stopped`}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Error(diff)
	}
}
