#!/bin/sh
# Makes a component of src/*.c: `sh build.sh [FILE]`, by default version-gate.wasm.
set -eu
output=${1:-version-gate.wasm}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# The contract as C: functions to call, functions to write, and an object file that says which is which.
wit-bindgen c wit --world version-gate --out-dir "$made" >&2

# A reactor is a library: functions to be called, no `main`. Zig's stack has 16 MiB unless it is told otherwise, and all of
# it counts against the plugin's memory, once for each worker.
python3 -m ziglang cc --target=wasm32-wasi -mexec-model=reactor -Wl,-z,stack-size=65536 -Os -Wall -Wextra -Werror \
    -I "$made" src/plugin.c src/settings.c "$made/version_gate.c" "$made/version_gate_component_type.o" -o "$made/core.wasm"

# `wasm-tools component new` does the same. No adapter for WASI is needed: this program imports nothing of it.
jco new "$made/core.wasm" --output "$output" >&2
