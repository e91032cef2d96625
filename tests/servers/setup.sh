#!/usr/bin/env bash
# Puts a real chat-model server into the test cache: llama.cpp's `llama-server`,
# compiled from the sources inside the llama-cpp-python package of PyPI, and tiny
# models with random weights for it. The tests of the real-server tier find both
# through the links `server` and `models` in the cache folder.
#
# What is there already is left as it is, so a second run takes no time. Each part
# is made in a folder of its own and renamed into place when it is whole: an
# interrupted run leaves nothing that looks finished. The log of a part is printed
# only if that part fails.
#
# Needs: python3, a C++ compiler, about a gigabyte of disk while compiling, and
# ten minutes of two cores.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${OYER_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oyer-tests}
jobs=${OYER_BUILD_JOBS:-$(nproc)}

llama_version=0.3.36
build_tools=(cmake==4.4.4 ninja==1.13.2 scikit-build-core==1.1.2)
model_tools=(gguf==0.19.0 numpy==2.4.6)

say() { printf 'servers: %s\n' "$*" >&2; }

# The first twelve digits of a hash of what is piped in.
digest() { sha256sum | cut -c1-12; }

# quietly NAME COMMAND…: runs the command with its output in a log, and prints the
# log if the command fails.
quietly() {
    local log="$work/$1.log"
    shift
    if ! "$@" >"$log" 2>&1; then
        tail -n 200 "$log" >&2
        say "failed: $*"
        exit 1
    fi
}

# Installs Debian packages where something is missing and that can be done.
need() {
    local command=$1 package=$2
    if eval "$command" >/dev/null 2>&1; then
        return
    fi
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        say "missing: $package (its check is: $command)"
        exit 1
    fi
    say "installing $package"
    quietly apt-update apt-get update
    quietly "apt-$package" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package"
}

# venv FOLDER PACKAGE…: a Python environment with these packages.
venv() {
    local folder=$1
    shift
    python3 -m venv "$folder"
    "$folder/bin/pip" install --disable-pip-version-check --no-input --only-binary :all: "$@"
}

# build_server WORK OUT
build_server() {
    local work=$1 out=$2
    # Metadata of a source package is made by its build back end, so the tools must
    # be there before the download.
    venv "$work/tools" "${build_tools[@]}"
    export PATH="$work/tools/bin:$PATH"
    pip download --disable-pip-version-check --no-deps --no-binary :all: --no-build-isolation \
        "llama-cpp-python==$llama_version" -d "$work/sdist"
    mkdir "$work/source"
    tar -xzf "$work"/sdist/llama_cpp_python-*.tar.gz -C "$work/source" --strip-components=1
    # The tiny models need no speed, so the lower optimisation saves compile time; no
    # instruction of this very machine is used, so the cache may travel.
    cmake -S "$work/source/vendor/llama.cpp" -B "$work/build" -G Ninja \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" \
        -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
        -DLLAMA_BUILD_SERVER=ON -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
        -DLLAMA_OPENSSL=OFF
    ninja -C "$work/build" -j "$jobs" llama-server
    strip -o "$out/llama-server" "$work/build/bin/llama-server"
    "$out/llama-server" --version
}

# make_models WORK OUT: two models to compare, and a judge that leans to the answer
# shown first.
make_models() {
    local work=$1 out=$2
    venv "$work/tools" "${model_tools[@]}"
    "$work/tools/bin/python" "$here/make_gguf.py" "$out/one.gguf" 1
    "$work/tools/bin/python" "$here/make_gguf.py" "$out/two.gguf" 2
    "$work/tools/bin/python" "$here/make_gguf.py" "$out/judge.gguf" 3 judge
}

# part LINK KEY FILE FUNCTION: makes the folder LINK-KEY with the function unless it
# is there with the file, and points the link at it.
part() {
    local link=$1 folder=$1-$2 file=$3 function=$4 started=$SECONDS
    if [[ ! -e $cache/$folder/$file ]]; then
        say "making $cache/$folder"
        work=$(mktemp -d "$cache/making-$link.XXXXXX")
        mkdir "$work/out"
        # In a process of its own, since `set -e` is off inside a condition.
        quietly "$link" "$BASH" "$here/setup.sh" --make "$function" "$work" "$work/out"
        rm -rf "${cache:?}/$folder"
        mv "$work/out" "$cache/$folder"
        rm -rf "$work"
        say "made $cache/$folder in $((SECONDS - started)) s"
    fi
    ln -sfn "$folder" "$cache/$link"
}

if [[ ${1:-} == --make ]]; then
    "$2" "$3" "$4"
    exit
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
rm -rf "$cache"/making-*
work=$(mktemp -d "$cache/making-ready.XXXXXX")
trap 'rm -rf "$work"' EXIT

need "command -v c++" g++
need "command -v strip" binutils
need "command -v tar" tar
need "python3 -c 'import venv, ensurepip'" python3-venv
rm -rf "$work"

# The folders are named by what they are made from, so that a changed recipe makes
# them anew.
part server "$llama_version-$(declare -f build_server | digest)" llama-server build_server
models_key=$({ declare -f make_models && cat "$here/make_gguf.py"; } | digest)
part models "$models_key" judge.gguf make_models
say "ready in $cache"
