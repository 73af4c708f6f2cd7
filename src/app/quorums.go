package app

import (
	"fmt"
	"strconv"

	"chord/replica"
)

// Quorums returns how many copies there are, and how many of them take part in
// a write and in a read: a majority where it is not said.
func (o Options) Quorums() replica.Quorums {
	q := replica.Quorums{Copies: o.Replicas, Write: o.WriteQuorum, Read: o.ReadQuorum}
	majority := q.Copies/2 + 1
	if q.Write == 0 {
		q.Write = majority
	}
	if q.Read == 0 {
		q.Read = majority
	}
	return q
}

func checkWriteQuorum(o Options) error {
	if q := o.Quorums(); q.Write > q.Copies {
		return tooMany("written to", q.Write, q.Copies)
	}
	return nil
}

// checkReadQuorum also refuses quorums of which a read may miss what a write
// acknowledged.
func checkReadQuorum(o Options) error {
	q := o.Quorums()
	if q.Read > q.Copies {
		return tooMany("read", q.Read, q.Copies)
	}
	if q.Write > q.Copies || q.Check() == nil {
		return nil
	}
	return problem(fmt.Sprintf("a read of %d of %d copies may miss a write that %d of them acknowledged", q.Read, q.Copies, q.Write),
		fmt.Sprintf("both together must be more than %d: choose a read-quorum of %d, or a larger write-quorum", q.Copies, q.Copies-q.Write+1))
}

func tooMany(done string, n, copies int) error {
	return problem(fmt.Sprintf("%d copies cannot be %s where there are %d", n, done, copies),
		fmt.Sprintf("choose a number from 1 to %d, or more replicas", copies))
}

// number reads a whole number; nothing is zero, which stands for the default.
func number(least, most int, field func(*Options) *int) func(*Options, string) error {
	return func(o *Options, s string) error {
		if *field(o) = 0; s == "" {
			return nil
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			return problem(fmt.Sprintf("%q is not a whole number", s), fmt.Sprintf("choose a number from %d to %d", least, most))
		}
		if n < least || n > most {
			return problem(fmt.Sprintf("%d is out of range", n), fmt.Sprintf("choose a number from %d to %d", least, most))
		}
		*field(o) = n
		return nil
	}
}

// rate reads a size that is moved in a second.
func rate(least, most uint64, field func(*Options) *uint64) func(*Options, string) error {
	return func(o *Options, s string) error {
		n, ok := parseSize(s)
		if !ok {
			return problem(fmt.Sprintf("%q is not a size", s), `write a whole number with its unit, KiB, MiB, GiB or TiB, such as "32MiB"`)
		}
		if n < least || n > most {
			return problem(s+" is out of range", fmt.Sprintf("choose between %s and %s", sizeText(least), sizeText(most)))
		}
		*field(o) = n
		return nil
	}
}
