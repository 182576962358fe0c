// Package configs reads the configuration of the service: YAML files and the
// environment, strictly, into plain structs. Whatever it hands out has been
// checked; a bad configuration is refused whole, with every fault named in
// one pass.
//
// The way in: [Load] gives a [Config] or [Faults]. The files shipped in this
// folder, aftercall.yaml and layouts.yaml, show every key.
//
// A single value of the main file that stands neither in a list nor in
// `default` can also come from the environment, which wins over the file:
// http.listen is AFTERCALL_HTTP_LISTEN. An empty variable counts as not set.
package configs

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Config is a whole configuration, checked. Paths in it are absolute.
type Config struct {
	Site     Site     `mapstructure:"site"`
	Asterisk Asterisk `mapstructure:"asterisk"`
	Store    Store    `mapstructure:"store"`
	Privacy  Privacy  `mapstructure:"privacy"`
	HTTP     HTTP     `mapstructure:"http"`
	Prompts  Prompts  `mapstructure:"prompts"`
	Survey   Survey   `mapstructure:"survey"`
	Metrics  Metrics  `mapstructure:"metrics"`
	Log      Log      `mapstructure:"log"`

	// AgentsFile is a CSV of more agents, read with every load; "" = none.
	AgentsFile string                `mapstructure:"agents_file"`
	Agents     []scoring.RosterAgent `mapstructure:"agents"` // those of AgentsFile behind the rest
	Roster     scoring.Roster        `mapstructure:"-"`      // of Agents

	Catalogue layout.Catalogue `mapstructure:"-"` // of all layout files, without a fault
	Zone      *time.Location   `mapstructure:"-"` // Site.TimeZone
}

// Site is the call centre.
type Site struct {
	Name      string   `mapstructure:"name"`      // as people read it; 1 to 100 characters
	TimeZone  string   `mapstructure:"time_zone"` // IANA: Asia/Shanghai; days begin by it
	Languages []string `mapstructure:"languages"` // BCP 47; the first is used when the call does not say
}

// Asterisk is where the calls are.
type Asterisk struct {
	App   string `mapstructure:"app"` // name of the Stasis application
	Nodes []Node `mapstructure:"nodes"`
}

// Node is one Asterisk.
type Node struct {
	Name     string `mapstructure:"name"` // its systemname
	URL      string `mapstructure:"url"`  // of ARI: http://127.0.0.1:8088/ari
	Username string `mapstructure:"username"`
	// Exactly one of the three is set.
	PasswordFile       string `mapstructure:"password_file"`
	PasswordEnv        string `mapstructure:"password_env"`
	PasswordCredential string `mapstructure:"password_credential"` // name of a systemd credential
	Password           Secret `mapstructure:"-"`                   // what stood there
}

// Store is where ratings are kept.
type Store struct {
	Path  string        `mapstructure:"path"`  // of the database
	Spill string        `mapstructure:"spill"` // takes what the database does not
	Limit time.Duration `mapstructure:"limit"` // how long a caller may wait for the database before the record goes to Spill; 100 ms to 2 s
	// Socket is where the running service takes commands that change the
	// store; at most 100 bytes. In the file, "" = Path with .sock behind it.
	Socket string `mapstructure:"socket"`
}

// Privacy is what is kept of callers, and for how long.
type Privacy struct {
	Caller scoring.CallerForm `mapstructure:"caller"` // what is kept of their numbers
	// Exactly one of the three is set for CallerHMAC, and none otherwise.
	KeyFile       string `mapstructure:"key_file"`
	KeyEnv        string `mapstructure:"key_env"`
	KeyCredential string `mapstructure:"key_credential"` // name of a systemd credential
	Key           Secret `mapstructure:"-"`              // what stood there
	// KeepCalls is how long rows of ended calls are kept; 24 h or more, 0 = for
	// ever.
	KeepCalls time.Duration `mapstructure:"keep_calls"`
}

// KeepDays is KeepCalls in days, rounded up; 0 = for ever.
func (p Privacy) KeepDays() int { return int((p.KeepCalls + 24*time.Hour - 1) / (24 * time.Hour)) }

// HTTP is the face towards browsers and Prometheus.
type HTTP struct {
	Listen string   `mapstructure:"listen"` // host:port
	Hosts  []string `mapstructure:"hosts"`  // names by which it may be asked for; addresses, names without a dot and that of Listen always may
}

// Prompts says where the sound files are and how they are made.
type Prompts struct {
	Folder     string  `mapstructure:"folder"`     // on this machine
	Media      string  `mapstructure:"media"`      // the same folder as Asterisk sees it
	Recordings string  `mapstructure:"recordings"` // folder of recordings by humans; "" = none
	Wideband   bool    `mapstructure:"wideband"`   // files of 16 kHz too
	Engine     Engine  `mapstructure:"engine"`
	Voices     []Voice `mapstructure:"voices"` // one for each language of the site
}

// Engine is the program that speaks.
type Engine struct {
	Command []string      `mapstructure:"command"` // the program and its arguments, with {text}, {language}, {voice}, {output}
	Limit   time.Duration `mapstructure:"limit"`   // for one text; 1 s to 5 min
}

// defaultEngine is the command of a configuration that names none.
var defaultEngine = []string{"espeak-ng", "-v", "{voice}", "-s", "150", "-w", "{output}", "--", "{text}"}

// Voice is who speaks a language.
type Voice struct {
	Language string `mapstructure:"language"`
	Voice    string `mapstructure:"voice"` // as the engine knows it: en, cmn, a path
}

// ByLanguage gives the voice for each language.
func (p Prompts) ByLanguage() map[string]string {
	m := make(map[string]string, len(p.Voices))
	for _, v := range p.Voices {
		m[v.Language] = v.Voice
	}
	return m
}

// Survey bounds every survey.
type Survey struct {
	Longest time.Duration `mapstructure:"longest"` // no survey may take longer; 10 s to 5 min
	Drain   time.Duration `mapstructure:"drain"`   // for the surveys in progress when the service stops; 0 to 5 min
	Seed    string        `mapstructure:"seed"`    // of the split of calls between layouts
}

// Metrics bounds what is shown to Prometheus.
type Metrics struct {
	MaxAgents int `mapstructure:"max_agents"` // 1 to 100000
	// AgentIdle is how long an agent is shown after the last survey; 24 h or
	// more, 0 = for ever.
	AgentIdle time.Duration `mapstructure:"agent_idle"`
	Names     bool          `mapstructure:"names"`   // whether agents' names are shown
	Windows   []string      `mapstructure:"windows"` // of MetricWindows, each once
}

// MetricWindows are the windows that agents' ratings can be shown over: today
// so far, and today with the 6 and the 29 days before.
var MetricWindows = []string{"1d", "7d", "30d"}

// defaultWindows keep an agent within 16 series.
var defaultWindows = []string{"30d"}

// Log says what is logged.
type Log struct {
	Level string `mapstructure:"level"` // debug, info, warn or error
}

// Slog gives the level as log/slog knows it.
func (l Log) Slog() slog.Level {
	var v slog.Level
	_ = v.UnmarshalText([]byte(l.Level)) // Load has checked it; otherwise it stays at info
	return v
}

// Secret is a text that shows itself to nobody who prints, logs or marshals
// it. Convert it to a string to use it.
type Secret string

// hidden stands for every secret.
const hidden = "<secret>"

// Format prints "<secret>" whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String gives "<secret>".
func (Secret) String() string { return hidden }

// GoString gives "<secret>".
func (Secret) GoString() string { return hidden }

// MarshalText gives "<secret>", in JSON too.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON gives "<secret>" without escaping its angle brackets.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue gives "<secret>".
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
