package asterisk

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// Who is rated, and who is kept as earlier, by what the dialplan says.
func TestTalked(t *testing.T) {
	many := ""
	for i := range scoring.MaxEarlier + 5 {
		many += fmt.Sprintf("&PJSIP/%d", i)
	}
	for _, c := range []struct{ name, args, want string }{
		{"not transferred", "peer=PJSIP/ivr-00000009 hungup=PJSIP/1001-00000005", "PJSIP/1001(A)"},
		{"own id", "agentid=wf-7", "PJSIP/1001(A)=wf-7"},
		{"empty id", "agentid=", "PJSIP/1001(A)"},
		{"dialled", "dialled=PJSIP/1002 peer=PJSIP/1002-00000003 hungup=PJSIP/1002-00000003 agentid=b", "PJSIP/1001(A) PJSIP/1002()=b"},
		{"dialled, Asterisk does not say who hung up", "dialled=PJSIP/1002 peer=PJSIP/1002-00000003", "PJSIP/1001(A) PJSIP/1002()"},
		{"dialled, an earlier hang-up", "dialled=PJSIP/1002 peer=PJSIP/1002-00000003 hungup=PJSIP/ivr-00000001", "PJSIP/1001(A) PJSIP/1002()"},
		{"dialled and handed over", "dialled=PJSIP/1002 peer=PJSIP/1002-00000003 hungup=PJSIP/1003-00000005", "PJSIP/1001(A) PJSIP/1002() PJSIP/1003()"},
		{"before", "before=&PJSIP/1001-00000001&PJSIP/1002-00000002 dialled=PJSIP/1003", "PJSIP/1001(A) PJSIP/1002() PJSIP/1003()"},
		{"before another queue", "before=&PJSIP/1007-00000001", "PJSIP/1007() PJSIP/1001(A)"},
		{"back to the first", "before=&PJSIP/1001-00000001&PJSIP/1002-00000002", "PJSIP/1002() PJSIP/1001(A)"},
		{"attended", "attended=PJSIP/1001-00000001 hungup=PJSIP/1002-00000003 agentid=wf-7", "PJSIP/1001(A) PJSIP/1002()"},
		{"attended twice", "attended=PJSIP/1002-00000003 hungup=PJSIP/1003-00000005", "PJSIP/1001(A) PJSIP/1002() PJSIP/1003()"},
		{"attended, nobody known", "attended=PJSIP/1001-00000001 agentid=wf-7", "PJSIP/1001(A) ()=unknown !hungup"},
		{"attended, an earlier hang-up", "attended=PJSIP/1001-00000007 hungup=PJSIP/1002-00000003", "PJSIP/1001(A) ()=unknown !hungup"},
		{"attended, another technology", "attended=PJSIP/1001-00000001 hungup=DAHDI/i1/555-3", "PJSIP/1001(A) ()=unknown !hungup"},
		{"attended, counted in sixteens", "attended=PJSIP/1001-000000ff hungup=PJSIP/night-desk-00000100", "PJSIP/1001(A) PJSIP/night-desk()"},
		{"before, by a Local channel", "agent=Local/1001@agents/n before=&Local/1001@agents-00000001;1", "Local/1001@agents/n(A)"},
		{"technology in another case", "agent=pjsip/1001 before=&PJSIP/1001-00000001", "pjsip/1001(A)"},
		{"before, by another's Local channel", "before=&Local/1007@agents-00000001;1", "Local/1007@agents() PJSIP/1001(A)"},
		{"attended, by a Local channel", "agent=Local/1001@agents/n attended=Local/1001@agents-00000001;1 hungup=Local/13800138000@agents-00000003;1", "Local/1001@agents/n(A) ()=unknown !hungup"},
		{"before and dialled, by a Local channel", "agent=Local/1001@agents/n before=&Local/1001@agents-00000001;1 dialled=PJSIP/1002", "Local/1001@agents/n(A) PJSIP/1002()"},
		{"the queue names nobody, dialled", "agent= agentname= dialled=PJSIP/1002", "PJSIP/1002() !agent"},
		{"the queue names nobody, attended", "agent= agentname= attended=PJSIP/1001-00000001 hungup=PJSIP/1002-00000003", "PJSIP/1001() PJSIP/1002() !agent"},
		{"told that nobody else came", "told=peer=PJSIP%2F1001-00000001&hungup=PJSIP%2F1001-00000001 agentid=a", "PJSIP/1001(A)=a"},
		{"told of a hand-over", "told=peer=PJSIP%2F1001-00000001&hungup=PJSIP%2F1002-00000003 agentid=a", "PJSIP/1001(A) PJSIP/1002()"},
		{"told of who was dialled", "told=peer=PJSIP%2F1002-00000003&hungup=PJSIP%2F1002-00000003&queue=&dialled=PJSIP%2F1002&attended=&agentid=b&agent=&agentname= agentid=a",
			"PJSIP/1001(A) PJSIP/1002()=b"},
		{"told of another queue", "told=queue=night&dialled=&agentid=&agent=Local%2F7%40x%2Fn&agentname=Wu%2C%20B agentid=a", "PJSIP/1001(A) Local/7@x/n(Wu, B) @night"},
		{"told nonsense", "told=%FF&=&x", "PJSIP/1001(A) !told"},
		{"more than are kept", "before=" + many + " dialled=PJSIP/last", "… PJSIP/last() !before"},
		{"before garbled", "before=%FF", "PJSIP/1001(A) !before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{ArgumentsVersion, "uniqueid=u.1", "visit=1", "queue=support", "talk=5"}
			for _, usual := range []string{"agent=PJSIP%2F1001", "agentname=A"} {
				if key, _, _ := strings.Cut(usual, "="); !strings.Contains(" "+c.args, " "+key+"=") {
					args = append(args, usual)
				}
			}
			for _, pair := range strings.Split(c.args, " ") {
				key, value, _ := strings.Cut(pair, "=")
				if !strings.HasPrefix(value, "%FF") {
					value = url.PathEscape(value)
				}
				args = append(args, key+"="+value)
			}
			a := parse(args, "u.1")
			a.resolve(scoring.Roster{}, "2026-01-05")
			if d := cmp.Diff(c.want, talkedText(a)); d != "" {
				t.Errorf("who talked (-want +got):\n%s", d)
			}
			if single := len(a.earlier) == 0; single != (a.talkMS != nil) || len(a.earlier) > scoring.MaxEarlier {
				t.Errorf("talk %v ms, %d earlier agents", a.talkMS, len(a.earlier))
			}
		})
	}
}

// talkedText writes agents as interface(name), then an id that is not the
// interface, the queue if it is another, and faults.
func talkedText(a arguments) string {
	var words []string
	for _, e := range append(a.earlier, a.agent) {
		word := fmt.Sprintf("%s(%s)", e.Interface, e.Name)
		if e.ID != e.Interface {
			word += "=" + e.ID
		}
		words = append(words, word)
	}
	if len(words) > scoring.MaxEarlier {
		words = []string{"…", words[len(words)-1]}
	}
	if a.queue != "support" {
		words = append(words, "@"+a.queue)
	}
	for _, f := range a.faults {
		words = append(words, "!"+f)
	}
	return strings.Join(words, " ")
}
