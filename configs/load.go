package configs

import (
	"path/filepath"
	"slices"

	"aftercall/ivr/layout"
)

// mainFile is what the main file holds.
type mainFile struct {
	Config      `mapstructure:",squash"`
	LayoutFiles []string       `mapstructure:"layout_files"`
	Default     layout.Queue   `mapstructure:"default"`
	Queues      []layout.Queue `mapstructure:"queues"`
}

// layoutFile is what a layout file holds.
type layoutFile struct {
	Scales    []layout.Scale    `mapstructure:"scales"`
	Questions []layout.Question `mapstructure:"questions"`
	Layouts   []layout.Layout   `mapstructure:"layouts"`
	Surveys   []layout.Survey   `mapstructure:"surveys"`
}

// maxLayoutFiles bounds what one configuration can make us read.
const maxLayoutFiles = 100

// Load reads the configuration in the file at path, the layout files it
// names, and the environment. The error is of type [Faults] and names
// everything that is wrong. Nothing is kept between two calls.
func Load(path string) (*Config, error) { return loadWith(path, secrets{passwords: true, key: true}) }

// LoadOffline is Load for whoever does not talk to Asterisk: passwords and the
// key of callers' numbers are not read, so that people who may see ratings need
// not be told them.
func LoadOffline(path string) (*Config, error) { return loadWith(path, secrets{}) }

// LoadKey is LoadOffline for whoever looks for callers: the key of their
// numbers is read.
func LoadKey(path string) (*Config, error) { return loadWith(path, secrets{key: true}) }

// secrets says what is read of them.
type secrets struct{ passwords, key bool }

func loadWith(path string, read secrets) (*Config, error) {
	g := &ledger{read: read, marks: map[string]mark{}, variables: map[string]string{}}
	folder := filepath.Dir(path)
	var m mainFile
	text, err := readFile(path, maxFile)
	t := g.open(path)
	if err != nil {
		g.at(mark{}, "", "%v", err)
		return nil, g.err()
	}
	values, ok := t.parse(text)
	if !ok {
		return nil, g.err()
	}
	t.decode(values, settings, &m)

	c := &m.Config
	c.Catalogue = layout.Catalogue{Default: m.Default, Queues: m.Queues}
	g.layoutFiles(folder, m.LayoutFiles, &c.Catalogue)
	c.resolve(g, folder)
	g.agentsFile(c)
	g.check(c)
	if err := g.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// open begins the next file.
func (g *ledger) open(shown string) *tree {
	g.files = append(g.files, shown)
	return &tree{g: g, file: len(g.files) - 1, names: map[string]string{}}
}

// layoutFiles reads every layout file into the catalogue.
func (g *ledger) layoutFiles(folder string, files []string, c *layout.Catalogue) {
	switch {
	case len(files) == 0:
		g.add("layout_files", "none, want at least one such as layouts.yaml")
		g.partial = true
	case len(files) > maxLayoutFiles:
		g.add("layout_files", "has %d files, want at most %d", len(files), maxLayoutFiles)
		files = nil
		g.partial = true
	}
	for i, name := range files {
		entry := elementName(&noNode, "", "layout_files", i)
		if slices.Contains(files[:i], name) {
			g.add(entry, "%q stands twice", name)
			continue
		}
		file := within(folder, name)
		text, err := readFile(file, maxFile)
		if err != nil {
			g.add(entry, "%q: %v", name, err)
			g.partial = true
			continue
		}
		var l layoutFile
		t := g.open(file)
		values, ok := t.parse(text)
		g.partial = g.partial || !ok
		t.decode(values, nil, &l)
		c.Scales = append(c.Scales, l.Scales...)
		c.Questions = append(c.Questions, l.Questions...)
		c.Layouts = append(c.Layouts, l.Layouts...)
		c.Surveys = append(c.Surveys, l.Surveys...)
	}
}

// within gives a path as it is seen from a folder.
func within(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
