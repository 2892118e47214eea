# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# Take Skep away, and what it deployed. A swarm that was there before stays; so does the engine.

uninstall() {
    local name
    STEPS=3
    engine_answers || fail "the Docker engine does not answer, so nothing can be removed from it" "start it, then run this again"
    step 'Remove the demo'
    demo_remove
    ok "done"
    step 'Remove services, networks, configs'
    # Skep first, and to its end: it would put back what is taken from its apps. What apps still use
    # of its stack (a network) cannot go yet; it does below.
    if docker stack ls --format '{{.Name}}' | grep -qx skep; then act docker stack rm skep >/dev/null 2>&1 || true; fi
    [[ $DRY ]] || until_ready 60 no_tasks com.docker.stack.namespace=skep || warn "Skep is still ending"
    for name in $(docker service ls --filter label=dev.skep.app --format '{{.Name}}'); do act docker service rm "$name" >/dev/null; done
    [[ $DRY ]] || until_ready 60 no_tasks dev.skep.app || warn "some apps are still ending"
    for name in $(docker config ls --filter label=dev.skep.app -q) $(docker config ls --filter name=skep_traefik_ -q) \
        $(docker config ls --filter name=skep_demo_ -q); do
        act docker config rm "$name" >/dev/null 2>&1 || true
    done
    for name in $(docker secret ls --filter name=skep_demo_ -q); do act docker secret rm "$name" >/dev/null || true; done
    # By the list itself: with a filter the engine leaves out networks of which only the node's copy is left.
    for name in $(docker network ls --format '{{.Driver}} {{.Name}}' | awk '$1 == "overlay" && $2 ~ /^skep-/ {print $2}'); do
        [[ $DRY ]] || until_ready 60 gone network "$name" || warn "network $name is still in use"
    done
    act rm -f /usr/local/bin/skep
    ok "done"
    if [[ $KEEP_DATA ]]; then
        step 'Keep data'
        ok "kept: the volumes skep-data and those of the apps, their secrets, and the swarm, which holds the encryption key"
        return
    fi
    step 'Remove data'
    for name in $(docker secret ls --filter "label=$LABEL" -q) $(docker secret ls --filter label=dev.skep.app -q); do act docker secret rm "$name" >/dev/null || true; done
    for name in $(docker volume ls --filter label=dev.skep.app -q) $(docker volume ls -q --filter name='^skep-(data|edge|edge-sockets|demo-git)$'); do
        [[ $DRY ]] && { act docker volume rm "$name"; continue; }
        until_ready 60 gone volume "$name" || warn "volume $name is still in use"
    done
    docker images --format '{{.Repository}}:{{.Tag}}' | grep '^skep\.invalid/' | while read -r name; do act docker rmi -f "$name" >/dev/null || true; done
    if [[ -e $STATE/made-swarm && ! $(docker service ls -q) && $(docker node ls -q | wc -l) == 1 ]]; then
        act docker swarm leave --force >/dev/null
        ok "the swarm that this program made is dissolved"
    else
        ok "the swarm stays: it is not ours alone (by hand: docker swarm leave --force)"
    fi
    if [[ -e $STATE/started-engine ]]; then
        act kill "$(cat /run/docker.pid)"
        [[ $DRY ]] || until_ready 30 test ! -e /run/docker.pid || true
        ok "the engine that this program started is stopped; its files stay in /var/lib/docker"
    fi
    [[ $DRY ]] || find "$STATE" -mindepth 1 -delete
}

gone() { # KIND NAME: removed, and truly not there any more: the node's own copy of an overlay lives longer than the swarm's
    docker "$1" rm "$2" || true
    ! docker "$1" inspect "$2"
}

no_tasks() { [[ ! $(docker ps -q --filter "label=$1") ]]; }
