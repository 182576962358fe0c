package bench

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestByArea: a sample belongs to the first area that a function of its stack
// fits, wherever in the stack that is.
func TestByArea(t *testing.T) {
	script := `
	ffffffff817c8f83 __es_remove_extent
	ffffffff817c8f84 __x64_sys_fdatasync
	           f8ce fdatasync

	          1cb0bb runtime.usleep.abi0
	          1cb0bc runtime.sysmon

	          1cb0bb encoding/json.(*decodeState).object
	          1cb0bd aftercall/ivr/asterisk.decode
	          1cb0be aftercall/ivr/asterisk.(*reader).read

	          1cb0bb net/http.(*readWriteCloserBody).Read
	          1cb0bd github.com/coder/websocket.(*Conn).Read
	          1cb0be aftercall/ivr/asterisk.(*reader).read

	ffffffff817c8f83 walk_component
`
	got, err := byArea(strings.NewReader(script+"\n"), 2, 1000)
	want := ` 20.0 %  0.50 ms  the kernel and C, for nobody in particular
 20.0 %  0.50 ms  the event connection
 20.0 %  0.50 ms  the disk: fsync
 20.0 %  0.50 ms  events: decoding
 20.0 %  0.50 ms  Go: sysmon, which looks after threads while one works
`
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("error %v; areas (-want +got):\n%s", err, d)
	}
	if _, err := byArea(strings.NewReader("\n"), 2, 1000); err == nil {
		t.Error("no samples, and no error")
	}
}
