package grafana

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"aftercall/configs/i18n"
)

// languages are the folders of the dashboards, by language of the catalogue.
var languages = []struct{ tag, folder string }{{"en", "en"}, {"zh-CN", "zh"}}

// File is a dashboard in the form that Grafana reads.
type File struct {
	Name string // from this folder, with slashes: "en/supervisor.json"
	JSON []byte
}

// Dashboards gives the dashboards in a language of the catalogue.
func Dashboards(tag string) []Dashboard {
	for _, l := range languages {
		if l.tag == tag {
			k := kit{i18n.For(l.tag), l.folder}
			return []Dashboard{k.supervisor(), k.agent(), k.layouts()}
		}
	}
	return nil
}

// Files gives every dashboard in every language.
func Files() ([]File, error) {
	var all []File
	for _, l := range languages {
		for _, d := range Dashboards(l.tag) {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetIndent("", "  ")
			e.SetEscapeHTML(false)
			if err := e.Encode(d); err != nil {
				return nil, fmt.Errorf("dashboard %q: %w", d.UID, err)
			}
			all = append(all, File{l.folder + "/" + d.name() + ".json", b.Bytes()})
		}
	}
	return all, nil
}

// name is the dashboard's name without its language.
func (d Dashboard) name() string { return strings.Split(d.UID, "-")[1] }
