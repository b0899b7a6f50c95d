package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
)

// showFrom is the size in bytes from which hashing a file shows its progress.
const showFrom = 64 << 20

// hashed is what reading a file gave.
type hashed struct {
	digest sigs.Digest
	size   int64
}

// openRegular opens a regular file; anything else (a directory, a pipe, a device) is an error. Symbolic links are followed.
func openRegular(name string) (*os.File, error) {
	info, err := os.Stat(name) // before opening it: a pipe would wait for a writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular(name, info)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = notRegular(name, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func notRegular(name string, info os.FileInfo) error {
	return withHint(fmt.Errorf("%s is %s, not a regular file", name, kindOf(info.Mode())), "check takes files and directories; - reads standard input")
}

// kindOf says what a file is that is not regular.
func kindOf(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&os.ModeSymlink != 0:
		return "a symbolic link"
	case mode&os.ModeNamedPipe != 0:
		return "a pipe"
	case mode&os.ModeSocket != 0:
		return "a socket"
	case mode&os.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}

// hashRegular hashes an open file to its end. One that changes meanwhile is an error: its digest would be that of no file.
func hashRegular(ctx context.Context, f *os.File, progress io.Writer) (hashed, error) {
	before, err := f.Stat()
	if err != nil {
		return hashed{}, err
	}
	if before.Size() < showFrom {
		progress = nil
	}
	h, err := hashStream(ctx, f, f.Name(), before.Size(), progress)
	if err != nil {
		return hashed{}, err
	}
	after, err := f.Stat()
	if err != nil {
		return hashed{}, err
	}
	if h.size != before.Size() || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return hashed{}, withHint(fmt.Errorf("%s changed while it was read", f.Name()), "wait until the download is complete, and check again")
	}
	return h, nil
}

// hashStream hashes what a reader gives until its end. Of is its expected size for the progress shown; a nil progress shows none.
func hashStream(ctx context.Context, r io.Reader, name string, of int64, progress io.Writer) (hashed, error) {
	sum, buffer := sha256.New(), make([]byte, 1<<20)
	var out hashed
	shown := int64(-1)
	for {
		if err := ctx.Err(); err != nil {
			return hashed{}, err
		}
		n, err := r.Read(buffer)
		sum.Write(buffer[:n])
		out.size += int64(n)
		if progress != nil && of > 0 && out.size*20/of != shown {
			shown = out.size * 20 / of
			fmt.Fprintf(progress, "\rhashing %s: %d %%", report.Quote(name), min(shown*5, 100))
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return hashed{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	if progress != nil && shown >= 0 {
		fmt.Fprintln(progress)
	}
	sum.Sum(out.digest[:0])
	return out, nil
}
