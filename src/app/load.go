package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// delim would separate the parts of nested names; options are flat.
const delim = "\x00"

// Load reads the options: a flag goes before the environment, that before the
// file, that before the default. flags are those of [AddFlags], parsed. environ
// is as [os.Environ] returns it; variables that are empty or no option are not
// looked at, for an orchestrator may set CHORD_SERVICE_HOST and the like.
// Errors are [Problems], or a [Problem] with the file as a whole.
func Load(flags *pflag.FlagSet, environ []string) (Options, error) {
	k := koanf.New(delim)
	var problems Problems
	path := configPath(flags, environ)
	if path != "" {
		found, err := loadFile(k, path)
		if err != nil {
			return Options{}, err
		}
		problems = found
	}
	inFile := k.Raw()
	inEnv := map[string]bool{}
	k.Load(env.Provider(delim, env.Opt{
		Prefix:      "CHORD_",
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			i := slices.IndexFunc(table, func(row Option) bool { return row.Env() == name })
			if i < 0 || value == "" {
				return "", nil
			}
			inEnv[table[i].Name] = true
			return table[i].Name, table[i].typed(value)
		},
	}), nil)
	k.Load(posflag.ProviderWithFlag(flags, delim, k, func(f *pflag.Flag) (string, any) {
		i := slices.IndexFunc(table, func(row Option) bool { return row.Name == f.Name })
		if i < 0 {
			return "", nil // a flag of the command, such as --help
		}
		return f.Name, table[i].typed(f.Value.String())
	}), nil)
	o, bad := read(k, func(row Option) string {
		switch {
		case flags.Changed(row.Name):
			return "--" + row.Name
		case inEnv[row.Name]:
			return row.Env()
		case inFile[row.Name] != nil:
			return inThe(path, row.Name)
		}
		return "--" + row.Name
	})
	if problems = append(problems, bad...); len(problems) > 0 {
		return Options{}, problems
	}
	return o, nil
}

// configPath returns which file to read, or nothing.
func configPath(flags *pflag.FlagSet, environ []string) string {
	if f := flags.Lookup(configOption); f != nil && f.Changed {
		return f.Value.String()
	}
	for _, e := range environ {
		if path, ok := strings.CutPrefix(e, envName(configOption)+"="); ok {
			return path
		}
	}
	return ""
}

// envName returns the environment variable of an option.
func envName(option string) string {
	return "CHORD_" + strings.ToUpper(strings.ReplaceAll(option, "-", "_"))
}

// typed gives the text of a flag or variable the type that a file's value has;
// one that cannot have it stays a text, and is refused by [read].
func (o Option) typed(s string) any {
	switch o.Kind {
	case YesNo:
		if v, err := strconv.ParseBool(s); err == nil {
			return v
		}
	case Number:
		if s == "" {
			return nil // the flag's default
		}
		if v, err := strconv.ParseFloat(s, 64); err == nil {
			return v
		}
	case Addresses:
		list := []any{}
		for one := range strings.SplitSeq(s, ",") {
			if one = strings.TrimSpace(one); one != "" {
				list = append(list, one)
			}
		}
		return list
	}
	return s
}

func inThe(path, option string) string { return fmt.Sprintf("%s: option %s", path, option) }
