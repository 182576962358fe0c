package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring/spill"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

func restoreCommand(load loader) *cobra.Command {
	var check, force, asJSON bool
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup in the place of the store; status 1 if it cannot be", Args: cobra.ExactArgs(1),
		Long: "Put a backup in the place of the store. The service must be stopped. The store that is there\n" +
			"is kept under another name, and no total falls, so that no Prometheus counter does. Records\n" +
			"that wait in the spill file come into the restored store at the next start; one that\n" +
			"continues a call which the backup does not hold is put aside in the spill file's .rejected.",
	}
	cmd.Flags().BoolVar(&check, "check", false, "only find out whether it could be restored, and change nothing")
	cmd.Flags().BoolVar(&force, "force", false, "restore it although roll-ups or totals are not as its rows say")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return speaking(cmd, load, copyLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		r := restoring{c: c, from: args[0], force: force, said: spokenOf{words, cmd.OutOrStdout(), c.Zone}}
		if asJSON {
			r.said.out = io.Discard
		}
		var err error
		if check {
			err = r.examine(ctx)
		} else {
			err = r.restore(ctx, cmd.ErrOrStderr())
		}
		if asJSON && r.examined {
			err = errors.Join(printIndented(cmd.OutOrStdout(), r.found), err)
		}
		return err
	})
}

// restoring is a backup that is to be restored.
type restoring struct {
	c        *configs.Config
	from     string
	force    bool
	said     spokenOf
	examined bool
	found    struct {
		File    string `json:"file"`
		Waiting int    `json:"waiting"` // records that belong to the backup and were not in the store
		sqlite.Restored
		Done bool `json:"restored"`
	}
}

// examine looks into the backup and says what it found.
func (r *restoring) examine(ctx context.Context) (err error) {
	if r.found.Examination, err = sqlite.Examine(ctx, r.from, r.c.Site.TimeZone); err != nil {
		return err
	}
	return r.judge(r.found.Older)
}

// judge says what was found, and every fault. It is an error if it cannot be
// restored. older tells that it was made by an older program.
func (r *restoring) judge(older bool) (err error) {
	f := &r.found
	f.File, r.examined = r.from, true
	if f.Waiting, err = spill.Waiting(r.from + spilledEnd); err != nil {
		return err
	}
	if f.Zone != "" {
		r.said.holding("restore.holds", r.from, f.Holding)
	}
	if older && f.Schema > 0 {
		r.said.say("restore.older", f.Schema)
	}
	if f.Waiting > 0 {
		r.said.say("restore.waiting", f.Waiting, r.from+spilledEnd)
	}
	for _, f := range r.found.Faults {
		r.said.flaw(f, r.c.Site.TimeZone)
	}
	switch {
	case len(r.found.Faults) == 0:
		r.said.say("restore.sound")
		return nil
	case !r.found.Curable():
	case r.force:
		r.said.say("restore.forced")
		return nil
	default:
		r.said.say("restore.curable")
	}
	return fmt.Errorf("%q cannot be restored: faults: %d", r.from, len(r.found.Faults))
}

func (r *restoring) restore(ctx context.Context, log io.Writer) error {
	o := sqlite.Options{Zone: r.c.Site.TimeZone, Log: slog.New(slog.NewTextHandler(log, nil))}
	restored, err := sqlite.Restore(ctx, r.c.Store.Path, r.from, o, r.force, func() error {
		// Before the store is another: behind a crash in between they are there twice, not lost.
		_, err := spill.Take(r.c.Store.Spill, r.from+spilledEnd)
		return err
	})
	if errors.Is(err, sqlite.ErrInUse) {
		return fmt.Errorf("%w: stop the service, restore, and start it again", err)
	}
	if err != nil {
		return err
	}
	r.found.Restored = restored
	if err := r.judge(false); err != nil {
		return err
	}
	f := &r.found
	f.Done = true
	r.said.holding("restore.done", r.c.Store.Path, f.Holding)
	if f.Kept != "" {
		r.said.say("restore.kept", f.Kept)
	}
	if f.Raised > 0 {
		r.said.say("restore.raised", f.Raised)
	}
	if f.Fallen != "" {
		r.said.say("restore.fallen", f.Fallen)
	}
	waiting, err := spill.Waiting(r.c.Store.Spill)
	if waiting > 0 {
		r.said.say("restore.replayed", waiting, r.c.Store.Spill)
	}
	return err
}

// spokenOf says things of databases.
type spokenOf struct {
	words i18n.Printer
	out   io.Writer
	zone  *time.Location
}

func (s spokenOf) say(key string, args ...any) { fmt.Fprintln(s.out, s.words.T(key, args...)) }

// holding says what a file holds.
func (s spokenOf) holding(key, file string, h sqlite.Holding) {
	what := s.words.T("store.no_calls")
	if h.Calls > 0 {
		at := func(t time.Time) string { return t.In(s.zone).Format("2006-01-02 15:04:05") }
		what = s.words.T("store.calls", h.Calls, at(h.FirstCall), at(h.LastCall))
	}
	if s.say(key, file, what, h.Schema); h.Invented {
		s.say("store.invented")
	}
}

// flaw says what is wrong with a backup.
func (s spokenOf) flaw(f sqlite.Fault, zone string) {
	switch key := "flaw." + string(f.Flaw); f.Flaw {
	case sqlite.NoStore:
		s.say(key)
	case sqlite.Damaged:
		s.say(key, f.Detail)
	case sqlite.OtherZone:
		s.say(key, f.Detail, zone)
	default:
		s.say(key, f.N)
	}
}
