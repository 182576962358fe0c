package compare

import "encoding/json"

// MarshalJSON writes null for a value that is not known, and for an interval
// where the status leaves none: {"value", "interval": {"lo", "hi"}, "n",
// "status"}. NoData still has the interval of all that can be, if the figure
// has one.
func (e Estimate) MarshalJSON() ([]byte, error) { return json.Marshal(e.fields()) }

type estimateJSON struct {
	Value    *float64  `json:"value"`
	Interval *Interval `json:"interval"`
	N        int64     `json:"n"`
	Status   Status    `json:"status"`
}

func (e Estimate) fields() estimateJSON {
	out := estimateJSON{N: e.N, Status: e.Status}
	if e.Known() {
		out.Value = &e.Value
	}
	if e.Status == OK || e.Status != Degenerate && e.Lo < e.Hi {
		out.Interval = &Interval{e.Lo, e.Hi}
	}
	return out
}

// MarshalJSON writes the estimate's fields beside those of the contrast, which
// would else be lost behind the estimate's own MarshalJSON.
func (c Contrast) MarshalJSON() ([]byte, error) {
	type rest struct {
		Safe      Interval `json:"safe"`
		P         float64  `json:"p"`
		Adjusted  float64  `json:"adjusted_p"`
		Called    bool     `json:"called"`
		Inflation float64  `json:"inflation"`
	}
	return json.Marshal(struct {
		estimateJSON
		rest
	}{c.fields(), rest{c.Safe, c.P, c.Adjusted, c.Called, c.Inflation}})
}

// MarshalJSON writes null for the figures of a test that none could be made
// of: {"statistic", "df", "p", "status"}.
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
