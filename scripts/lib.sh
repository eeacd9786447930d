# shellcheck shell=bash disable=SC2034
# Shared by the scripts beside it; sourced, never run. Owns where programs come from and how what was fetched is
# checked. Leaves the caller in the repository's root. Says everything on stderr, so stdout stays the caller's.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"
TOOLS=$ROOT/.tools
DENO=$TOOLS/deno     # what every script runs: a program, or a link to the one found on PATH
DENORT=$TOOLS/denort # the runtime that `deno compile` appends a program to, where Deno cannot download its own

DENO_VERSION=2.6.10
DENO_SHA256=bb9513ce8a9a7a976a77e0a32c5818035fb72dff6364afc5b8659594ba4a6139
DENO_RELEASE=https://dl.deno.land/release/v$DENO_VERSION/deno-x86_64-unknown-linux-gnu.zip
DENORT_SHA256=1b136202dc147212ad0b129de0c10eb5f17060917c9754c7921cd68f764ad2e2

export DENO_TLS_CA_STORE=${DENO_TLS_CA_STORE:-system,mozilla}
export DENO_NO_UPDATE_CHECK=1
# Some images set it. Every start of Python would then compile what it imports: nine seconds for vLLM.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*" && exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

need() { # need PROGRAM WHERE-FROM...
  have "$1" || die "'$1' is missing; install it ($2) and run this again"
}

# ---- one at a time, and nothing half done -------------------------------------------------------------------------

# Holds .tools/lock until this script ends and makes $WORK, an empty folder that goes away with it. Work with a name has a
# lock of its own: it may go on beside the rest, of which it changes nothing.
begin_work() { # begin_work [NAME]
  local lock=$TOOLS/lock${1:+.$1} prefix=$TOOLS/${1:-work}
  need flock util-linux
  mkdir -p "$TOOLS"
  exec 9>"$lock"
  flock -n 9 || { say "waiting for another setup in this checkout" && flock 9; }
  rm -rf "$prefix".* # left by one that was killed; whoever holds the lock is alone
  WORK=$(mktemp -d "$prefix.XXXXXX")
  trap 'rm -rf "$WORK"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# ---- fetching -----------------------------------------------------------------------------------------------------

sha256_is() { [[ -f $1 && $(sha256sum <"$1") == "$2  -" ]]; }

check_sha256() { # check_sha256 FILE SHA256 WHAT: a wrong file is removed
  sha256_is "$1" "$2" && return
  local got
  got=$(sha256sum <"$1") || die "$3: $1 is not there"
  rm -f "$1"
  die "$3 is not the file this project expects, and was removed.
  expected SHA-256 $2
  got              ${got%% *}
Run this again; if it stays so, what your package registry or its cache serves has been changed."
}

# Runs a command in silence; where it fails, shows what it said, the middle left out if that is long.
quietly() { # quietly WHAT ADVICE COMMAND...
  local what=$1 advice=$2 said=$WORK/said
  shift 2
  NO_COLOR=1 RUST_BACKTRACE=0 "$@" >"$said" 2>&1 9>&- && return
  if (($(wc -l <"$said") > 40)); then
    head -n 10 "$said" && printf '...\n' && tail -n 20 "$said"
  else
    cat "$said"
  fi >&2
  die "$what failed; $advice"
}

the_only() { # the_only FILE...: the one file a download left
  [[ $# -eq 1 && -f $1 ]] || die "expected one downloaded file, found: $*"
  printf '%s' "$1"
}

# Leaves a checked wheel from PyPI at $WORK/NAME.whl. The tag is given so that any pip picks the same file.
fetch_wheel() { # fetch_wheel NAME VERSION SHA256 SIZE WHAT [TAG]
  local dir=$WORK/$1.d pip='' candidate file
  need python3 "python3 and python3-pip"
  for candidate in "python3 -m pip" pip3 pip; do
    $candidate --version >/dev/null 2>&1 && pip=$candidate && break
  done
  [[ $pip ]] || die "pip is missing; install it (python3-pip) and run this again"
  say "downloading $5: PyPI package $1==$2, $4"
  quietly "pip download $1==$2" "check that this machine reaches PyPI or a mirror of it" \
    $pip download --no-deps --only-binary=:all: --platform "${6:-manylinux_2_27_x86_64}" --dest "$dir" "$1==$2"
  file=$(the_only "$dir"/*)
  mv "$file" "$WORK/$1.whl"
  check_sha256 "$WORK/$1.whl" "$3" "PyPI package $1==$2"
}

# Leaves a checked npm package at $WORK/package.tgz.
fetch_npm() { # fetch_npm NAME VERSION SHA256 SIZE WHAT
  local file
  need npm "nodejs and npm"
  say "downloading $5: npm package $1@$2, $4"
  mkdir "$WORK/npm.d"
  quietly "npm pack $1@$2" "check that this machine reaches the npm registry or a mirror of it" \
    npm pack --loglevel=error --pack-destination "$WORK/npm.d" "$1@$2"
  file=$(the_only "$WORK"/npm.d/*)
  mv "$file" "$WORK/package.tgz"
  check_sha256 "$WORK/package.tgz" "$3" "npm package $1@$2"
}

unzip_member() { # unzip_member ZIP MEMBER FILE
  need python3 python3
  python3 - "$@" <<'PY' || die "$2 cannot be taken out of ${1##*/}"
import shutil, sys, zipfile
archive, member, target = sys.argv[1:]
with zipfile.ZipFile(archive) as z, z.open(member) as source, open(target, "wb") as out:
    shutil.copyfileobj(source, out, 1 << 20)
PY
}

# A machine without a way out must learn so in seconds, whether its network refuses or swallows; it is asked once.
official_server_answers() {
  if [[ -z ${server_answers:-} ]]; then
    server_answers=no
    have curl && curl -fsI --connect-timeout 3 --max-time 6 -o /dev/null "$DENO_RELEASE" 2>/dev/null 9>&- && server_answers=yes
  fi
  [[ $server_answers == yes ]]
}

# ---- Deno ---------------------------------------------------------------------------------------------------------

deno_version() { # prints 1.2.3, or nothing where the program is no released Deno
  local line
  line=$(NO_COLOR=1 timeout 10 "$1" --version 2>/dev/null 9>&- | head -n 1) || true
  [[ $line =~ ^deno\ ([0-9]+\.[0-9]+\.[0-9]+)( |$) ]] && printf '%s' "${BASH_REMATCH[1]}" || true
}

deno_will_do() { # the pinned version or a newer 2.x
  [[ $1 == 2.* && $(printf '%s\n' "$DENO_VERSION" "$1" | sort -V | head -n 1) == "$DENO_VERSION" ]]
}

# ---- packages of Debian ---------------------------------------------------------------------------------------------

# Installs them. One apt-get at a time in this checkout: only for the lock of dpkg does it wait by itself. Says nothing where
# it works.
install_debian() { # install_debian WHAT PACKAGE...
  local what=$1
  shift
  (
    flock 8
    apt-get -o DPkg::Lock::Timeout=120 update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"
  ) >"$WORK/said" 2>&1 </dev/null 8>"$TOOLS/lock.apt" 9>&- ||
    { tail -n 5 "$WORK/said" >&2 && say "apt-get could not install $what"; }
}
