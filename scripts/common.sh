# Shared by the scripts of this folder: source it from the project's root.
# shellcheck shell=bash

say() { printf '\n== %s\n' "$*"; }

# Ends the script with one clear sentence.
die() {
  printf '\nFAILED: %s\n' "$*" >&2
  exit 1
}

cores() { nproc; }

# build PRESET [TARGET...]: configures and builds into build/PRESET.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 || {
    tail -n 20 "build/$preset.configure.log" >&2
    return 1
  }
  ninja -C "build/$preset" -j "$(cores)" "$@"
}
