package main

import (
	"context"
	"fmt"
	"io"

	"aftercall/configs"

	"github.com/spf13/cobra"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

// run carries out one command line. Its error is for people: print it and
// exit with status 1.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var path string
	root := &cobra.Command{
		Use:           "aftercall",
		Short:         "Post-call rating for Asterisk: ask, record, explain",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVarP(&path, "config", "c", "/etc/aftercall/aftercall.yaml", "configuration file")
	load := func() (*configs.Config, error) { return configs.Load(path) }
	offline := func() (*configs.Config, error) { return configs.LoadOffline(path) }
	keyed := func() (*configs.Config, error) { return configs.LoadKey(path) }
	root.AddCommand(serveCommand(load), checkCommand(load), doctorCommand(load), promptsCommand(load),
		dialplanCommand(offline), callsCommand(offline), recountCommand(offline), backupCommand(offline), restoreCommand(offline),
		compareCommand(offline), agentsCommand(offline), subjectCommand(offline, keyed), eraseCommand(offline, keyed), auditCommand(offline),
		experimentCommand(offline), synthCommand(offline), listenCommand(offline), simulateCommand(offline), versionCommand())
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(screen{out: stdout})
	root.SetErr(screen{out: stderr})
	return root.ExecuteContext(ctx)
}

// exit prints an error and gives the status to end with.
func exit(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(screen{out: stderr}, err)
	return 1
}

// loader reads the configuration that the command line names.
type loader func() (*configs.Config, error)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "aftercall", version) },
	}
}
