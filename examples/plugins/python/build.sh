#!/bin/sh
# Makes a component of src/plugin.py: `sh build.sh [FILE]`, by default by-network.wasm.
set -eu
output=${1:-by-network.wasm}
componentize-py --quiet --wit-path wit --world by-network componentize --python-path src plugin --output "$output"
