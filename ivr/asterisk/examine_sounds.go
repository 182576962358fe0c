package asterisk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"aftercall/ivr/layout"
)

// ExamineSounds looks at the sounds alone, as [Examine] does, and at what it
// takes to ask for them. Every sound that cannot be played is a finding of its
// own, whose Check is the name of its file.
func ExamineSounds(ctx context.Context, nodes []Server, want Expected) []Finding {
	var found []Finding
	for _, x := range beside(ctx, nodes, want, (*examiner).eachSound) {
		found = append(found, x.found...)
	}
	return found
}

// Times of the look at a sound.
const (
	startLimit = time.Second           // until it plays
	lookAgain  = 5 * time.Millisecond  // while it does not yet
	playFor    = 30 * time.Millisecond // a sound that cannot be opened is gone by then
	playTries  = 3                     // of a sound that was over before it was seen
)

// sounds finds out whether Asterisk can play every sound, and whether it was
// given these sounds and no others of the same names.
func (x *examiner) sounds(ctx context.Context) {
	bad, looked := x.unplayable(ctx)
	switch {
	case len(bad) > 0:
		x.add(soundsCheck, Fault, fmt.Sprintf("Asterisk cannot play %d of %d, such as %s", len(bad), len(x.want.Sounds), fileOf(bad[0])), x.bring())
	case looked:
		x.build(ctx)
	}
}

// eachSound does the same, and names every sound that cannot be played.
func (x *examiner) eachSound(ctx context.Context) {
	bad, looked := x.unplayable(ctx)
	for _, s := range bad {
		x.add(path.Base(fileOf(s)), Fault, "Asterisk cannot play "+fileOf(s), x.bring())
	}
	if looked && len(bad) == 0 {
		x.build(ctx)
	}
}

const soundsCheck = "sounds"

// unplayable has Asterisk play the beginning of every sound, to nobody: only
// so is known that it finds the file, may read it and can decode it. looked is
// false if not all could be.
func (x *examiner) unplayable(ctx context.Context) (bad []layout.Sound, looked bool) {
	if len(x.want.Sounds) == 0 {
		x.unseen(soundsCheck, errors.New("none is built"))
		return nil, false
	}
	for i, s := range x.want.Sounds {
		plays, err := x.plays(ctx, s)
		if err != nil {
			x.unseen(soundsCheck, fmt.Errorf("%d of %d: %w", len(x.want.Sounds)-i, len(x.want.Sounds), err))
			return bad, false
		}
		if !plays {
			bad = append(bad, s)
		}
	}
	return bad, true
}

// build finds out, where all sounds play, whether they are ours to the last
// bit.
func (x *examiner) build(ctx context.Context) {
	all := len(x.want.Sounds)
	if len(x.want.Markers) == 0 {
		x.well(soundsCheck, "Asterisk can play all %d", all)
		return
	}
	for _, m := range x.want.Markers {
		same, err := x.plays(ctx, m)
		switch {
		case err != nil:
			x.unseen(soundsCheck, fmt.Errorf("all %d can be played; whether they are of our build: %w", all, err))
			return
		case same:
			x.well(soundsCheck, "Asterisk can play all %d, of our build", all)
			return
		}
	}
	x.add(soundsCheck, Warning, fmt.Sprintf("Asterisk can play all %d, and has sounds of another build: their lengths may differ", all), bringThere)
}

const bringThere = `"aftercall prompts install" on Asterisk's machine; or "aftercall prompts pack" here, and unpack it there as that says`

// bring says how sounds get to where Asterisk can play them.
func (x *examiner) bring() string {
	reader := "Asterisk"
	if u := x.info.Config.SetID.User; u != "" {
		reader = fmt.Sprintf("Asterisk's user %q", u)
	}
	return fmt.Sprintf("%s must be able to read what lies in prompts.folder; prompts.media in aftercall.yaml is that folder as Asterisk sees it. A folder of its own: %s", reader, bringThere)
}

// fileOf names the file of a sound as Asterisk sees it.
func fileOf(s layout.Sound) string { return strings.TrimPrefix(s.Media, "sound:") + ".wav" }

// plays tells whether a sound plays.
func (x *examiner) plays(ctx context.Context, s layout.Sound) (bool, error) {
	for range playTries {
		begun := time.Now()
		if lives, err := x.play(ctx, s); lives || err != nil {
			return lives, err
		}
		// It ended. If it could have been over in the time that went by,
		// this says nothing.
		if time.Since(begun) < s.Length {
			return false, nil
		}
	}
	return false, errors.New("answers come too slowly to tell whether they play")
}

// play plays the beginning of a sound in a bridge of its own: what plays in a
// bridge behind another sound can fail because that one is just being stopped.
func (x *examiner) play(ctx context.Context, s layout.Sound) (bool, error) {
	id := "aftercall-doctor-" + strings.ToLower(rand.Text())
	bridge := "/bridges/" + id
	code, err := x.ask(ctx, http.MethodPost, bridge+"?type=mixing&name=aftercall-doctor", nil)
	if err != nil || code != http.StatusOK {
		return false, fmt.Errorf("they cannot be played: %w", answered(code, err))
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), RequestLimit)
		defer cancel()
		_, _ = x.ask(ctx, http.MethodDelete, bridge, nil) // an empty bridge does no harm
	}()
	code, err = x.ask(ctx, http.MethodPost, bridge+"/play/"+id+"?"+url.Values{"media": {s.Media}}.Encode(), nil)
	switch {
	case err == nil && code == http.StatusInternalServerError:
		return false, errors.New("they cannot be played: modules.conf does not load chan_bridge_media.so")
	case err != nil || code != http.StatusCreated:
		return false, fmt.Errorf("they cannot be played: %w", answered(code, err))
	}
	return x.lives(ctx, "/playbacks/"+id)
}

// lives tells whether a playback has begun and goes on, and stops it.
func (x *examiner) lives(ctx context.Context, path string) (bool, error) {
	var p struct {
		State string `json:"state"`
	}
	limit := time.Now().Add(startLimit)
	for played := false; ; {
		code, err := x.ask(ctx, http.MethodGet, path, &p)
		switch {
		case err != nil || code != http.StatusOK && code != http.StatusNotFound:
			return false, answered(code, err)
		case code == http.StatusNotFound:
			return false, nil
		case played:
			_, err := x.ask(ctx, http.MethodDelete, path, nil)
			return true, err
		case time.Now().After(limit):
			return false, errors.New("a playback never begins")
		}
		wait := lookAgain
		if p.State == "playing" {
			played, wait = true, playFor
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(wait):
		}
	}
}
