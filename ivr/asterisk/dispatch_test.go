package asterisk

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aftercall/scoring/metrics"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/stdbus"
	"github.com/prometheus/client_golang/prometheus"
)

// callsInProgress are how many there are while events are dispatched; a node
// takes no more than MaxActive.
var callsInProgress = []int{1, 100, 10_000}

// shuffledKeys gives the event of a key for each of so many calls, as Asterisk
// words it, in an order in which no call follows its neighbour.
func shuffledKeys(b *testing.B, calls int) (channels []string, events [][]byte) {
	b.Helper()
	var pressed string
	for _, e := range recorded(b) {
		if strings.Contains(e, dtmfReceived) {
			pressed = e
		}
	}
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(calls) {
		id := fmt.Sprint("node1-1795905357.", i)
		channels = append(channels, id)
		events = append(events, []byte(strings.ReplaceAll(pressed, "node1-1795905357.0", id)))
	}
	return channels, events
}

// BenchmarkDispatch takes an event from Asterisk to the call that it is of, and
// out of its inbox again: decode+map and map are ours; decode+bus and bus are the
// library's, with a subscription for each call.
func BenchmarkDispatch(b *testing.B) {
	for _, calls := range callsInProgress {
		channels, events := shuffledKeys(b, calls)
		b.Run(fmt.Sprint("decode+map/calls=", calls), func(b *testing.B) { dispatchByMap(b, channels, events, true) })
		b.Run(fmt.Sprint("map/calls=", calls), func(b *testing.B) { dispatchByMap(b, channels, events, false) })
		b.Run(fmt.Sprint("decode+bus/calls=", calls), func(b *testing.B) { dispatchByBus(b, channels, events, true) })
		b.Run(fmt.Sprint("bus/calls=", calls), func(b *testing.B) { dispatchByBus(b, channels, events, false) })
	}
}

func dispatchByMap(b *testing.B, channels []string, events [][]byte, decodes bool) {
	n := NewNode(Server{Name: "node1"}, Surveys{Meter: metrics.NewService(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler)})
	inboxes := make([]chan arrival, len(events))
	decoded := make([]*said, len(events))
	for i, data := range events {
		inboxes[i] = n.inProgress(channels[i]).inbox
		decoded[i], _ = decode(data)
	}
	at, ctx, i := time.Now(), b.Context(), 0
	b.ReportAllocs()
	for b.Loop() {
		e := decoded[i]
		if decodes {
			e, _ = decode(events[i])
		}
		n.dispatch(ctx, arrival{at, e})
		select {
		case <-inboxes[i]:
		default:
			b.Fatal("the event did not reach its call")
		}
		i = (i + 1) % len(events)
	}
}

func dispatchByBus(b *testing.B, channels []string, events [][]byte, decodes bool) {
	bus := stdbus.New()
	defer bus.Close()
	subscribed := make([]ari.Subscription, len(events))
	decoded := make([]ari.Event, len(events))
	for i, data := range events {
		subscribed[i] = bus.Subscribe(ari.NewKey(ari.ChannelKey, channels[i]), ari.Events.ChannelDtmfReceived)
		decoded[i], _ = ari.DecodeEvent(data)
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		e := decoded[i]
		if decodes {
			e, _ = ari.DecodeEvent(events[i])
		}
		bus.Send(e)
		select {
		case <-subscribed[i].Events():
		default:
			b.Fatal("the event did not reach its call")
		}
		i = (i + 1) % len(events)
	}
}

// BenchmarkDecode reads the events of one survey, by us and by the library.
func BenchmarkDecode(b *testing.B) {
	events := recorded(b)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, e := range events {
				if _, fault := decode([]byte(e)); fault != "" {
					b.Fatal(fault)
				}
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, e := range events {
				if _, err := ari.DecodeEvent([]byte(e)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
