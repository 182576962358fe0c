package main

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// consultation is an agent's own call to another agent, before a transfer.
type consultation struct {
	talker
	outgoing
	board *switchboard
	id    string
}

// consult calls another agent and returns when the two talk. The consultation
// must be ended.
func (b *switchboard) consult(agent string, to sip.Uri) (*consultation, error) {
	l, err := newLine(b.station.address.Addr())
	if err != nil {
		return nil, err
	}
	c := &consultation{
		talker:   b.newTalker(l, typeKeys, b.options.consult),
		outgoing: outgoing{answered: make(chan struct{})}, board: b, id: rand.Text(),
	}
	b.station.join(c.id, c)
	if err := c.dial(agent, to); err != nil {
		c.hangUp()
		return nil, fmt.Errorf("call %s: %w", to.User, err)
	}
	b.pacer.add(&c.talker)
	return c, nil
}

func (c *consultation) dial(agent string, to sip.Uri) error {
	ctx, cancel := context.WithTimeout(c.board.ctx, ringLimit)
	defer cancel()
	station := c.board.station
	far, err := c.connect(ctx, station, station.invite(agent, c.id, to, writeSDP(c.media())))
	if err != nil {
		return err
	}
	return c.hear(far)
}

// end hangs up.
func (c *consultation) end() {
	c.board.pacer.remove(&c.talker)
	c.hangUp()
}

func (c *consultation) hangUp() {
	if c.dialog != nil {
		_ = sayBye(c.dialog) // whether or not it is answered, the agent has put the phone down
	}
	c.board.station.leave(c.id)
	_ = c.line.conn.Close()
}

// replaces names the call for who shall take the agent's place in it (RFC
// 3891): the tags are as the far end sees them.
func (c *consultation) replaces() string {
	own, _ := c.dialog.InviteRequest.From().Params.Get("tag")
	far, _ := c.dialog.InviteResponse.To().Params.Get("tag")
	return fmt.Sprintf("%s;to-tag=%s;from-tag=%s", c.id, far, own)
}
