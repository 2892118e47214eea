# `just` alone lists these. Each is a script or a cargo command that also works by itself.
set shell := ["bash", "-euc"]

_default:
    @just --list --unsorted

# Build the dashboard and the server.
build: wasm
    cargo build --release --bin skep

# The dashboard's wasm, styles and fonts, into web/dist.
wasm:
    web/build.sh

# Form and lints; quick.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    git ls-files -z | xargs -0 grep -lIZ -E '^#!/bin/(ba)?sh|^# shellcheck shell=' | xargs -0 shellcheck -x -P SCRIPTDIR

# All tests on real parts; arguments go to cargo-nextest.
test *ARGS:
    tests/run {{ARGS}}

# How many of a folder of Compose cases (with a `run.py` that judges) compile, and how many come out equal to the docker CLI.
conformance DIR="":
    cargo build -p skep-stack --examples
    if [ -n "{{DIR}}" ]; then target/debug/examples/apps "{{DIR}}"; python3 "{{DIR}}/run.py" --convert "$PWD/target/debug/examples/convert --name {name} {files}"; else cargo test -p skep-stack --test convert; fi

# Compose files per second of the crate and of `docker stack config`, over a folder of cases or the crate's own samples.
bench-stack DIR="":
    cargo build --release -p skep-stack --examples
    target/release/examples/pace "{{DIR}}"

# The fuzz targets of the crate (`project`, `variables`, `dotenv`); needs cargo-fuzz and a nightly compiler.
fuzz TARGET="project" SECONDS="60":
    cd stack && mkdir -p fuzz/corpus/{{TARGET}} && cargo +nightly fuzz run {{TARGET}} fuzz/corpus/{{TARGET}} tests/convert -- -max_total_time={{SECONDS}} -timeout=5

# The authorization matrix: routes, roles, cells and holes (SQLite; `tests/run` runs it on both databases).
matrix:
    cargo nextest run --workspace --features skep-web/fake --test matrix --no-capture -E 'not test(postgres)'

# The installer and the demo, in a node of the lab (programs from target/debug).
demo:
    tests/demo/run

# The server on this machine's engine, data in target/dev.
dev: wasm
    mkdir -p target/dev
    cargo run --bin skep -- serve --data target/dev --listen 127.0.0.1:3000

# Figures for the README.
bench:
    tests/bench/run

# kill -9 of the server in every step of a deployment, both profiles.
proof-kill:
    tests/proof kill

# Two replicas race for one deployment; repeated and late deliveries.
proof-race:
    tests/proof race

# No request lost in any strategy, for each kind of app: 20 times each at 500 a second (hours; SKEP_PROOF_ROUNDS=3 for less).
proof-edge:
    tests/proof edge

# Bad releases of each kind, under load: the old version never stops answering.
proof-broken:
    tests/proof broken

# Three managers, two edges: an edge is killed, a manager is cut off; what visitors see, in seconds (programs from target/debug).
proof-failover:
    tests/proof failover
