package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

func callsCommand(load loader) *cobra.Command {
	var q scoring.Query
	var asJSON bool
	cmd := &cobra.Command{Use: "calls", Short: "Show recent calls and what became of them", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&q.Queue, "queue", "", "only calls of this queue")
	cmd.Flags().StringVar(&q.Agent, "agent", "", "only calls of the agent with this id, and of those who were merged into it")
	cmd.Flags().IntVar(&q.Limit, "limit", 50, "most calls, newest first")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document a line")
	return speaking(cmd, load, readLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, _ []string) error {
		if q.Limit < 1 || q.Limit > 100_000 {
			return fmt.Errorf("--limit %d: want 1 to 100000", q.Limit)
		}
		store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
		if err != nil {
			return err
		}
		defer store.Close()
		rows, err := store.Calls(ctx, q)
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(cmd.OutOrStdout(), rows)
		}
		return printCalls(cmd.OutOrStdout(), rows, words, c)
	})
}

// printJSON writes one call a line.
func printJSON(w io.Writer, rows []scoring.CallRow) error {
	e := json.NewEncoder(w)
	for _, r := range rows {
		if err := e.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// printCalls writes one line for each question of each call.
func printCalls(w io.Writer, rows []scoring.CallRow, p i18n.Printer, c *configs.Config) error {
	words := label(c.Catalogue)
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, p.T("calls.none"))
		return err
	}
	var heads []string
	for _, head := range []string{"time", "queue", "agent", "layout", "result", "key", "reason", "call"} {
		heads = append(heads, p.T("column."+head))
	}
	t := i18n.NewTable(heads...)
	for _, r := range rows {
		reason := "…"
		if r.End != nil {
			reason = p.T("reason." + string(r.End.Reason))
		}
		for _, q := range r.Questions {
			result, key := "…", "-"
			if a := q.Answer; a != nil {
				result = p.T("outcome." + string(a.Outcome))
				if a.Outcome == scoring.Rated {
					result, key = words(q.Question, a.Verdict, p.Language()), a.Entry
				}
			}
			t.Row(r.Call.StartedAt.In(c.Zone).Format("2006-01-02 15:04:05"),
				r.Call.Queue, r.Call.Agent.ID, q.Layout, result, key, reason, r.ID.String())
		}
	}
	return t.Print(w)
}
