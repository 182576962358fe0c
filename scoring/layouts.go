package scoring

import "encoding/json"

// Layout is one version of a layout as the store keeps it, so that every
// stored answer can be explained long after the configuration moved on.
type Layout struct {
	Version    string          `json:"version"` // hash of structure and texts
	Name       string          `json:"name"`
	Question   string          `json:"question"`
	Definition json.RawMessage `json:"definition"` // the layout whole
}
