package main

import (
	"fmt"
	"net"
	"net/url"
	"os"

	"aftercall/configs"
)

// exposed says which passwords of Asterisk others can come by: on their way to
// another machine, or in a file that every user of this one may read.
func exposed(c *configs.Config) []string {
	var all []string
	for _, n := range c.Asterisk.Nodes {
		if u, err := url.Parse(n.URL); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
			all = append(all, fmt.Sprintf("asterisk: node %q: url %s: the password goes unencrypted to another machine, and whoever is between can read and change what goes on; want https, or an encrypted tunnel", n.Name, n.URL))
		}
		if n.PasswordFile == "" {
			continue
		}
		if info, err := os.Stat(n.PasswordFile); err == nil && info.Mode().Perm()&0o007 != 0 {
			all = append(all, fmt.Sprintf("asterisk: node %q: password_file %q has mode %04o: every user of this machine can come by it; want chmod o= %s", n.Name, n.PasswordFile, info.Mode().Perm(), quoted(n.PasswordFile)))
		}
	}
	return all
}

// loopback reports whether a host is this machine, which no network is between.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// hideSecrets takes Asterisk's passwords and the key of callers' numbers out of
// the environment, which outside programs inherit, until restored.
func hideSecrets(c *configs.Config) (restore func()) {
	names := []string{c.Privacy.KeyEnv}
	for _, n := range c.Asterisk.Nodes {
		names = append(names, n.PasswordEnv)
	}
	var hidden []string
	for _, name := range names {
		if name != "" {
			hidden = append(hidden, name, os.Getenv(name))
			_ = os.Unsetenv(name) // fails for no name that was read
		}
	}
	return func() {
		for i := len(hidden) - 2; i >= 0; i -= 2 { // of two of one name the first is the true one
			_ = os.Setenv(hidden[i], hidden[i+1])
		}
	}
}
