package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	pollEvery  = 20 * time.Millisecond
	replyLimit = 500 * time.Millisecond
	oldest     = 22 // major version of Asterisk
)

// waitReady returns when ARI answers (it refuses until Asterisk is fully
// booted) and the SIP port answers an OPTIONS.
func (a *Asterisk) waitReady(ctx context.Context) error {
	client := &http.Client{Timeout: replyLimit, Transport: &http.Transport{DisableKeepAlives: true}}
	err := a.poll(ctx, "ARI", func() error { return a.askARI(ctx, client) })
	if err != nil {
		return err
	}
	major, _, _ := strings.Cut(a.Version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		return fmt.Errorf("version %q: want %d or newer", a.Version, oldest)
	}
	return a.poll(ctx, "SIP", func() error { return askSIP(ctx, a.SIPAddr) })
}

// poll asks until there is an answer, Asterisk has ended, or time is up.
func (a *Asterisk) poll(ctx context.Context, what string, ask func() error) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-a.process.done:
			return fmt.Errorf("ended before %s answered: %s", what, a.process.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("%s: no answer: %w", what, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

// askARI asks for the version.
func (a *Asterisk) askARI(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.ARIURL+"/asterisk/info?only=system", nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(a.ARIUser, a.ARIPassword)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s, want 200", resp.Status)
	}
	var info struct {
		System struct {
			Version string `json:"version"`
		} `json:"system"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&info); err != nil {
		return fmt.Errorf("version: %w", err)
	}
	a.Version, _, _ = strings.Cut(info.System.Version, "+") // without the packager's part
	return nil
}

// askSIP sends one OPTIONS; any SIP answer will do.
func askSIP(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp4", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(replyLimit)); err != nil {
		return err
	}
	local, id := conn.LocalAddr(), randomText()
	_, err = fmt.Fprintf(conn, "OPTIONS sip:%s SIP/2.0\r\n"+
		"Via: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 1\r\n"+
		"From: <sip:lab@%s>;tag=%s\r\nTo: <sip:%s>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\n"+
		"Content-Length: 0\r\n\r\n", addr, local, id, local, id, addr, id)
	if err != nil {
		return err
	}
	reply := make([]byte, 2048)
	n, err := conn.Read(reply)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(reply[:n]), "SIP/2.0 ") {
		return fmt.Errorf("reply %q: want SIP/2.0", reply[:min(n, 40)])
	}
	return nil
}
