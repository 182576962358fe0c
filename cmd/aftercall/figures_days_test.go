package main

import (
	"testing"
	"time"
)

// A day ends with its civil date, after 23, 24 or 25 hours, and where a zone
// leaves midnight out; a window is of civil days, however long they are.
func TestDaysOfEveryLength(t *testing.T) {
	for _, c := range []struct {
		zone, at, next string // instants, in UTC
		week, today    string // first day of 7d, and the last
	}{
		{"Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-23", "2026-03-29"}, // its first instant, 23 hours
		{"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T22:00:00Z", "2026-03-23", "2026-03-29"}, // behind the hour that is left out
		{"Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z", "2026-03-23", "2026-03-29"},
		{"Europe/Berlin", "2026-04-04T12:00:00Z", "2026-04-04T22:00:00Z", "2026-03-29", "2026-04-04"}, // a window over it
		{"Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-19", "2026-10-25"}, // 25 hours
		{"Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T23:00:00Z", "2026-10-19", "2026-10-25"}, // the hour that comes twice: once
		{"Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T23:00:00Z", "2026-10-19", "2026-10-25"}, // and again
		{"Europe/Berlin", "2026-10-25T22:30:00Z", "2026-10-25T23:00:00Z", "2026-10-19", "2026-10-25"},
		{"Asia/Beirut", "2026-03-28T21:30:00Z", "2026-03-28T22:00:00Z", "2026-03-22", "2026-03-28"}, // the next day begins at 1 o'clock
		{"Asia/Beirut", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z", "2026-03-23", "2026-03-29"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextDay(at.In(zone)).UTC().Format(time.RFC3339); got != c.next {
			t.Errorf("%s at %s: the next day begins at %s, want %s", c.zone, c.at, got, c.next)
		}
		f := &figures{zone: zone}
		if from, to := f.day(at, daysOf("7d")), f.day(at, daysOf("1d")); from != c.week || to != c.today {
			t.Errorf("%s at %s: 7d is from %s to %s, want %s to %s", c.zone, c.at, from, to, c.week, c.today)
		}
	}
}
