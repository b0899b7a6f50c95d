package pgp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// SignGnuPG has the user's gpg make a detached signature over data, with his agent and whatever card or token it uses. user is
// the key as gpg is told it, empty for gpg's default one. gpg asks for a passphrase itself, on the terminal that stdin is; its
// agent remembers it for the next file.
func SignGnuPG(ctx context.Context, stdin io.Reader, user string, armored bool, data []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "gverify-") // standard input stays the terminal's: gpg looks there for whom to ask
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "data")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return nil, err
	}
	args := []string{"--detach-sign", "--output", "-"}
	if armored {
		args = append(args, "--armor")
	}
	if user != "" {
		args = append(args, "--local-user", user)
	}
	return runGnuPG(ctx, append(args, "--", file), stdin, MaxSignature)
}

// ExportGnuPGKey returns one public key of the user's GnuPG keyring, by fingerprint.
func ExportGnuPGKey(ctx context.Context, fingerprint string) ([]byte, error) {
	if fingerprint == "" || strings.Trim(fingerprint, "0123456789ABCDEFabcdef") != "" {
		return nil, fmt.Errorf("%q is no fingerprint", fingerprint)
	}
	return runGnuPG(ctx, []string{"--batch", "--no-auto-check-trustdb", "--export", fingerprint}, nil, MaxKeyFile)
}

func runGnuPG(ctx context.Context, args []string, stdin io.Reader, limit int) ([]byte, error) {
	program, err := exec.LookPath("gpg")
	if err != nil {
		return nil, errors.New("gpg was not found")
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("gpg %s: %w: %s", args[0], err, strings.TrimSpace(problems.String()))
	}
	if out.Len() == 0 || out.Len() > limit {
		return nil, fmt.Errorf("gpg %s gave %d bytes, want up to %d", args[0], out.Len(), limit)
	}
	return out.Bytes(), nil
}
