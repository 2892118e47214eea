#!/bin/bash
# Build the web server of static sites: static, for an empty image. Needs the Rust toolchain and a C
# linker with the static C library.
#
#   server/site/build.sh             # ends as target/site/skep-site, and beside the debug and release programs
#
# To embed it into the server: SKEP_SITE=$PWD/target/site/skep-site cargo build -p skep
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
rustc=${RUSTC:-rustc}
host=$("$rustc" -vV | sed -n 's/^host: //p')
target=${CARGO_TARGET_DIR:-$PWD/target}

RUSTFLAGS='-C relocation-model=static -C target-feature=+crt-static' \
    "${CARGO:-cargo}" build --package skep-site --profile probe --target "$host"

for folder in site debug release; do
    mkdir -p "$target/$folder"
    install -m 755 "$target/$host/probe/skep-site" "$target/$folder/skep-site"
done
echo "$target/site/skep-site ($(stat -c %s "$target/site/skep-site") bytes)"
