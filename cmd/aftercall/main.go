// Command aftercall asks callers to rate the service after an agent hung up,
// keeps every rating, and shows the figures.
//
// The way in: serve.go wires the parts together; every other subcommand has a
// file of its own name.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the site's zone must be known on a machine without the tables
)

func main() {
	os.Exit(exit(run(signals(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr), os.Stderr))
}

// signals gives a context that ends with SIGINT or SIGTERM; a second signal
// ends the process.
func signals() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}
