package lab

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
)

var callLine = regexp.MustCompile(`lab call (\S+) is (\S+)$`)

// Calls tells the UNIQUEID of every call that has come in so far, by the
// caller's number; of several calls from one number, the last. It reads the
// log, so it works until Stop.
func (a *Asterisk) Calls() (map[string]string, error) {
	f, err := os.Open(a.LogFile)
	if err != nil {
		return nil, fmt.Errorf("calls: %w", err)
	}
	defer f.Close()
	calls := make(map[string]string)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if m := callLine.FindStringSubmatch(lines.Text()); m != nil {
			calls[m[1]] = m[2]
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("calls: %w", err)
	}
	return calls, nil
}
