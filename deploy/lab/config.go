package lab

import (
	"crypto/rand"
	"embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
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

// Interface is what the agent's queues call.
func (a Agent) Interface() string {
	if a.Local {
		return "Local/" + a.Number + "@agents/n"
	}
	return "PJSIP/" + a.Number
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
	s := settings{
		Options: o, Folder: a.folder.inside,
		Node: a.Name, EntityID: randomMAC(),
		SIP: a.ports.sip, HTTP: a.ports.http, RTPFirst: a.ports.rtpFirst, RTPEnd: a.ports.rtpEnd,
		User: a.ARIUser, Password: a.ARIPassword, LogName: logName,
	}
	texts := map[string]string{"dialplan.conf": o.Dialplan}
	for _, t := range templates.Templates() {
		var text strings.Builder
		if err := t.Execute(&text, s); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
		texts[t.Name()] = text.String()
	}
	for _, name := range emptyFiles {
		texts[name] = ""
	}
	for name, text := range texts {
		if o.Edit != nil {
			text = o.Edit(name, text)
		}
		if err := os.WriteFile(filepath.Join(a.ConfigFolder, name), []byte(text), 0o644); err != nil {
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
