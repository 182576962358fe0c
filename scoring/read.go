package scoring

// Query narrows what a store reads back. Empty fields do not narrow.
type Query struct {
	Queue string
	Agent string // agent id; calls of those who were merged into it are its own
	Limit int    // most rows, newest first; 0 = 50
}

// Split is how the calls of one queue are divided between the layouts of one
// question.
type Split struct {
	Queue    string
	Question string
	Arms     string // JSON that differs exactly when the split does
}

// CallRow is one call as the store holds it.
type CallRow struct {
	ID        CallID     `json:"id"`
	Call      Call       `json:"call"`
	Questions []AskedRow `json:"questions"` // by position
	Keys      []Keypress `json:"keypresses"`
	End       *End       `json:"end"`               // nil = in progress
	Resumed   int        `json:"resumed,omitempty"` // how often the survey was taken up again
}

// AskedRow is one assigned question with its answer; nil = still open.
type AskedRow struct {
	Assignment
	Answer *Answer `json:"answer"`
}

// Count is one cell of the agents' roll-up: how many questions ended so.
// Result is the verdict when rated, else the outcome.
type Count struct {
	Queue    string `json:"queue"`
	Epoch    int64  `json:"epoch"`
	Agent    string `json:"agent"`
	Layout   string `json:"layout"`
	Version  string `json:"version"`
	Language string `json:"language"`
	Question string `json:"question"`
	Result   string `json:"result"`
	Heard    int    `json:"heard"`
	N        int64  `json:"n"`
}

// Kind is the closed list of what [Total] counts.
type Kind string

const (
	LayoutOutcome Kind = "layout_outcome" // Question, Layout, Queue; Label = outcome
	LayoutVerdict Kind = "layout_verdict" // Question, Layout, Queue; Label = verdict
	LayoutKey     Kind = "layout_key"     // Layout; Label = key that meant something there
	LayoutWrong   Kind = "layout_wrong"   // Layout; Label = key that did not
	LayoutBucket  Kind = "layout_bucket"  // Layout; Label = [SecondsBucket] of the press time
	LayoutMS      Kind = "layout_ms"      // Layout; N = sum of press times in ms
	LayoutHangup  Kind = "layout_hangup"  // Layout; Label = options heard by a caller who hung up
	AgentOutcome  Kind = "agent_outcome"  // Agent; Label = outcome; primary question only
	AgentVerdict  Kind = "agent_verdict"  // Agent; Label = verdict; primary question only
)

// Series names one cumulative total.
type Series struct {
	Kind     Kind   `json:"kind"`
	Question string `json:"question,omitempty"`
	Layout   string `json:"layout,omitempty"`
	Queue    string `json:"queue,omitempty"`
	Agent    string `json:"agent,omitempty"`
	Label    string `json:"label"`
}

// Total is a cumulative count that never falls: what a Prometheus counter
// shows. It outlives the rows it was counted from.
type Total struct {
	Series
	N int64
}
