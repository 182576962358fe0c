package main

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// One line per 20 ms frame: "audio", or RTP marker, timestamp and payload.
func frames(k *keypad, n int) []string {
	var got []string
	for stamp := uint32(1000); len(got) < n; stamp += frameSamples {
		p, key := k.next(stamp)
		switch {
		case !key:
			got = append(got, "audio")
		case p.first:
			got = append(got, fmt.Sprintf("marker %d %x", p.stamp, p.payload))
		case p.end:
			got = append(got, fmt.Sprintf("end %d %x", p.stamp, p.payload))
		default:
			got = append(got, fmt.Sprintf("%d %x", p.stamp, p.payload))
		}
	}
	return got
}

func TestKeypadPackets(t *testing.T) {
	tests := map[string]struct {
		hold int
		keys string
		want []string
	}{
		"100 ms": {100, "9", []string{
			"marker 1000 090a00a0", "1000 090a0140", "1000 090a01e0", "1000 090a0280", "1000 090a0320",
			"end 1000 098a0320", "1000 098a0320", "1000 098a0320", "audio", "audio",
		}},
		"not whole frames": {50, "*", []string{
			"marker 1000 0a0a00a0", "1000 0a0a0140", "1000 0a0a0190",
			"end 1000 0a8a0190", "1000 0a8a0190", "1000 0a8a0190", "audio",
		}},
		"two keys, 160 ms from end to beginning": {40, "1#", []string{
			"marker 1000 010a00a0", "1000 010a0140", "end 1000 018a0140", "1000 018a0140", "1000 018a0140",
			"audio", "audio", "audio", "audio", "audio",
			"marker 2600 0b0a00a0", "2600 0b0a0140", "end 2600 0b8a0140", "2600 0b8a0140", "2600 0b8a0140",
			"audio",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := &keypad{holdMs: test.hold}
			k.press(test.keys)
			if diff := cmp.Diff(test.want, frames(k, len(test.want))); diff != "" {
				t.Error(diff)
			}
			if !k.idle() {
				t.Error("not idle after all keys")
			}
		})
	}
}

func TestEventCodes(t *testing.T) {
	want := map[byte]byte{'0': 0, '1': 1, '9': 9, '*': 10, '#': 11}
	for key, code := range want {
		if got := eventCode(key); got != code {
			t.Errorf("key %q: event %d, want %d", key, got, code)
		}
	}
}

// The whole packet of a key as it leaves the line.
func TestLineSendsKeyPacket(t *testing.T) {
	host := netip.MustParseAddr("127.0.0.1")
	far, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	l, err := newLine(host)
	if err != nil {
		t.Fatal(err)
	}
	defer l.conn.Close()
	l.remote = far.LocalAddr().(*net.UDPAddr).AddrPort()
	l.header.SSRC, l.header.SequenceNumber = 0x01020304, 0xFFFF
	l.send(101, 0x0A0B0C0D, true, []byte{5, 0x8A, 3, 0x20})
	l.send(101, 0x0A0B0C0D, false, []byte{5, 0x8A, 3, 0x20})

	for _, want := range []string{
		"80e5ffff" + "0a0b0c0d" + "01020304" + "058a0320",
		"80650000" + "0a0b0c0d" + "01020304" + "058a0320",
	} {
		buffer := make([]byte, 100)
		if err := far.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := far.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", buffer[:n]); got != want {
			t.Errorf("packet %s, want %s", got, want)
		}
	}
}
