package app

import (
	"fmt"
	"io"
	"strings"
)

// Reference writes the table of options as Markdown, for the manual.
func Reference(w io.Writer) error {
	var b strings.Builder
	group := ""
	for _, row := range table {
		if row.Group != group {
			group = row.Group
			fmt.Fprintf(&b, "## %s\n\n", group)
		}
		fmt.Fprintf(&b, "### `%s`\n\n%s.\n\n", row.Name, sentence(row.Help))
		fmt.Fprintf(&b, "- Flag: `--%s`, environment: `%s`", row.Name, row.Env())
		if row.set == nil {
			b.WriteString("; not in the file")
		}
		fmt.Fprintf(&b, "\n- Value: %s\n- Default: %s\n", row.valueText(), row.defaultText())
		if row.Example != "" {
			fmt.Fprintf(&b, "- Example: `%s`\n", row.example())
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (o Option) valueText() string {
	switch o.Kind {
	case Choice:
		return "one of `" + strings.Join(o.Values, "`, `") + "`"
	case Addresses:
		return "list of host:port; a JSON list in the file, separated by commas elsewhere"
	case YesNo:
		return "true or false"
	case HexID:
		return "40 hexadecimal digits"
	case Size:
		return "whole number with unit: KiB, MiB, GiB, TiB"
	case Duration:
		return "number with unit: ms, s, m, h"
	}
	return string(o.Kind)
}

func (o Option) defaultText() string {
	switch {
	case o.Default != "":
		return "`" + o.Default + "`"
	case o.Else != "":
		return o.Else
	}
	return "none"
}

// example returns the option as a line of the file, or of the command line
// where the file cannot hold it.
func (o Option) example() string {
	switch {
	case o.set == nil:
		return "--" + o.Name + " " + o.Example
	case o.Kind == YesNo, o.Kind == Number:
		return fmt.Sprintf("%q: %s", o.Name, o.Example)
	case o.Kind == Addresses:
		return fmt.Sprintf(`%q: ["%s"]`, o.Name, strings.ReplaceAll(o.Example, ",", `", "`))
	}
	return fmt.Sprintf("%q: %q", o.Name, o.Example)
}
