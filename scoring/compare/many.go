package compare

import (
	"cmp"
	"slices"
)

// Holm adjusts the p of a family of tests so that the probability of even one
// false call stays under the level (Holm 1979). What is not from 0 to 1 counts
// as the nearer end, NaN as 1.
func Holm(p []float64) []float64 {
	adjusted, order := ordered(p)
	most := 0.
	for rank, i := range order {
		most = max(most, min(1, adjusted[i]*float64(len(p)-rank)))
		adjusted[i] = most
	}
	return adjusted
}

// BenjaminiHochberg adjusts p so that the share of false calls among all calls
// stays under the level (Benjamini and Hochberg 1995). Bad p as in Holm.
func BenjaminiHochberg(p []float64) []float64 {
	adjusted, order := ordered(p)
	least := 1.
	for rank, i := range slices.Backward(order) {
		least = min(least, adjusted[i]*(float64(len(p))/float64(rank+1)))
		adjusted[i] = least
	}
	return adjusted
}

// ordered gives a copy of p without what is none, and its places from the
// least p to the greatest.
func ordered(p []float64) (clean []float64, order []int) {
	clean, order = make([]float64, len(p)), make([]int, len(p))
	for i, x := range p {
		order[i], clean[i] = i, 1
		if x < 1 {
			clean[i] = max(0, x)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(clean[i], clean[j]) })
	return clean, order
}
