package main

import (
	"context"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
)

// transferee is a call whose far end answers a REFER: with code, and if that is
// 202, with the status that the transfer comes to.
type transferee struct {
	*call
	code   int
	status string
	asked  chan string // for which transfer
}

func referred(c *call, code int, status string) <-chan string {
	p := transferee{call: c, code: code, status: status, asked: make(chan string, 1)}
	c.crew.station.join(c.record.CallID, p)
	return p.asked
}

func (p transferee) refer(req *sip.Request, tx sip.ServerTransaction) {
	respond(req, tx, p.code, "Answer")
	p.asked <- req.GetHeader("Refer-To").Value()
	if p.code != sip.StatusAccepted {
		return
	}
	for _, s := range []string{"SIP/2.0 100 Trying", p.status} {
		notify := sip.NewRequest(sip.NOTIFY, p.dialog.InviteResponse.Contact().Address)
		notify.AppendHeader(sip.NewHeader("Event", "refer"))
		notify.AppendHeader(sip.NewHeader("Content-Type", "message/sipfrag"))
		notify.SetBody([]byte(s + "\r\n"))
		ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
		_, _ = p.dialog.Do(ctx, notify) // an agent who has gone does not answer
		cancel()
	}
}

// board is the last line of what `caller agents` says at its end.
func board(said string) []string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return strings.Fields(lines[len(lines)-1])
}

func TestBlindTransfer(t *testing.T) {
	for _, c := range []struct {
		name, status string
		code         int
		want         []string // agent, answered, hung up, far end hung up, transferred, not transferred
	}{
		{"done", "SIP/2.0 200 OK", 202, []string{"1001", "1", "0", "0", "1", "0"}},
		{"failed", "SIP/2.0 503 Service Unavailable", 202, []string{"1001", "1", "1", "0", "0", "1"}},
		{"refused", "", 603, []string{"1001", "1", "1", "0", "0", "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, hangUp := phones(t, "300ms..300ms", "--transfer", "1001=blind:8002")
			call := dialed(t, address)
			asked := referred(call, c.code, c.status)
			<-call.dialog.Context().Done() // the agent hangs up, whatever became of it
			if got, want := <-asked, "<sip:8002@"+call.crew.station.address.String()+">"; got != want {
				t.Errorf("transfer to %q, want %q", got, want)
			}
			if d := cmp.Diff(c.want, board(hangUp())); d != "" {
				t.Error(d)
			}
		})
	}
}

// An agent calls another phone, talks, and hands the caller over into that
// call.
func TestAttendedTransfer(t *testing.T) {
	address, hangUp := phones(t, "300ms..300ms", "--transfer", "1001=attended:1002", "--consult", "60ms", "--pick-up", "20ms")
	stations, consulted := make(chan *station, 1), make(chan *sip.Request, 1)
	call := dialed(t, address, func(req *sip.Request, tx sip.ServerTransaction) {
		s := <-stations
		consulted <- req
		line, err := newLine(s.address.Addr())
		if err != nil {
			t.Error(err)
			return
		}
		defer line.conn.Close()
		dialog, err := s.dialogs.ReadInvite(req, tx)
		if err != nil {
			t.Error(err)
			return
		}
		id := req.CallID().Value()
		s.join(id, &agentCall{dialog: dialog, talker: talker{line: line, keys: typeKeys}})
		defer s.leave(id)
		if err := dialog.RespondSDP(writeSDP(media{address: line.local(), codecs: []uint8{typePCMU}})); err != nil {
			t.Error(err)
		}
		<-dialog.Context().Done()
	})
	station := call.crew.station
	stations <- station
	asked := referred(call, 202, "SIP/2.0 200 OK")
	<-call.dialog.Context().Done()
	got, invite := <-asked, <-consulted
	if invite.Recipient.User != "1002" || invite.From().Address.User != "1001" {
		t.Fatalf("the other agent was called by %v", invite)
	}
	tag, _ := invite.From().Params.Get("tag")
	if !strings.HasPrefix(got, "<sip:1002@"+station.address.String()+"?Replaces="+invite.CallID().Value()+"%3Bto-tag%3D") ||
		!strings.HasSuffix(got, "%3Bfrom-tag%3D"+tag+">") {
		t.Errorf("transfer to %q, want it to replace call %s with tag %s", got, invite.CallID().Value(), tag)
	}
	if d := cmp.Diff([]string{"1001", "1", "0", "0", "1", "0"}, board(hangUp())); d != "" {
		t.Error(d)
	}
}

// The other agent cannot be reached: the caller is not transferred.
func TestAttendedTransferToNobody(t *testing.T) {
	address, hangUp := phones(t, "300ms..300ms", "--transfer", "1001=attended:1002")
	call := dialed(t, address) // its station takes no calls
	<-call.dialog.Context().Done()
	if d := cmp.Diff([]string{"1001", "1", "1", "0", "0", "1"}, board(hangUp())); d != "" {
		t.Error(d)
	}
}
