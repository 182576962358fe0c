package lab

import (
	"fmt"
	"io"
	"net"
)

// The ports of the lab lie below the range that Linux gives to outgoing
// connections (32768 and up), in blocks of one run each.
const (
	firstPort = 10240
	lastPort  = 32767
	blockSize = 1536
	// A block begins with the ports that are looked through for SIP and HTTP.
	// The rest is RTP: 250 calls with an agent are 500 channels of 2 ports,
	// and Asterisk finds a free pair fast while a third is unused.
	blockHead = 16
)

// ports are those of one run. The claim keeps other runs out of the block.
type ports struct {
	sip, http        int
	rtpFirst, rtpEnd int // inclusive
	claim            io.Closer
}

// claimPorts finds a block that no other run on this machine holds. The claim
// is a bound UDP socket: the system frees it when the program ends, however.
func claimPorts() (ports, error) {
	for block := firstPort; block+blockSize-1 <= lastPort; block += blockSize {
		claim, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: block})
		if err != nil {
			continue // another run's, or another program's
		}
		p := ports{rtpFirst: block + blockHead, rtpEnd: block + blockSize - 1, claim: claim}
		for port := block + 1; port < block+blockHead; port++ {
			switch {
			case p.sip == 0 && udpFree(port):
				p.sip = port
			case p.http == 0 && tcpFree(port):
				p.http = port
			}
		}
		if p.sip != 0 && p.http != 0 {
			return p, nil
		}
		_ = claim.Close()
	}
	return ports{}, fmt.Errorf("ports: every block from %d to %d is in use, want one of %d ports for SIP, HTTP and RTP",
		firstPort, lastPort, blockSize)
}

func udpFree(port int) bool {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return false
	}
	return c.Close() == nil
}

func tcpFree(port int) bool {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return false
	}
	return l.Close() == nil
}
