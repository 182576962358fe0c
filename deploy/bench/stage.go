package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aftercall/configs"
	"aftercall/deploy/centre"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
)

// stage is one real Asterisk on which all contenders ask the same survey.
type stage struct {
	*centre.Centre
	s       *Suite
	menu    []string // files of the menu in the order in which they are heard, without ending
	thanks  []string
	cdrs    string // the database of Asterisk's call records
	helpers []*helper
}

// contender is one way to ask a survey.
type contender struct {
	Name   string
	Number string                                       // that its callers dial
	Plan   string                                       // of the dialplan, behind Answer()
	CDR    bool                                         // Asterisk writes call records: the answer stands in them
	PID    func() int                                   // of the process that is no Asterisk; nil = there is none
	Kept   func(ctx context.Context) (n int, err error) // answers so far
}

const (
	ratedAgent = "PJSIP/1001"
	ratedQueue = "support"
	thanksTone = 600 * time.Millisecond // behind the 300 ms of silence of the layout: a thank-you of 0.9 s
)

// entrant brings a contender onto the stage.
type entrant func(*stage, context.Context) (contender, error)

// openStage starts Asterisk, aftercall and whatever else the contenders need.
func openStage(ctx context.Context, s *Suite, entrants ...entrant) (st *stage, all []contender, err error) {
	made := &stage{s: s}
	st = made
	defer func() {
		if err != nil {
			err = errors.Join(err, made.Close())
		}
	}()
	recordings := filepath.Join(s.Folder, "recordings")
	if err := centre.ThanksTone(recordings, 700, thanksTone); err != nil {
		return nil, nil, err
	}
	st.Centre, err = centre.Open(ctx, centre.Options{
		Folder: s.Top, Programs: filepath.Dir(s.Program), Recordings: recordings, Talk: "1s..2s",
		Queues: []centre.Queue{{Number: "7001", Name: ratedQueue, Survey: "service", Layouts: []layout.Arm{{Layout: "habit", Weight: 1}}, Unstaffed: true}},
	})
	if err != nil {
		return nil, nil, err
	}
	if err := st.listSounds(); err != nil {
		return nil, nil, err
	}
	for _, enter := range entrants {
		c, err := enter(st, ctx)
		if err != nil {
			return nil, nil, err
		}
		c.Number = fmt.Sprint(8001 + len(all))
		all = append(all, c)
	}
	return st, all, st.dialplan(ctx, all)
}

// Close ends everything.
func (st *stage) Close() error {
	ctx := context.Background() // each of them has a limit of its own
	var errs []error
	for _, h := range st.helpers {
		errs = append(errs, h.Close())
	}
	if st.Centre != nil {
		errs = append(errs, st.Centre.Close(ctx))
	}
	return errors.Join(errs...)
}

// listSounds finds the files that aftercall plays to its callers.
func (st *stage) listSounds() error {
	c, err := configs.Load(st.ConfigFile())
	if err != nil {
		return err
	}
	p := c.Prompts
	library, err := prompt.Open(prompt.Settings{Folder: p.Folder, Media: p.Media, Voices: p.ByLanguage(),
		Engine: prompt.Engine(p.Engine), Recordings: p.Recordings, Wideband: p.Wideband})
	if err != nil {
		return err
	}
	habit, _ := c.Catalogue.Layout("habit")
	menu, err := c.Catalogue.Render(habit, "en", library)
	if err != nil {
		return err
	}
	thanks, err := layout.RenderThanks(c.Catalogue.Surveys[0], "en", library)
	if err != nil {
		return err
	}
	st.menu, st.thanks = files(menu.Menu), files(thanks)
	return nil
}

func files(items []layout.Item) (names []string) {
	for _, it := range items {
		names = append(names, strings.TrimPrefix(it.Media, "sound:"))
	}
	return names
}

// dialplan gives each contender its number. All of them answer, and know whom
// the caller rates, as behind a queue.
func (st *stage) dialplan(ctx context.Context, all []contender) error {
	var text strings.Builder
	text.WriteString("\n[lab]\n")
	for _, c := range all {
		fmt.Fprintf(&text, "exten => %s,1,Answer()\n same => n,Set(MEMBERINTERFACE=%s)\n%s same => n,Hangup()\n", c.Number, ratedAgent, c.Plan)
	}
	f, err := os.OpenFile(filepath.Join(st.Asterisk.ConfigFolder, "dialplan.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text.String())
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	_, err = st.Asterisk.CLI(ctx, "dialplan reload")
	return err
}

// recording switches Asterisk's call records on or off: who stores elsewhere
// does not pay for them.
func (st *stage) recording(ctx context.Context, on bool) error {
	set, want := "no", "Disabled"
	if on {
		set, want = "yes", "Enabled"
	}
	text := "[general]\nenable = " + set + "\n"
	if err := os.WriteFile(filepath.Join(st.Asterisk.ConfigFolder, "cdr.conf"), []byte(text), 0o644); err != nil {
		return err
	}
	if _, err := st.Asterisk.CLI(ctx, "module reload cdr"); err != nil {
		return err
	}
	said, err := st.Asterisk.CLI(ctx, "cdr show status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(said) {
		if name, state, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "Logging" && strings.TrimSpace(state) == want {
			return nil
		}
	}
	return fmt.Errorf("call records of Asterisk: want them %s, it says:\n%s", want, said)
}
