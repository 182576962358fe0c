// Command caller is a room full of robots with telephones, for the demo, the
// end-to-end tests and load: real SIP phones that dial, listen, press keys and
// hang up.
//
// It has two faces. `caller agents` is the phones of all agents: each answers,
// talks (a steady tone) and hangs up, or transfers the caller. `caller run` is
// the callers: each dials a number, measures by RTP timestamp what it hears, and
// presses RFC 4733 keys when its persona's cues come. What was heard and pressed
// is written as one JSON line per call.
//
// The way in: run builds the two commands (command.go). A caller is a call
// (call.go, dial.go) with an ear (ear.go, axis.go, segment.go), cues (cues.go)
// made of a persona (persona.go), and a keypad (keypad.go). An agent is a phone
// (phone.go) that talks (talker.go) and can transfer callers (transfer.go,
// consult.go). Both stand on a station, the SIP side (station.go), and on lines,
// the RTP side, which one pacer drives (line.go).
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "caller:", err)
		os.Exit(1)
	}
}
