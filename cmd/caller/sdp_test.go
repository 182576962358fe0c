package main

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSDP(t *testing.T) {
	m := media{address: netip.MustParseAddrPort("127.0.0.1:4000"), codecs: []uint8{typePCMU, typePCMA}, keys: 101}
	want := "v=0\r\no=caller 4000 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
	text := writeSDP(m)
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
	got, err := readSDP(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got, cmp.AllowUnexported(media{}), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestReadSDP(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":       {"", "sdp: no audio, want m=audio"},
		"video only":    {"c=IN IP4 127.0.0.1\nm=video 4000 RTP/AVP 0\n", "sdp: no audio, want m=audio"},
		"short":         {"m=audio 4000\n", `sdp: "m=audio 4000": too short, want port, protocol and formats`},
		"port 0":        {"m=audio 0 RTP/AVP 0\n", `sdp: audio port "0": want 1 to 65535`},
		"no address":    {"m=audio 4000 RTP/AVP 0\n", `sdp: connection address "": want an IPv4 address`},
		"other codecs":  {"c=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 9\n", "sdp: no codec in common, want PCMU or PCMA"},
		"second stream": {"c=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0\nm=audio 0 RTP/AVP 0\n", ""},
		"own address":   {"c=IN IP4 bad\nm=audio 4000 RTP/AVP 0\nc=IN IP4 127.0.0.1\n", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if _, err := readSDP([]byte(test.text)); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
		})
	}
}
