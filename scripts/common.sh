# Sourced by the scripts of this folder: where the repository is, and one way to say what is being done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)

# The comment a script opens with is its help.
usage() { sed -n '2,/^source/s/^# \{0,1\}//p' "scripts/$(basename "$0")"; }

say() { printf '\n== %s\n' "$*"; }

# configure_and_build PRESET [cmake --build options]
configure_and_build() {
  local preset=$1
  shift
  say "building preset $preset in build/$preset"
  cmake --preset "$preset" --log-level=WARNING >/dev/null
  cmake --build "build/$preset" -j "$jobs" "$@"
}
