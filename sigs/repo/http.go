package repo

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

const (
	maxAdvertised = 64 << 20        // bytes of a remote's list of references, which go-git reads whole
	maxSilence    = 2 * time.Minute // until a remote begins to answer
)

// httpClient is go-git's client over HTTP for remotes that never answer, or never stop.
func httpClient() transport.Transport {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.ResponseHeaderTimeout = maxSilence
	return githttp.NewClient(&http.Client{Transport: patient{base}})
}

// patient bounds the lists of references that come through a transport. Packs have a limit of their own.
type patient struct{ http.RoundTripper }

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := p.RoundTripper.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/info/refs") {
		response.Body = &limitedBody{response.Body, maxAdvertised}
	}
	return response, err
}

type limitedBody struct {
	io.ReadCloser
	left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("the remote lists more than %d bytes of references: not an attestation repository", maxAdvertised)
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
