package asterisk

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// poolBound is how many connections a node holds at once beside that of its
// events.
const poolBound = 16

// spare are connections of others that come and go: pages, metrics of
// Asterisk, another program.
const spare = 3

// connections opens as many connections as the service may hold, with a
// request on each. Asterisk closes those beyond its sessionlimit at once.
func (x *examiner) connections(ctx context.Context) {
	const check = "connections"
	if x.lost != nil {
		x.unseen(check, x.lost)
		return
	}
	x.client.http.CloseIdleConnections()
	need := poolBound + 1 + spare
	if x.want.Service[x.client.server.Name].Connected {
		need -= 1 + spare // it holds its event connection, and some others, now
	}
	served, err := x.serve(ctx, need)
	switch {
	case served == need:
		x.well(check, "%d at once are served", need)
	case served == 0:
		x.unseen(check, err)
	default:
		text := fmt.Sprintf("Asterisk serves %d of %d at once, and closes the others", served, need)
		if c, err := x.conf("http.conf"); err == nil {
			if v, ok := c.value("general", "sessionlimit"); ok {
				text += ": sessionlimit is " + v
			}
		}
		x.add(check, Fault, text, `http.conf, [general]: sessionlimit = 200; then "module reload http"`)
	}
}

// serve tells how many of so many connections are served while all are open,
// and why the last was not.
func (x *examiner) serve(ctx context.Context, many int) (served int, err error) {
	ctx, cancel := context.WithTimeout(ctx, RequestLimit)
	defer cancel()
	u, err := url.Parse(x.client.server.URL)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(u.String(), "/")+"/asterisk/ping", nil)
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(x.client.server.Username, x.client.server.Password)
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	for range many {
		c, failed := connect(ctx, u)
		if failed != nil {
			err = failed
			continue
		}
		open = append(open, c)
	}
	for _, c := range open {
		failed := answers(ctx, c, req)
		if failed == nil {
			served++
			continue
		}
		err = failed
	}
	return served, err
}

// connect opens a connection to the server of an address.
func connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	address := net.JoinHostPort(u.Hostname(), port(u))
	if u.Scheme == "https" {
		return (&tls.Dialer{}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// answers sends a request on a connection and reads the answer, whatever it is.
func answers(ctx context.Context, c net.Conn, req *http.Request) error {
	if at, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(at); err != nil {
			return err
		}
	}
	if err := req.Write(c); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
