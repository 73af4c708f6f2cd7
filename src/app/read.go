package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/knadh/koanf/v2"
)

// read sets all options from k. where says who set a row's value.
func read(k *koanf.Koanf, where func(Option) string) (Options, Problems) {
	o := Defaults()
	var problems Problems
	add := func(row Option, err error) {
		if p, ok := errors.AsType[*Problem](err); ok {
			problems = append(problems, &Problem{row.Name, where(row), p.Text, p.Remedy})
		}
	}
	for _, row := range table {
		if v := k.Get(row.Name); v != nil && row.set != nil {
			add(row, row.read(&o, v))
		}
	}
	if len(problems) > 0 {
		return o, problems
	}
	for _, row := range table {
		if row.check != nil {
			add(row, row.check(o))
		}
	}
	return o, problems
}

// read sets the option to a value of any source.
func (o Option) read(to *Options, v any) error {
	s, err := o.text(v)
	if err != nil {
		return err
	}
	return o.set(to, s)
}

// text returns a value as it would be written on a command line, and refuses
// one of another type than the option's.
func (o Option) text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		if o.Kind != YesNo && o.Kind != Addresses && o.Kind != Number {
			return v, nil
		}
	case float64:
		if o.Kind == Number {
			return strconv.FormatFloat(v, 'f', -1, 64), nil
		}
	case bool:
		if o.Kind == YesNo {
			return strconv.FormatBool(v), nil
		}
	case []any:
		if o.Kind == Addresses {
			return joinTexts(v)
		}
	}
	return "", problem(describe(v)+" does not belong here", "write "+o.shape())
}

func joinTexts(list []any) (string, error) {
	texts := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok || strings.Contains(s, ",") {
			return "", problem(fmt.Sprintf("entry %d is %s", i+1, describe(v)), `write a list of texts, each an address such as "test1:8001"`)
		}
		texts[i] = s
	}
	return strings.Join(texts, ","), nil
}

// shape says how a value of the option is written in a file.
func (o Option) shape() string {
	switch o.Kind {
	case YesNo:
		return "true or false"
	case Addresses:
		return `a list such as ["test1:8001"]`
	case Number:
		return "a number, such as " + o.Example
	}
	return fmt.Sprintf("a text in quotes, such as %q", o.Example)
}

// describe names a value of a file.
func describe(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return "the number " + strconv.FormatFloat(v, 'g', -1, 64)
	case []any:
		return "a list"
	case nil:
		return "null"
	}
	return "an object"
}

// checkListen refuses what is seen to be exposed without looking up names.
func checkListen(o Options) error {
	return o.refuseExposed(context.Background(), o.Listen, false)
}

// checkListenAt does the same for a port that may be left out.
func checkListenAt(field func(*Options) *string) func(Options) error {
	return func(o Options) error {
		if address := *field(&o); address != "" {
			return o.refuseExposed(context.Background(), address, false)
		}
		return nil
	}
}

// checkAdvertise does the same, and refuses where nobody can be reached.
func checkAdvertise(o Options) error {
	if o.Advertise == "" {
		return nil
	}
	if err := checkAdvertised(o.Advertise); err != nil {
		return err
	}
	return o.refuseExposed(context.Background(), o.Advertise, false)
}
