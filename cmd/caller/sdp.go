package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// RTP payload types of RFC 3551, and the one that the robots offer for keys.
const (
	typePCMU     = 0
	typePCMA     = 8
	typeKeys     = 101
	keysEncoding = "telephone-event/8000"
)

// media is one side's description of the audio it wants.
type media struct {
	address netip.AddrPort
	codecs  []uint8 // PCMU, PCMA in the order of preference
	keys    uint8   // payload type of telephone-event; 0: none
}

// writeSDP describes m as a session (RFC 4566).
func writeSDP(m media) []byte {
	var b strings.Builder
	formats := make([]string, 0, len(m.codecs)+1)
	for _, c := range m.codecs {
		formats = append(formats, strconv.Itoa(int(c)))
	}
	if m.keys != 0 {
		formats = append(formats, strconv.Itoa(int(m.keys)))
	}
	host := m.address.Addr()
	fmt.Fprintf(&b, "v=0\r\no=caller %d 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", m.address.Port(), host, host)
	fmt.Fprintf(&b, "m=audio %d RTP/AVP %s\r\n", m.address.Port(), strings.Join(formats, " "))
	for _, c := range m.codecs {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", c, map[uint8]string{typePCMU: "PCMU", typePCMA: "PCMA"}[c])
	}
	if m.keys != 0 {
		fmt.Fprintf(&b, "a=rtpmap:%d %s\r\na=fmtp:%d 0-15\r\n", m.keys, keysEncoding, m.keys)
	}
	b.WriteString("a=ptime:20\r\na=sendrecv\r\n")
	return []byte(b.String())
}

// readSDP reads the first audio of a session description.
func readSDP(body []byte) (media, error) {
	var m media
	var host string
	audio := false
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "c=IN IP4 "):
			host = strings.TrimPrefix(line, "c=IN IP4 ")
		case strings.HasPrefix(line, "m="):
			if audio {
				return m.complete(host)
			}
			if audio = strings.HasPrefix(line, "m=audio "); audio {
				if err := m.readFormats(strings.Fields(line)); err != nil {
					return media{}, err
				}
			}
		case audio && strings.HasPrefix(line, "a=rtpmap:"):
			number, encoding, _ := strings.Cut(strings.TrimPrefix(line, "a=rtpmap:"), " ")
			if n, err := strconv.ParseUint(number, 10, 7); err == nil && strings.EqualFold(encoding, keysEncoding) {
				m.keys = uint8(n)
			}
		}
	}
	if !audio {
		return media{}, errors.New("sdp: no audio, want m=audio")
	}
	return m.complete(host)
}

// readFormats reads "m=audio 4000 RTP/AVP 0 101".
func (m *media) readFormats(fields []string) error {
	if len(fields) < 4 {
		return fmt.Errorf("sdp: %q: too short, want port, protocol and formats", strings.Join(fields, " "))
	}
	port, err := strconv.ParseUint(fields[1], 10, 16)
	if err != nil || port == 0 {
		return fmt.Errorf("sdp: audio port %q: want 1 to 65535", fields[1])
	}
	m.address = netip.AddrPortFrom(netip.Addr{}, uint16(port))
	for _, f := range fields[3:] {
		switch f {
		case "0":
			m.codecs = append(m.codecs, typePCMU)
		case "8":
			m.codecs = append(m.codecs, typePCMA)
		}
	}
	return nil
}

func (m media) complete(host string) (media, error) {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return media{}, fmt.Errorf("sdp: connection address %q: want an IPv4 address", host)
	}
	if len(m.codecs) == 0 {
		return media{}, errors.New("sdp: no codec in common, want PCMU or PCMA")
	}
	m.address = netip.AddrPortFrom(a, m.address.Port())
	return m, nil
}

// speaks tells whether the side can receive this codec.
func (m media) speaks(codec uint8) bool { return slices.Contains(m.codecs, codec) }
