package asterisk

import "testing"

// What a call came in by is kept; what may be somebody's number is not.
func TestTrunkHoldsNoNumber(t *testing.T) {
	for channel, want := range map[string]string{
		"PJSIP/provider-0000002a":                    "PJSIP/provider",
		"PJSIP/sip-provider-2-0000002a":              "PJSIP/sip-provider-2",
		"PJSIP/101-0000002a":                         "PJSIP/101",
		"PJSIP/13800138000-0000002a":                 "PJSIP",
		"PJSIP/anonymous-8613800138000-0000002a":     "PJSIP",
		"Local/13800138000@from-internal-0000002a;1": "Local",
		"Local/s@from-internal-0000002a;1":           "Local",
		"PJSIP/1002-0000002a":                        "PJSIP",
		"PJSIP/170-12-3456-0000002a":                 "PJSIP",
		"DAHDI/1-1":                                  "DAHDI/1",
		"DAHDI/i1/02131234567-3":                     "DAHDI",
		"":                                           "",
		"nonsense":                                   "nonsense",
	} {
		if got := trunk(channel); got != want {
			t.Errorf("trunk(%q) = %q, want %q", channel, got, want)
		}
	}
}
