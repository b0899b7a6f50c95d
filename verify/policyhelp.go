package verify

// PolicyExample is a policy file that uses every field.
const PolicyExample = `# Who votes on a release, and what suffices. Only threshold must be there.
name: two teams
threshold: 3                      # persons that must have made the same file
groups:                           # and of these teams so many each
  - name: maintainers
    at_least: 1
    of: [alice, bob]
required: [alice]                 # must be among those who agree
vetoes: [bob]                     # his dissent disputes, even with dissent: report
accept:                           # states of a signature that vote; these three are the default
  - good
  - good, key expired since
  - good, key superseded since
refuse_labels: ["weak: SHA-1 digest"]
dissent: refuse                   # or report: a majority that meets the rest agrees all the same
bad_signature: report             # or refuse: one bad signature disputes the release
pins:                             # without pins, the project's own are used
  - name: alice
    fingerprints: [0123456789ABCDEF0123456789ABCDEF01234567]
  - name: bob
    fingerprints:                 # several keys are one voice; spaces as gpg prints them are fine
      - 89AB CDEF 0123 4567 89AB  CDEF 0123 4567 89AB CDEF
      - FEDCBA9876543210FEDCBA9876543210FEDCBA98
    aliases: [bobby]              # other directory names
    from: 2019-01-01              # signatures made outside do not vote
    until: 2024-12-31
  - name: carol
    fingerprints: [76543210FEDCBA9876543210FEDCBA9876543210]
`

// PolicyHelp explains policy files to a reader who never wrote one; it ends with [PolicyExample].
const PolicyHelp = `A policy says whose voice counts and how many of them must agree. It is a YAML file, given with --policy or kept
as policy.yaml in gverify's configuration directory. Unknown fields are errors. A field that is left out has
its default; only threshold must be there.

  threshold      how many different persons must have made the same file: at least 1
  pins           the persons whose voice counts: a name, the fingerprints of their primary keys (in full), other
                 directory names they sign under (aliases), and the dates between which their signatures vote
                 (from, until: YYYY-MM-DD, both days included). Several keys of one pin are one voice.
                 Without pins the project's own are used
  groups         teams, each with the number of its members that must be among those who agree
  required       persons who must be among those who agree
  vetoes         persons whose dissent disputes a file whatever dissent says
  accept         the states of a signature that vote. Default: "good", "good, key expired since" and
                 "good, key superseded since". Also possible: "expired at signing", "signature expired".
                 Nothing else can be accepted: a bad, unchecked or revoked signature never votes
  refuse_labels  marks of weak signatures that take the vote away: "weak: SHA-1 digest", "weak: DSA-1024",
                 "weak: RSA < 2048", "v3". Default: none
  dissent        refuse (default): two voting signers with different results are a dispute
                 report: a result with the threshold and more than half of the voting signers is agreed all the same
  bad_signature  report (default): a bad signature is shown and changes nothing, else anyone could spoil a release
                 refuse: the release is disputed
  name           what reports call the policy

An example:

` + PolicyExample
