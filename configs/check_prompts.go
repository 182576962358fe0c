package configs

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	// voiceForm keeps out what a program would take for an option. Voices of
	// some engines are paths.
	voiceForm = regexp.MustCompile(`^[^-\s\pC][^\pC]{0,254}$`)
	// mediaForm keeps out what separates files in a list of media.
	mediaForm = regexp.MustCompile(`^[^\s,&|]+$`)
	// placeholder is what the engine's arguments hold for us to fill in.
	placeholder = regexp.MustCompile(`\{\w+\}`)
)

func (g *ledger) prompts(c *Config) {
	if m := c.Prompts.Media; m != "" && (!mediaForm.MatchString(m) || !filepath.IsAbs(m)) {
		g.add("prompts.media", "%q, want an absolute path without blanks, commas, & and |", m)
	}
	if r := c.Prompts.Recordings; r != "" && r == c.Prompts.Folder {
		g.add("prompts.recordings", "is the same folder as prompts.folder, want another")
	}
	g.engine(c.Prompts.Engine)
	var seen []string
	for i, v := range c.Prompts.Voices {
		name := "prompts.voices: " + v.Language
		if v.Language == "" {
			name = elementName(&noNode, "prompts", "voices", i)
		}
		switch {
		case slices.Contains(seen, v.Language):
			g.add(name, "stands twice")
		case !slices.Contains(c.Site.Languages, v.Language) && len(c.Site.Languages) > 0:
			g.add(name, "language %q is not one of the site's %v", v.Language, c.Site.Languages)
		}
		seen = append(seen, v.Language)
		if !voiceForm.MatchString(v.Voice) {
			g.add(name, "voice %q, want one that the engine has, such as en: 1 to 255 characters, not beginning with - or a blank, none a control character", v.Voice)
		}
	}
	for _, l := range c.Site.Languages {
		if !slices.Contains(seen, l) {
			g.add("prompts.voices", "no voice for language %s", l)
		}
	}
}

// placeholders are all that there are.
var placeholders = []string{"{text}", "{language}", "{voice}", "{output}"}

func (g *ledger) engine(e Engine) {
	g.length("prompts.engine.limit", e.Limit, time.Second, 5*time.Minute)
	const name = "prompts.engine.command"
	if len(e.Command) == 0 || strings.TrimSpace(e.Command[0]) == "" {
		g.add(name, "has no program")
		return
	}
	var used []string
	for i, a := range e.Command {
		in := elementName(&noNode, "prompts.engine", "command", i)
		filled := placeholder.FindAllString(a, -1)
		for _, p := range filled {
			switch {
			case i == 0:
				g.add(in, "program %q, want it without %s", a, p)
			case !slices.Contains(placeholders, p):
				g.add(in, "%s in %q, want one of %v", p, a, placeholders)
			}
		}
		if strings.ContainsRune(a, 0) {
			g.add(in, "%q holds a zero byte", a)
		}
		used = append(used, filled...)
	}
	if !slices.Contains(used, "{output}") {
		g.add(name, "has no {output}, want the WAV file to write in an argument")
	}
}
