# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# The demo: an outside world of its own (git host, certificate authority, DNS), then one push that
# goes live over HTTPS and one that is refused while the first goes on answering.

DEMO_STEPS=5
DEMO_DIR=$STATE/demo
DEMO_EMAIL=admin@demo.test

demo_image() { # the image of the outside world
    if [[ ${DEMO_IMAGE:-} ]]; then return; fi # loaded
    if [[ $DRY ]]; then ok "would build the image of the demo's git host and certificate authority"; return; fi
    need pebble:pebble
    [[ ${PROGRAM_DEMO:-} ]] || demo_program
    image_of DEMO_IMAGE demo "$PROGRAM_DEMO"
}

demo_program() { # where Skep itself came from a registry or a folder, only the git host is built here
    need_rust
    busy "building the demo's git host" env -C "$ROOT" RUSTC="$RUSTC" "$CARGO" build --locked --release --package skep-tests --bin git-server ||
        fail "the demo's git host could not be built" "the log is $LOG"
    PROGRAM_DEMO=${CARGO_TARGET_DIR:-$ROOT/target}/release/git-server
}

demo_prepare() { # before Skep is deployed: it must trust the demo's authority from its start
    STACK_EXTRA+=("$ROOT/tests/demo/stack.skep.yml")
    if [[ $DRY ]]; then ok "would make a certificate for the demo's authority"; return; fi
    mkdir -p "$DEMO_DIR"
    chmod 700 "$DEMO_DIR"
    docker config inspect skep_demo_ca >/dev/null 2>&1 && return
    "$ROOT/tests/lab/certificate" "$DEMO_DIR" skep-demo-acme
    docker config create skep_demo_ca "$DEMO_DIR/ca.pem" >/dev/null
    docker config create skep_demo_certificate "$DEMO_DIR/cert.pem" >/dev/null
    docker secret create skep_demo_key "$DEMO_DIR/key.pem" >/dev/null
    rm -f "$DEMO_DIR/key.pem"
}

demo_kept() { # NAME CMD...: what a file of the demo holds, made by CMD the first time
    local file=$DEMO_DIR/$1
    shift
    [[ -s $file ]] || (umask 077 && "$@" >"$file.new" && mv "$file.new" "$file")
    cat "$file"
}

demo_world() {
    step "Demo: start a git host, a certificate authority and its DNS on this machine"
    if [[ $DRY ]]; then act docker stack deploy -c tests/demo/stack.yml skep-demo; return; fi
    DEMO_GIT_LOGIN=demo:$(demo_kept git-password random_hex 16)
    export DEMO_IMAGE DEMO_GIT_LOGIN
    docker stack deploy --resolve-image never -c "$ROOT/tests/demo/stack.yml" skep-demo >>"$LOG" 2>&1 ||
        fail "the demo's services could not be deployed" "the log is $LOG"
    until_ready 60 curl -sf -m 3 --cacert "$DEMO_DIR/ca.pem" --resolve "skep-demo-acme:3998:$ADDRESS" -o "$DEMO_DIR/root.pem" https://skep-demo-acme:3998/roots/0 ||
        fail "the demo's certificate authority does not answer" "docker service logs skep-demo_acme"
    until_ready 60 git_answers || fail "the demo's git host does not answer" "docker service logs skep-demo_git"
    ok "git host: http://$ADDRESS:3999, authority: skep-demo-acme (its root: $DEMO_DIR/root.pem)"
}

# The login goes by a header in git's own configuration from the environment: in no URL, no argument.
demo_git() {
    GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="Authorization: Basic $(printf %s "$DEMO_GIT_LOGIN" | base64 -w0)" \
        GIT_CONFIG_KEY_1=user.name GIT_CONFIG_VALUE_1=Demo GIT_CONFIG_KEY_2=user.email GIT_CONFIG_VALUE_2=$DEMO_EMAIL git "$@"
}
git_answers() { demo_git ls-remote "http://$ADDRESS:3999/demo/hello.git"; }

demo_remove() { # its secrets and configs go with those of Skep, once no task uses them
    if docker stack ls --format '{{.Name}}' | grep -qx skep-demo; then act docker stack rm skep-demo >/dev/null; fi
    act rm -rf "$DEMO_DIR"
}

demo() {
    demo_world
}
