package asterisk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dialplanContext is the context that `aftercall dialplan` prints.
const dialplanContext = "aftercall-rate"

// again is how the context comes into the dialplan.
const again = `"aftercall dialplan > /etc/asterisk/aftercall.conf", #include aftercall.conf in extensions.conf; then "dialplan reload"`

// Mark is the extension of the printed dialplan that tells for which
// application and with which limit, in whole seconds, it was printed. Nobody
// dials it; that it exists can be asked of a node whose files cannot be read.
// Asterisk ignores - in an extension: after-call and aftercall have one mark.
func Mark(app string, limit int) string {
	return fmt.Sprintf("print_%s_%s_%d", app, ArgumentsVersion, limit)
}

// state asks for the state of a device. Asterisk gives one for whatever can be
// dialled, so it tells what the dialplan and the queues have; INVALID means
// that there is no such thing.
func (x *examiner) state(ctx context.Context, device string) (string, error) {
	var d struct {
		State string `json:"state"`
	}
	code, err := x.ask(ctx, http.MethodGet, "/deviceStates/"+url.PathEscape(device), &d)
	switch {
	case err != nil:
		return "", err
	case code == http.StatusNotFound:
		return "", errors.New("this cannot be asked: modules.conf does not load res_ari_device_states.so")
	case code != http.StatusOK || d.State == "":
		return "", answered(code, nil)
	}
	return d.State, nil
}

// extension tells whether the dialplan that is loaded has an extension.
func (x *examiner) extension(ctx context.Context, name string) (bool, error) {
	s, err := x.state(ctx, "Local/"+name+"@"+dialplanContext)
	return s != "INVALID", err
}

// written is the context as it stands in extensions.conf.
type written struct {
	extensions   []string
	asks         bool     // has a Stasis()
	app, version string   // of Stasis()
	limit        string   // the last TIMEOUT(absolute) before Stasis(); "" if there is none
	lacks        []string // arguments of the print that Stasis() does not get
}

var (
	step     = regexp.MustCompile(`^[^,]*,\s*(?:([A-Za-z_]+)\s*\((.*)\))?`)
	argument = regexp.MustCompile(`,([a-z]+)=`)
	absolute = regexp.MustCompile(`TIMEOUT\(absolute\)\s*=\s*([^,)]*)`)
)

// writtenIn finds the context in extensions.conf; nil if it is not there.
func writtenIn(c *conf) *written {
	s := c.find(dialplanContext)
	if s == nil {
		return nil
	}
	w, exten := &written{}, ""
	for _, l := range s.lines {
		what := l.value // n(label),Set(…)
		switch strings.ToLower(l.key) {
		case "exten":
			exten, what, _ = strings.Cut(l.value, ",")
			exten = strings.TrimSpace(exten)
			w.extensions = append(w.extensions, exten)
		case "same":
		default:
			continue
		}
		m := step.FindStringSubmatch(what)
		if m == nil || exten != "s" || w.asks {
			continue
		}
		switch strings.ToLower(m[1]) {
		case "set", "mset":
			if t := absolute.FindStringSubmatch(m[2]); t != nil {
				w.limit = strings.TrimSpace(t[1])
			}
		case "stasis":
			w.asks = true
			app, rest, _ := strings.Cut(m[2], ",")
			version, _, _ := strings.Cut(rest, ",")
			w.app, w.version = strings.TrimSpace(app), strings.TrimSpace(version)
			w.lacks = lacking(rest)
		}
	}
	return w
}

// lacking names the arguments of the print that these are without.
func lacking(args string) []string {
	given := map[string]bool{}
	for _, m := range argument.FindAllStringSubmatch(args, -1) {
		given[m[1]] = true
	}
	var names []string
	for _, m := range argument.FindAllStringSubmatch(Arguments("", ""), -1) {
		if !given[m[1]] {
			names = append(names, m[1])
		}
	}
	return names
}

// faults names what is wrong with the context.
func (w *written) faults(app string, least time.Duration) []string {
	var all []string
	fault := func(format string, a ...any) { all = append(all, fmt.Sprintf(format, a...)) }
	switch limit, err := strconv.ParseFloat(w.limit, 64); {
	case !w.asks:
		return []string{"never calls Stasis(): nobody is asked"}
	case strings.Contains(w.limit, "$"):
		// An expression: what it comes to shows at the call.
	case w.limit == "" || err != nil || !(limit > 0) || math.IsInf(limit, 1):
		fault("has no TIMEOUT(absolute) before Stasis(): who is in a survey that hangs is trapped")
	case limit < least.Seconds():
		fault("TIMEOUT(absolute) is %s s, the longest survey and 10 s are %.0f s: it would be cut off", w.limit, least.Seconds())
	}
	if w.app != app && !strings.Contains(w.app, "$") {
		fault("is for application %q, ours is %q", w.app, app)
	}
	if w.version != ArgumentsVersion {
		fault("gives arguments of version %q, want %s", w.version, ArgumentsVersion)
	}
	return all
}

// dialplan looks at the context, as it is loaded and as it is written. What
// steps are loaded cannot be asked, but which extensions are, among them the
// mark of the print.
func (x *examiner) dialplan(ctx context.Context) {
	const check = "dialplan"
	loaded, err := x.extension(ctx, "s")
	if err != nil {
		x.unseen(check, err)
		return
	}
	w, unread := x.written()
	switch {
	case !loaded && w != nil:
		x.add(check, Fault, fmt.Sprintf("context %s stands in %s and is not loaded", dialplanContext, filepath.Join(x.etc, "extensions.conf")), `"dialplan reload"; if that does not help, Asterisk's log says why`)
		return
	case !loaded:
		x.add(check, Fault, "has no context "+dialplanContext, again)
		return
	}
	back, err := x.extension(ctx, "T")
	if err != nil {
		x.unseen(check, err)
		return
	}
	printed, err := x.extension(ctx, x.want.Mark)
	if err != nil {
		x.unseen(check, err)
		return
	}
	var faults []string
	if !back {
		faults = append(faults, "has no extension T: who is in a survey that hangs loses the call instead of coming back")
	}
	if w != nil {
		faults = append(faults, w.faults(x.client.server.App, x.want.Limit)...)
	}
	for _, f := range faults {
		x.add(check, Fault, f, again)
	}
	if len(faults) == 0 {
		x.printed(w, printed, unread)
	}
}

// written finds the context in the files, or says why it cannot.
func (x *examiner) written() (*written, error) {
	c, err := x.conf("extensions.conf")
	if err != nil {
		return nil, err
	}
	w := writtenIn(c)
	if w == nil {
		return nil, errors.New("it is not in " + filepath.Join(x.etc, "extensions.conf"))
	}
	return w, nil
}

// printed judges a context in which no single thing is wrong: is it the one
// that this configuration prints, or at least as good?
func (x *examiner) printed(w *written, printed bool, unread error) {
	const check = "dialplan"
	marked := w != nil && slices.Contains(w.extensions, x.want.Mark)
	switch {
	case marked && !printed:
		x.add(check, Fault, "another "+dialplanContext+" is loaded than stands in "+filepath.Join(x.etc, "extensions.conf"), `"dialplan reload"`)
	case w != nil && strings.Contains(w.limit+w.app, "$"):
		x.unseen(check, fmt.Errorf("TIMEOUT(absolute) is %q and the application %q: what they come to shows at the call", w.limit, w.app))
	case w != nil && len(w.lacks) > 0:
		x.add(check, Warning, fmt.Sprintf("Stasis() in %s gets no %s: who is rated, above all after a transfer, can be another than with the dialplan that is printed today",
			filepath.Join(x.etc, "extensions.conf"), strings.Join(w.lacks, ", ")), again)
	case printed && w != nil:
		x.well(check, "%s is loaded as this configuration prints it, with TIMEOUT(absolute) = %s s", dialplanContext, w.limit)
	case w != nil:
		x.well(check, "%s is loaded; by the file its TIMEOUT(absolute) is %s s, which is enough", dialplanContext, w.limit)
	case printed:
		x.well(check, "%s is loaded as this configuration prints it; its single steps were not looked at: %v", dialplanContext, unread)
	default:
		x.add(check, Fault, dialplanContext+" is loaded, but not as this configuration prints it: application, arguments or TIMEOUT(absolute) may be wrong (not looked at: "+unread.Error()+")", again)
	}
}

// queue looks at one queue.
func (x *examiner) queue(ctx context.Context, name string) {
	check := "queue " + name
	s, err := x.state(ctx, "Queue:"+name+"_avail")
	if err != nil {
		x.unseen(check, err)
		return
	}
	if s == "INVALID" {
		x.add(check, Fault, "Asterisk has no such queue", fmt.Sprintf("queues.conf: [%s]; or take the queue out of aftercall.yaml", name))
		return
	}
	x.queues[name] = true
	c, err := x.conf("queues.conf")
	if err == nil && c.find(name) == nil {
		err = fmt.Errorf("it is not in %s", filepath.Join(x.etc, "queues.conf"))
	}
	if err != nil {
		x.unseen(check, fmt.Errorf("it is there; whether it has setinterfacevar = yes cannot be seen: %w", err))
		return
	}
	v, ok := c.skipping(name).value(name, "setinterfacevar")
	repeated, _ := c.value(name, "setinterfacevar")
	switch {
	case ok && yes(v):
		x.well(check, "is there, with setinterfacevar = yes")
	case !ok && c.partly != "":
		x.unseen(check, fmt.Errorf("it is there; whether it has setinterfacevar = yes cannot be seen: %s", c.partly))
	case yes(repeated):
		x.add(check, Fault, fmt.Sprintf("has setinterfacevar = yes only where [%s] stands again, which Asterisk skips: nobody knows whom the caller rates", name),
			fmt.Sprintf(`queues.conf: [%s](+) where it stands again; then "queue reload all"`, name))
	default:
		x.add(check, Fault, "has no setinterfacevar = yes: nobody knows whom the caller rates", fmt.Sprintf(`queues.conf, [%s]: setinterfacevar = yes; then "queue reload all"`, name))
	}
}
