package lab

import (
	"crypto/rand"
	"embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed templates/*.conf
var templateFiles embed.FS

// A missing key is a fault of the template, not an empty setting.
var templates = template.Must(template.New("").Option("missingkey=error").ParseFS(templateFiles, "templates/*.conf"))

// emptyFiles must exist, or Asterisk reports an error for each; the defaults do.
var emptyFiles = []string{"acl.conf", "ccss.conf", "features.conf", "pjproject.conf",
	"queuerules.conf", "udptl.conf", "websocket_client.conf"}

// settings is what the templates see.
type settings struct {
	Options
	Folder           string // as Asterisk sees it
	Node, EntityID   string // unique, so that UNIQUEIDs of two runs differ
	SIP, HTTP        int
	RTPFirst, RTPEnd int
	User, Password   string
	LogName          string
}

// Queues are the distinct queues, in the order of the numbers.
func (s settings) Queues() []string {
	var names []string
	seen := make(map[string]bool)
	for _, n := range s.Numbers {
		if !seen[n.Queue] {
			seen[n.Queue] = true
			names = append(names, n.Queue)
		}
	}
	return names
}

// Times are the visits of the number, counted from 1.
func (n Number) Times() []int {
	times := make([]int, max(n.Visits, 1))
	for i := range times {
		times[i] = i + 1
	}
	return times
}

// writeConfig fills the run's etc folder.
func (a *Asterisk) writeConfig(o Options) error {
	etc := filepath.Join(a.folder.host, "etc")
	s := settings{
		Options: o, Folder: a.folder.inside,
		Node: a.Name, EntityID: randomMAC(),
		SIP: a.ports.sip, HTTP: a.ports.http, RTPFirst: a.ports.rtpFirst, RTPEnd: a.ports.rtpEnd,
		User: a.ARIUser, Password: a.ARIPassword, LogName: logName,
	}
	for _, t := range templates.Templates() {
		f, err := os.Create(filepath.Join(etc, t.Name()))
		if err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
		if err := t.Execute(f, s); err != nil {
			_ = f.Close()
			return fmt.Errorf("configuration: %w", err)
		}
		if err := f.Close(); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
	}
	texts := map[string]string{"dialplan.conf": o.Dialplan}
	for _, name := range emptyFiles {
		texts[name] = ""
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
	}
	return nil
}

// randomMAC is a locally administered address: Asterisk wants its entity id
// in that form.
func randomMAC() string {
	mac := make(net.HardwareAddr, 6)
	_, _ = rand.Read(mac) // never fails
	mac[0] = mac[0]&^1 | 2
	return mac.String()
}
