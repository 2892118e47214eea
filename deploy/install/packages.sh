# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# What the distribution gives, and which Rust builds Skep.

need() { # COMMAND:PACKAGE...: installs the packages of the commands that are not there
    local pair missing=()
    for pair; do
        case $pair in
        /*) [[ -e ${pair%%:*} ]] || missing+=("${pair#*:}") ;;
        *) command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}") ;;
        esac
    done
    ((${#missing[@]})) || return 0
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
    install_packages "${missing[@]}"
}

install_packages() {
    refresh_packages "$@"
    busy "installing $*" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@" ||
        fail "the distribution's packages could not be installed: $*" "the log is $LOG"
}

refresh_packages() { # once in a run
    command -v apt-get >/dev/null || fail "these are missing: $*" "install them by hand, then run this again"
    [[ ${APT_FRESH:-} ]] || busy "refreshing the package lists" apt-get -q update ||
        fail "the package lists could not be fetched" "look at the machine's network and /etc/apt, then run this again"
    APT_FRESH=1
}

# Sets CARGO and RUSTC to a toolchain that is new enough. Nothing is fetched but packages.
need_rust() {
    local least=1.95 dir
    [[ -x ${HOME:-/root}/.cargo/bin/cargo ]] && PATH=${HOME:-/root}/.cargo/bin:$PATH
    CARGO=cargo RUSTC=rustc
    rust_is "$least" && { ok "Rust $(version_of rustc) of this machine"; return; }
    refresh_packages "Rust $least"
    if dir=$(newest_rust "$least"); then
        install_packages "rustc$dir" "cargo$dir"
        case $dir in
        -[0-9]*) CARGO=cargo$dir RUSTC=rustc$dir ;; # Ubuntu's carry their version in the name
        *) CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc ;;
        esac
        [[ $DRY ]] || rust_is "$least" && { ok "Rust from the distribution"; return; }
    fi
    [[ ! $DRY ]] || { ok "would take Rust from the distribution, if it has $least or newer"; return; }
    fail "Rust $least or newer is needed to build, this machine has $(version_of rustc || echo none)" \
        "install it with rustup (https://rustup.rs), then run this again" "or bring built images: --images DIR"
}
# The dashboard's islands are wasm: rustup's target, or on Debian a compiler with the sources of std.
need_wasm() {
    rustup target list --installed 2>/dev/null | grep -qx wasm32-unknown-unknown && return
    if [[ $(apt-cache policy rust-web-src 2>/dev/null | awk '/Candidate:/ {print $2}') == [0-9]* ]]; then
        need /usr/share/doc/rustc-web:rustc-web /usr/bin/cargo:cargo-web /usr/share/doc/rust-web-src:rust-web-src
    else
        warn "no package of this distribution compiles wasm: the dashboard goes without its islands (or first: rustup target add wasm32-unknown-unknown)"
    fi
}
version_of() { "$1" --version 2>/dev/null | cut -d' ' -f2; }
rust_is() { # LEAST
    local version
    version=$(version_of "$RUSTC") && version_of "$CARGO" >/dev/null && dpkg --compare-versions "$version" ge "$1"
}
newest_rust() { # LEAST: the ending of the distribution's package names, -web or -1.NN
    local name version
    { apt-cache search --names-only '^rustc-1\.[0-9]+$' | cut -d' ' -f1 | sort -rV; echo rustc-web; echo rustc; } | while read -r name; do
        version=$(apt-cache policy "$name" 2>/dev/null | awk '/Candidate:/ {print $2}')
        if [[ $version && $version != '(none)' ]] && dpkg --compare-versions "$version" ge "$1"; then echo "${name#rustc}"; fi
    done | head -1 | grep .
}
