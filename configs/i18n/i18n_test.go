package i18n

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"aftercall/scoring"
)

// verb finds what fmt fills in.
var verb = regexp.MustCompile(`%[^a-zA-Z%]*[a-zA-Z%]`)

// differences names every key that does not stand in both with the same verbs.
func differences(a, b map[string]string) []string {
	var bad []string
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if a[k] == "" || b[k] == "" || !slices.Equal(verb.FindAllString(a[k], -1), verb.FindAllString(b[k], -1)) {
			bad = append(bad, k)
		}
	}
	return bad
}

func TestEveryKeyStandsInBothLanguages(t *testing.T) {
	if len(catalogues) != len(Languages) {
		t.Fatalf("%d catalogues for languages %v", len(catalogues), Languages)
	}
	for _, l := range Languages {
		if bad := differences(catalogues[Languages[0]], catalogues[l]); len(bad) > 0 {
			t.Errorf("%s and %s differ in %v", Languages[0], l, bad)
		}
	}
}

func TestNoKeyStandsTwice(t *testing.T) {
	for l, parts := range map[string][]map[string]string{"en": {english, englishCompare, englishExperiment, englishAgents, englishMerge, englishGrafana}, "zh-CN": {chinese, chineseCompare, chineseExperiment, chineseAgents, chineseMerge, chineseGrafana}} {
		n := 0
		for _, p := range parts {
			n += len(p)
		}
		if n != len(catalogues[l]) {
			t.Errorf("the parts of %s hold %d keys, together %d: some stand in two of them", l, n, len(catalogues[l]))
		}
	}
}

func TestDifferencesAreFound(t *testing.T) {
	a := map[string]string{"same": "%d of %s", "verb": "%d", "only a": "x", "order": "%d %s"}
	b := map[string]string{"same": "%d / %s", "verb": "%s", "only b": "x", "order": "%s %d"}
	want := []string{"only a", "only b", "order", "verb"}
	if got := differences(a, b); !slices.Equal(got, want) {
		t.Errorf("differences = %v, want %v", got, want)
	}
}

func TestEveryOutcomeReasonAndUseHasAPhrase(t *testing.T) {
	var keys []string
	for _, o := range scoring.Outcomes {
		keys = append(keys, "outcome."+string(o))
	}
	for _, r := range scoring.Reasons {
		keys = append(keys, "reason."+string(r))
	}
	for _, u := range scoring.Uses {
		keys = append(keys, "use."+string(u))
	}
	for _, l := range Languages {
		p := For(l)
		seen := map[string]string{}
		for _, k := range keys {
			text := p.T(k)
			if text == k {
				t.Errorf("%s: no text for %s", l, k)
			}
			if other, ok := seen[text]; ok {
				t.Errorf("%s: %s and %s are both %q", l, k, other, text)
			}
			seen[text] = k
		}
	}
}

func TestT(t *testing.T) {
	tests := []struct {
		language, key string
		args          []any
		want          string
	}{
		{"en", "column.agent", nil, "agent"},
		{"zh-CN", "column.agent", nil, "坐席"},
		{"zh", "status.spilled", []any{3}, "3 条记录等待入库"},
		{"de", "status.active", []any{4}, "surveys in progress: 4"},
		{"en", "no.such.key", []any{1}, "no.such.key"},
	}
	for _, tt := range tests {
		if got := For(tt.language).T(tt.key, tt.args...); got != tt.want {
			t.Errorf("For(%q).T(%q, %v) = %q, want %q", tt.language, tt.key, tt.args, got, tt.want)
		}
	}
}

func TestMatch(t *testing.T) {
	tests := map[string]string{
		"":                                   "en",
		"*":                                  "en",
		"en-GB,en;q=0.9":                     "en",
		"zh-CN,zh;q=0.9,en;q=0.8":            "zh-CN",
		"zh":                                 "zh-CN",
		"zh-Hans-SG":                         "zh-CN",
		"zh-TW,zh;q=0.9":                     "zh-CN",
		"de-DE,zh;q=0.5":                     "zh-CN",
		"fr":                                 "en",
		"en;q=0.2,zh-CN;q=0.9":               "zh-CN",
		"not a language at all; q=broken, ,": "en",
	}
	for header, want := range tests {
		if got := Match(header); got != want {
			t.Errorf("Match(%q) = %q, want %q", header, got, want)
		}
		if got := For(header).Language(); got != want {
			t.Errorf("For(%q).Language() = %q, want %q", header, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("zh-CN,zh;q=0.9,en;q=0.8")
	f.Add("\x00;q=,*")
	f.Fuzz(func(t *testing.T, header string) {
		if got := Match(header); !slices.Contains(Languages, got) {
			t.Errorf("Match(%q) = %q, want one of %v", header, got, Languages)
		}
	})
}
