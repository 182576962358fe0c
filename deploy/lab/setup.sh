#!/usr/bin/env bash
# Sets up what the demonstration and the tests need on a Debian machine: tools
# by apt, and an Asterisk 22 or newer. Run it as often as you like: what is
# there already is left alone.
#
# Asterisk is taken from
#   1. the folder that ASTERISK_ROOT names (it holds usr/sbin/asterisk),
#   2. the machine itself (/usr/sbin/asterisk),
#   3. a Debian sid in .lab/asterisk, made once: 30 s, 350 MB.
# The choice is written to .lab/asterisk.path, where the Go side reads it.
#
# "setup.sh packages" installs only what an operator with an Asterisk of his
# own needs.
#
# Environment:
#   ASTERISK_ROOT   see above
#   DEBIAN_ARCHIVE  address of a Debian archive; default: the machine's own
set -euo pipefail
export LC_ALL=C

packages=(gcc libc6-dev make ca-certificates espeak-ng sox) # to build the programs and speak the prompts
lab_packages=(mmdebstrap debian-archive-keyring sip-tester sqlite3 systemd prometheus strace libfaketime python3) # systemd for systemd-analyze
oldest=22     # major version of Asterisk
recipe="sid, variant essential, asterisk, recipe 1" # another text: the chroot is made anew

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lab=.lab

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		command -v sudo >/dev/null || fail "not root and no sudo here, want to be run as root for: $*"
		say "not root: sudo $*" >&2
		sudo "$@"
	fi
}

# Archives fail now and then: 5 tries, 2 to 16 s apart.
retry() {
	local try pause=2
	for try in 1 2 3 4 5; do
		if "$@"; then return 0; fi
		if [ "$try" = 5 ]; then break; fi
		say "try $try failed, next in $pause s: $*"
		sleep "$pause"
		pause=$((pause * 2))
	done
	return 1
}

# Without the lock (9): a service that a package starts would hold it for ever.
apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@" 9>&-
}

# What Debian asks before it starts a service that it installs. Tools alone are
# wanted here: no server (prometheus) may be left running. Whatever policy the
# machine has stays; one of ours that a killed set-up left is removed.
policy=/usr/sbin/policy-rc.d
policy_mark="# aftercall set-up: no service is started"
start_nothing() {
	[ -e $policy ] && return
	trap start_again EXIT
	printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root tee $policy >/dev/null
	as_root chmod 755 $policy
}
start_again() {
	if grep -qsxF "$policy_mark" $policy; then as_root rm -f $policy; fi
}

install_packages() {
	local missing=() name
	for name in "${packages[@]}"; do
		case "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null || true)" in
		ii*) ;;
		*) missing+=("$name") ;;
		esac
	done
	if [ ${#missing[@]} = 0 ]; then
		say "packages: all there"
		return
	fi
	say "packages: installing ${missing[*]}"
	retry apt update || fail "apt-get update failed 5 times, want a reachable Debian archive"
	start_nothing
	retry apt install -y --no-install-recommends "${missing[@]}" || fail "apt-get install failed 5 times: ${missing[*]}"
	start_again
	case " ${missing[*]} " in
	*" prometheus "*) as_root systemctl disable --quiet prometheus.service ;; # nor at the next boot
	esac
}

# The archive that apt itself uses, whichever format its sources have.
debian_archive() {
	# shellcheck disable=SC2016 # apt's variables, not the shell's
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' | sort -u | head -n 1
}

# Major version of the Asterisk in a root folder; empty if there is none.
major_version() {
	[ -x "$1/usr/sbin/asterisk" ] || return 0
	asterisk_version "$1" | sed -E 's/^Asterisk (certified[-\/])?([0-9]+).*/\2/'
}

asterisk_version() {
	if [ "$1" = / ]; then
		/usr/sbin/asterisk -V
	elif [ "$(id -u)" = 0 ]; then
		chroot "$1" /usr/sbin/asterisk -V
	else
		unshare --map-root-user chroot "$1" /usr/sbin/asterisk -V # as the lab itself does, without sudo
	fi
}

make_chroot() {
	local root=$lab/asterisk archive new
	# A set-up that was killed leaves its half-made folder; nobody else is at
	# work here, because the lock is ours.
	for new in "$root".new.*; do
		if [ -e "$new" ]; then as_root rm -rf --one-file-system "$new"; fi
	done
	if [ "$(cat "$root/recipe" 2>/dev/null || true)" = "$recipe" ]; then
		say "asterisk: $root is there"
		return
	fi
	archive=${DEBIAN_ARCHIVE:-$(debian_archive)}
	if [ -z "$archive" ]; then
		retry apt update || fail "apt-get update failed 5 times, want a reachable Debian archive"
		archive=$(debian_archive)
	fi
	[ -n "$archive" ] || fail "apt knows no Debian archive, want its address in DEBIAN_ARCHIVE"
	new=$root.new.$$
	say "asterisk: making $root"
	retry bootstrap "$new" "$archive" || fail "mmdebstrap failed 5 times"
	echo "$recipe" | as_root tee "$new/recipe" >/dev/null
	as_root rm -rf --one-file-system "$root"
	as_root mv "$new" "$root"
}

bootstrap() {
	as_root rm -rf --one-file-system "$1"
	# The copy of an archive may be some days old.
	as_root mmdebstrap --quiet --variant=essential --include=asterisk \
		--aptopt='Acquire::Check-Valid-Until "false"' sid "$1" "$2" || return
	# Runs of the lab lie here; also those of users other than root.
	as_root install -d -m 1777 "$1/var/lib/aftercall-lab"
}

# Without these lines res_pjsip asks DNS for the names at every call.
write_hosts() {
	local line
	line="127.0.0.1 localhost $(hostname) A.ROOT-SERVERS.NET"
	if ! grep -qsxF "$line" "$1/etc/hosts"; then
		echo "$line" | as_root tee "$1/etc/hosts" >/dev/null
	fi
}

choose_asterisk() {
	local root=$lab/asterisk
	if [ -n "${ASTERISK_ROOT:-}" ]; then
		root=$(realpath "$ASTERISK_ROOT")
	elif [ "$(major_version /)" -ge "$oldest" ] 2>/dev/null; then
		root=/
	else
		make_chroot
		write_hosts "$root"
	fi
	[ "$(major_version "$root")" -ge "$oldest" ] 2>/dev/null ||
		fail "asterisk in $root: $(asterisk_version "$root" || true), want version $oldest or newer"
	echo "$root" >$lab/asterisk.path.new
	mv $lab/asterisk.path.new $lab/asterisk.path
	say "asterisk: $(asterisk_version "$root") in $root"
}

mkdir -p $lab
exec 9>$lab/setup.lock
flock 9
start_again
if [ "${1:-}" = packages ]; then
	install_packages
	exit
fi
packages+=("${lab_packages[@]}")
command -v npm >/dev/null || packages+=(nodejs npm) # other makers' nodejs brings its own
install_packages
choose_asterisk
