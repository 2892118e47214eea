#!/bin/bash
# Build the health probe: static, without a libc, a few ten KB. Needs the Rust toolchain and a linker.
#
#   server/probe/build.sh            # ends as target/probe/skep-probe, and beside the debug and release programs
#
# To embed it into the server: SKEP_PROBE=$PWD/target/probe/skep-probe cargo build -p skep
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
host=$(rustc -vV | sed -n 's/^host: //p')
target=${CARGO_TARGET_DIR:-$PWD/target}

RUSTFLAGS='-C relocation-model=static -C target-feature=+crt-static' \
    cargo build --package skep-probe --features bare --profile probe --target "$host"

built=$target/$host/probe/skep-probe
for folder in probe debug release; do
    mkdir -p "$target/$folder"
    install -m 755 "$built" "$target/$folder/skep-probe"
done
size=$(stat -c %s "$built")
((size < 500000)) || { echo "build.sh: the probe has $size bytes, and 500000 are too many for a config" >&2; exit 1; }
echo "$target/probe/skep-probe ($size bytes)"
