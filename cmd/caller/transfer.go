package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// transferKind is how an agent hands a caller on.
type transferKind string

const (
	blind    transferKind = "blind"    // REFER: the caller is sent there at once
	attended transferKind = "attended" // the agent calls there first, talks, then REFER with Replaces
)

// transfer is what an agent does with each caller in place of hanging up.
type transfer struct {
	kind   transferKind
	target string // what the agent dials
}

// readTransfers reads flags like "1001=blind:8002"; the key is the agent.
func readTransfers(flags []string) (map[string]transfer, error) {
	all := map[string]transfer{}
	for _, f := range flags {
		agent, rest, _ := strings.Cut(f, "=")
		kind, target, _ := strings.Cut(rest, ":")
		t := transfer{kind: transferKind(kind), target: target}
		if !isUser(agent) || !isUser(target) || t.kind != blind && t.kind != attended {
			return nil, fmt.Errorf("--transfer %q: want <agent>=blind:<number> or <agent>=attended:<number>", f)
		}
		if _, twice := all[agent]; twice {
			return nil, fmt.Errorf("--transfer %q: agent %q is named twice, want once", f, agent)
		}
		all[agent] = t
	}
	return all, nil
}

// Bounds of a transfer.
const (
	ringLimit     = 20 * time.Second // how long the other agent's phone may ring
	referredBound = 16               // statuses of a transfer that wait to be read
)

// transferred reports whether the caller was handed on; the agent's call has
// then ended.
func (b *switchboard) transferred(call *agentCall, agent string, t transfer) bool {
	if err := b.handOn(call, agent, t); err != nil {
		b.count(agent, func(t *tally) { t.notTransferred++ })
		return false
	}
	_ = sayBye(call.dialog)
	b.count(agent, func(t *tally) { t.transferred++ })
	return true
}

// handOn transfers the caller and ends the agent's calls. The error says why
// the caller was not handed on; the agent's call to the caller then stands.
func (b *switchboard) handOn(call *agentCall, agent string, t transfer) error {
	to := sip.Uri{Scheme: "sip", User: t.target, Host: call.far().Host, Port: call.far().Port}
	if t.kind == blind {
		return b.refer(call, agent, "<"+to.String()+">")
	}
	second, err := b.consult(agent, to)
	if err != nil {
		return err
	}
	defer second.end()
	select {
	case <-second.over:
	case <-second.dialog.Context().Done():
		return fmt.Errorf("%s hung up", to.User)
	case <-call.dialog.Context().Done():
		return fmt.Errorf("the caller hung up")
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
	return b.refer(call, agent, fmt.Sprintf("<%s?Replaces=%s>", to.String(), url.QueryEscape(second.replaces())))
}

// refer asks the far end to send its caller there (RFC 3515), and waits until
// it says what became of that, or hangs up.
func (b *switchboard) refer(call *agentCall, agent, to string) error {
	ctx, cancel := context.WithTimeout(b.ctx, requestLimit)
	defer cancel()
	req := sip.NewRequest(sip.REFER, call.far())
	req.AppendHeader(sip.NewHeader("Refer-To", to))
	req.AppendHeader(sip.NewHeader("Referred-By", fmt.Sprintf("<sip:%s@%s>", agent, b.station.address)))
	res, err := call.dialog.Do(ctx, req)
	if err != nil {
		return fmt.Errorf("refer to %s: %w", to, err)
	}
	if res.StatusCode != sip.StatusAccepted {
		return fmt.Errorf("refer to %s: %d %s, want 202", to, res.StatusCode, res.Reason)
	}
	for {
		select {
		case status := <-call.referred:
			if status >= 300 {
				return fmt.Errorf("refer to %s: ended with %d", to, status)
			}
			if status >= 200 {
				return nil
			}
		case <-call.dialog.Context().Done():
			return nil
		case <-ctx.Done():
			return fmt.Errorf("refer to %s: %w", to, ctx.Err())
		}
	}
}

// readFragment reads the status out of a NOTIFY's body: "SIP/2.0 200 OK".
func readFragment(body []byte) (status int, err error) {
	if _, err := fmt.Sscanf(string(body), "SIP/2.0 %d", &status); err != nil {
		return 0, fmt.Errorf("notify %q: %w, want a status line", body, err)
	}
	return status, nil
}
