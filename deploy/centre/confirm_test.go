package centre

import "testing"

// readBack makes gap a quick menu that reads a choice back.
var readBack = []string{"pause: 3s", "pause: 500ms", "actions: *actions", `actions: *actions
    confirm:
      say: [{language: en, say: "you chose {label}, to keep it press {key}, to choose again press {again}"}, {language: zh-CN, say: "您选择了{label}，确认请按{key}，重选请按{again}"}]
      key: "8"
      again: "9"
      times: 1
      wait: 2s`}

// Callers whose choice is read back. Parts: the question, option 1, then what
// is read back.
var confirmations = []row{
	{
		name: "confirm kept", acts: `[{after_part: 2, press: "1"}, {after_part: 3, press: "8"}]`,
		want: []string{"1: read-back rated satisfied 3 by 1, reading 1, heard 1; key 1 accepted; key 8 action; completed"},
	},
	{
		name: "confirm by silence", acts: `[{after_part: 2, press: "1"}]`,
		want: []string{"1: read-back rated satisfied 3 by 1, reading 1, heard 1; key 1 accepted; completed"},
	},
	{
		name: "confirm taken back", acts: `[{after_part: 2, press: "1"}, {after_part: 3, press: "9"}, {after_part: 6, press: "2"}]`,
		want: []string{"1: read-back rated fair 2 by 2, reading 2, heard 2; key 1 taken_back; key 9 action; key 2 accepted; completed"},
	},
	{
		name: "confirm hang-up", acts: `[{after_part: 2, press: "1"}, {after_part: 3, hangup: true}]`, gone: true,
		want: []string{"1: read-back rated satisfied 3 by 1, reading 1, heard 1; key 1 accepted; completed"},
	},
}

// TestConfirm: on real calls, a choice that is read back stands by a key, by
// silence and by a hang-up, and falls when it is taken back; the next one, which
// could not be taken back any more, stands at once.
func TestConfirm(t *testing.T) {
	t.Parallel()
	for i := range confirmations {
		confirmations[i].queue = Queue{Layouts: arms("read-back")}
	}
	c := openRows(t, confirmations, Options{Agents: 6, Layouts: another(t, "read-back", readBack...)})
	t.Run("row", func(t *testing.T) {
		for _, r := range confirmations {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				c.play(t, r)
			})
		}
	})
}
