package asterisk

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"aftercall/deploy/standin"
)

// fake is an Asterisk that makes the faults a real one does not make on
// demand.
type fake struct {
	t *testing.T
	*standin.Server
	net standin.Memory
}

type (
	object = standin.Object
	reply  = standin.Reply
)

var (
	status = standin.Status
	never  = standin.Never
	event  = standin.Event
	key    = standin.Key
)

// newFake makes one that lets in whoever knows the password "right".
func newFake(t *testing.T, o standin.Options) *fake {
	o.Password, o.System, o.Fault = "right", "node1", func(err error) { t.Error(err) }
	f := &fake{t, standin.New(o), standin.NewMemory()}
	served := make(chan error, 1)
	go func() { served <- f.Serve(f.net) }()
	t.Cleanup(func() {
		if err := errors.Join(f.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	return f
}

// does is what a well Asterisk does on an operation.
func (f *fake) does(operation string, w http.ResponseWriter, r *http.Request) { f.Do(operation)(w, r) }

// cut ends the event connection without a word.
func (f *fake) cut() {
	f.Cut()
	synctest.Wait()
}
