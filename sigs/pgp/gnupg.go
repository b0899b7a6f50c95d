package pgp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// ExportGnuPG returns the public keys of the user's GnuPG keyring, in home or where GnuPG keeps it if home is empty. The
// keyring is only read.
func ExportGnuPG(ctx context.Context, home string) ([]byte, error) {
	program, err := exec.LookPath("gpg")
	if err != nil {
		return nil, errors.New("gpg was not found")
	}
	args := []string{"--batch", "--no-tty", "--no-auto-check-trustdb", "--export"}
	if home != "" {
		args = append([]string{"--homedir", home}, args...)
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("gpg --export: %w: %s", err, strings.TrimSpace(problems.String()))
	}
	if out.Len() == 0 {
		return nil, errors.New("the GnuPG keyring holds no public keys")
	}
	if out.Len() > MaxKeyring {
		return nil, fmt.Errorf("the GnuPG keyring has %d bytes, at most %d are read", out.Len(), MaxKeyring)
	}
	return out.Bytes(), nil
}
