package lab

import (
	"context"
	"fmt"
	"syscall"
)

// Kill ends Asterisk as a power cut does (SIGKILL): nobody is told. [Asterisk.Restart]
// starts it again.
func (a *Asterisk) Kill() error {
	if err := a.process.Signal(syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill asterisk: %w", err)
	}
	<-a.process.done
	return nil
}

// Restart starts an Asterisk that has ended, with its ports, password and
// configuration, and returns when ARI and SIP answer again. ctx bounds the
// start. It must not be called beside other methods.
func (a *Asterisk) Restart(ctx context.Context) error {
	if a.process.State() == nil {
		return fmt.Errorf("restart asterisk %q: it still runs, want it ended", a.Name)
	}
	process, err := startAsterisk(a.root, a.folder, a.env)
	if err != nil {
		return err
	}
	a.process = process
	if err := a.waitReady(ctx); err != nil {
		return fmt.Errorf("restart asterisk %q: %w\n%s", a.Name, err, a.logTail())
	}
	return nil
}
