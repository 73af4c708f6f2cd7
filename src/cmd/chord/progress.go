package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressBar shows how far something is where w is a terminal, and takes the
// bar away at the end.
func progressBar(w io.Writer, what string, options ...progressbar.Option) (progress func(done, total int64), end func()) {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(f) {
		return func(int64, int64) {}, func() {}
	}
	options = append([]progressbar.Option{
		progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionClearOnFinish(),
	}, options...)
	bar := progressbar.NewOptions64(-1, options...)
	return func(done, total int64) {
		if total > 0 {
			bar.ChangeMax64(total)
		}
		bar.Set64(done)
	}, func() { bar.Finish() }
}

// bytesBar shows bytes and how fast they come.
func bytesBar(w io.Writer, what string) (progress func(done, total int64), end func()) {
	return progressBar(w, what, progressbar.OptionShowBytes(true))
}
