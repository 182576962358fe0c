package centre

import (
	"cmp"
	_ "embed"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed config.yaml.tmpl
var configText string

var configTemplate = template.Must(template.New("config").Parse(configText))

// node is what the configuration says of Asterisk.
type node struct {
	Name, URL, User string
	Password        string // file
	Media           string // folder of the prompts as Asterisk sees it
}

// placeholder stands for an Asterisk that does not run yet.
var placeholder = node{Name: "none", URL: "http://127.0.0.1:1/ari", User: "none", Password: "none", Media: "/none"}

func (c *Centre) node() node {
	return node{Name: c.Asterisk.Name, URL: c.Asterisk.ARIURL, User: c.Asterisk.ARIUser, Media: c.Asterisk.SoundsMedia, Password: c.Asterisk.ARIPassword}
}

func (c *Centre) config() string { return filepath.Join(c.Run, "aftercall.yaml") }

// Store is the path of the database.
func (c *Centre) Store() string { return filepath.Join(cmp.Or(c.o.Store, c.Run), "aftercall.db") }

// Spill is the path of the spill file.
func (c *Centre) Spill() string { return filepath.Join(c.Run, "spill.jsonl") }

// writeConfig writes the service's configuration and the file that holds the
// password.
func (c *Centre) writeConfig(n node) error {
	password := filepath.Join(c.Run, "ari-password")
	if err := os.WriteFile(password, []byte(n.Password+"\n"), 0o600); err != nil {
		return err
	}
	f, err := os.Create(c.config())
	if err != nil {
		return err
	}
	defer f.Close()
	listen := c.o.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	return configTemplate.Execute(f, map[string]any{
		"Node": n, "Password": password, "Listen": listen, "Queues": c.o.Queues, "Sounds": c.cache(),
		"Layouts": filepath.Join(c.o.Folder, "configs", "layouts.yaml"), "Store": c.Store(), "Spill": c.Spill(),
	})
}
