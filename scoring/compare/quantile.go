package compare

import "gonum.org/v1/gonum/stat/distuv"

// quantile is that of the standard normal distribution.
func quantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }
