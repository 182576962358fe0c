package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring/spill"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

// copyLimit bounds a command that reads or copies all of a store.
const copyLimit = 6 * time.Hour

// spilledEnd stands behind a backup's name in that of the records that waited
// in the spill file.
const spilledEnd = ".spill.jsonl"

// backedUp is what a backup says of itself.
type backedUp struct {
	File    string `json:"file"`
	Bytes   int64  `json:"bytes"`
	Waiting int    `json:"waiting"` // records in WaitingFile that were not in the store
	sqlite.Holding
	WaitingFile string `json:"waiting_file,omitempty"`
}

func backupCommand(load loader) *cobra.Command {
	var force, asJSON bool
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Copy the store whole, while the service runs or not", Args: cobra.ExactArgs(1),
		Long: "Copy the store whole, as it is at one moment, while the service runs or not. The file gets\n" +
			"its name when it is complete, checked and on the disk. Records that wait in the spill file\n" +
			"go to FILE" + spilledEnd + ", which belongs to the backup. Callers notice nothing.",
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over FILE if it is there")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return speaking(cmd, load, copyLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		b, err := backUp(ctx, c, args[0], force)
		if err != nil {
			return err
		}
		if asJSON {
			return printIndented(cmd.OutOrStdout(), b)
		}
		said := spokenOf{words, cmd.OutOrStdout(), c.Zone}
		if said.holding("backup.done", b.File, b.Holding); b.Waiting > 0 {
			said.say("backup.waiting", b.Waiting, b.WaitingFile)
		}
		return nil
	})
}

// backUp copies what waits in the spill file, and then the store: what gets
// from the one to the other meanwhile is in both, and comes out once.
func backUp(ctx context.Context, c *configs.Config, file string, force bool) (b backedUp, err error) {
	own := []string{c.Store.Spill, c.Store.Spill + ".rejected", c.Store.Socket}
	waiting := file + spilledEnd
	for _, name := range append(own, c.Store.Path) {
		if filepath.Clean(name) == filepath.Clean(waiting) {
			return b, fmt.Errorf("%q: %w: that is a file of the store itself, want another name for the backup", waiting, fs.ErrInvalid)
		}
	}
	_, before := os.Lstat(waiting)
	if before == nil && !force {
		return b, fmt.Errorf("%q: %w, want a name that is free", waiting, fs.ErrExist)
	}
	copied := waiting
	if before == nil { // what is there belongs to an older backup until that is written over
		copied += ".next"
	}
	n, err := spill.Copy(c.Store.Spill, copied)
	if err != nil {
		return b, err
	}
	b = backedUp{File: file, Waiting: n}
	if n > 0 {
		b.WaitingFile = waiting
	}
	b.Holding, err = sqlite.Backup(ctx, c.Store.Path, file, force, own...)
	if err == nil && copied != waiting {
		_, err = spill.Copy(copied, waiting)
	}
	if n > 0 && (err != nil || copied != waiting) {
		err = errors.Join(err, os.Remove(copied))
	}
	if err != nil {
		return b, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return b, err
	}
	b.Bytes = info.Size()
	return b, nil
}
