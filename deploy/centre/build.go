package centre

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
)

// Build builds the programs of a centre into a folder. If the program that
// asks was built with the race detector, the service is, too.
func Build(folder string) error {
	builds := [][]string{{"aftercall/cmd/caller"}, {"aftercall/cmd/aftercall"}}
	info, ok := debug.ReadBuildInfo()
	if ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) { // the robots' own tests do the same for them
		builds[1] = []string{"-race", "aftercall/cmd/aftercall"}
	}
	for _, what := range builds {
		out, err := exec.Command("go", append([]string{"build", "-o", folder + "/"}, what...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("build %v: %w\n%s", what, err, out)
		}
	}
	return nil
}

// Complaints are the errors in the Asterisks' logs, but those that hold one of
// the texts expected.
func (c *Centre) Complaints(expected []string) (lines []string, err error) {
	for _, a := range c.Nodes {
		log, err := os.ReadFile(a.LogFile)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(log)) {
			known := slices.ContainsFunc(expected, func(text string) bool { return strings.Contains(line, text) })
			if strings.Contains(line, "ERROR[") && !known {
				lines = append(lines, line)
			}
		}
	}
	return lines, nil
}
