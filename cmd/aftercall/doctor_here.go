package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"aftercall/cmd/aftercall/web"
	"aftercall/configs"
	"aftercall/ivr/asterisk"
	"aftercall/ivr/prompt"
	"aftercall/scoring/sqlite"
)

// maxReady bounds what is read of /readyz, in bytes.
const maxReady = 1 << 20

// faulty tells the faults of a configuration, without which nothing else can
// be looked at.
func (e *examination) faulty(err error) {
	faults := configs.Faults{}
	if !errors.As(err, &faults) {
		faults = configs.Faults{{Path: "configuration", Text: err.Error()}}
	}
	for _, f := range faults {
		e.add("configuration", asterisk.Fault, f.Error(), "")
	}
	e.add("the rest", asterisk.Unseen, "it needs a configuration without a fault", "")
}

// nodes looks at every Asterisk.
func (e *examination) nodes(ctx context.Context, c *configs.Config) {
	e.want.Etc = e.etc
	e.want.Mark = dialplanOf(c).Mark
	for _, q := range c.Catalogue.Queues {
		e.want.Queues = append(e.want.Queues, q.Name)
	}
	e.found = append(e.found, asterisk.Examine(ctx, servers(c), e.want)...)
}

// here looks at our own side.
func (e *examination) here(ctx context.Context, c *configs.Config) {
	e.add("configuration", asterisk.Well, "is good", "")
	e.prompts(c)
	for _, f := range c.Catalogue.Fallbacks() {
		e.add("languages", asterisk.Warning, fellBack(f), "write the text into the layout files")
	}
	e.folders(c)
	e.store(ctx, c)
	if text := openPages(c); text != "" {
		e.add("http.listen", asterisk.Warning, text, "aftercall.yaml, http: listen: 127.0.0.1:9380, or a proxy that asks for a login")
	} else {
		e.add("http.listen", asterisk.Well, "only this machine can reach the pages", "")
	}
	for _, text := range exposed(c) {
		e.add("passwords", asterisk.Warning, text, "")
	}
	e.service(ctx, c)
}

// prompts looks at the sound files as we see them and at how long surveys are.
func (e *examination) prompts(c *configs.Config) {
	e.want.Limit = time.Duration(dialplanOf(c).Limit) * time.Second
	lib, err := sounds(c)
	if err != nil {
		e.add("prompts", asterisk.Fault, err.Error(), "")
		return
	}
	files, err := soundFiles(c)
	if err != nil {
		e.add("prompts", asterisk.Fault, err.Error(), "")
		return
	}
	for _, f := range files {
		if s, err := lib.File(f); err == nil {
			e.want.Sounds = append(e.want.Sounds, s)
		}
	}
	all := len(files)
	if len(e.want.Sounds) < all {
		e.add("prompts", asterisk.Fault, fmt.Sprintf("%d of %d are not in %s or are damaged", all-len(e.want.Sounds), all, c.Prompts.Folder), `"aftercall prompts build"`)
		return
	}
	e.manifest(c, lib, files)
	b, err := newBook(c, lib)
	if err != nil {
		e.add("survey", asterisk.Fault, err.Error(), "")
		return
	}
	d, name := b.Longest()
	e.want.Limit = d + dialplanSlack
	e.add("survey", asterisk.Well, fmt.Sprintf("%q takes up to %s", name, d.Round(100*time.Millisecond)), "")
}

// manifest finds out whether the sounds, which are all there, have a manifest:
// by it a node shows that it was given the same.
func (e *examination) manifest(c *configs.Config, lib *prompt.Library, files []prompt.File) {
	m, err := lib.Manifest(files)
	if err != nil {
		e.add("prompts", asterisk.Fault, err.Error(), `"aftercall prompts build"`)
		return
	}
	e.want.Markers = lib.Markers(m)
	if len(e.want.Markers) == 0 {
		e.add("prompts", asterisk.Warning, fmt.Sprintf("all %d are in %s, without a manifest of them: whether a node has the same is not known", len(files), c.Prompts.Folder), `"aftercall prompts build"`)
		return
	}
	e.add("prompts", asterisk.Well, fmt.Sprintf("all %d are in %s", len(files), c.Prompts.Folder), "")
}

// folders finds out whether database and spill file can be written.
func (e *examination) folders(c *configs.Config) {
	const mayAll = 7 // read, write, enter
	for _, f := range []struct{ name, path string }{{"store.path", c.Store.Path}, {"store.spill", c.Store.Spill}} {
		folder := filepath.Dir(f.path)
		err := syscall.Access(folder, mayAll)
		if _, statErr := os.Stat(f.path); err == nil && statErr == nil {
			const mayWrite = 6
			folder, err = f.path, syscall.Access(f.path, mayWrite)
		}
		if err != nil {
			e.add(f.name, asterisk.Fault, fmt.Sprintf("%s cannot be written by this user: %v", folder, err), fmt.Sprintf("install -d -o USER %s, with the user that the service runs as; or another place in aftercall.yaml", filepath.Dir(f.path)))
			continue
		}
		e.add(f.name, asterisk.Well, "this user can write "+f.path, "")
	}
}

// store looks into the database, if there is one.
func (e *examination) store(ctx context.Context, c *configs.Config) {
	const check = "database"
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	s, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.add(check, asterisk.Well, "is not there yet: the first start makes it", "")
		return
	case errors.Is(err, sqlite.ErrCorrupt):
		e.add(check, asterisk.Fault, err.Error(), `stop the service and "aftercall restore FILE" with the last backup: what is there now is kept beside it`)
		return
	case errors.Is(err, sqlite.ErrOlderSchema):
		e.add(check, asterisk.Well, "is of an older version: the next start brings it up to date", "")
		return
	case errors.Is(err, sqlite.ErrNewerSchema):
		e.add(check, asterisk.Fault, err.Error(), "install the version of aftercall that made it, or a newer one")
		return
	case err != nil:
		e.add(check, asterisk.Fault, err.Error(), "")
		return
	}
	defer s.Close()
	zone, err := s.Zone(ctx)
	switch {
	case err != nil:
		e.add(check, asterisk.Fault, err.Error(), "")
	case zone != c.Site.TimeZone:
		e.add(check, asterisk.Fault, fmt.Sprintf("holds days of %q, site.time_zone is %q", zone, c.Site.TimeZone), fmt.Sprintf("aftercall.yaml, site: time_zone: %s; or another store.path", zone))
	default:
		e.add(check, asterisk.Well, "can be read, with days of "+zone, "")
	}
}

// service asks the running service how its parts stand.
func (e *examination) service(ctx context.Context, c *configs.Config) {
	const check = "service"
	host, port, _ := net.SplitHostPort(c.HTTP.Listen) // it was checked
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "localhost"
	}
	if port == "0" {
		e.add(check, asterisk.Unseen, "http.listen has port 0: nobody knows where it is", "")
		return
	}
	address := net.JoinHostPort(host, port)
	var said struct {
		Ready *bool      `json:"ready"`
		Parts []web.Part `json:"parts"`
	}
	err := readyz(ctx, address, &said)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		e.add(check, asterisk.Warning, "does not run at "+address+": nobody is asked", "aftercall serve")
		return
	case err != nil:
		e.add(check, asterisk.Fault, fmt.Sprintf("does not say how it is at %s: %v", address, err), "is it frozen? Its log says more")
		return
	case said.Ready == nil:
		e.add(check, asterisk.Fault, "what answers at "+address+" is another program", "aftercall.yaml, http: listen: an address of its own")
		return
	}
	e.want.Service = map[string]asterisk.Status{}
	well := true
	for _, p := range said.Parts {
		switch {
		case p.Name == "asterisk": // told with the node
			e.want.Service[p.Instance] = asterisk.Status{Name: p.Instance, Connected: p.OK, Error: p.Error}
		case !p.OK:
			well = false
			e.add(check, asterisk.Fault, fmt.Sprintf("runs at %s, and its %s is not well: %s", address, p.Name, p.Error), "its log says more")
		}
	}
	if well {
		e.add(check, asterisk.Well, "runs at "+address, "")
	}
}

// readyz reads /readyz; what is no JSON leaves into as it is.
func readyz(ctx context.Context, address string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, asterisk.RequestLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxReady))
	if err != nil {
		return err
	}
	_ = json.Unmarshal(b, into)
	return nil
}
