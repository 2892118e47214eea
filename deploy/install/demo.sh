# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# The demo: an outside world of its own (git host, certificate authority, DNS), then one push that
# goes live over HTTPS and one that is refused while the first goes on answering.

DEMO_STEPS=4
DEMO_DIR=$STATE/demo

demo_image() { # the image of the outside world
    if [[ ${DEMO_IMAGE:-} ]]; then return; fi # loaded
    if [[ $DRY ]]; then ok "would build the image of the demo's git host and certificate authority"; return; fi
    need pebble:pebble
    image_of DEMO_IMAGE demo "$PROGRAM_DEMO"
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

demo_remove() { # its secrets and configs go with those of Skep, once no task uses them
    if docker stack ls --format '{{.Name}}' | grep -qx skep-demo; then act docker stack rm skep-demo >/dev/null; fi
    act rm -rf "$DEMO_DIR"
}
