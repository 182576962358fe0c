package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// maxPassword is the most bytes of a password file.
const maxPassword = 1024

// credentialForm is what a credential may be called here: a name, never a path.
var credentialForm = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$`)

// variableForm is what an environment variable may be called.
var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// noNode names an element of a list by its number alone.
var noNode yaml.Node

// resolve makes paths absolute and reads the secrets that are to be read.
func (c *Config) resolve(g *ledger, folder string) {
	c.Store.Path = g.absolute("store.path", folder, c.Store.Path)
	c.Store.Spill = g.absolute("store.spill", folder, c.Store.Spill)
	switch {
	case c.Store.Socket != "":
		c.Store.Socket = g.absolute("store.socket", folder, c.Store.Socket)
	case c.Store.Path != "":
		c.Store.Socket = c.Store.Path + ".sock"
	}
	c.Privacy.resolve(g, folder)
	c.Prompts.Folder = g.absolute("prompts.folder", folder, c.Prompts.Folder)
	if c.Prompts.Media == "" {
		c.Prompts.Media = c.Prompts.Folder
	}
	if c.Prompts.Recordings != "" {
		c.Prompts.Recordings = g.absolute("prompts.recordings", folder, c.Prompts.Recordings)
	}
	c.Prompts.Engine.resolve(folder)
	if c.AgentsFile != "" {
		c.AgentsFile = g.absolute("agents_file", folder, c.AgentsFile)
	}
	if c.HTTP.Hosts == nil {
		c.HTTP.Hosts = []string{}
	}
	if c.Metrics.Windows == nil {
		c.Metrics.Windows = defaultWindows
	}
	for i := range c.Asterisk.Nodes {
		n := &c.Asterisk.Nodes[i]
		if n.PasswordFile != "" {
			n.PasswordFile = within(folder, n.PasswordFile)
		}
		g.password(nodeName(*n, i), n)
	}
}

// resolve fills in the command, and makes the program's path absolute: the
// engine runs elsewhere. A name without a slash is looked up in PATH.
func (e *Engine) resolve(folder string) {
	if e.Command == nil {
		e.Command = slices.Clone(defaultEngine)
	}
	if len(e.Command) == 0 || !strings.Contains(e.Command[0], "/") {
		return
	}
	if abs, err := filepath.Abs(within(folder, e.Command[0])); err == nil {
		e.Command[0] = abs
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
	n.Password = g.secret(name, ": ", "password", []source{
		{"password_file", n.PasswordFile, passwordFile},
		{"password_env", n.PasswordEnv, variable},
		{"password_credential", n.PasswordCredential, credential},
	}, g.read.passwords)
}

// source is one of the places where a secret may stand.
type source struct {
	key, value string
	read       func(string) (string, error)
}

// secret reads a secret of a thing from the one source that is set. If it need
// not be read, that one is set is all that is checked. before stands between the
// thing's name and the source's key.
func (g *ledger) secret(name, before, what string, from []source, read bool) Secret {
	set := slices.DeleteFunc(slices.Clone(from), func(s source) bool { return s.value == "" })
	if len(set) != 1 {
		g.add(name, "want exactly one of %s, %s and %s", from[0].key, from[1].key, from[2].key)
		return ""
	}
	s := set[0]
	name += before + s.key
	if strings.HasSuffix(s.key, "_env") && !variableForm.MatchString(s.value) { // it may be the secret: it is not shown
		g.add(name, "is no name of an environment variable, want one such as AFTERCALL_ARI_PASSWORD, never the %s itself", what)
		return ""
	}
	if !read {
		return ""
	}
	text, err := s.read(s.value)
	switch {
	case err != nil:
		g.add(name, "%q: %v", s.value, err)
	case text == "":
		g.add(name, "%q: holds no %s", s.value, what)
	case strings.ContainsFunc(text, unicode.IsControl):
		g.add(name, "%q: holds more than one line or a control character, want the %s alone", s.value, what)
	}
	return Secret(text)
}

// variable reads a secret from the environment.
func variable(name string) (string, error) { return os.Getenv(name), nil }

// passwordFile reads a password without the end of its line.
func passwordFile(path string) (string, error) {
	b, err := readFile(path, maxPassword)
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), err
}

// credential reads what systemd handed to the service under a name: see
// LoadCredential= in systemd.exec(5).
func credential(name string) (string, error) {
	const folder = "CREDENTIALS_DIRECTORY"
	switch {
	case !credentialForm.MatchString(name):
		return "", errors.New("want the name of a credential: letters, digits, _ . and -")
	case os.Getenv(folder) == "":
		return "", fmt.Errorf("%s is not set, want a start by systemd with LoadCredential=%s:PATH", folder, name)
	}
	return passwordFile(filepath.Join(os.Getenv(folder), name))
}
