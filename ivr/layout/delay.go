package layout

import (
	"fmt"
	"time"
)

// Delay is a length of time in a definition, written with its unit: "500ms",
// "3s". It is exact to the millisecond.
type Delay time.Duration

// D gives the delay as a duration.
func (d Delay) D() time.Duration { return time.Duration(d) }

// String gives the delay as it is written in a configuration.
func (d Delay) String() string { return time.Duration(d).String() }

// MarshalText writes the delay with its unit.
func (d Delay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a delay with its unit; a bare number is an error.
func (d *Delay) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is no length of time, want a number with a unit such as 500ms or 3s", b)
	}
	*d = Delay(v)
	return nil
}

// fault says what is wrong with the delay as part of a menu, "" if nothing.
// A bare number in YAML arrives as nanoseconds.
func (d Delay) fault(least, most time.Duration) string {
	v := d.D()
	switch {
	case v > 0 && v < time.Millisecond:
		return fmt.Sprintf("%s is under 1ms, want a number with a unit such as 500ms or 3s (did you forget the unit?)", v)
	case v%time.Millisecond != 0:
		return fmt.Sprintf("%s, want whole milliseconds", v)
	case v < least || v > most:
		return fmt.Sprintf("%s, want %s to %s", v, least, most)
	}
	return ""
}
