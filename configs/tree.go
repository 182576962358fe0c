package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// keyForm is what every key of a configuration looks like. viper would take
// others for the same key (upper case) or for a path ("::").
var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// maxLabel is the most bytes of what an element is called by. Longer ones are
// no sound names, and aliases could multiply them.
const maxLabel = 200

// maxDepth bounds a file whose aliases contain themselves.
const maxDepth = 20

// maxNodes bounds a file whose aliases multiply it: keys and elements of lists.
const maxNodes = 1_000_000

// dates are the keys that hold civil dates. YAML makes instants of them, which
// have a zone and do not remember how they were written.
var dates = []string{"from", "to"}

// tree is one YAML file being prepared for decoding: what a map could not
// hold (where things stand, doubled keys, keys without a value) is noted and
// taken out.
type tree struct {
	g     *ledger
	file  int
	names map[string]string // path of the decoder (queues[0].survey) -> name of the ledger
	nodes int
	depth int

	tooDeep bool
}

// mapping walks the keys of a map.
func (t *tree) mapping(n *yaml.Node, path, name string) {
	var kept []*yaml.Node
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if t.full() {
			return
		}
		key, value := n.Content[i], n.Content[i+1]
		at := mark{t.file, key.Line}
		if key.Kind != yaml.ScalarNode || !keyForm.MatchString(key.Value) {
			t.g.at(at, below(name, fmt.Sprintf("%q", key.Value)), "unknown key, want lower case letters, digits and _")
			continue
		}
		child := below(name, key.Value)
		if line, ok := first[key.Value]; ok {
			t.g.at(at, child, "stands twice, first in line %d", line)
			continue
		}
		first[key.Value] = key.Line
		t.note(at, join(path, key.Value), child)
		if empty(value) {
			t.g.undecodable(child, "has no value")
			continue
		}
		kept = append(kept, key, value)
		t.value(value, join(path, key.Value), name, key.Value)
	}
	n.Content = kept
}

// value walks what stands behind a key of the thing called parent.
func (t *tree) value(n *yaml.Node, path, parent, key string) {
	if t.depth >= maxDepth {
		t.tooDeep = true
		return
	}
	t.depth++
	defer func() { t.depth-- }()
	switch n = resolve(n); n.Kind {
	case yaml.ScalarNode:
		if slices.Contains(dates, key) && n.ShortTag() == "!!timestamp" {
			n.Tag = "!!str"
		}
	case yaml.MappingNode:
		t.mapping(n, path, below(parent, key))
	case yaml.SequenceNode:
		t.list(n, path, parent, key)
	}
}

// list walks the elements of a list.
func (t *tree) list(n *yaml.Node, path, parent, key string) {
	var kept []*yaml.Node
	for i, element := range n.Content {
		if t.full() {
			return
		}
		name := elementName(resolve(element), parent, key, i)
		at := mark{t.file, element.Line}
		if empty(element) {
			t.g.at(at, name, "has no value")
			continue
		}
		path := fmt.Sprintf("%s[%d]", path, len(kept))
		t.note(at, path, name)
		kept = append(kept, element)
		if m := resolve(element); m.Kind == yaml.MappingNode {
			t.mapping(m, path, name)
		}
	}
	n.Content = kept
}

// full counts one more key or element and reports whether that is too many.
func (t *tree) full() bool {
	t.nodes++
	return t.nodes > maxNodes
}

func (t *tree) note(at mark, path, name string) {
	t.names[path] = name
	t.g.marks[name] = at
}

// elementName calls an element of a list by what tells it from the others:
// layout "gap", or by its number from 1: option 2. Texts go by their language.
func elementName(element *yaml.Node, parent, key string, i int) string {
	one := strings.TrimSuffix(key, "s")
	if key == "aliases" {
		one = "alias"
	}
	label := fmt.Sprintf("%s %d", one, i+1)
	for _, by := range []string{"id", "name", "layout"} {
		if v, ok := text(element, by); ok && v != "" {
			return above(parent) + fmt.Sprintf("%s %q", one, v)
		}
	}
	if v, ok := text(element, "language"); ok && v != "" {
		return below(parent, key) + ": " + v
	}
	return above(parent) + label
}

// text gives the text behind a key of a map.
func text(n *yaml.Node, key string) (string, bool) {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if v := resolve(n.Content[i+1]); n.Content[i].Value == key && v.Kind == yaml.ScalarNode && v.ShortTag() == "!!str" && len(v.Value) <= maxLabel {
			return v.Value, true
		}
	}
	return "", false
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// empty reports whether nothing, or a map of nothing, stands behind a key.
func empty(n *yaml.Node) bool {
	n = resolve(n)
	return n.Kind == yaml.MappingNode && len(n.Content) == 0 ||
		n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// below names a key of a thing: site.name, layout "gap": wait.
func below(name, key string) string {
	switch {
	case name == "":
		return key
	case strings.ContainsAny(name, `" `):
		return name + ": " + key
	}
	return name + "." + key
}

// above is how the name of an element begins.
func above(parent string) string {
	if parent == "" {
		return ""
	}
	return parent + ": "
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
