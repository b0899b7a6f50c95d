#!/bin/sh
# The root part of a build environment, and all of it: every command that runs as root before a descriptor's script does.
# gverify feeds this file to sh in a fresh container of a bare distribution; the "builder" target of the Dockerfile runs it too.
# `gverify build --plan` prints each call with its arguments. What it does follows gitian-builder (bin/gbuild, bin/make-base-vm,
# target-bin/).
#
#   base USER                    the packages every build finds, the locale en_US.UTF-8, an unprivileged user
#   architecture ARCH…           lets packages be of further architectures (multiarch)
#   update                       reads the package lists of all repositories
#   install PACKAGE…             installs packages without what they merely recommend
#   repository LINE [NAME URL]   adds a line to sources.list, and the key that signs it
#   install-from DIST PACKAGE…   installs packages of one distribution of the repositories
#   alternative NAME PATH        chooses among programs of one name
#   upgrade                      brings everything to its newest version
#   sudo USER [COMMAND…]         lets the user run these commands as root, or all; only with --allow-sudo
#   manifest                     prints digest and file name of every package that was used, as sha256sum does
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
DEBIAN_FRONTEND=noninteractive
LC_ALL=C
export PATH DEBIAN_FRONTEND LC_ALL
unset TZ LANG LANGUAGE || true

# Standard input is this script: no program may read from it.
apt() { apt-get -y -q --no-install-recommends -o Dpkg::Use-Pty=0 "$@" </dev/null; }

base() {
	# Official images throw downloaded packages away; the manifest needs them.
	rm -f /etc/apt/apt.conf.d/docker-clean
	printf '%s\n' 'APT::Keep-Downloaded-Packages "true";' 'Binary::apt::APT::Keep-Downloaded-Packages "true";' \
		>/etc/apt/apt.conf.d/99keep-packages
	# No service is started in a build environment.
	printf '%s\n' '#!/bin/sh' 'exit 101' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	update
	install build-essential git locales wget lsb-release sudo ca-certificates
	localedef -i en_US -f UTF-8 en_US.UTF-8
	id "$1" >/dev/null 2>&1 || useradd -m -s /bin/bash -U "$1"
}

architecture() { for arch; do dpkg --add-architecture "$arch"; done; }

update() { apt update -o APT::Update::Error-Mode=any; }

install() { apt install -- "$@"; }

repository() {
	if [ $# -eq 3 ]; then
		wget -q -O "/tmp/$2.key" -- "$3" </dev/null
		if dpkg --compare-versions "$(dpkg-query -W -f '${Version}' apt)" lt 1.4; then
			apt-key add "/tmp/$2.key" </dev/null
		elif grep -q -e '-----BEGIN PGP' "/tmp/$2.key"; then
			install_key "$2" asc
		else
			install_key "$2" gpg
		fi
		rm -f "/tmp/$2.key"
	fi
	printf '%s\n' "$1" >>/etc/apt/sources.list
}

install_key() {
	cp "/tmp/$1.key" "/etc/apt/trusted.gpg.d/$1.$2"
	chmod 644 "/etc/apt/trusted.gpg.d/$1.$2"
}

install_from() {
	dist=$1
	shift
	apt -t "$dist" install -- "$@"
}

alternative() { update-alternatives --set "$1" "$2" </dev/null; }

upgrade() { apt dist-upgrade; }

allow_sudo() {
	user=$1
	shift
	commands=ALL
	if [ $# -gt 0 ]; then
		commands=$(printf '%s, ' "$@")
		commands=${commands%, }
	fi
	printf '%s ALL=(ALL) NOPASSWD: %s\n' "$user" "$commands" >/etc/sudoers.d/gverify
	chmod 440 /etc/sudoers.d/gverify
}

# manifest prints what gitian's grab-packages.sh prints, without downloading every package again: for each installed version the
# digest that the archive's signed index names, and the digest of every package file that is here, older versions included.
# A file that is not what the index says is an error. Packages that no index knows any more are named on standard error.
manifest() {
	work=$(mktemp -d)
	dpkg-query -W -f '${Package}\t${Architecture}\t${Version}\t${binary:Package}\t${Status}\n' |
		awk -F '\t' '$5 == "install ok installed"' >"$work/installed"
	# One call per hundred packages; an unknown version must not hide the others.
	awk -F '\t' '{ print $4 "=" $3 }' "$work/installed" | sort -u >"$work/wanted"
	xargs -n 100 apt-cache show <"$work/wanted" >"$work/index" 2>"$work/problems" ||
		xargs -n 1 apt-cache show <"$work/wanted" >"$work/index" 2>"$work/problems" || true
	awk -v installed="$work/installed" '
		BEGIN { FS = "\t"; while ((getline line <installed) > 0) { split(line, f, "\t"); have[f[1] "\t" f[2] "\t" f[3]] = 1 } FS = ": " }
		function flush(  name, version) {
			name = package "\t" arch "\t" v
			if (sum != "" && name in have) {
				version = v
				gsub(":", "%3a", version)
				print sum "  " package "_" version "_" arch ".deb"
			}
			package = arch = v = sum = ""
		}
		/^Package: / { package = $2 }
		/^Architecture: / { arch = $2 }
		/^Version: / { v = substr($0, 10) }
		/^SHA256: / { sum = $2 }
		/^$/ { flush() }
		END { flush() }' "$work/index" | sort -u >"$work/lines"
	(cd /var/cache/apt/archives && for deb in *.deb; do [ ! -f "$deb" ] || sha256sum -- "$deb"; done) >>"$work/lines"
	sort -u -k 2 -k 1 "$work/lines" >"$work/manifest"
	twice=$(awk '{ print $2 }' "$work/manifest" | uniq -d)
	if [ -n "$twice" ]; then
		echo "these package files are not what the archive's index says: $twice" >&2
		exit 1
	fi
	awk '{ print $2 }' "$work/manifest" >"$work/named"
	awk -F '\t' '{ v = $3; gsub(":", "%3a", v); print $1 "_" v "_" $2 ".deb" }' "$work/installed" | sort -u |
		grep -v -x -F -f "$work/named" | sed 's/^/in no index any more, and not here: /' >&2 || true
	if [ ! -s "$work/manifest" ]; then
		echo 'no package could be named: run update first' >&2
		exit 1
	fi
	cat "$work/manifest"
	rm -rf "$work"
}

command=${1:?which command? see the head of this script}
shift
case $command in
base | architecture | update | install | repository | alternative | upgrade | manifest) "$command" "$@" ;;
install-from) install_from "$@" ;;
sudo) allow_sudo "$@" ;;
*)
	echo "unknown command $command" >&2
	exit 2
	;;
esac
exit 0
