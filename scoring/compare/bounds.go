package compare

import "math"

// Manski bounds the share of positive opinions among all who were offered the
// survey, whatever the silent ones think (Manski 1990), 0 to 1. CI is the
// interval of Imbens and Manski (2004), which holds the true share with
// probability conf. NoData: nobody was offered it, or the counts contradict
// each other; then all is [0, 1]. Degenerate: everybody answered alike, so CI
// is the bounds.
func Manski(positives, rated, offered int64, conf float64) Bounds {
	if offered <= 0 || positives < 0 || rated < positives || offered < rated {
		return Bounds{Lo: 0, Hi: 1, CI: Interval{0, 1}, Status: NoData}
	}
	n := float64(offered)
	b := Bounds{Lo: float64(positives) / n, Hi: float64(positives+offered-rated) / n, Status: OK}
	b.CI = Interval{b.Lo, b.Hi}
	seLo, seHi := math.Sqrt(b.Lo*(1-b.Lo)/n), math.Sqrt(b.Hi*(1-b.Hi)/n)
	most := max(seLo, seHi)
	if most == 0 {
		if b.Lo == b.Hi {
			b.Status = Degenerate
		}
		return b
	}
	c := reach((b.Hi-b.Lo)/most, conf)
	b.CI = Interval{max(0, b.Lo-c*seLo), min(1, b.Hi+c*seHi)}
	return b
}

// reach is the c with Phi(c + width) - Phi(-c) = conf: from the two-sided z at
// no width down to the one-sided at a large one.
func reach(width, conf float64) float64 {
	if !(conf > 0 && conf < 1) {
		conf = Confidence
	}
	lo, hi := 0., normal(conf)
	for range 100 {
		c := (lo + hi) / 2
		outside := math.Erfc((c+width)/math.Sqrt2)/2 + math.Erfc(c/math.Sqrt2)/2
		if outside > 1-conf {
			lo = c
		} else {
			hi = c
		}
	}
	return (lo + hi) / 2
}

// Lee bounds the difference in the share of positive ratings, A minus B, for
// callers who answer under both layouts (Lee 2009): the side where more answer
// is trimmed by the share trim of its raters, all of one opinion, then all of
// the other. It takes for granted that a menu which gains answers loses none.
// -1 to 1, without sampling error: CI repeats the bounds. If they hold 0, no
// difference is shown. NoData: no ratings on a side, or counts that contradict
// each other; then all is [-1, 1].
func Lee(posA, ratedA, offeredA, posB, ratedB, offeredB int64) (b Bounds, trim float64) {
	for _, s := range [][3]int64{{posA, ratedA, offeredA}, {posB, ratedB, offeredB}} {
		if s[0] < 0 || s[1] <= 0 || s[1] < s[0] || s[2] < s[1] {
			return Bounds{Lo: -1, Hi: 1, CI: Interval{-1, 1}, Status: NoData}, 0
		}
	}
	return leeBounds(float64(posA)/float64(ratedA), float64(ratedA)/float64(offeredA), float64(posB)/float64(ratedB), float64(ratedB)/float64(offeredB))
}

// leeBounds bounds a minus b, the shares of positive ratings under two layouts
// of which the shares answeredA and answeredB, both over 0, are rated.
func leeBounds(a, answeredA, b, answeredB float64) (bounds Bounds, trim float64) {
	bounds.Status = OK
	if kept := answeredB / answeredA; kept <= 1 {
		lo, hi := trimmed(a, kept)
		bounds.Lo, bounds.Hi, trim = lo-b, hi-b, 1-kept
	} else {
		lo, hi := trimmed(b, 1/kept)
		bounds.Lo, bounds.Hi, trim = a-hi, a-lo, 1-1/kept
	}
	bounds.CI = Interval{bounds.Lo, bounds.Hi}
	return bounds, trim
}

// trimmed is the least and greatest share that is left of p when only a part
// of the raters is kept.
func trimmed(p, kept float64) (lo, hi float64) {
	return min(p, max(0, 1-(1-p)/kept)), max(p, min(1, p/kept))
}
