package main

import (
	"context"
	"encoding/json"
	"fmt"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

func auditCommand(load loader) *cobra.Command {
	var limit int
	var asJSON bool
	cmd := &cobra.Command{Use: "audit", Short: "Show what was done to the stored records", Args: cobra.NoArgs}
	cmd.Flags().IntVar(&limit, "limit", 50, "most rows, newest first")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document a line")
	return speaking(cmd, load, readLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, _ []string) error {
		if limit < 1 || limit > 100_000 {
			return fmt.Errorf("--limit %d: want 1 to 100000", limit)
		}
		store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
		if err != nil {
			return err
		}
		defer store.Close()
		rows, err := store.Audit(ctx, limit)
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		t := i18n.NewTable(words.T("column.time"), words.T("audit.action"), words.T("audit.n"), words.T("audit.detail"))
		for _, r := range rows {
			if asJSON {
				if err := json.NewEncoder(out).Encode(r); err != nil {
					return err
				}
				continue
			}
			t.Row(r.At.In(c.Zone).Format("2006-01-02 15:04:05"), words.T("audit."+r.Action), fmt.Sprint(r.N), r.Detail)
		}
		switch {
		case asJSON:
			return nil
		case len(rows) == 0:
			_, err := fmt.Fprintln(out, words.T("audit.none"))
			return err
		}
		return t.Print(out)
	})
}
