package main

import "encoding/binary"

// keypadKeys are the keys of a telephone in the order of their RFC 4733 event
// codes.
const keypadKeys = "0123456789*#"

const (
	endPackets = 3   // RFC 4733 2.5.1.4: the end is said three times
	keyPauseMs = 150 // least time between two keys
	keyVolume  = 10  // dBm0 below zero
)

// keypad presses keys as RFC 4733 events, one packet per 20 ms. While a key is
// held, its packets go out instead of audio.
type keypad struct {
	holdMs int

	keys   []byte
	frame  int // of the key being pressed, from 0
	pause  int // frames before the next key
	stamp  uint32
	packet [4]byte
}

// keyPacket is what is to be sent in one frame.
type keyPacket struct {
	payload    []byte // valid until the next call
	stamp      uint32 // RTP timestamp of the key's beginning
	key        byte
	first, end bool // the first packet, the first end packet
}

// press queues keys, which must be of keypadKeys.
func (k *keypad) press(keys string) { k.keys = append(k.keys, keys...) }

// idle tells whether nothing is pressed or waiting.
func (k *keypad) idle() bool { return len(k.keys) == 0 }

// next returns the packet for the frame that begins at the RTP timestamp
// stamp; false if audio is to be sent.
func (k *keypad) next(stamp uint32) (keyPacket, bool) {
	if k.pause > 0 {
		k.pause--
		return keyPacket{}, false
	}
	if k.idle() {
		return keyPacket{}, false
	}
	if k.frame == 0 {
		k.stamp = stamp
	}
	held := (k.holdMs + frameMs - 1) / frameMs // frames until the end
	p := keyPacket{
		payload: k.packet[:],
		stamp:   k.stamp,
		key:     k.keys[0],
		first:   k.frame == 0,
		end:     k.frame == held,
	}
	k.packet[0] = eventCode(p.key)
	k.packet[1] = keyVolume
	if k.frame >= held {
		k.packet[1] |= 0x80
	}
	duration := min((k.frame+1)*frameSamples, k.holdMs*samplesPerMs)
	binary.BigEndian.PutUint16(k.packet[2:], uint16(duration))
	k.frame++
	if k.frame == held+endPackets {
		k.keys, k.frame = k.keys[1:], 0
		k.pause = (keyPauseMs+frameMs-1)/frameMs - endPackets
	}
	return p, true
}

func eventCode(key byte) byte {
	for code := range len(keypadKeys) {
		if keypadKeys[code] == key {
			return byte(code)
		}
	}
	return 0
}
