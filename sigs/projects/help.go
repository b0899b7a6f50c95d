package projects

// ConfigHelp explains the user's configuration file by an example that is parsed in a test.
const ConfigHelp = `# $XDG_CONFIG_HOME/gverify/config.yaml (usually ~/.config/gverify/config.yaml)

# Where to fetch from instead: the longest matching beginning of a URL is replaced, of repositories and of key sources.
mirrors:
  https://github.com/bitcoin-core/: https://git.example.org/mirror/

projects:
  # Change a part of a project gverify knows. Fields you leave out stay; a list you give takes the place of the whole list.
  bitcoin:
    threshold: 5

  # Add one of your own.
  examplecoin:
    title: Examplecoin
    threshold: 2                    # distinct pinned signers that must agree
    repositories:
      - url: https://git.example.org/gitian.sigs
        layout: gitian              # gitian, guix or result; found out per directory anyway
        from: "1.0"                 # first version in it; leave out: all
        until: "2.0"                # first version that is not in it any more; 2.0rc1 counts as 2.0
        keys:
          - dir: gitian-keys        # in the same repository
          - url: https://git.example.org/keys
            dir: builders
        due:                        # platforms whose absence is "insufficient"
          - platforms: [linux, win-unsigned]
          - platforms: [win-signed]
            finals_only: true       # not for candidates such as 1.1rc1
        contributions:              # where gverify ci expects new files; leave out: what the layout says
          assertions: ["{release}/{signer}/{name}-build.assert"]
          signatures: [.sig]
          keys: ["gitian-keys/{signer}.asc"]
    names:                          # files published under another name than the builders attest; {version} stands for it
      - published: examplecoin-{version}-mac.dmg
        attested: examplecoin-osx-signed.dmg
        from: "1.0"                 # first version, and first one that is not called so any more; leave out: all
        until: "2.0"
    release_keys:                   # who signs the lists of digests (SHA256SUMS.asc); never a vote
      - name: Examplecoin releases
        fingerprint: 89ABCDEF0123456789ABCDEF0123456789ABCDEF
        published: [https://example.org/download]
    pins:
      - name: alice
        fingerprints: [0123456789ABCDEF0123456789ABCDEF01234567]
        aliases: [alice@example.org]
`
