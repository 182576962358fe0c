package lab

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"time"
)

var (
	callLine   = regexp.MustCompile(`lab call (\S+) is (\S+)$`)
	visitLine  = regexp.MustCompile(`^\[([^]]+)\].*lab visit \d+ of (\S+) in \S+ ended CONTINUE`)
	wentOnLine = regexp.MustCompile(`^\[([^]]+)\].*lab call of (\S+) went on$`)
)

// Calls tells the UNIQUEID of every call that has come in so far, by the
// caller's number; of several calls from one number, the last. It reads the
// log, so it works until Stop.
func (a *Asterisk) Calls() (map[string]string, error) {
	calls := make(map[string]string)
	err := a.eachLine(func(line string) {
		if m := callLine.FindStringSubmatch(line); m != nil {
			calls[m[1]] = m[2]
		}
	})
	return calls, err
}

// WentOn tells how long after the last agent hung up each call went on in the
// operator's dialplan, by the caller's number, by Asterisk's clock: it does
// not depend on what was heard. Missing are calls that no agent took or that
// never went on. It reads the log, so it works until Stop.
func (a *Asterisk) WentOn() (map[string]time.Duration, error) {
	ended := make(map[string]time.Time)
	after := make(map[string]time.Duration)
	err := a.eachLine(func(line string) {
		if m := visitLine.FindStringSubmatch(line); m != nil {
			ended[m[2]] = stamp(m[1])
		} else if m := wentOnLine.FindStringSubmatch(line); m != nil && !ended[m[2]].IsZero() {
			after[m[2]] = stamp(m[1]).Sub(ended[m[2]])
		}
	})
	return after, err
}

// stamp reads the time of a line of the log, as logger.conf writes it; zero
// if it is none.
func stamp(text string) time.Time {
	at, _ := time.Parse("2006-01-02 15:04:05.000", text)
	return at
}

func (a *Asterisk) eachLine(take func(line string)) error {
	f, err := os.Open(a.LogFile)
	if err != nil {
		return fmt.Errorf("calls: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		take(lines.Text())
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("calls: %w", err)
	}
	return nil
}
