package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// outgoing is a call to somebody else.
type outgoing struct {
	dialog   *sipgo.DialogClientSession // nil until the far end has answered
	answered chan struct{}              // closed when dialog stands
}

// connect invites the far end, waits for its answer and gives what audio it
// wants. A call that was answered must be ended, also behind an error.
func (o *outgoing) connect(ctx context.Context, s *station, invite *sip.Request) (far media, err error) {
	dialog, err := s.dialogs.WriteInvite(ctx, invite)
	if err != nil {
		return media{}, err
	}
	if err := waitForAnswer(ctx, dialog); err != nil {
		return media{}, err
	}
	o.dialog = dialog
	close(o.answered)
	if err := dialog.Ack(ctx); err != nil {
		return media{}, err
	}
	return readSDP(dialog.InviteResponse.Body())
}

// dial invites the far end and waits for its answer.
func (c *call) dial(ctx context.Context) error {
	answer, err := c.connect(ctx, c.crew.station, c.invite())
	if err == nil && answer.keys == 0 {
		err = fmt.Errorf("sdp: no keys, want %s", keysEncoding)
	}
	if err != nil && c.dialog != nil {
		return errors.Join(err, sayBye(c.dialog))
	}
	if err != nil {
		return err
	}
	c.mu.Lock() // a re-INVITE may already be here
	defer c.mu.Unlock()
	c.line.remote, c.codec, c.keyType = answer.address, answer.codecs[0], answer.keys
	return nil
}

// waitForAnswer returns nil when the far end has answered. When ctx ends first
// it takes the call back, which a far end that has never said anything need not
// be told.
func waitForAnswer(ctx context.Context, dialog *sipgo.DialogClientSession) error {
	var heard atomic.Bool
	waiting, giveUp := context.WithCancelCause(context.Background())
	defer giveUp(nil)
	defer context.AfterFunc(ctx, func() {
		if heard.Load() {
			giveUp(nil)
		} else {
			giveUp(sipgo.WaitAnswerForceCancelErr)
		}
	})()
	err := dialog.WaitAnswer(waiting, sipgo.AnswerOptions{OnResponse: func(*sip.Response) error {
		heard.Store(true)
		return nil
	}})
	var refused *sipgo.ErrDialogResponse
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return errors.New("no answer within the call's time limit")
	case ctx.Err() != nil:
		return errStopped
	case errors.As(err, &refused):
		return fmt.Errorf("refused: %d %s", refused.Res.StatusCode, refused.Res.Reason)
	}
	return err
}

func (c *call) invite() *sip.Request {
	host, port, _ := sip.ParseAddr(c.crew.options.proxy)
	to := sip.Uri{Scheme: "sip", User: c.record.Number, Host: host, Port: port}
	return c.crew.station.invite(c.record.Caller, c.record.CallID, to, writeSDP(c.offer()))
}

func (c *call) offer() media {
	return media{address: c.line.local(), codecs: []uint8{typePCMU, typePCMA}, keys: typeKeys}
}

// bye answers the far end's BYE; it may come while dial is still busy with the
// answer.
func (o *outgoing) bye(req *sip.Request, tx sip.ServerTransaction) {
	select {
	case <-o.answered:
		_ = o.dialog.ReadBye(req, tx)
	case <-tx.Done():
	case <-time.After(requestLimit):
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
	}
}

// ack is that of a re-INVITE: nothing waits for it.
func (o *outgoing) ack(*sip.Request, sip.ServerTransaction) {}

func (c *call) renegotiate(offer []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := c.offer()
	if len(offer) > 0 {
		far, err := readSDP(offer)
		if err != nil {
			return nil, err
		}
		c.line.remote, c.codec = far.address, far.codecs[0]
		own.codecs = far.codecs
		if far.keys != 0 {
			c.keyType, own.keys = far.keys, far.keys
		}
	}
	return writeSDP(own), nil
}
