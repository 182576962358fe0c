package prometheus

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
)

const configName = "prometheus.yml"

// writeConfig writes the shipped configuration and rules into a folder, with
// other targets and times: the rest is what people are told to use.
func writeConfig(folder string, targets []string, every time.Duration) error {
	if every < time.Second || every%time.Second != 0 {
		return fmt.Errorf("scrape every %s: want whole seconds, 1s or more", every)
	}
	text, err := shipped.ReadFile(configName)
	if err != nil {
		return err
	}
	var config struct {
		Global map[string]any   `yaml:"global"`
		Jobs   []map[string]any `yaml:"scrape_configs"`
		Rest   map[string]any   `yaml:",inline"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return fmt.Errorf("%s: %w", configName, err)
	}
	interval := fmt.Sprintf("%ds", every/time.Second)
	config.Global["scrape_interval"], config.Global["evaluation_interval"] = interval, interval
	for _, job := range config.Jobs {
		job["scrape_interval"], job["scrape_timeout"] = interval, interval
		job["static_configs"] = []map[string]any{{"targets": targets}}
	}
	if text, err = yaml.Marshal(config); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, configName), text, 0o644); err != nil {
		return err
	}
	rules, err := fs.Sub(shipped, "rules")
	if err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(folder, "rules"), rules)
}
