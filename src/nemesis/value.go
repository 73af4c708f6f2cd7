package nemesis

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strconv"

	"chord/nemesis/history"
)

// largest and smallest are the sizes of the values of the large workload.
const (
	smallest = 64 << 10
	largest  = 1 << 20
)

// value returns what an operation of that number writes: its number, and for a
// large one a filling that follows from the number, and the sum of both.
func value(id history.ID, large bool) []byte {
	head := fmt.Appendf(nil, "v%d", id)
	if !large {
		return head
	}
	r := rand.New(rand.NewPCG(uint64(id), 0))
	b := append(head, '\n')
	for size := smallest + r.IntN(largest-smallest-sha256.Size); len(b) < size; {
		word := r.Uint64()
		b = append(b, byte(word), byte(word>>8), byte(word>>16), byte(word>>24), byte(word>>32), byte(word>>40), byte(word>>48), byte(word>>56))
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// number returns the number of the operation that wrote a value, or a word about
// what is wrong with it.
func number(b []byte) (id history.ID, strange string) {
	head, _, large := bytes.Cut(b, []byte{'\n'})
	n, err := strconv.ParseUint(string(bytes.TrimPrefix(head, []byte("v"))), 10, 64)
	if err != nil || len(head) == 0 || head[0] != 'v' {
		return 0, fmt.Sprintf("%.40q of %d bytes", b, len(b))
	}
	if !large {
		return history.ID(n), ""
	}
	body, sum := b[:max(0, len(b)-sha256.Size)], b[max(0, len(b)-sha256.Size):]
	if want := sha256.Sum256(body); !bytes.Equal(want[:], sum) {
		return 0, fmt.Sprintf("v%d, damaged, of %d bytes", n, len(b))
	}
	return history.ID(n), ""
}

// numbers sorts the values of a set into known and strange ones.
func numbers(values [][]byte) (saw []history.ID, strange []string) {
	for _, v := range values {
		if id, s := number(v); s != "" {
			strange = append(strange, s)
		} else {
			saw = append(saw, id)
		}
	}
	return saw, strange
}
