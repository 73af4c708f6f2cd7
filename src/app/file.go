package app

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	koanfjson "github.com/knadh/koanf/parsers/json"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// CheckFile says what is wrong with a configuration file, all of it, and with the
// certificates that it names, as far as they can be read. It looks up no names
// and touches nothing else. The error is a [Problem] with the file
// as a whole.
func CheckFile(path string) (Problems, error) {
	k := koanf.New(delim)
	problems, err := loadFile(k, path)
	if err != nil {
		return nil, err
	}
	o, bad := read(k, func(row Option) string { return inThe(path, row.Name) })
	if problems = append(problems, bad...); len(problems) == 0 {
		if p := o.checkFiles(); p != nil {
			p.Where = path
			problems = append(problems, p)
		}
	}
	return problems, nil
}

// loadFile reads path into k, without what is no option, and without nulls,
// which stand for options that are not set.
func loadFile(k *koanf.Koanf, path string) (Problems, error) {
	if err := k.Load(file.Provider(path), koanfjson.Parser()); err != nil {
		return nil, unreadable(path, err)
	}
	var problems Problems
	raw, names := k.Raw(), fileNames()
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		switch {
		case name == configOption:
			problems = append(problems, &Problem{name, inThe(path, name), "a file cannot name another", "remove it; --config is for the command line"})
		case !slices.Contains(names, name):
			problems = append(problems, &Problem{name, inThe(path, name), "there is no such option", nearest(name, names)})
		case raw[name] != nil:
			continue
		}
		k.Delete(name)
	}
	return problems, nil
}

// fileNames returns the options that a file can hold.
func fileNames() []string {
	var names []string
	for _, row := range table {
		if row.set != nil {
			names = append(names, row.Name)
		}
	}
	return names
}

// unreadable gives err of reading path its place in the file and a remedy.
func unreadable(path string, err error) error {
	const remedy = `write one JSON object, such as {"listen": "127.0.0.1:4170"}`
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &Problem{Where: path + ":" + lineOf(path, syntax.Offset), Text: "not JSON: " + syntax.Error(), Remedy: remedy}
	}
	if path1, ok := errors.AsType[*fs.PathError](err); ok {
		return &Problem{Where: path, Text: "cannot be read: " + path1.Err.Error(), Remedy: "check the path, and who may read the file"}
	}
	return &Problem{Where: path, Text: "holds no options: " + err.Error(), Remedy: remedy}
}

// lineOf returns the number of the line in which the byte at offset is.
func lineOf(path string, offset int64) string {
	b, err := os.ReadFile(path)
	if err != nil || offset > int64(len(b)) {
		return "?"
	}
	return strconv.Itoa(1 + strings.Count(string(b[:offset]), "\n"))
}
