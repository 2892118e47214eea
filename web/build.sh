#!/bin/bash
# Builds the islands: wasm and its loader into web/dist/, which the server then takes in when it is
# compiled. Prints the compressed size and fails above the budget.
#
# Needs wasm-bindgen (cargo install wasm-bindgen-cli --version <as in Cargo.lock>). wasm-opt is not
# used: after opt-level z and LTO it gains nothing once compressed (108.5 KB without, 109.6 KB with
# -Oz), and version 108, which Debian 12 has, exports the wrong table. For wasm32 either of: rustup target add wasm32-unknown-unknown; or Debian's
# rustc-web, cargo-web, rust-web-src and lld.
set -euo pipefail

budget=153600 # bytes, gzip: 150 KB
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}/islands
dist=$PWD/web/dist

fail() { printf 'build.sh: %s\n' "$1" >&2; exit 1; }

wanted=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
bindgen=$(command -v wasm-bindgen || true)
[[ -n $bindgen ]] || bindgen=$HOME/.cargo/bin/wasm-bindgen
[[ -x $bindgen ]] || fail "wasm-bindgen is missing: cargo install wasm-bindgen-cli --locked --version $wanted"
found=$("$bindgen" --version | awk '{ print $2 }')
[[ $found == "$wanted" ]] || fail "wasm-bindgen is $found, Cargo.lock wants $wanted: cargo install wasm-bindgen-cli --locked --version $wanted"

arguments=(build --package skep-web --lib --no-default-features --features hydrate
  --profile wasm-release --target wasm32-unknown-unknown --target-dir "$target")
if command -v rustup >/dev/null && rustup target list --installed 2>/dev/null | grep -qx wasm32-unknown-unknown; then
  cargo "${arguments[@]}"
elif rustc --print sysroot >/dev/null 2>&1 && [[ -d $(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown ]]; then
  cargo "${arguments[@]}"
elif [[ -x /usr/bin/cargo && -d /usr/src/rustc-web || -d /usr/lib/rustlib/src ]]; then
  # Debian's compiler has the sources of std, not std itself for wasm.
  env -u RUSTUP_TOOLCHAIN RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld \
    /usr/bin/cargo "${arguments[@]}" -Z build-std=std,panic_abort
else
  fail "no compiler for wasm32: rustup target add wasm32-unknown-unknown, or apt-get install rustc-web cargo-web rust-web-src lld"
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
"$bindgen" --target web --no-typescript --remove-name-section --remove-producers-section --out-name skep --out-dir "$work" \
  "$target/wasm32-unknown-unknown/wasm-release/skep_web.wasm"

mkdir -p "$dist"
find "$dist" -mindepth 1 -delete
install -m 0644 "$work/skep.js" "$dist/skep.js"
install -m 0644 "$work/skep_bg.wasm" "$dist/skep.wasm"
hash_of() { sha256sum "$1" | cut -c1-16; }
printf '{"js":"%s","wasm":"%s"}\n' "$(hash_of "$dist/skep.js")" "$(hash_of "$dist/skep.wasm")" >"$dist/manifest.json"

bytes=$(cat "$dist/skep.wasm" "$dist/skep.js" | wc -c)
packed=$(( $(gzip -9c "$dist/skep.wasm" | wc -c) + $(gzip -9c "$dist/skep.js" | wc -c) ))
printf 'islands: %d bytes, %d compressed (budget %d)\n' "$bytes" "$packed" "$budget"
(( packed <= budget )) || fail "over budget"
