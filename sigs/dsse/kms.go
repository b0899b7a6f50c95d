package dsse

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sigstore/sigstore/pkg/signature/kms"
)

// IsKMS reports whether a key is named by a reference to a key management service, such as awskms:///alias/release, rather than
// by a file.
func IsKMS(key string) bool { return strings.Contains(key, "://") }

// ErrNoProvider says that no provider for a key management service is compiled into this program.
var ErrNoProvider = errors.New("no provider for it is compiled into this gverify")

// OpenKMS returns a signer whose key a key management service holds. The provider must be compiled in (a blank import of
// sigstore's package for it); programs that sigstore would look for on the PATH are never started.
func OpenKMS(ctx context.Context, reference string) (Signer, error) {
	if !slices.ContainsFunc(kms.SupportedProviders(), func(prefix string) bool { return strings.HasPrefix(reference, prefix) }) {
		scheme, _, _ := strings.Cut(reference, "://")
		return Signer{}, fmt.Errorf("%s:// names a key management service: %w", scheme, ErrNoProvider)
	}
	s, err := kms.Get(ctx, reference, crypto.SHA256)
	if err != nil {
		return Signer{}, err
	}
	return newSigner(s)
}
