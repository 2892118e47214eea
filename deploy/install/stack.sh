# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# Deploy the two services, and wait until they truly answer.

deploy_stack() {
    local compose=(-c "$ROOT/deploy/stack.embedded.yml") file
    edge_settings
    if [[ $EDGE_PORTS == held ]]; then compose+=(-c "$ROOT/deploy/stack.hold.yml"); else compose+=(-c "$ROOT/deploy/stack.ports.yml"); fi
    [[ $PORT == none ]] || compose+=(-c "$ROOT/deploy/stack.port.yml")
    for file in ${STACK_EXTRA[@]+"${STACK_EXTRA[@]}"}; do compose+=(-c "$file"); done
    export SKEP_IMAGE EDGE_IMAGE HOLD_IMAGE SKEP_DOCKER_GROUP SKEP_SECRET_KEY SKEP_SECRET_EDGE SKEP_SECRET_SETUP
    export SKEP_SERVER_NODE SKEP_PUBLIC_URL SKEP_PUBLIC_ADDRESS SKEP_BASE_DOMAIN SKEP_ACME_DIRECTORY SKEP_DASHBOARD_PORT
    SKEP_DOCKER_GROUP=$(stat -c %g /var/run/docker.sock 2>/dev/null || echo 0)
    # The holder stays as it is: replaced, it would leave the ports empty for a moment.
    HOLD_IMAGE=$(docker service inspect skep_hold --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' 2>/dev/null) || true
    [[ $HOLD_IMAGE ]] && docker image inspect "$HOLD_IMAGE" >/dev/null 2>&1 || HOLD_IMAGE=${EDGE_IMAGE-}
    SKEP_PUBLIC_ADDRESS=$ADDRESS SKEP_DASHBOARD_PORT=$PORT SKEP_BASE_DOMAIN=$BASE_DOMAIN SKEP_ACME_DIRECTORY=$ACME_DIRECTORY
    SKEP_PUBLIC_URL=$([[ ! $DOMAIN ]] || echo "https://$DOMAIN")
    [[ $DRY ]] || server_node
    if [[ $DRY ]]; then act docker stack deploy --resolve-image never "${compose[@]}" skep; return; fi
    SKEP_SECRET_KEY=$(secret_name key) SKEP_SECRET_EDGE=$(secret_name edge) SKEP_SECRET_SETUP=$(secret_name setup)
    # Our images have a tag that says what is in them. What is not in the files any more goes (--prune).
    docker stack deploy --prune --resolve-image never "${compose[@]}" skep >>"$LOG" 2>&1 || {
        tail -5 "$LOG" >&2
        fail "the services could not be deployed" "the log is $LOG"
    }
    awaited 'waiting until both services answer' 180 answers || tell_why
    drop_old_secrets
    drop_old_configs
}

server_node() { # Skep's data is on one node, and Skep stays there: on another manager it would begin empty
    local there
    SKEP_SERVER_NODE=$(docker info --format '{{.Swarm.NodeID}}')
    there=$(docker service ps skep_server --filter desired-state=running --format '{{.Node}}' 2>/dev/null | head -1) || true
    [[ ! $there || $there == "$(docker node inspect self --format '{{.Description.Hostname}}')" ]] ||
        fail "Skep and its data are on the node $there, not on this one" "run this there"
}

edge_settings() { # what the stack files and `skep edge` read; wrong ones are told before anything is changed
    if [[ $BEHIND ]]; then
        SKEP_EDGE_WEB=127.0.0.1:$BEHIND SKEP_EDGE_TRUSTED=${SKEP_EDGE_TRUSTED:-127.0.0.1}
        SKEP_EDGE_WEBSECURE=${SKEP_EDGE_WEBSECURE:-127.0.0.1:$((BEHIND + 1))}
    fi
    export SKEP_EDGE_NODES=${SKEP_EDGE_NODES:-node.role == manager}
    local name
    for name in "${EDGE_SETTINGS[@]}"; do [[ ! -v $name ]] || export "${name?}"; done
    [[ ${SKEP_EDGE_HTTP3:-false} == false || $EDGE_PORTS == published ]] ||
        fail "HTTP/3 works with ports that the engine publishes alone" "--edge-ports published, or without SKEP_EDGE_HTTP3"
    [[ $DRY ]] || SKEP_EDGE_TOKEN=only-to-check-the-others skep edge run --check >>"$LOG" 2>&1 ||
        { tail -5 "$LOG" >&2 && fail "a setting of the edge is wrong" "above is which, and its rule"; }
}

edge_given() { # for the next run
    local name
    for name in "${EDGE_SETTINGS[@]}"; do [[ ! -v $name ]] || declare -p "$name"; done
}

answers() { # both are converged on what was deployed now, Skep says ready, Traefik listens if this node is an edge
    converged skep_server && converged skep_traefik || return 1
    [[ ! $(docker ps -q --filter label=com.docker.swarm.service.name=skep_traefik) ]] ||
        curl -s -m 3 -o /dev/null "http://127.0.0.1:${BEHIND:-80}/" || return 1
    [[ $PORT == none ]] || curl -sf -m 3 -o /dev/null "http://127.0.0.1:$PORT/ready"
}

converged() { # SERVICE: no update under way, and all of its tasks run
    local state running
    state=$(docker service inspect "$1" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}') || return 1
    [[ ! $state || $state == completed ]] || return 1
    running=$(docker service ls --filter "name=$1" --format '{{.Name}} {{.Replicas}}' | awk -v n="$1" '$1 == n {print $2}')
    [[ $running != 0/0 && ${running%/*} == "${running#*/}" ]]
}

tell_why() { # of each service that does not run: its last error and last lines
    local service
    for service in skep_server skep_traefik $([[ $EDGE_PORTS != held ]] || echo skep_hold); do
        printf '\n  %s:\n' "$service" >&2
        docker service ps --no-trunc --format '    {{.CurrentState}} {{.Error}}' "$service" 2>&1 | head -3 >&2
        timeout 20 docker service logs --raw --tail 10 "$service" 2>&1 | sed 's/^/    | /' >&2
    done
    fail "the services do not answer after 180 s" "above is what they say; all of it: docker service logs skep_server" \
        "nothing that ran before was removed; put it right and run this again"
}

drop_old_configs() { # of a Traefik that was without its keeper
    local name
    for name in $(docker config ls --filter name=skep_traefik_ --format '{{.Name}}'); do
        docker config rm "$name" >/dev/null 2>&1 || true
    done
}

tell_address() {
    local url=http://$ADDRESS:$PORT
    [[ ! $DOMAIN ]] || url=https://$DOMAIN
    if [[ $PORT == none && ! $DOMAIN ]]; then
        printf '\nSkep runs; its dashboard answers at the domain that it was given.\n'
    else
        printf '\nSkep runs: %s\n' "$url"
    fi
    if [[ $PORT != none ]]; then
        ok "port $PORT is plain http. Over a network you do not trust, use a tunnel: ssh -L $PORT:127.0.0.1:$PORT root@$ADDRESS,"
        ok "then http://localhost:$PORT. Give it a name: skep config set domain NAME, then skep ssl enable --email YOU."
        ok "When the name works, close the port: ./install.sh --port none"
    fi
    ok "the command line is here, too: skep --help"
    if [[ $DEMO ]]; then ok "the demo's administrator is $DEMO_EMAIL; the password was shown when they were made"; fi
    if [[ $SETUP_TOKEN ]]; then
        printf '\nSetup token, shown this once; the first administrator needs it:\n\n    %s\n\n' "$SETUP_TOKEN"
    fi
}
