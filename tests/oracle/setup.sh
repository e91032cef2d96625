#!/usr/bin/env bash
# Puts a Python with pandas into the test cache, for tests/oracle/oracle.py. The tests
# find it through the link `oracle` in the cache folder.
#
# What is there already is left as it is. The environment is made in a folder of its
# own and linked when it is whole. Needs python3 with venv, and PyPI.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${OYER_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oyer-tests}

say() { printf 'oracle: %s\n' "$*" >&2; }

# Installs Debian's venv where it is missing and that can be done.
need_venv() {
    if python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then
        return
    fi
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        say "missing: python3-venv"
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv
}

mkdir -p "$cache"
exec 8>"$cache/oracle.lock"
flock 8
need_venv
key=$({ python3 --version && cat "$here/requirements.txt"; } | sha256sum | cut -c1-12)
made=$cache/oracle-$key
# An environment may not be moved, so a file in it says that it is whole.
if [[ ! -e $made/whole ]]; then
    say "making $made"
    rm -rf "$made"
    python3 -m venv "$made"
    "$made/bin/pip" install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: -r "$here/requirements.txt"
    touch "$made/whole"
fi
ln -sfn "oracle-$key" "$cache/oracle"
say "ready in $made"
