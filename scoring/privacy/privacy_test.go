package privacy

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aftercall/scoring"
)

const key = "0123456789abcdef0123456789abcdef"

func keeper(t *testing.T, form scoring.CallerForm) Keeper {
	t.Helper()
	k := ""
	if form == scoring.CallerHMAC {
		k = key
	}
	got, err := New(form, k)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestNormal(t *testing.T) {
	for number, want := range map[string]string{
		"":                                     "",
		"anonymous":                            "",
		"unavailable":                          "",
		"Restricted":                           "",
		"+":                                    "",
		"*#":                                   "",
		"Alice":                                "",
		"alice42":                              "", // a name, not the number 42
		"robot-1-3":                            "",
		"1001":                                 "1001",
		"+49 30 5550171":                       "+49305550171",
		" 030 / 555-01.71 ":                    "0305550171",
		"(030) 5550171":                        "0305550171",
		"030\u00a0555\u20110171":               "0305550171",
		"0049305550171":                        "0049305550171", // no country rules
		"*31#0305550171":                       "*31#0305550171",
		"49+30":                                "",
		"++49":                                 "",
		"sip:+49305550171@provider.example":    "+49305550171",
		"SIPS:0305550171;phone-context=x@y":    "0305550171",
		"tel:+49-30-5550171;ext=1":             "+49305550171",
		`"Bob" <sip:0305550171@10.0.0.1:5060>`: "0305550171",
		"sip:%2B49305550171@provider.example":  "+49305550171",
		"sip:anonymous@anonymous.invalid":      "",
		"sip:":                                 "",
		"１２３４５６７":                              "", // full-width
		"0305550171\x00":                       "",
		strings.Repeat("1", longest):           strings.Repeat("1", longest),
		strings.Repeat("1", longest+1):         "",
		strings.Repeat("1 ", longest) + "not one": "",
	} {
		if got := Normal(number); got != want {
			t.Errorf("Normal(%q) = %q, want %q", number, got, want)
		}
	}
}

// Whatever is written between the digits, a number is the same, and stays so.
func TestNormalIsOneForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`\+?[0-9*#]{1,12}[0-9]`).Draw(t, "number")
		written := ""
		for _, r := range number {
			written += string(r) + rapid.SampledFrom([]string{"", " ", "-", ".", "/", "(", ")"}).Draw(t, "between")
		}
		if got := Normal(written); got != number {
			t.Errorf("Normal(%q) = %q, want %q", written, got, number)
		}
		any := rapid.String().Draw(t, "any")
		if once := Normal(any); Normal(once) != once {
			t.Errorf("Normal(%q) = %q, and of that %q", any, once, Normal(once))
		}
	})
}

func TestKeep(t *testing.T) {
	for _, c := range []struct {
		form        scoring.CallerForm
		number      string
		value       string
		nothing     bool
		fingerprint bool
	}{
		{form: scoring.CallerNone, number: "+49 30 5550171", nothing: true},
		// HMAC-SHA256 by another program: printf %s +49305550171 | openssl dgst -sha256 -hmac KEY
		{form: scoring.CallerHMAC, number: "+49 30 5550171", value: "HMAC", fingerprint: true},
		{form: scoring.CallerHMAC, number: "anonymous", nothing: true, fingerprint: true},
		{form: scoring.CallerHMAC, number: "12", value: "HMAC", fingerprint: true},
		{form: scoring.CallerLast4, number: "+49 30 5550171", value: "0171"},
		{form: scoring.CallerLast4, number: "5550171", value: "0171"},
		{form: scoring.CallerLast4, number: "+550171", nothing: true}, // six digits
		{form: scoring.CallerLast4, number: "#5550171*", value: "0171"},
		{form: scoring.CallerLast4, number: "*31#5550171", nothing: true}, // which digits are the number's is not known
		{form: scoring.CallerFull, number: "030/555 0171", value: "0305550171"},
		{form: scoring.CallerFull, number: "Bob", nothing: true},
	} {
		k := keeper(t, c.form)
		got := k.Keep(c.number)
		if c.value == "HMAC" {
			c.value = map[string]string{"+49 30 5550171": "41751bd60fd4566be4595e9948f01897", "12": "7bbcb6af84008b8a0869cb43a888548f"}[c.number]
		}
		want := scoring.Caller{}
		if !c.nothing {
			want = scoring.NewCaller(c.form, k.Fingerprint(), c.value)
		}
		if !got.Equal(want) || c.fingerprint != (k.Fingerprint() != "") {
			t.Errorf("%s of %q: %q under key %q, want %q", c.form, c.number, got.Reveal(), got.Key, want.Reveal())
		}
	}
	if got := (Keeper{}).Keep("+49305550171"); !got.Equal(scoring.Caller{}) {
		t.Errorf("the zero keeper keeps %q", got.Reveal())
	}
}

// What is kept is what is found, under both forms that can be found.
func TestFind(t *testing.T) {
	for _, form := range []scoring.CallerForm{scoring.CallerHMAC, scoring.CallerFull} {
		k := keeper(t, form)
		all, err := k.Find("+49 (30) 555-0171")
		if err != nil {
			t.Fatal(err)
		}
		want := []scoring.Caller{keeper(t, scoring.CallerFull).Keep("+49305550171")}
		if form == scoring.CallerHMAC {
			want = append(want, k.Keep("+49305550171"))
		}
		if d := cmp.Diff(want, all); d != "" {
			t.Errorf("%s (-want +got):\n%s", form, d)
		}
		if _, err := k.Find("somebody"); !errors.Is(err, ErrNumber) || strings.Contains(err.Error(), "somebody") {
			t.Errorf("%s: error %v, want %v without what was asked", form, err, ErrNumber)
		}
	}
	for _, form := range []scoring.CallerForm{scoring.CallerNone, scoring.CallerLast4} {
		if _, err := keeper(t, form).Find("+49305550171"); !errors.Is(err, ErrForm) || !strings.Contains(err.Error(), string(form)) || strings.Contains(err.Error(), "555") {
			t.Errorf("%s: error %v, want %v with the form and without the number", form, err, ErrForm)
		}
	}
	if _, err := (Keeper{}).Find("+49305550171"); !errors.Is(err, ErrForm) {
		t.Errorf("zero keeper: error %v, want %v", err, ErrForm)
	}
}

func TestSearches(t *testing.T) {
	k := keeper(t, scoring.CallerHMAC)
	for _, c := range []struct {
		of         scoring.CallerCount
		hmac, full bool
	}{
		{scoring.CallerCount{Form: scoring.CallerFull}, true, true},
		{scoring.CallerCount{Form: scoring.CallerFull, Lost: true}, false, false},
		{scoring.CallerCount{Form: scoring.CallerHMAC, Key: k.Fingerprint()}, true, false},
		{scoring.CallerCount{Form: scoring.CallerHMAC, Key: k.Fingerprint(), Lost: true}, false, false},
		{scoring.CallerCount{Form: scoring.CallerHMAC, Key: "00000000"}, false, false},
		{scoring.CallerCount{Form: scoring.CallerLast4}, false, false},
		{scoring.CallerCount{}, false, false},
	} {
		if got := [2]bool{k.Searches(c.of), keeper(t, scoring.CallerFull).Searches(c.of)}; got != [2]bool{c.hmac, c.full} {
			t.Errorf("%+v: searched under hmac, full: %v, want %v, %v", c.of, got, c.hmac, c.full)
		}
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		form scoring.CallerForm
		key  string
		ok   bool
	}{
		{scoring.CallerNone, "", true}, {scoring.CallerHMAC, key, true}, {scoring.CallerLast4, "", true}, {scoring.CallerFull, "", true},
		{"", "", false}, {"HMAC", key, false}, {scoring.CallerHMAC, "", false}, {scoring.CallerHMAC, key[1:], false}, {scoring.CallerFull, key, false},
	} {
		k, err := New(c.form, c.key)
		if (err == nil) != c.ok || err != nil && strings.Contains(err.Error(), "789abc") {
			t.Errorf("New(%q, %d bytes): error %v, want one: %v", c.form, len(c.key), err, !c.ok)
		}
		if c.ok && k.Form() != c.form {
			t.Errorf("form %q, want %q", k.Form(), c.form)
		}
	}
	other, err := New(scoring.CallerHMAC, key+"x")
	if err != nil || other.Fingerprint() == keeper(t, scoring.CallerHMAC).Fingerprint() || len(other.Fingerprint()) != 2*printed {
		t.Errorf("fingerprint %q of another key, error %v", other.Fingerprint(), err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if s := fmt.Sprintf(verb, keeper(t, scoring.CallerHMAC)); s != "<hmac>" {
			t.Errorf("%s prints %q", verb, s)
		}
	}
}
