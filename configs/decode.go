package configs

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"aftercall/ivr/layout"
)

// delimiter stands between the keys of a path inside viper. It cannot stand in
// a key, as a dot can.
const delimiter = "::"

// setting is a key outside lists with its default. An empty default means
// that the key has to be set.
type setting struct {
	name    string // site.name
	initial any    // string, int or bool
}

// settings are the keys that the environment can set.
var settings = []setting{
	{"site.name", ""},
	{"site.time_zone", ""},
	{"asterisk.app", "aftercall"},
	{"store.path", "/var/lib/aftercall/aftercall.db"},
	{"store.spill", "/var/lib/aftercall/spill.jsonl"},
	{"store.limit", "500ms"},
	{"store.socket", ""},
	{"privacy.caller", "none"},
	{"privacy.key_file", ""},
	{"privacy.key_env", ""},
	{"privacy.key_credential", ""},
	{"privacy.keep_calls", "0s"},
	{"http.listen", "127.0.0.1:9380"},
	{"prompts.folder", "/var/lib/aftercall/prompts"},
	{"prompts.media", ""},
	{"prompts.recordings", ""},
	{"prompts.wideband", false},
	{"prompts.engine.limit", "20s"},
	{"survey.longest", "2m30s"},
	{"survey.drain", "30s"},
	{"survey.seed", "1"},
	{"agents_file", ""},
	{"metrics.max_agents", 10000},
	{"metrics.agent_idle", "2160h"},
	{"metrics.names", true},
	{"log.level", "info"},
}

func (s setting) key() string { return strings.ReplaceAll(s.name, ".", delimiter) }

func (s setting) variable() string {
	return "AFTERCALL_" + strings.ToUpper(strings.ReplaceAll(s.name, ".", "_"))
}

// decode fills out with the values of one file; settings come with their
// defaults and from the environment.
func (t *tree) decode(m map[string]any, settings []setting, out any) {
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	if err := v.MergeConfigMap(m); err != nil {
		t.g.at(mark{file: t.file}, "", "%v", err)
		return
	}
	for _, s := range settings {
		v.SetDefault(s.key(), s.initial)
		t.environment(v, s)
	}
	err := v.UnmarshalExact(out, func(c *mapstructure.DecoderConfig) {
		c.WeaklyTypedInput = false
		c.DecodeHook = mapstructure.DecodeHookFuncValue(strictly)
		c.MatchName = func(a, b string) bool { return a == b }
	})
	t.undecoded(err)
}

// environment lets a variable win over the file.
func (t *tree) environment(v *viper.Viper, s setting) {
	text := os.Getenv(s.variable())
	if text == "" {
		return
	}
	t.g.variables[s.name] = s.variable()
	switch s.initial.(type) {
	case int:
		n, err := strconv.Atoi(text)
		if err != nil {
			t.g.undecodable(s.name, "%q, want a whole number", text)
			return
		}
		v.Set(s.key(), n)
	case bool:
		if text != "true" && text != "false" {
			t.g.undecodable(s.name, "%q, want true or false", text)
			return
		}
		v.Set(s.key(), text == "true")
	default:
		v.Set(s.key(), text)
	}
}

// name calls a path of the decoder by its name in the ledger.
func (t *tree) name(path string) string {
	if n, ok := t.names[path]; ok {
		return n
	}
	return path
}

// unknownKeys begins what the decoder says of unknown keys. It lists them in
// its metadata too, but not when anything else is wrong.
const unknownKeys = "has invalid keys: "

// undecoded notes every fault in an error of the decoder.
func (t *tree) undecoded(err error) {
	var many interface{ Unwrap() []error }
	var one *mapstructure.DecodeError
	switch {
	case err == nil:
	case errors.As(err, &one) && error(one) == err:
		keys, unknown := strings.CutPrefix(one.Unwrap().Error(), unknownKeys)
		if !unknown {
			t.g.undecodable(t.name(one.Name()), "%v", one.Unwrap())
			return
		}
		for key := range strings.SplitSeq(keys, ", ") {
			t.g.add(t.name(join(one.Name(), key)), "unknown key")
		}
	case errors.As(err, &many):
		for _, e := range many.Unwrap() {
			t.undecoded(e)
		}
	default:
		t.g.at(mark{file: t.file}, "", "%v", err)
	}
}

var (
	delayType    = reflect.TypeFor[layout.Delay]()
	durationType = reflect.TypeFor[time.Duration]()
)

// strictly lets a value pass only if it is of the kind that is wanted, and
// reads lengths of time. A bare number for a length of time passes: the checks
// know what to say of it.
func strictly(from, to reflect.Value) (any, error) {
	if to.Kind() == reflect.Pointer && to.IsNil() {
		// The decoder would leave it at nil for the first fault in what it
		// leads to, and the checks could not name the others.
		to.Set(reflect.New(to.Type().Elem()))
	}
	isText, isNumber := from.Kind() == reflect.String, from.CanInt()
	ok, want := true, ""
	switch {
	case to.Type() == delayType || to.Type() == durationType:
		if isText {
			var d layout.Delay
			err := d.UnmarshalText([]byte(from.String()))
			return int64(d), err
		}
		ok, want = isNumber, "a number with a unit such as 500ms or 3s"
	case to.Kind() == reflect.String:
		ok, want = isText, fmt.Sprintf(`text in quotes such as "%v"`, from)
	case to.Kind() == reflect.Int:
		ok, want = isNumber, "a whole number"
	case to.Kind() == reflect.Bool:
		ok, want = from.Kind() == reflect.Bool, "true or false"
	case to.Kind() == reflect.Slice:
		ok, want = from.Kind() == reflect.Slice, "a list"
	case to.Kind() == reflect.Struct:
		ok, want = from.Kind() == reflect.Map, "keys with values"
	}
	if ok {
		return from.Interface(), nil
	}
	if k := from.Kind(); to.Kind() == reflect.String && !isNumber && k != reflect.Float64 && k != reflect.Bool {
		want = "text in quotes" // what stood there cannot be shown as it stood
	}
	return nil, fmt.Errorf("%s, want %s", describe(from), want)
}

// describe says what a value from YAML is.
func describe(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return fmt.Sprintf("%q is text", v)
	case reflect.Bool:
		return fmt.Sprintf("%v is true or false", v)
	case reflect.Slice:
		return "is a list"
	case reflect.Map:
		return "is keys with values"
	case reflect.Struct: // time.Time
		return "is a date"
	}
	return fmt.Sprintf("%v is a number", v)
}
