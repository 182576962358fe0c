package main

import (
	"errors"
	"fmt"
	"log/slog"

	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

func recountCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "recount", Short: "Rebuild the roll-ups from the stored rows", Args: cobra.NoArgs,
		Long: "Rebuild the roll-ups from the stored rows and say how many figures differed.\nThe totals behind the Prometheus counters are not touched: they outlive the rows.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			store, err := sqlite.Open(cmd.Context(), c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Existing: true, Log: slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))})
			if errors.Is(err, sqlite.ErrInUse) {
				return fmt.Errorf("%w: stop the service, recount, and start it again", err)
			}
			if err != nil {
				return err
			}
			defer store.Close()
			changed, err := store.Recount(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "recounted; %d figures differed\n", changed)
			return nil
		},
	}
}
