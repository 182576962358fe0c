package configs

import (
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// maxPassword is the most bytes of a password file.
const maxPassword = 1024

// noNode names an element of a list by its number alone.
var noNode yaml.Node

// resolve makes paths absolute and reads the passwords.
func (c *Config) resolve(g *ledger, folder string) {
	c.Store.Path = g.absolute("store.path", folder, c.Store.Path)
	c.Store.Spill = g.absolute("store.spill", folder, c.Store.Spill)
	c.Prompts.Folder = g.absolute("prompts.folder", folder, c.Prompts.Folder)
	if c.Prompts.Media == "" {
		c.Prompts.Media = c.Prompts.Folder
	}
	for i := range c.Asterisk.Nodes {
		n := &c.Asterisk.Nodes[i]
		if n.PasswordFile != "" {
			n.PasswordFile = within(folder, n.PasswordFile)
		}
		g.password(nodeName(*n, i), n)
	}
}

// absolute gives the whole of a path that stands in a file of the folder. In
// the environment it begins where the program was started.
func (g *ledger) absolute(name, folder, path string) string {
	if !g.filled(name, path) {
		return ""
	}
	if _, ok := g.variables[name]; ok {
		folder = ""
	}
	abs, err := filepath.Abs(within(folder, path))
	if err != nil {
		g.add(name, "%q: %v", path, err)
	}
	return abs
}

// password reads the password of a node from where the configuration says.
func (g *ledger) password(name string, n *Node) {
	var text string
	source := name + ": password_file"
	switch {
	case (n.PasswordFile == "") == (n.PasswordEnv == ""):
		g.add(name, "want exactly one of password_file and password_env")
		return
	case n.PasswordFile != "":
		b, err := readFile(n.PasswordFile, maxPassword)
		if err != nil {
			g.add(source, "%q: %v", n.PasswordFile, err)
			return
		}
		text = strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	default:
		source = name + ": password_env"
		text = os.Getenv(n.PasswordEnv)
	}
	switch {
	case text == "":
		g.add(source, "%q: holds no password", n.PasswordFile+n.PasswordEnv)
	case strings.ContainsFunc(text, unicode.IsControl):
		g.add(source, "%q: holds more than one line or a control character, want the password alone", n.PasswordFile+n.PasswordEnv)
	}
	n.Password = Secret(text)
}
