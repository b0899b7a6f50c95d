package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify/review"
)

// Code explains a finding's code.
type Code struct {
	Code     string
	Severity sigs.Severity // the most severe that it comes with
	Meaning  string
	Next     string // what to do about it
}

// Topic is codes of one kind.
type Topic struct {
	Title string
	Codes []Code
}

// Topics explain every code of a finding that gverify can make; a test holds them against the source. Codes are stable.
var Topics = []Topic{
	{"The verdict on a release", verdictCodes},
	{"Who is heard", voiceCodes},
	{"Signatures and assertions", signatureCodes},
	{"Public keys", keyCodes},
	{"Names and places in a repository", nameCodes},
	{"The repository itself", repositoryCodes},
	{"Your own build", ownCodes},
	{"Files and lists of digests (gverify check)", checkCodes},
	{"Changes to a repository (gverify ci)", changeCodes},
	{"Plans of builds", buildCodes},
}

// Codes are those of all topics.
func Codes() []Code {
	var out []Code
	for _, t := range Topics {
		out = append(out, t.Codes...)
	}
	return out
}

// CodeHelp writes the table of all codes.
func CodeHelp(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`Every finding has a stable code, a severity and a next step. "note" is worth knowing, "warning": something is not as it should be,
"alarm": somebody may be attacking, or evidence contradicts evidence. None of them changes a verdict by itself. Those marked * can break
a rule of the repository if a change brings them, some only together with others, as is said there: what breaks one is marked RULE BROKEN
in the report, and gverify ci then ends with exit status 1.
`)
	for _, t := range Topics {
		fmt.Fprintf(&b, "\n%s\n", t.Title)
		for _, c := range t.Codes {
			mark := " "
			if review.BreaksRule(c.Code) {
				mark = "*"
			}
			fmt.Fprintf(&b, " %s %-26s %-8s %s\n   %36s next: %s\n", mark, c.Code, c.Severity, c.Meaning, "", c.Next)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var verdictCodes = []Code{
	{"disputed", sigs.Alarm, "voting signers made different files under one name", "do not use these files until the signers have found the cause"},
	{"overruled", sigs.Warning, "voting signers disagree, and the policy lets the majority decide", "ask the others for the cause"},
	{"differs-elsewhere", sigs.Alarm, "a file has other contents than the file of that name of another platform (gverify ci: exit status 3)", "do not use these files until the signers have found the cause"},
	{"similar-name", sigs.Warning, "a file's name can be taken for another's, so the two were not compared", "compare their digests; ask the signer about the name"},
	{"other-assertion-name", sigs.Note, "a list is called otherwise than builders call theirs; it is no platform", "ask the signer why"},
	{"platform-missing", sigs.Warning, "a platform that belongs to the release is attested by nobody", "ask the project whether it is still to come"},
	{"platform-without-vote", sigs.Warning, "nobody whose voice counts has signed a platform", "do not rely on its files"},
	{"artifact-without-vote", sigs.Note, "nobody whose voice counts lists a file", "do not rely on it"},
	{"listed-by-few", sigs.Note, "too few voting signers list a file to judge it", "do not rely on it; the others may have built less"},
	{"abstains", sigs.Note, "a voting signer does not list a file that others list", "nothing; he may have built less"},
	{"leftover", sigs.Note, "a build result lists files of earlier builds, which are set aside", "nothing"},
	{"several-directories", sigs.Note, "one version and platform lies in several directories, judged together", "nothing"},
}

var voiceCodes = []Code{
	{"replay", sigs.Alarm, "an assertion is about another release than the one it is filed under", "ask the signer to sign this release; somebody may have copied an old signature"},
	{"other-platform", sigs.Alarm, "an assertion's files are another platform's", "ask the signer what was built; somebody may have copied it"},
	{"filed-elsewhere", sigs.Alarm, "an assertion lies in another platform's directory than it says; it is judged as what was signed", "ask the repository's maintainers; somebody may have moved it"},
	{"no-tie", sigs.Alarm, "nothing in an assertion says which version it is about, so it may be any other's", "ask the signer to sign with the release's name in it"},
	{"mixed-versions", sigs.Alarm, "an assertion lists files of several versions", "ask the signer to build in an empty directory and sign again"},
	{"ambiguous-version", sigs.Warning, "an assertion's source commit is not known to be the version's", "ask the signer which tag was built"},
	{"contradicts-itself", sigs.Warning, "a signer gives one file several hashes, and so has no voice on it", "ask him which is right"},
	{"misfiled", sigs.Alarm, "an assertion lies under a pinned person's name, and somebody else signed it", "ask both whose build it is"},
	{"key-of-nobody", sigs.Warning, "an assertion lies under a pinned person's name, and a key signed that is pinned for nobody", "ask him whether the key is his new one; if it is, pin it"},
	{"name-differs", sigs.Warning, "a pinned person signed in a directory of another name; the key decides who speaks", "if both names are his, add the other as an alias of the pin"},
	{"several-signers", sigs.Warning, "two voters signed one assertion; one of them speaks there, once", "each should file an assertion of his own build"},
	{"label-drift", sigs.Warning, "an assertion calls its release otherwise than its directory; the version is right", "nothing"},
	{"not-pinned", sigs.Note, "a signature is good, and the policy does not pin its key", "pin it, if you know whose it is: gverify help policy"},
	{"vote-refused", sigs.Warning, "a pinned person's signature is not one the policy takes", "see which signatures the policy accepts: gverify help policy"},
	{"keys-would-help", sigs.Warning, "signatures could not be checked for want of public keys", "get the keys, make sure whose they are, give them with --keys"},
	{"no-pins", sigs.Warning, "no signer is pinned for the project, so nobody's voice counts", "gverify policy init, or --policy any with --keys"},
	{"unvetted-keys", sigs.Warning, "every key you gave counts as a person, and nobody vetted them", "pin the signers you know: gverify help policy"},
	{"threshold-unreachable", sigs.Warning, "the policy asks for more signers than it pins", "lower the threshold or pin more"},
}

var signatureCodes = []Code{
	{"bad-signature", sigs.Alarm, "a signature does not match the file it stands beside", "do not believe the file; ask the signer to sign again"},
	{"malformed-signature", sigs.Warning, "the file beside an assertion is no detached OpenPGP signature", "ask for one made with gpg --detach-sign"},
	{"missing-signature", sigs.Warning, "no signature stands beside an assertion", "ask the signer for it; until then it is a claim"},
	{"unknown-key", sigs.Warning, "the public key of a signature is not at hand", "get it, make sure whose it is, give it with --keys"},
	{"expired-at-signing", sigs.Warning, "a key had expired when it signed, as far as this copy of it tells", "give a fresher copy with --keys"},
	{"signature-expired", sigs.Warning, "the signer limited how long his signature holds, and that is over", "ask him to sign again"},
	{"revoked-key", sigs.Alarm, "a key was revoked by its owner", "do not count on the signature; ask him to sign with his new key"},
	{"impossible-time", sigs.Alarm, "a signature claims a date at which it cannot have been made", "do not count on it; ask the signer"},
	{"key-unusable", sigs.Warning, "a key may not sign, as far as this copy of it tells", "give a complete and fresh copy with --keys"},
	{"unjudged-signature", sigs.Alarm, "a signature got no verdict", "this is a mistake in gverify: report it"},
	{"unreadable-assertion", sigs.Warning, "an assertion is too large or no regular file", "ask the signer to look at it; it has no vote"},
	{"unparsable-assertion", sigs.Warning, "a file is no assertion that can be read", "ask the signer to look at it; it has no vote"},
	{"html-page", sigs.Warning, "a web page was signed in place of an assertion", "ask the signer to sign the assertion itself"},
	{"incomplete-assertion", sigs.Warning, "an assertion does not say which release it is for; it may be cut off", "ask the signer to look at it"},
	{"manifest-noise", sigs.Note, "console output was signed along with the manifests that explain a build; it is set aside", "nothing"},
}

var keyCodes = []Code{
	{"key-unreadable", sigs.Warning, "a key file could not be read, or not all of it", "ask its owner for a good copy, or give one with --keys"},
	{"key-file-too-large", sigs.Warning, "a key file is larger than what is read", "ask its owner for a smaller copy (gpg --export-options export-minimal)"},
	{"secret-key", sigs.Warning, "a key file holds a secret key", "its owner must revoke it: it is published"},
}

var nameCodes = []Code{
	{"assertion-without-signer", sigs.Warning, "an assertion lies in the release directory, under no signer's name", "go by its signature; have it moved"},
	{"orphan-signature", sigs.Warning, "a signature stands without the file it is for", "ask the signer for the file, or for the right name"},
	{"misnamed-signature", sigs.Warning, "a signature is not named after its file", "ask the signer to rename it"},
	{"several-assertions", sigs.Note, "several assertions lie in one signer's directory; he is one voice", "nothing"},
	{"several-signatures", sigs.Note, "several signature files stand beside an assertion; the best decides", "nothing"},
	{"unusual-signature-name", sigs.Note, "a signature is called .gpg or .pgp", "if it is malformed, ask for one made with gpg --detach-sign"},
	{"other-version-name", sigs.Warning, "an assertion's name speaks of another version than its directory", "see whether it was copied from another release"},
	{"other-platform-name", sigs.Warning, "an assertion's name speaks of another platform than its directory", "see whether it was copied from another release"},
	{"nested-release", sigs.Warning, "a release directory lies inside another", "have it moved up"},
	{"doubled-signer", sigs.Warning, "a signer's directory stands inside itself", "have the files moved up"},
	{"nested-directory", sigs.Warning, "a directory lies inside a signer's", "have the files moved up; go by the fingerprint"},
	{"mixed-layouts", sigs.Note, "a directory holds assertions of several kinds; each is read as what it is", "nothing"},
	{"outside-release", sigs.Warning, "an assertion lies in no release directory and is not read", "have it moved"},
	{"too-deep", sigs.Warning, "a directory lies too far down and is not read", "have it moved up"},
	{"unrecognised-file", sigs.Note, "a file among attestations or keys is none", "nothing"},
	{"not-a-regular-file", sigs.Warning, "a link or submodule stands where a file is due; it is not followed", "have it replaced by the file itself"},
	{"symbolic-link", sigs.Warning, "a symbolic link is in the repository; it is not followed", "have it replaced by the file itself"},
	{"not-a-file", sigs.Warning, "a submodule or something unknown is in the repository; it is not read", "have it removed"},
	{"odd-name", sigs.Warning, "a name is easily taken for another one", "go by the fingerprint, not by the name"},
	{"invalid-name", sigs.Alarm, "a name that no honest tool writes (.., a slash, not UTF-8, .git); it is left out", "ask who added it"},
	{"duplicate-name", sigs.Alarm, "two entries of one directory have one name, so that tools see different files", "ask who added them"},
	{"malformed-tree", sigs.Alarm, "a directory is none that git writes; it is shown as empty", "ask who added it"},
	{"case-twins", sigs.Note, "two names differ in upper and lower case only", "nothing; on some systems they are one file"},
	{"signer-case-twins", sigs.Note, "two signers' names differ in upper and lower case only", "go by the fingerprints"},
	{"signer-look-alikes", sigs.Alarm, "two signers' names look alike and are spelled with different characters", "go by the fingerprints"},
	{"release-case-twins", sigs.Note, "two release directories differ in upper and lower case only", "go by the full name"},
	{"release-look-alikes", sigs.Alarm, "two release directories look alike and are spelled with different characters", "go by the fingerprints"},
	{"release-twice", sigs.Note, "several directories are of one release; all are read", "nothing"},
	{"more-findings", sigs.Warning, "a commit has more odd names than are listed", "make sure that this is an attestation repository"},
	{"too-many-findings", sigs.Alarm, "a repository has more odd names than are listed", "make sure that this is an attestation repository"},
}

var repositoryCodes = []Code{
	{"repository-not-refreshed", sigs.Warning, "the remote could not be asked; an older clone is used", "try again when it can be reached"},
	{"repository-rolled-back", sigs.Alarm, "the remote shows an older state than one seen before", "ask its maintainers, compare with another clone"},
	{"history-rewritten", sigs.Alarm, "the remote's history does not hold what was seen before", "ask its maintainers, compare with another clone"},
	{"history-shallow", sigs.Warning, "the clone lacks older history, so replaced attestations are missing", "fetch the whole history: git fetch --unshallow"},
	{"index-unusable", sigs.Note, "the index of a repository's history could not be used and was made anew", "nothing to do"},
	{"index-unwritable", sigs.Note, "the index of a repository's history could not be kept", "make the cache directory named writable"},
	{"invalid-reference", sigs.Warning, "a branch or tag has an impossible name", "nothing; it is left out"},
	{"state-unreadable", sigs.Warning, "what was seen of a repository before cannot be read", "look at the file named; a rollback would not be noticed"},
	{"state-unwritable", sigs.Warning, "what was seen of a repository cannot be remembered", "make the directory named writable"},
}

var ownCodes = []Code{
	{"own-differs", sigs.Alarm, "your build made another file than the decided group", "look for the cause: another commit, another environment"},
	{"own-leftover", sigs.Warning, "a file that differs may be left over from an earlier build of yours", "build again in an empty directory"},
	{"own-contradicts-itself", sigs.Warning, "your builds made different files under one name", "compare one build at a time"},
	{"own-without-voters", sigs.Note, "nobody whose voice counts made a file of your build's", "nothing; your build is compared with nobody there"},
	{"own-extra", sigs.Note, "your build made files that nobody attests", "nothing"},
	{"own-partial", sigs.Note, "your build lacks files that others attest", "nothing; they may have built more"},
}

var checkCodes = []Code{
	{"file-contradicted", sigs.Alarm, "a file's bytes are not those that the builders made", "do not run it; download it again from the project"},
	{"file-not-attested", sigs.Warning, "no builder of the release made a file", "compare its name with those of the release: gverify release -v"},
	{"file-of-another-version", sigs.Warning, "by its name a file is of another version", "check it without --release, or with its own"},
	{"file-renamed", sigs.Note, "a file was found by its digest, nobody attests its name", "trust it as what its bytes are, not as what its name says"},
	{"file-not-listed", sigs.Warning, "a file is not on the list of digests", "nothing, if it is of another release"},
	{"not-the-listed-file", sigs.Alarm, "a file has other contents than the list of digests says", "download it again; if it stays so, do not run it, and tell the project"},
	{"list-contradicted", sigs.Alarm, "a list names other bytes than the builders made", "do not trust it; download it again, and if it stays so, tell the project"},
	{"list-unsigned", sigs.Warning, "nobody signed a list: it could come from anyone", "get the signature that the project publishes beside it"},
	{"list-bad-signature", sigs.Alarm, "a signature does not fit the list", "download both again from the project"},
	{"list-malformed-signature", sigs.Alarm, "a list's signature cannot be judged", "download it again from the project"},
	{"list-unknown-key", sigs.Warning, "the public key of a list's signature is not at hand", "get it, make sure whose it is, give it with --list-keys"},
	{"list-signature-not-accepted", sigs.Alarm, "a list's signature fits, but its key is not in order", "ask the project for a list signed with a key that is"},
	{"list-not-pinned", sigs.Note, "a list's signature is good, and no pin says whose key it is", "compare the fingerprint with the one the project publishes"},
	{"list-signed-twice", sigs.Note, "several signatures of a list are one person's", "nothing"},
}

var changeCodes = []Code{
	{"contradicts-verified", sigs.Alarm, "a new attestation differs from the group that had most voters before (exit status 3)", "do not merge before the signers have found the cause"},
	{"new-attestations-disagree", sigs.Alarm, "new attestations with a vote contradict each other (exit status 3)", "do not merge before the signers have found the cause"},
	{"attestation-edited", sigs.Alarm, "an attestation or signature that was there is changed", "ask its signer why; compare both versions"},
	{"attestation-removed", sigs.Alarm, "an attestation or signature that was there is taken away", "leave it; a wrong one is explained beside it"},
	{"attestation-moved", sigs.Warning, "an attestation or signature that was there is renamed", "make sure that signer and release stay the same"},
	{"mode-changed", sigs.Warning, "an attestation's mode is changed, its content is not", "ask why"},
	{"wrong-path", sigs.Warning, "a file among attestations or keys is not named or placed as the layout says", "move or rename it in the change"},
	{"other-signers-directory", sigs.Alarm, "an attestation lies in the directory of somebody known by another key", "ask both whose build it is"},
	{"same-signature", sigs.Alarm, "a new attestation is one that is there already, filed again under another name", "take it out; whoever built signs himself"},
	{"key-replaced", sigs.Alarm, "a known signer's key file holds other keys than before; no rule is broken if they are pinned and come alone", "ask him over another channel, pin the new key, then let it come alone"},
	{"revocation-removed", sigs.Alarm, "a revocation is taken out of a known signer's key file", "leave the revoked key as it is"},
	{"key-under-pinned-name", sigs.Alarm, "a new key stands in the name of a pinned person and is not his pinned one", "ask him over another channel"},
	{"key-look-alike", sigs.Alarm, "a new key's name can be taken for that of a pinned person or another key file, and the key is another one", "ask him over another channel"},
	{"key-removed", sigs.Alarm, "a key file is taken away; of a pinned person's, of one that verifies attestations, or together with attestations this breaks a rule", "leave it, revoked or expired"},
	{"key-weakened", sigs.Alarm, "a key file loses subkeys or validity by which its owner signed, without his word", "leave what is there and add to it"},
	{"key-renamed", sigs.Warning, "a key stands under another name now; where it leaves a pinned person's name this breaks a rule", "make sure that both names are one person's"},
	{"key-with-attestation", sigs.Warning, "a new key comes together with attestations it verifies; they cannot vote yet", "check whose key it is, then pin its fingerprint"},
	{"key-added", sigs.Note, "a new key file", "check whose it is; it counts for nothing until it is pinned"},
	{"key-known", sigs.Warning, "a new key file holds a key that is there under another name", "make sure that both names are one person's"},
	{"key-changed-too", sigs.Warning, "a key file is changed together with attestations, its fingerprints are the same", "if an attestation is called expired, merge the key first"},
	{"key-refreshed", sigs.Note, "a key file is changed, its fingerprints are the same", "nothing"},
	{"checks-changed", sigs.Warning, "the definition of the checks is changed; together with attestations or keys this breaks a rule", "read it line by line"},
	{"not-on-base", sigs.Warning, "a range's head does not build on its base: what the base alone has looks removed", "name it as BASE...HEAD"},
	{"nobody-known", sigs.Warning, "nobody who attested the touched releases, before the change or with it, has a vote", "make sure of the project (--project) and the keys (--keys)"},
	{"other-files", sigs.Note, "files that no attestation consists of are touched", "nobody judges them: read them"},
}

var buildCodes = []Code{
	{"unknown-field", sigs.Warning, "a descriptor has a field that gitian does not know and passes over", "see whether it is misspelled"},
	{"commit-missing", sigs.Warning, "a plan does not say which commit of a source is built", "--commit DIR=TAG"},
	{"commit-unknown", sigs.Warning, "a source's commit was not looked up, so the plan cannot be run elsewhere", "make the plan with a network"},
	{"time-unknown", sigs.Warning, "the reference time hangs on a commit that was not looked up", "make the plan with a network"},
	{"file-missing", sigs.Warning, "an input file is not there", "put it into the directory of inputs (--inputs)"},
	{"suite-of-another-distro", sigs.Warning, "a suite is of another distribution than the descriptor says", "distro: in the descriptor, if its author agrees"},
	{"sudo-refused", sigs.Warning, "a descriptor asks for root in its script, which is not allowed", "--allow-sudo, or --allow-sudo=/bin/COMMAND for single commands"},
	{"sudo-allowed", sigs.Warning, "a script may become root: what it does to the environment is in no manifest", "read the script"},
	{"script-network", sigs.Warning, "a script has the network: what it downloads is in no manifest", "use a cache and the fetch phase instead"},
	{"no-cache", sigs.Warning, "a descriptor keeps no cache, so nothing can be downloaded before its script runs", "--script-network, as a last resort"},
	{"base-unpinned", sigs.Warning, "a base image is named by a tag, which can mean another image tomorrow", "name it by its digest"},
}
