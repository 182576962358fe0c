// Package privacy decides what is kept of callers' numbers. It is pure: a key
// and a number in, a [scoring.Caller] out.
//
// The way in: [New] gives a [Keeper]; [Keeper.Keep] is asked once for each
// call, at the moment it enters, and the number goes nowhere else;
// [Keeper.Find] gives what a number that somebody asks for may be kept as.
package privacy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"aftercall/scoring"
)

const (
	MinKey = 32 // bytes of a key at least: there are so few numbers that a weak one is guessed

	hashed    = 16 // bytes of an HMAC that are kept
	printed   = 4  // bytes of a key's fingerprint
	shortest  = 7  // digits: of a shorter number, four would be nearly all
	longest   = 40 // characters of a number: E.164 has 15 digits, dialled prefixes come in front
	lastShown = 4
)

var (
	// ErrForm: callers cannot be found by what is kept of them.
	ErrForm = errors.New("callers cannot be found")
	// ErrNumber: what should be a telephone number is none.
	ErrNumber = errors.New("no telephone number")
)

// Keeper keeps numbers in one form. The zero Keeper keeps nothing. It prints
// its form alone.
type Keeper struct {
	form        scoring.CallerForm
	key         []byte
	fingerprint string
}

// New gives a keeper. The key is wanted for hmac, with MinKey bytes or more,
// and for no other form.
func New(form scoring.CallerForm, key string) (Keeper, error) {
	switch {
	case !slices.Contains(scoring.CallerForms, form):
		return Keeper{}, fmt.Errorf("form %q, want one of %v", form, scoring.CallerForms)
	case form == scoring.CallerHMAC && len(key) < MinKey:
		return Keeper{}, fmt.Errorf("key of %d bytes, want %d or more for %s", len(key), MinKey, form)
	case form != scoring.CallerHMAC && key != "":
		return Keeper{}, fmt.Errorf("key with form %s, want one for %s alone", form, scoring.CallerHMAC)
	case form != scoring.CallerHMAC:
		return Keeper{form: form}, nil
	}
	k := Keeper{form: form, key: []byte(key)}
	k.fingerprint = k.hash("fingerprint of the key", printed) // which no number reads like
	return k, nil
}

// Form is the form in which numbers are kept.
func (k Keeper) Form() scoring.CallerForm { return k.form }

// Fingerprint tells keys apart; "" if there is none.
func (k Keeper) Fingerprint() string { return k.fingerprint }

// Format prints the form alone.
func (k Keeper) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<"+string(k.form)+">") }

// Keep gives what is kept of a number; of what is no number, and of one that
// is too short for its last four digits, nothing.
func (k Keeper) Keep(number string) scoring.Caller {
	number = Normal(number)
	if number == "" {
		return scoring.Caller{}
	}
	switch k.form {
	case scoring.CallerHMAC:
		return k.hashed(number)
	case scoring.CallerLast4:
		digits := strings.Trim(number, "+*#")
		if len(digits) < shortest || strings.ContainsAny(digits, "*#") {
			return scoring.Caller{}
		}
		return scoring.NewCaller(k.form, "", digits[len(digits)-lastShown:])
	case scoring.CallerFull:
		return scoring.NewCaller(k.form, "", number)
	}
	return scoring.Caller{}
}

func (k Keeper) hashed(number string) scoring.Caller {
	return scoring.NewCaller(scoring.CallerHMAC, k.fingerprint, k.hash(number, hashed))
}

func (k Keeper) hash(text string, bytes int) string {
	h := hmac.New(sha256.New, k.key)
	_, _ = io.WriteString(h, text) // a hash takes everything
	return hex.EncodeToString(h.Sum(nil)[:bytes])
}

// Find gives everything that a number may be kept as: as it is, and as an HMAC
// if there is a key. Errors wrap ErrForm if the form is not one by which
// callers can be told from each other, or ErrNumber; neither holds the number.
func (k Keeper) Find(number string) ([]scoring.Caller, error) {
	switch k.form {
	case scoring.CallerHMAC, scoring.CallerFull:
	case scoring.CallerLast4:
		return nil, fmt.Errorf("%w: privacy.caller is last4, and many callers share four digits: those of strangers would be shown or erased; want hmac or full", ErrForm)
	default:
		return nil, fmt.Errorf("%w: privacy.caller is none, so nothing is kept of their numbers that could be looked for; want hmac or full", ErrForm)
	}
	if number = Normal(number); number == "" {
		return nil, fmt.Errorf("%w: want digits, with + * # or without, at most %d of them", ErrNumber, longest)
	}
	all := []scoring.Caller{scoring.NewCaller(scoring.CallerFull, "", number)}
	if k.form == scoring.CallerHMAC {
		all = append(all, k.hashed(number))
	}
	return all, nil
}

// Searches reports whether Find finds calls that are kept in this way.
func (k Keeper) Searches(c scoring.CallerCount) bool {
	return !c.Lost && (c.Form == scoring.CallerFull || c.Form == scoring.CallerHMAC && k.form == scoring.CallerHMAC && c.Key == k.fingerprint)
}
