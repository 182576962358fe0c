package asterisk

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/CyCoreSystems/ari/v5"
)

// reach finds out whether ARI answers and lets us in, and how Asterisk's clock
// stands.
func (x *examiner) reach(ctx context.Context) bool {
	begun := time.Now()
	code, header, reply, err := x.client.exchange(ctx, http.MethodGet, "/asterisk/ping", nil)
	took := time.Since(begun)
	var pong struct {
		Ping      string `json:"ping"`
		Timestamp string `json:"timestamp"`
	}
	isJSON := err == nil && json.Unmarshal(reply, &pong) == nil
	switch {
	case err != nil:
		x.unreachable(err)
	case code == http.StatusUnauthorized:
		x.refused()
	case code == http.StatusForbidden:
		x.add("login", Fault, fmt.Sprintf("user %q is not let in from here: %s", x.client.server.Username, firstLine(reply)),
			fmt.Sprintf("ari.conf, [%s]: acl, permit and deny must allow this machine", x.client.server.Username))
	case code == http.StatusOK && pong.Ping == "pong":
		x.well("ARI", "answers")
		x.well("login", "user %q", x.client.server.Username)
		x.clock(pong.Timestamp, begun, took)
		return true
	case code == http.StatusServiceUnavailable && isJSON:
		x.add("ARI", Fault, "Asterisk is still starting: "+firstLine(reply), "try again in a moment")
	case code == http.StatusNotFound && isJSON:
		x.add("ARI", Fault, "is there without its part for the server itself", "modules.conf must load res_ari_asterisk.so, or use autoload")
	case code == http.StatusNotFound && strings.HasPrefix(header.Get("Server"), "Asterisk"):
		x.disabled()
	default:
		x.add("ARI", Fault, fmt.Sprintf("what answers is no ARI: %d, %q", code, firstLine(reply)), "aftercall.yaml, asterisk.nodes: url: must be http.conf's address with /ari behind it")
	}
	return false
}

// disabled says why an Asterisk that answers has no ARI.
func (x *examiner) disabled() {
	text := "Asterisk has no ARI at this address"
	remedy := `ari.conf, [general]: enabled = yes; then "module reload res_ari.so"`
	if c, err := x.conf("ari.conf"); err == nil {
		if v, ok := c.value("general", "enabled"); ok && !yes(v) {
			x.add("ARI", Fault, text+": "+filepath.Join(x.etc, "ari.conf")+" disables it", remedy)
			return
		}
	}
	x.add("ARI", Fault, text, remedy+"; modules.conf must load res_ari.so; a prefix in http.conf belongs into the url of aftercall.yaml")
}

// unreachable says why nothing answers.
func (x *examiner) unreachable(err error) {
	u, parsed := url.Parse(x.client.server.URL)
	if parsed != nil {
		x.add("ARI", Fault, reason(err), "aftercall.yaml, asterisk.nodes: url")
		return
	}
	text, remedy := reason(err), "aftercall.yaml, asterisk.nodes: url: must be http.conf's address with /ari behind it"
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		text = "nothing listens at " + u.Host
		remedy = fmt.Sprintf(`is Asterisk running? http.conf, [general]: enabled = yes, bindaddr = %s, bindport = %s; then "module reload http"`, u.Hostname(), port(u))
		if c, err := x.conf("http.conf"); err == nil {
			if v, _ := c.value("general", "enabled"); !yes(v) {
				text += ": " + filepath.Join(x.etc, "http.conf") + " disables it"
			}
		}
	case errors.As(err, &certificate):
		remedy = "the certificate of http.conf (tlscertfile) must be for the host in url, and of an authority that this machine trusts"
	case strings.Contains(text, "HTTP response to HTTPS client"):
		text, remedy = "this port speaks HTTP without TLS", "aftercall.yaml, asterisk.nodes: url: http://…, or https://… with the port of http.conf's tlsbindaddr"
	case errors.As(err, &timeout) && timeout.Timeout():
		text = fmt.Sprintf("no answer within %s", RequestLimit)
		remedy = "is Asterisk frozen or overloaded, or a firewall in between?"
	case u.Scheme == "http" && (strings.Contains(text, "malformed HTTP") || strings.Contains(text, "EOF") || errors.Is(err, syscall.ECONNRESET)):
		text = "the connection is closed without an answer: " + text
		remedy = "if the port is that of http.conf's tlsbindaddr, write https:// into the url of aftercall.yaml; if http.conf's sessionlimit is used up, raise it"
	}
	x.add("ARI", Fault, text, remedy)
}

// refused tells a missing user from a wrong password, to which ARI gives the
// same answer, where ari.conf can be read.
func (x *examiner) refused() {
	const check = "login"
	user := x.client.server.Username
	remedy := fmt.Sprintf(`ari.conf: [%s], type = user, password = the one that aftercall.yaml names; then "module reload res_ari.so"`, user)
	c, err := x.conf("ari.conf")
	if err == nil && c.find(user) == nil && c.partly != "" {
		err = errors.New(c.partly)
	}
	if err != nil {
		x.add(check, Fault, fmt.Sprintf("there is no user %q, or its password is another (which, was not looked at: %v)", user, err), remedy)
		return
	}
	file := filepath.Join(x.etc, "ari.conf")
	kind, _ := c.value(user, "type")
	form, _ := c.value(user, "password_format")
	password, _ := c.value(user, "password")
	switch {
	case c.find(user) == nil:
		x.add(check, Fault, fmt.Sprintf("there is no user %q in %s", user, file), remedy)
	case !strings.EqualFold(kind, "user"):
		x.add(check, Fault, fmt.Sprintf("[%s] in %s is no user", user, file), remedy)
	case strings.EqualFold(form, "crypt") || password != x.client.server.Password:
		x.add(check, Fault, fmt.Sprintf("the password of user %q is another in %s", user, file), "aftercall.yaml, asterisk.nodes: password_env, password_file or password_credential must give that of ari.conf")
	default:
		x.add(check, Fault, fmt.Sprintf("%s has user %q with this password, and Asterisk has not read it yet", file, user), `"module reload res_ari.so"`)
	}
}

// clock compares Asterisk's clock with ours, allowing for half of the time
// that the answer took.
func (x *examiner) clock(stamp string, begun time.Time, took time.Duration) {
	at, err := time.Parse(ari.DateFormat, stamp)
	if err != nil {
		x.unseen("clock", fmt.Errorf("unreadable time %q", stamp))
		return
	}
	off := at.Sub(begun.Add(took / 2))
	side := "ahead of"
	if off < 0 {
		off, side = -off, "behind"
	}
	if off-took/2 > maxSkew {
		x.add("clock", Fault, fmt.Sprintf("is %s %s ours", off.Round(time.Second), side), "let chrony or systemd-timesyncd set the clocks of both machines")
		return
	}
	x.well("clock", "within %s of ours", maxSkew)
}

// port gives the port of an address.
func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// confFolder gives the folder that holds the configuration of the Asterisk at
// an address, or why there is none: it must be on this machine, and its
// http.conf must name the port of the address.
func confFolder(address string, folders []string) (folder, why string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "the url cannot be read"
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && !ip.IsLoopback() {
		return "", "Asterisk is on another machine: run doctor there"
	}
	var reasons []string
	for _, f := range folders {
		c, err := readConf(f, "http.conf")
		switch {
		case err != nil:
			reasons = append(reasons, plain(err))
		case !c.listens(u):
			reasons = append(reasons, fmt.Sprintf("%s is of another Asterisk: its port is not %s", filepath.Join(f, "http.conf"), port(u)))
		default:
			return f, ""
		}
	}
	return "", strings.Join(append(reasons, "name the folder of asterisk.conf with --etc"), "; ")
}

// listens tells whether an http.conf names the port of an address.
func (c *conf) listens(u *url.URL) bool {
	bound := "8088"
	if v, ok := c.value("general", "bindport"); ok {
		bound = v
	}
	if u.Scheme == "https" {
		bound = "8089"
		v, _ := c.value("general", "tlsbindaddr")
		if _, p, err := net.SplitHostPort(v); err == nil {
			bound = p
		}
	}
	return bound == port(u)
}
