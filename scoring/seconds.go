package scoring

import "math"

// BucketSchema is the resolution of [SecondsBucket]: Prometheus' native
// histogram schema 3, eight buckets to each doubling, so that every power of
// two (in seconds) is also the bound of a classic bucket.
const BucketSchema = 3

// SecondsBucket gives the native histogram bucket (schema 3) that holds a
// duration of ms milliseconds: the smallest i with ms/1000 <= 2^(i/8).
// Durations of 0 or less count as 1 ms.
// Source: Prometheus native histogram specification, standard schemas.
func SecondsBucket(ms int64) int {
	s := float64(max(ms, 1)) / 1000
	i := int(math.Ceil(math.Log2(s) * 8))
	// Log2 may land a hair beside an exact bound; the bound itself decides.
	for s <= math.Exp2(float64(i-1)/8) {
		i--
	}
	for s > math.Exp2(float64(i)/8) {
		i++
	}
	return i
}
