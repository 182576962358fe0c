package compare

import "encoding/json"

// MarshalJSON writes {"value", "interval": {"lo", "hi"}, "n", "status"}: null
// for a value that is not known, and for an interval where the status leaves
// none. NoData still has the interval of all that can be, if the figure has
// one.
func (e Estimate) MarshalJSON() ([]byte, error) {
	var out struct {
		Value    *float64  `json:"value"`
		Interval *Interval `json:"interval"`
		N        int64     `json:"n"`
		Status   Status    `json:"status"`
	}
	if out.N, out.Status = e.N, e.Status; e.Known() {
		out.Value = &e.Value
	}
	if e.Status == OK || !e.Known() && e.Lo < e.Hi {
		out.Interval = &Interval{e.Lo, e.Hi}
	}
	return json.Marshal(out)
}

// MarshalJSON writes {"statistic", "df", "p", "status"}: null for the figures
// of a test that could not be made.
func (t Test) MarshalJSON() ([]byte, error) {
	var out struct {
		Statistic *float64 `json:"statistic"`
		DF        *float64 `json:"df"`
		P         *float64 `json:"p"`
		Status    Status   `json:"status"`
	}
	if out.Status = t.Status; t.Status == OK || t.Status == Degenerate {
		out.Statistic, out.DF, out.P = &t.Statistic, &t.DF, &t.P
	}
	return json.Marshal(out)
}
