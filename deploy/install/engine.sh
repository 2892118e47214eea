# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# A running engine, and a swarm of which this machine is a manager.

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

start_engine() {
    local pid
    if ! engine_answers; then
        need dockerd:docker.io docker:docker.io iptables:iptables
        if [[ -d /run/systemd/system ]]; then
            act systemctl enable --now docker
        elif ! [[ $DRY ]]; then
            # No init that could: start it by hand. It ends with `kill $(cat /run/docker.pid)`.
            pid=$(cat /run/docker.pid 2>/dev/null || true)
            [[ $pid && -d /proc/$pid ]] || rm -f /run/docker.pid
            setsid dockerd --pidfile /run/docker.pid </dev/null >>"${LOG%/*}/dockerd.log" 2>&1 9>&- &
            disown
            touch "$STATE/started-engine"
            ok "no init system here: dockerd started by hand (pid file /run/docker.pid, log ${LOG%/*}/dockerd.log)"
        else
            act dockerd --pidfile /run/docker.pid
        fi
        [[ $DRY ]] || until_ready 60 engine_answers || fail "the Docker engine does not answer" \
            "its log: ${LOG%/*}/dockerd.log, or: journalctl -u docker" "if another engine should be used, set DOCKER_HOST"
    fi
    [[ $DRY ]] && ! engine_answers && return
    local api
    api=$(docker version --format '{{.Server.APIVersion}}')
    dpkg --compare-versions "$api" ge 1.41 || fail "this engine speaks API $api, 1.41 is the least" "upgrade Docker to 20.10 or newer"
    ok "Docker engine $(docker version --format '{{.Server.Version}}'), API $api"
}

join_swarm() { # uses the one that is there; makes one only where there is none; never leaves one
    local state manager
    if [[ $DRY ]] && ! engine_answers; then act docker swarm init --advertise-addr "$ADDRESS"; return; fi
    read -r state manager <<<"$(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}')"
    case $state in
    active)
        [[ $manager == true ]] || fail "this machine is a worker of a swarm; Skep's control plane runs on a manager" \
            "run this on a manager, or promote this node there: docker node promote $(hostname)"
        docker node ls -q >/dev/null 2>&1 || fail "the swarm has no quorum of managers" "bring the other managers back first: docker node ls"
        ok "this machine is a manager of a swarm already; it is used as it is"
        ;;
    inactive)
        act docker swarm init --advertise-addr "$ADDRESS" --default-addr-pool "$(free_pool)" \
            --dispatcher-heartbeat 2s >/dev/null # a lost node is known in six seconds, not in fifteen
        [[ $DRY ]] || touch "$STATE/made-swarm"
        ok "new one-node swarm at $ADDRESS"
        ;;
    locked) fail "the swarm on this machine is locked" "docker swarm unlock, then run this again" ;;
    *) fail "the swarm on this machine is in state '$state'" "look at: docker info" ;;
    esac
}

free_pool() { # addresses for overlay networks that no route of this machine leads to
    local pool
    for pool in 10.0 10.201 172.29 192.168; do
        if ! ip -4 route show table all 2>/dev/null | grep -qE "(^| )${pool//./\\.}\."; then
            [[ $pool == 192.168 ]] && echo 192.168.0.0/16 || echo "$pool.0.0/16"
            return
        fi
    done
    fail "no free range for overlay networks: 10.0, 10.201, 172.29 and 192.168 all have routes here" \
        "make the swarm by hand: docker swarm init --default-addr-pool A.B.0.0/16, then run this again"
}
