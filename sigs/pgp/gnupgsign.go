package pgp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// SignGnuPG has the user's gpg make a detached signature over data, with his agent and whatever card or token it uses. user is
// the key as gpg is told it, empty for gpg's default one. gpg asks for a passphrase itself; its agent remembers it for the
// next file.
func SignGnuPG(ctx context.Context, user string, armored bool, data []byte) ([]byte, error) {
	args := []string{"--detach-sign", "--output", "-"}
	if armored {
		args = append(args, "--armor")
	}
	if user != "" {
		args = append(args, "--local-user", user)
	}
	return runGnuPG(ctx, args, data, MaxSignature)
}

// ExportGnuPGKey returns one public key of the user's GnuPG keyring, by fingerprint.
func ExportGnuPGKey(ctx context.Context, fingerprint string) ([]byte, error) {
	if fingerprint == "" || strings.Trim(fingerprint, "0123456789ABCDEFabcdef") != "" {
		return nil, fmt.Errorf("%q is no fingerprint", fingerprint)
	}
	return runGnuPG(ctx, []string{"--batch", "--no-auto-check-trustdb", "--export", fingerprint}, nil, MaxKeyFile)
}

func runGnuPG(ctx context.Context, args []string, in []byte, limit int) ([]byte, error) {
	program, err := exec.LookPath("gpg")
	if err != nil {
		return nil, errors.New("gpg was not found")
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("gpg %s: %w: %s", args[0], err, strings.TrimSpace(problems.String()))
	}
	if out.Len() == 0 || out.Len() > limit {
		return nil, fmt.Errorf("gpg %s gave %d bytes, want up to %d", args[0], out.Len(), limit)
	}
	return out.Bytes(), nil
}
