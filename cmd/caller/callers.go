package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"time"
)

//go:embed personas.yaml
var builtInPersonas []byte

// callerOptions are the flags of `caller run`.
type callerOptions struct {
	proxy, number, personas, prefix, log string
	calls, atOnce, keyMs                 int
	tone, releaseTone                    int // Hz
	moreTones                            []int
	rate                                 float64
	seed                                 uint64
	limit, lostAfter                     time.Duration
	json, anyHost                        bool
}

// check names every flag that cannot be used.
func (o callerOptions) check() error {
	var faults []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	want(o.calls >= 1, "--calls %d: want 1 or more", o.calls)
	want(o.atOnce >= 1 && o.atOnce <= 2000, "--at-once %d: want 1 to 2000", o.atOnce)
	want(o.rate >= 0.01 && o.rate <= 1000, "--rate %g: want 0.01 to 1000 calls per second", o.rate)
	want(o.limit >= time.Second, "--limit %s: want 1s or more", o.limit)
	want(o.lostAfter >= 0, "--lost-after %s: want 0 or more", o.lostAfter)
	want(o.keyMs >= 2*frameMs && o.keyMs <= 5000, "--key-ms %d: want 40 to 5000", o.keyMs)
	want(isUser(o.prefix), "--prefix %q: want letters, digits, - _ . + *", o.prefix)
	for _, hz := range o.moreTones {
		want(hz != o.tone && hz != o.releaseTone, "--more-tones %d: that is --tone or --release-tone, want another", hz)
		faults = append(faults, checkTone("--more-tones", hz))
	}
	want(o.tone != o.releaseTone, "--tone and --release-tone: both %d Hz, want two", o.tone)
	return errors.Join(append(faults,
		checkTone("--tone", o.tone),
		checkTone("--release-tone", o.releaseTone),
		checkLoopback("--proxy", o.proxy, o.anyHost))...)
}

// runCallers makes all calls, writes the log and the summary. The error says
// how many calls could not be carried out.
func runCallers(ctx context.Context, o callerOptions, stdout io.Writer) (err error) {
	personas, err := o.cast()
	if err != nil {
		return err
	}
	log := newCallLog(io.Discard)
	if o.log != "" {
		file, err := os.Create(o.log)
		if err != nil {
			return fmt.Errorf("--log: %w", err)
		}
		defer file.Close()
		log = newCallLog(file)
	}
	crew, err := newCrew(ctx, o, personas)
	if err != nil {
		return err
	}
	sum := newSummary()
	stopped := crew.dialAll(func(r callRecord) {
		log.write(r)
		sum.add(r)
	})
	crew.close()
	if err := errors.Join(sum.print(stdout, o.json), log.fault(), stopped); err != nil {
		return err
	}
	return sum.fault()
}

// cast reads the personas and sees that each has a number to dial.
func (o callerOptions) cast() ([]persona, error) {
	text, name := builtInPersonas, "built-in personas"
	if o.personas != "" {
		var err error
		if text, err = os.ReadFile(o.personas); err != nil {
			return nil, fmt.Errorf("--personas: %w", err)
		}
		name = o.personas
	}
	personas, err := readPersonas(text, o.number)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", name, err)
	}
	return personas, nil
}

// crew makes the calls: one SIP station and one pacer for all of them.
type crew struct {
	options  callerOptions
	personas []persona
	station  *station
	pacer    *pacer
	ctx      context.Context
	stop     context.CancelFunc
}

func newCrew(ctx context.Context, o callerOptions, personas []persona) (*crew, error) {
	host, err := hostTowards(o.proxy)
	if err != nil {
		return nil, err
	}
	s, err := newStation(netip.AddrPortFrom(host, 0), nil)
	if err != nil {
		return nil, err
	}
	c := &crew{options: o, personas: personas, station: s}
	c.ctx, c.stop = context.WithCancel(ctx)
	c.pacer = startPacer()
	return c, nil
}

func (c *crew) close() {
	c.stop()
	c.pacer.close()
	c.station.close()
}

// dialAll starts calls at the rate wanted, no more at once than allowed, and
// returns when all have ended. It gives each record to done, one at a time. An
// error says that it was stopped before all were dialled.
func (c *crew) dialAll(done func(callRecord)) error {
	var calls sync.WaitGroup
	defer calls.Wait()
	var mu sync.Mutex
	places := make(chan struct{}, c.options.atOnce)
	beat := time.NewTicker(time.Duration(float64(time.Second) / c.options.rate))
	defer beat.Stop()
	for n := 1; n <= c.options.calls; n++ {
		if n > 1 {
			select {
			case <-beat.C:
			case <-c.ctx.Done():
			}
		}
		select {
		case places <- struct{}{}:
		case <-c.ctx.Done():
		}
		if c.ctx.Err() != nil {
			return fmt.Errorf("stopped after %d of %d calls were dialled", n-1, c.options.calls)
		}
		calls.Go(func() {
			record := c.newCall(n).carryOut(c.ctx)
			<-places
			mu.Lock()
			defer mu.Unlock()
			done(record)
		})
	}
	return nil
}

func (c *crew) newCall(n int) *call {
	p := choosePersona(c.personas, c.options.seed, n)
	return &call{
		crew:    c,
		persona: p,
		record: callRecord{
			Caller:  c.options.prefix + strconv.Itoa(n),
			Number:  p.Number,
			Persona: p.Name,
		},
	}
}
