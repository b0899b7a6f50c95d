package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/client"
	"github.com/go-git/go-git/v5/plumbing/transport/server"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/gverify/gverify/sigs"
)

const (
	maxDownload = 4 << 30 // bytes of one pack; a remote that sends more is refused
	maxHaves    = 256     // commits a remote is told that we have
)

// fetch brings the branches, tags and objects in dir to the remote's state, whatever the remote did to its history. r is what
// dir held before. References are replaced last: a fetch that is cut off changes nothing.
func (c clone) fetch(ctx context.Context, dir string, r *Repository) ([]sigs.Finding, error) {
	c.progress.say("fetching " + c.from.shown)
	session, err := c.connect()
	if err != nil {
		return nil, c.unreachable(err)
	}
	defer session.Close()
	advertised, err := session.AdvertisedReferencesContext(ctx)
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return nil, fmt.Errorf("%s: %w", c.from.shown, ErrEmpty)
	}
	if err != nil {
		return nil, c.unreachable(err)
	}
	refs, findings := remoteReferences(advertised)
	if refs.none() {
		return nil, fmt.Errorf("%s: %w", c.from.shown, ErrEmpty)
	}
	if wants := missing(refs, r.objects); len(wants) > 0 {
		if err := c.download(ctx, session, advertised, wants, dir, r); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := writeReferences(dir, refs); err != nil {
		return nil, err
	}
	return findings, replaceFile(filepath.Join(dir, fetchedFile), c.options.Now.UTC().Format(time.RFC3339)+"\n")
}

// unreachable wraps an error of the transport. Errors of our own disk stay what they are.
func (c clone) unreachable(err error) error {
	var disk *fs.PathError
	if errors.As(err, &disk) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, errDownload) {
		return fmt.Errorf("%s: %w", c.from.shown, err)
	}
	return &UnreachableError{c.from.shown, c.from.clean(err)}
}

// connect starts a session with the remote. For file URLs go-git runs git-upload-pack; without git, go-git serves itself.
func (c clone) connect() (transport.UploadPackSession, error) {
	endpoint, err := transport.NewEndpoint(c.from.url)
	if err != nil {
		return nil, err
	}
	remote, err := client.NewClient(endpoint)
	if err != nil {
		return nil, err
	}
	switch endpoint.Protocol {
	case "http", "https":
		remote = httpClient()
	case "file":
		if _, err := exec.LookPath("git"); err != nil {
			remote = server.NewClient(server.NewFilesystemLoader(osfs.New("/")))
		}
	}
	return remote.NewUploadPackSession(endpoint, nil)
}

// remoteReferences returns the branches, tags and default branch that a remote advertises.
func remoteReferences(advertised *packp.AdvRefs) (references, []sigs.Finding) {
	refs := references{named: map[string]plumbing.Hash{}}
	var findings []sigs.Finding
	for _, name := range slices.Sorted(maps.Keys(advertised.References)) {
		if !strings.HasPrefix(name, "refs/heads/") && !strings.HasPrefix(name, "refs/tags/") {
			continue
		}
		if !validReference(name) {
			findings = append(findings, invalidReference(name))
			continue
		}
		refs.named[name] = advertised.References[name]
	}
	for _, link := range advertised.Capabilities.Get(capability.SymRef) {
		if target, ok := strings.CutPrefix(link, "HEAD:"); ok && validReference(target) {
			refs.head = target
		}
	}
	if _, ok := refs.named[refs.head]; ok || advertised.Head == nil {
		if refs.head == "" {
			refs.head = "refs/heads/main" // a remote without a default branch; revisions can still be named
		}
		return refs, findings
	}
	// An old server does not say which branch HEAD is.
	refs.head = ""
	for _, name := range append([]string{"refs/heads/main", "refs/heads/master"}, slices.Sorted(maps.Keys(refs.named))...) {
		if strings.HasPrefix(name, "refs/heads/") && refs.named[name] == *advertised.Head {
			refs.head = name
			return refs, findings
		}
	}
	refs.at = *advertised.Head
	return refs, findings
}

// missing returns what references name and the store does not have.
func missing(refs references, store *objects) []plumbing.Hash {
	wanted := map[plumbing.Hash]bool{}
	for _, id := range refs.named {
		wanted[id] = true
	}
	if !refs.at.IsZero() {
		wanted[refs.at] = true
	}
	var ids []plumbing.Hash
	for id := range wanted {
		if !store.has(id) {
			ids = append(ids, id)
		}
	}
	plumbing.HashesSort(ids)
	return ids
}

// download fetches one pack of all objects that are new and puts it, indexed, into dir.
func (c clone) download(ctx context.Context, session transport.UploadPackSession, advertised *packp.AdvRefs,
	wants []plumbing.Hash, dir string, r *Repository) (err error) {
	request := packp.NewUploadPackRequestFromCapabilities(advertised.Capabilities)
	if advertised.Capabilities.Supports(capability.NoProgress) && c.progress == nil {
		if err := request.Capabilities.Set(capability.NoProgress); err != nil {
			return err
		}
	}
	request.Wants, request.Haves = wants, r.haves()
	response, err := session.UploadPack(ctx, request)
	if err != nil {
		return c.unreachable(err)
	}
	defer func() {
		if e := response.Close(); err == nil && e != nil {
			err = c.unreachable(e)
		}
	}()
	store := filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRU(maxBases*cache.Byte))
	defer store.Close()
	w := io.Reader(&limited{ctx: ctx, r: c.demultiplex(request, response), left: maxDownload})
	if err := packfile.UpdateObjectStorage(store, w); err != nil {
		return c.unreachable(err)
	}
	return nil
}

// demultiplex takes the progress of the remote out of what it sends.
func (c clone) demultiplex(request *packp.UploadPackRequest, response io.Reader) io.Reader {
	kind := sideband.Sideband64k
	switch {
	case request.Capabilities.Supports(capability.Sideband64k):
	case request.Capabilities.Supports(capability.Sideband):
		kind = sideband.Sideband
	default:
		return response
	}
	d := sideband.NewDemuxer(kind, response)
	if c.progress != nil {
		d.Progress = c.progress
	}
	return d
}

// haves returns commits of every branch and tag, the newest ones of the default branch with some of their ancestors: go-git
// cannot negotiate, so a remote that rewrote its history has to recognise one of these to send less than everything.
func (r *Repository) haves() []plumbing.Hash {
	var ids []plumbing.Hash
	seen := map[plumbing.Hash]bool{}
	add := func(id plumbing.Hash) bool {
		if seen[id] || len(ids) == maxHaves || !r.objects.has(id) {
			return false
		}
		seen[id] = true
		ids = append(ids, id)
		return true
	}
	if tip, ok := r.refs.tip(); ok {
		for at := tip; len(ids) < maxHaves/2 && add(at); {
			data, err := r.objects.read(at, plumbing.CommitObject)
			if err != nil {
				break
			}
			commit, err := parseCommit(at, data)
			if err != nil || len(commit.parents) == 0 {
				break
			}
			at = commit.parents[0]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.refs.named)) {
		add(r.refs.named[name])
	}
	return ids
}

var errDownload = fmt.Errorf("the remote sent more than %d bytes, which is refused", int64(maxDownload))

// limited is a reader that ends with an error when ctx does, or when too much was read.
type limited struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errDownload
	}
	return n, err
}
