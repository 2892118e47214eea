#!/bin/bash
# Install Skep on this machine, as root, from a checkout. `./install.sh --help` says how.
# Each step looks first and changes only what is not right yet: running it again does no harm.
set -euo pipefail
ROOT=$(dirname "$(readlink -f "$0")")
STATE=/var/lib/skep-install # what this program must remember: settings, what it started itself

usage() {
    cat <<'USAGE'
usage: ./install.sh [OPTION]...
  --demo               go on: first admin, a project, an app pushed by git, HTTPS; then a broken push
  --domain NAME        the dashboard's host name (also later: skep config set domain NAME)
  --base-domain NAME   apps get host names below it
  --address A.B.C.D    this machine's address, if the one it finds is not the right one
  --acme-directory URL certificate authority, if not the usual one
  --behind PORT        leave 80 and 443 to a proxy of yours: Traefik takes plain http from it on 127.0.0.1:PORT
  --edge-ports HOW     held (sockets that outlive Traefik: no gap in its updates) or published (by the engine)
  --port N             where the dashboard answers until it has a domain (3000); none: nowhere but there
  --local              build images here even if a container registry answers
  --images DIR         load saved images, build nothing: for machines without a network
  --save-images DIR    save the images that were used
  --key-file FILE      the encryption key of an earlier installation, to read its data
  --new-setup-token    make and show another setup token
  --dry-run            say what would be done, change nothing
  --uninstall          remove Skep, its apps and their data; with --keep-data, keep the data
  --help
How Traefik is started is told by variables SKEP_EDGE_* (`skep edge run --help` tells each); they are remembered.
USAGE
}

DEMO='' DRY='' IMAGES='' SAVE='' UNINSTALL='' KEEP_DATA='' KEY_FILE='' NEW_TOKEN='' LOCAL=''
DOMAIN='' BASE_DOMAIN='' ADDRESS='' ACME_DIRECTORY='' PORT=3000 BEHIND='' EDGE_PORTS=held
EDGE_SETTINGS=(SKEP_EDGE_{NODES,WEB,WEBSECURE,TCP_PORTS,UDP_PORTS,HTTP3,TRUSTED,PROXY_PROTOCOL,DRAIN_SECONDS,MEMORY,CPUS})
given=$(for name in "${EDGE_SETTINGS[@]}"; do [[ ! -v $name ]] || declare -p "$name"; done) # now, before what earlier runs were told
STACK_EXTRA=()
# shellcheck source=/dev/null
[[ ! -r $STATE/settings ]] || . "$STATE/settings" # what earlier runs were told
eval "$given"
wrong() { echo "install.sh: $* (--help shows how)" >&2; exit 2; }
while (($#)); do
    case $1 in
    --demo) DEMO=1 ;;
    --dry-run) DRY=1 ;;
    --local) LOCAL=1 ;;
    --uninstall) UNINSTALL=1 ;;
    --keep-data) KEEP_DATA=1 ;;
    --new-setup-token) NEW_TOKEN=1 ;;
    --domain | --base-domain | --address | --acme-directory | --port | --behind | --edge-ports | --images | --save-images | --key-file)
        [[ ${2-} && $2 != --* ]] || wrong "$1 needs a value"
        case $1 in
        --domain) DOMAIN=$2 ;;
        --base-domain) BASE_DOMAIN=$2 ;;
        --address) ADDRESS=$2 ;;
        --acme-directory) ACME_DIRECTORY=$2 ;;
        --port) PORT=$2 ;;
        --behind) BEHIND=$2 ;;
        --edge-ports) EDGE_PORTS=$2 ;;
        --images) IMAGES=$2 ;;
        --save-images) SAVE=$2 ;;
        --key-file) KEY_FILE=$2 ;;
        esac
        shift
        ;;
    -h | --help) usage && exit 0 ;;
    *) wrong "unknown option '$1'" ;;
    esac
    shift
done
name='^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$'
[[ ! $DOMAIN || $DOMAIN =~ $name ]] || wrong "--domain '$DOMAIN' is no host name"
[[ ! $BASE_DOMAIN || $BASE_DOMAIN =~ $name ]] || wrong "--base-domain '$BASE_DOMAIN' is no host name"
[[ ! $ADDRESS || $ADDRESS =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || wrong "--address '$ADDRESS' is no IPv4 address"
[[ $PORT == none || $PORT =~ ^[1-9][0-9]{0,4}$ && $PORT -lt 65536 && $PORT != 80 && $PORT != 443 ]] || wrong "--port '$PORT' is no free choice"
[[ ! $BEHIND || $BEHIND =~ ^[1-9][0-9]{3,4}$ && $BEHIND -lt 65536 && $BEHIND != "$PORT" ]] || wrong "--behind '$BEHIND' is no port from 1024 to 65535 that is free for it"
[[ $EDGE_PORTS == held || $EDGE_PORTS == published ]] || wrong "--edge-ports '$EDGE_PORTS' must be 'held' or 'published'"
[[ ! $BEHIND || $EDGE_PORTS == held ]] || wrong "--behind needs '--edge-ports held': the engine cannot publish a port on loopback alone"
[[ ! $ACME_DIRECTORY || $ACME_DIRECTORY =~ ^https:// ]] || wrong "--acme-directory must begin with https://"
[[ ! $KEY_FILE || -s $KEY_FILE ]] || wrong "--key-file '$KEY_FILE' is not there, or empty"
[[ ! $DEMO || $PORT != none ]] || wrong "--demo works through the dashboard's port: give one with --port"
[[ ! $KEEP_DATA || $UNINSTALL ]] || wrong "--keep-data goes with --uninstall"

# shellcheck source=deploy/install/say.sh
. "$ROOT/deploy/install/say.sh"
# shellcheck source=deploy/install/preflight.sh
. "$ROOT/deploy/install/preflight.sh"
# shellcheck source=deploy/install/packages.sh
. "$ROOT/deploy/install/packages.sh"
# shellcheck source=deploy/install/engine.sh
. "$ROOT/deploy/install/engine.sh"
# shellcheck source=deploy/install/images.sh
. "$ROOT/deploy/install/images.sh"
# shellcheck source=deploy/install/secrets.sh
. "$ROOT/deploy/install/secrets.sh"
# shellcheck source=deploy/install/stack.sh
. "$ROOT/deploy/install/stack.sh"
# shellcheck source=deploy/install/demo.sh
. "$ROOT/deploy/install/demo.sh"
# shellcheck source=deploy/install/uninstall.sh
. "$ROOT/deploy/install/uninstall.sh"

[[ $EUID == 0 ]] || fail "this must run as root" "sudo ./install.sh"
umask 022
if [[ $DRY ]]; then LOG=/dev/null; else
    mkdir -p "${LOG%/*}" "$STATE"
    chmod 700 "$STATE"
    : >>"$LOG" && chmod 600 "$LOG"
    exec 9>"$STATE/lock"
    flock -n 9 || fail "another install.sh runs on this machine" "wait for it to end"
fi
if [[ $UNINSTALL ]]; then
    uninstall
    exit
fi
[[ ! $DEMO ]] || STEPS=$((STEPS + DEMO_STEPS))

step 'Look at this machine'
ADDRESS=${ADDRESS:-$(own_address)}
preflight

step 'Install what is missing'
need ip:iproute2 ss:iproute2 curl:curl jq:jq openssl:openssl git:git /etc/ssl/certs/ca-certificates.crt:ca-certificates
ok "there"

step 'Start the Docker engine'
start_engine

step 'Use or make a swarm'
join_swarm

step 'Get the images'
get_images
[[ ! $DEMO ]] || demo_image
[[ ! $SAVE ]] || save_images "$SAVE"

step 'Make secrets'
if [[ $DEMO && ! -s $DEMO_DIR/authorization ]]; then NEW_TOKEN=1; fi # the demo makes the first administrator
make_secrets

step 'Deploy Skep and Traefik'
if [[ $DEMO ]] || demo_there; then demo_prepare; fi
deploy_stack
if [[ ! $DRY ]]; then
    (umask 077 && { declare -p DOMAIN BASE_DOMAIN ADDRESS ACME_DIRECTORY PORT BEHIND EDGE_PORTS && edge_given; } | sed 's/^declare -[-x]* //' >"$STATE/settings")
fi

[[ ! $DEMO ]] || demo
if [[ $DRY ]]; then
    printf '\nThat is what would be done. Nothing was changed.\n'
else
    tell_address
fi
