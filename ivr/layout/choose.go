package layout

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// Choose gives a call its arm for one question: by weight, from a hash of
// seed, question and call id, so that the same call always gets the same arm
// and no random source is asked. It returns -1 if the weights do not sum to
// more than 0. Negative weights count as 0.
func Choose(seed, question, call string, arms []Arm) int {
	var sum uint64
	for _, a := range arms {
		sum += uint64(max(a.Weight, 0))
	}
	if sum == 0 {
		return -1
	}
	h := sha256.New()
	for _, s := range []string{seed, question, call} {
		// Length first: "a"+"bc" and "ab"+"c" must not meet.
		_ = binary.Write(h, binary.BigEndian, uint64(len(s)))
		_, _ = io.WriteString(h, s)
	}
	// 64 bits modulo a sum of weights far below 2^32: the bias is under 2^-32.
	point := binary.BigEndian.Uint64(h.Sum(nil)) % sum
	for i, a := range arms {
		w := uint64(max(a.Weight, 0))
		if point < w {
			return i
		}
		point -= w
	}
	return -1
}
