package layout

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func toyConfirm(key, again string) *Confirm {
	return &Confirm{Say: both("{label}? {key} {again}", "{label}？{key}{again}"), Key: key, Again: again, Times: 1, Wait: Delay(2 * time.Second)}
}

// TestLint: each rule alone, at its border and beyond it.
func TestLint(t *testing.T) {
	second := Delay(time.Second)
	five := Scale{Name: "five"}
	for i, id := range []string{"a", "b", "c", "d", "e", "f"} {
		five.Verdicts = append(five.Verdicts, Verdict{ID: id, Value: i, Satisfied: i > 2, Label: both(id, id)})
	}
	six := []Option{{"1", "f", 0}, {"2", "e", 0}, {"3", "d", 0}, {"4", "c", 0}, {"5", "b", 0}, {"6", "a", 0}}
	tests := []struct {
		name   string
		change func(*Layout)
		scale  Scale
		want   []Remark
	}{
		{"nothing to say", func(*Layout) {}, toyScale(), nil},
		{"keys downwards", func(l *Layout) { l.Options[0].Key, l.Options[2].Key = "3", "1" }, toyScale(), []Remark{{KeyOrder, []any{"3 2 1"}}}},
		{"keys with holes", func(l *Layout) { l.Options[1].Key, l.Options[2].Key = "5", "0" }, toyScale(), nil},
		{"keys from 0", func(l *Layout) { l.Options[0].Key, l.Options[1].Key, l.Options[2].Key = "0", "1", "2" }, toyScale(), nil},
		{"0 in the middle", func(l *Layout) { l.Options[1].Key, l.Options[2].Key = "0", "2" }, toyScale(), []Remark{{KeyOrder, []any{"1 0 2"}}}},
		{"gap just short", func(l *Layout) { l.Options[0].Pause = Delay(1499 * time.Millisecond) }, toyScale(), nil},
		{"gap behind satisfied", func(l *Layout) { l.Options[0].Pause = 3 * second }, toyScale(), []Remark{{GapFlatters, []any{3.0, 1, "1", both("good", "满意")}}}},
		{"gaps behind two satisfied", func(l *Layout) {
			l.Options = []Option{{"1", "f", 2 * second}, {"2", "e", 2 * second}, {"3", "a", 0}, {"4", "b", 0}}
		}, five, []Remark{{GapFlatters, []any{2.0, 1, "1", both("f", "f")}}, {GapFlatters, []any{2.0, 2, "2", both("e", "e")}}}},
		{"gap behind both", func(l *Layout) { l.Options[1].Pause = 3 * second }, toyScale(), []Remark{{GapHides, []any{3.0, 2, 1}}}},
		{"gap behind the last", func(l *Layout) { l.Options[2].Pause = 3 * second }, toyScale(), nil},
		{"gap behind dissatisfied", func(l *Layout) {
			l.Options = []Option{{"1", "dissatisfied", 2 * second}, {"2", "fair", 0}, {"3", "satisfied", 0}}
		}, toyScale(), []Remark{{GapSlanders, []any{2.0, 1, "1", both("bad", "不满意")}}}},
		{"gap before the options", func(l *Layout) { l.AskPause = 2 * second }, toyScale(), []Remark{{GapBefore, []any{2.0}}}},
		{"too many options", func(l *Layout) { l.Options = six }, five, []Remark{{TooManyOptions, []any{6, 5}}}},
		{"five options, none in the middle", func(l *Layout) { l.Options = six[:5] }, five, []Remark{{UnbalancedUp, []any{3, 2}}}},
		{"five options, one in the middle", func(l *Layout) { l.Options = six[1:] }, five, nil},
		{"mostly dissatisfied", func(l *Layout) { l.Options = six[2:] }, five, []Remark{{UnbalancedDown, []any{1, 3}}}},
		{"long", func(l *Layout) { l.LeadIn = 20 * second }, toyScale(), []Remark{
			{TooLong, []any{"en", 24.4, 20.0}}, {TooLong, []any{"zh-CN", 27.1, 20.0}},
		}},
		{"confirm with keys of its own", func(l *Layout) { l.Confirm = toyConfirm("8", "9") }, toyScale(), nil},
		{"confirm with a rating key", func(l *Layout) { l.Confirm = toyConfirm("1", "9") }, toyScale(), []Remark{{ConfirmKeys, []any{"1"}}}},
		{"confirm with a rating key and the repeat key", func(l *Layout) { l.Confirm = toyConfirm("3", "0") }, toyScale(), []Remark{{ConfirmKeys, []any{"3 0"}}}},
		{"many silences", func(l *Layout) { l.NoInput.Times = 3 }, toyScale(), []Remark{{TooManyTries, []any{8, 106.8}}}},
		{"as many as may be", func(l *Layout) { l.NoInput.Times, l.WrongKey.Times, l.Actions[0].Times = 2, 3, 3 }, toyScale(), nil},
		{"many repeats", func(l *Layout) { l.Actions[0].Times = 4 }, toyScale(), []Remark{{TooManyTries, []any{8, 104.4}}}},
	}
	for _, tt := range tests {
		l := toyLayout()
		l.Options[1].Pause = second
		tt.change(&l)
		var heard []Rendition
		for _, language := range []string{"en", "zh-CN"} {
			r, err := Render(l, toyQuestion(), tt.scale, language, tones{})
			if err != nil {
				t.Fatal(err)
			}
			heard = append(heard, r)
		}
		if d := cmp.Diff(tt.want, Lint(l, tt.scale, heard)); d != "" {
			t.Errorf("%s: remarks differ (-want +got):\n%s", tt.name, d)
		}
	}
}
