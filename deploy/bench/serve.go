package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aftercall/deploy/lab"
)

const (
	serveLimit = 2 * time.Minute  // for a program to serve
	pageLimit  = 30 * time.Second // for a page
	password   = "a password of the bench"
	nobody     = "http://127.0.0.1:1/ari" // an Asterisk that is not there
)

// site makes a site in a folder: the shipped configuration with an Asterisk's
// ARI at an address, and its prompts. It gives the path of the configuration.
func (s *Suite) site(ctx context.Context, folder, ari string) (config string, err error) {
	change := strings.NewReplacer("http://127.0.0.1:8088/ari", ari, "/var/lib/aftercall/", "")
	for _, name := range []string{"aftercall.yaml", "layouts.yaml"} {
		b, err := os.ReadFile(filepath.Join(s.Top, "configs", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), []byte(change.Replace(string(b))), 0o600)
		}
		if err != nil {
			return "", err
		}
	}
	config = filepath.Join(folder, "aftercall.yaml")
	cmd := exec.CommandContext(ctx, s.Program, "--config", config, "prompts", "build")
	cmd.Env = append(os.Environ(), "AFTERCALL_ARI_PASSWORD="+password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("prompts of a site: %w\n%s", err, out)
	}
	return config, nil
}

// serve serves a store of a site, and returns once agents' figures are there.
func (s *Suite) serve(ctx context.Context, config, store string, args ...string) (*served, error) {
	cmd := exec.Command(s.Program, append([]string{"--config", config, "serve"}, args...)...)
	cmd.Env = append(os.Environ(), "AFTERCALL_ARI_PASSWORD="+password, "AFTERCALL_HTTP_LISTEN=127.0.0.1:0",
		"AFTERCALL_STORE_PATH="+store, "AFTERCALL_STORE_SPILL="+store+".jsonl", "AFTERCALL_LOG_LEVEL=debug",
		"AFTERCALL_STORE_LIMIT=2s") // the longest: a busy disk must not end a measurement
	return serve(ctx, cmd, `msg="figures refreshed"`)
}

// served is a program that serves pages.
type served struct {
	*lab.Process
	base string // of the pages' addresses
}

// serve starts a program and returns once it has said where it serves
// (msg=serving ... http=ADDRESS) and the texts that are wanted besides, in any
// order.
func serve(ctx context.Context, cmd *exec.Cmd, wanted ...string) (*served, error) {
	said := &says{wanted: append([]string{"msg=serving "}, wanted...), done: make(chan struct{})}
	cmd.Stderr = said
	p, err := lab.StartProcess(cmd)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, serveLimit)
	defer cancel()
	select {
	case <-said.done:
		return &served{Process: p, base: "http://" + said.address}, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-p.Done():
		err = errors.New("it ended")
	}
	err = errors.Join(fmt.Errorf("%s: %w, want it to say %q", filepath.Base(cmd.Path), err, wanted), p.End(context.WithoutCancel(ctx)))
	<-p.Done() // nothing is written any more
	return nil, fmt.Errorf("%w\n%s", err, said.last)
}

// says reads what a program says until everything that is wanted was said.
type says struct {
	wanted     []string
	half, last []byte // line that is not whole; line before it
	address    string
	done       chan struct{}
}

// Write is called by one goroutine.
func (s *says) Write(p []byte) (int, error) {
	if len(s.wanted) == 0 {
		return len(p), nil
	}
	s.half = append(s.half, p...)
	for {
		line, rest, whole := bytes.Cut(s.half, []byte("\n"))
		if !whole || len(s.wanted) == 0 {
			return len(p), nil
		}
		s.last, s.half = slices.Clone(line), rest
		if _, at, found := strings.Cut(string(line), " http="); found && s.address == "" {
			s.address = strings.Fields(at)[0]
		}
		s.wanted = slices.DeleteFunc(s.wanted, func(w string) bool { return strings.Contains(string(line), w) })
		if len(s.wanted) == 0 {
			close(s.done)
		}
	}
}

func (p *served) address() string { return strings.TrimPrefix(p.base, "http://") }

// page gets a page as it comes in an encoding, whole, and says how long that
// took.
func (p *served) page(ctx context.Context, path, encoding string) (body []byte, took time.Duration, err error) {
	began := time.Now()
	body, code, err := p.get(ctx, path, encoding)
	took = time.Since(began)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("%s: status %d, want 200", path, code)
	}
	return body, took, err
}

// get gets a page, whatever its status.
func (p *served) get(ctx context.Context, path, encoding string) (body []byte, code int, err error) {
	ctx, cancel := context.WithTimeout(ctx, pageLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Accept-Encoding", encoding) // set by us, the answer stays as it comes
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return body, resp.StatusCode, err
}
