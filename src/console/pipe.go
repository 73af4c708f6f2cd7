package console

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line: the longest key and value fit, each byte escaped.
const maxLine = 5 << 20

var errLong = errors.New("a line is longer than 5 MiB")

// pipe reads lines from what is not a terminal.
type pipe struct {
	in  *bufio.Reader
	out io.Writer
	// echo prints each line behind its prompt, so that the output reads as if
	// somebody had typed it.
	echo bool
}

// newReader returns a reader whose buffer most lines fit in.
func newReader(in io.Reader) *bufio.Reader { return bufio.NewReaderSize(in, 64<<10) }

// read ends the line of the prompt also where the input ends there.
func (p *pipe) read(prompt string) (string, error) {
	fmt.Fprint(p.out, prompt)
	line, err := readLine(p.in)
	if p.echo || err != nil {
		fmt.Fprintln(p.out, oneLine(line))
	}
	return line, err
}

func (p *pipe) close() error { return nil }

// readLine returns the next line without its end; the last one may lack it.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case len(line) > maxLine:
			return "", errLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)):
			return "", err
		}
		return string(bytes.TrimRight(line, "\r\n")), nil
	}
}
