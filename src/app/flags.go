package app

import (
	"strings"

	"github.com/spf13/pflag"
)

// GroupAnnotation is the flag annotation that holds an option's heading.
const GroupAnnotation = "chord_group"

// AddFlags defines a flag for each option. The values are judged by [Load],
// which does so for every source alike.
func AddFlags(flags *pflag.FlagSet) {
	for _, row := range table {
		help := row.Help
		if row.Else != "" {
			help += " (default " + row.Else + ")"
		}
		if row.Kind == YesNo {
			flags.Bool(row.Name, row.Default == "true", help)
		} else {
			flags.Var(&flagText{row: row, text: row.Default}, row.Name, help)
		}
		flags.SetAnnotation(row.Name, GroupAnnotation, []string{row.Group})
	}
}

// flagText is the flag of an option with a value: its text, unread. A list
// grows when its flag is repeated.
type flagText struct {
	row  Option
	text string
	set  bool
}

func (f *flagText) String() string { return f.text }

func (f *flagText) Set(s string) error {
	if f.set && f.row.Kind == Addresses {
		s = f.text + "," + s
	}
	f.text, f.set = s, true
	return nil
}

// Type is what help texts print behind the flag.
func (f *flagText) Type() string {
	if f.row.Kind == Choice {
		return strings.Join(f.row.Values, "|")
	}
	return string(f.row.Kind)
}
