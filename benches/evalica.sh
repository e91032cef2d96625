#!/usr/bin/env bash
# Compares Bradley-Terry strengths with evalica 0.4.2 from PyPI, on the same rows, on
# the same machine, in one run. The virtual environment and the rows stand in a cache
# outside of the tree.
#
#   benches/evalica.sh [ROWS [MODELS]]
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-10000000}
models=${2:-100}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oyer-bench
environment=$cache/evalica-0.4.2
mkdir -p "$cache"
if [[ ! -x $environment/bin/python ]] || ! "$environment/bin/python" -c 'import evalica' 2>/dev/null; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet evalica==0.4.2
fi
cargo bench --quiet --bench ratings -- fit --rows "$rows" --models "$models" --write "$cache/rows.bin"
"$environment/bin/python" benches/time_evalica.py "$cache/rows.bin" "$models"
