package layout

import (
	"fmt"
	"strings"
	"time"
)

// tones is a library with a sound for every text: 100 ms for each of its
// bytes, told apart by language and words.
type tones struct{}

func (tones) Speech(s Speech) (Sound, error) {
	name := s.Language + "-" + strings.ReplaceAll(s.Say, " ", "-")
	return Sound{Media: "sound:" + name, Hash: name, Length: time.Duration(len(s.Say)) * 100 * time.Millisecond}, nil
}

func (tones) Silence(d time.Duration) (Sound, error) {
	return Sound{Media: fmt.Sprint("sound:", d), Hash: d.String(), Length: d}, nil
}

func both(en, zh string) Texts { return Texts{{"en", en}, {"zh-CN", zh}} }

func toyScale() Scale {
	return Scale{Name: "service", Verdicts: []Verdict{
		{ID: "dissatisfied", Value: 1, Label: both("bad", "不满意")},
		{ID: "fair", Value: 2, Label: both("fair", "一般")},
		{ID: "satisfied", Value: 3, Satisfied: true, Label: both("good", "满意")},
	}}
}

func toyQuestion() Question {
	return Question{Name: "service", Scale: "service", Ask: both("rate us", "请评价")}
}

func toyLayout() Layout {
	const gap = Delay(500 * time.Millisecond)
	return Layout{
		Name: "habit", Question: "service", LeadIn: gap, AskPause: gap, Phrase: both("{label} {key}", "{label}请按{key}"),
		Options: []Option{{"1", "satisfied", gap}, {"2", "fair", 3 * gap}, {"3", "dissatisfied", 0}},
		Wait:    Delay(5 * time.Second), BargeIn: true,
		NoInput:  Retry{1, both("nothing", "没有听到")},
		WrongKey: Retry{2, both("wrong", "按键错误")},
		Actions:  []Action{{"0", Repeat, 2}},
	}
}

func toyCatalogue() Catalogue {
	return Catalogue{
		Languages: []string{"en", "zh-CN"}, Scales: []Scale{toyScale()}, Questions: []Question{toyQuestion()}, Layouts: []Layout{toyLayout()},
		Surveys: []Survey{{Name: "service", Questions: []string{"service"}, Primary: "service", ThanksPause: Delay(300 * time.Millisecond), Thanks: both("thanks", "谢谢")}},
		Default: Queue{Survey: "service", Layouts: []Arm{{"habit", 1}}},
	}
}
