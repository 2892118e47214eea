# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# Is this machine fit? Warnings go on, faults stop; all faults are said at once.

preflight() {
    local faults=() id version memory disk port holder extra
    # shellcheck source=/dev/null
    id=$(. /etc/os-release && echo "$ID") version=$(. /etc/os-release && echo "$VERSION_ID")
    case $id in
    debian) dpkg --compare-versions "$version" ge 12 || warn "Debian $version is older than what this is tested on (12)" ;;
    ubuntu) dpkg --compare-versions "$version" ge 22.04 || warn "Ubuntu $version is older than what this is meant for (22.04)" ;;
    *) command -v docker >/dev/null && [[ $IMAGES ]] ||
        faults+=("$id $version is neither Debian nor Ubuntu: install Docker by hand and bring images with --images DIR") ;;
    esac
    memory=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
    disk=$(df --output=avail -BG / | tail -1 | tr -dc 0-9)
    ok "$id $version, $(nproc) CPUs, $memory MB memory, $disk GB disk free, address ${ADDRESS:-none}"
    (($(nproc) >= 2)) || warn "one CPU: 2 or more are advised"
    ((memory >= 1800)) || { [[ $IMAGES ]] && ((memory >= 900)); } ||
        faults+=("$memory MB of memory: 2 GB are needed to build here (add memory or swap, or bring images with --images DIR)")
    ((memory >= 3800)) || warn "$memory MB of memory: 4 GB leave room for apps"
    ((disk >= 40)) || warn "$disk GB of free disk: 40 GB leave room for images and builds"
    ((disk >= 8)) || faults+=("$disk GB of free disk: at least 8 GB are needed")
    [[ $ADDRESS ]] || faults+=("this machine has no IPv4 address to tell other nodes: give one with --address")
    if private "$ADDRESS"; then warn "$ADDRESS is a private address: certificates of public authorities need names that lead here from outside"; fi
    for port in $(if [[ $BEHIND ]]; then echo "$BEHIND"; else echo 80 443; fi) "$PORT"; do
        [[ $port != none ]] || continue
        holder=$(port_holder "$port")
        if [[ ! $holder ]] || ours_deployed; then continue; fi
        [[ $port != "$PORT" ]] || extra=', or choose another port with --port'
        faults+=("port $port is taken by $holder: stop it${extra:-}")
    done
    ((${#faults[@]} == 0)) || fail "this machine cannot run Skep yet" "${faults[@]}"
    [[ ! $BEHIND ]] || ok "your proxy leads to 127.0.0.1:$BEHIND: \`skep proxy caddy\` and \`skep proxy nginx\` write how"
    ok "let in from outside: 80 and 443$([[ $PORT == none ]] || echo ", and $PORT until the dashboard has a domain"); 22 from your own addresses; nothing else"
}

private() { [[ $1 =~ ^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|192\.0\.2\.|127\.|169\.254\.) ]]; }

port_holder() { # PORT: the name of the program that listens on it, if any does
    local name
    awk -v port="$(printf ':%04X$' "$1")" '$2 ~ port && $4 == "0A" {found = 1} END {exit !found}' /proc/net/tcp /proc/net/tcp6 2>/dev/null || return 0
    name=$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -1) || true
    echo "${name:-another program}"
}

ours_deployed() { command -v docker >/dev/null && docker service inspect skep_traefik >/dev/null 2>&1; }

own_address() { # the address that leads out of this machine
    local address
    address=$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p') || true
    [[ $address ]] || address=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m1 -E '^[0-9.]+$') || true
    echo "$address"
}
