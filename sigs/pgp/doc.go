// Package pgp judges detached OpenPGP signatures as GnuPG does, and says more than GnuPG about the keys that made them.
//
// It is a policy layer over the packet primitives of ProtonMail's go-crypto: the high-level readers there refuse a third of
// the valid signatures of old attestations. Signatures over anything but the bytes given are never accepted: no inline,
// clear-signed or compressed messages. It stores no secret keys and makes no network connection.
package pgp
