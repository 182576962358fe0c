package centre

import (
	"cmp"
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"aftercall/scoring"
)

//go:embed config.yaml.tmpl
var configText string

var configTemplate = template.Must(template.New("config").Parse(configText))

// node is what the configuration says of one Asterisk.
type node struct {
	Name, URL, User string
	Password        string // what the file holds, until it is written; then the file
}

// placeholder stands for an Asterisk that does not run yet.
var placeholder = node{Name: "none", URL: "http://127.0.0.1:1/ari", User: "none", Password: "none"}

// Configure writes the service's configuration anew, for the Asterisks of
// this centre, with changes of its text. A running service takes it over when
// it is told to reload.
func (c *Centre) Configure(changes ...func(config string) string) error {
	var nodes []node
	for _, a := range c.Nodes {
		url := a.ARIURL
		if c.o.Route != nil {
			url = c.o.Route(a)
		}
		nodes = append(nodes, node{Name: a.Name, URL: url, User: a.ARIUser, Password: a.ARIPassword})
	}
	return c.writeConfig(nodes, changes...)
}

// ConfigFile is the path of the service's configuration.
func (c *Centre) ConfigFile() string { return c.config() }

func (c *Centre) config() string { return filepath.Join(c.Run, "aftercall.yaml") }

// Store is the path of the database.
func (c *Centre) Store() string { return filepath.Join(cmp.Or(c.o.Store, c.Run), "aftercall.db") }

// Spill is the path of the spill file.
func (c *Centre) Spill() string { return filepath.Join(c.Run, "spill.jsonl") }

// writeConfig writes the service's configuration and the files that hold the
// passwords.
func (c *Centre) writeConfig(nodes []node, changes ...func(config string) string) error {
	for i := range nodes {
		file := filepath.Join(c.Run, "ari-password-"+nodes[i].Name)
		if err := os.WriteFile(file, []byte(nodes[i].Password+"\n"), 0o600); err != nil {
			return err
		}
		nodes[i].Password = file
	}
	media := "/none"
	if c.Asterisk != nil {
		media = c.Asterisk.SoundsMedia
	}
	listen := c.o.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	var text strings.Builder
	err := configTemplate.Execute(&text, map[string]any{
		"Nodes": nodes, "Media": media, "Listen": listen, "Queues": c.o.Queues, "Sounds": c.cache(),
		"Layouts": cmp.Or(c.o.Layouts, filepath.Join(c.o.Folder, "configs", "layouts.yaml")), "Store": c.Store(), "Spill": c.Spill(), "StoreLimit": cmp.Or(c.o.StoreLimit, "2s"),
		"Roster": c.roster(), "Recordings": c.o.Recordings, "Zone": cmp.Or(c.o.Zone, "Asia/Shanghai"),
	})
	if err != nil {
		return err
	}
	config := text.String()
	for _, change := range changes {
		config = change(config)
	}
	return os.WriteFile(c.config(), []byte(config), 0o644)
}

// roster lists the agents who stand on it.
func (c *Centre) roster() []scoring.RosterAgent {
	var list []scoring.RosterAgent
	for i := range c.o.Agents {
		if len(c.o.Teams) == 0 {
			break
		}
		a := c.agent(i + 1)
		list = append(list, scoring.RosterAgent{ID: "agent-" + a.Number, Name: a.Name, Team: c.o.Teams[i%len(c.o.Teams)], Aliases: []scoring.Alias{{Interface: a.Interface()}}})
	}
	return list
}
