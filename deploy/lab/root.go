package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const howToGetOne = "want an Asterisk 22 or newer: run make setup, or set ASTERISK_ROOT to a folder that holds usr/sbin/asterisk"

// FindRoot tells where Asterisk is: the folder that the environment variable
// ASTERISK_ROOT names, else the one that "make setup" wrote into
// .lab/asterisk.path of the repository that the working directory lies in.
func FindRoot() (string, error) {
	root, from := os.Getenv("ASTERISK_ROOT"), "ASTERISK_ROOT"
	if root == "" {
		repo, err := repository()
		if err != nil {
			return "", err
		}
		from = filepath.Join(repo, ".lab/asterisk.path")
		b, err := os.ReadFile(from)
		if err != nil {
			return "", fmt.Errorf("no Asterisk: %w: %s", err, howToGetOne)
		}
		if root = strings.TrimSpace(string(b)); !filepath.IsAbs(root) {
			root = filepath.Join(repo, root)
		}
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return "", fmt.Errorf("no Asterisk: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, "usr/sbin/asterisk")); err != nil {
		return "", fmt.Errorf("no Asterisk where %s says: %w: %s", from, err, howToGetOne)
	}
	return root, nil
}

// repository is the nearest folder above the working directory with a go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("no Asterisk: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no Asterisk: the working directory is in no repository: " + howToGetOne)
		}
	}
}
