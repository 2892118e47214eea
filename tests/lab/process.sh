# shellcheck shell=bash
# Start a program in the background and end it again, by its pid and nothing else.
# A pid file holds the pid and the start time of the process, so that a pid that the kernel has
# given to another process since is never hit.

process_started() { # PID -> its start time in ticks; fails if it is gone or a zombie
    local fields
    { read -r fields <"/proc/$1/stat"; } 2>/dev/null || return 1
    # shellcheck disable=SC2086 # the fields after the name are words
    set -- ${fields##*) }
    [[ $1 != [ZX] ]] && echo "${20}"
}

process_running() { # PID-FILE -> prints the pid if that very process still runs
    local pid start
    { read -r pid start <"$1"; } 2>/dev/null && [[ $(process_started "$pid") == "$start" ]] && echo "$pid"
}

process_start() { # FOLDER CMD...: runs CMD with FOLDER/log and FOLDER/pid
    local folder=$1 pid
    shift
    mkdir -p "$folder"
    setsid "$@" </dev/null >>"$folder/log" 2>&1 &
    pid=$!
    disown "$pid"
    echo "$pid $(process_started "$pid" || echo gone)" >"$folder/pid"
}

process_stop() { # FOLDER [SIGNAL]: ends what FOLDER/pid names; SIGKILL after ten seconds
    local pid tries=0
    pid=$(process_running "$1/pid") || { rm -f "$1/pid"; return 0; }
    kill -s "${2:-TERM}" "$pid" 2>/dev/null || true
    while process_running "$1/pid" >/dev/null; do
        ((++tries < 200)) || kill -s KILL "$pid" 2>/dev/null || true
        sleep 0.05
    done
    rm -f "$1/pid"
}

process_wait() { # SECONDS FOLDER CMD...: runs CMD until it succeeds; gives up if the process ended
    local end=$((SECONDS + $1)) folder=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        if ! process_running "$folder/pid" >/dev/null || ((SECONDS > end)); then
            echo "lab: ${folder##*/} did not come up; its log ends:" >&2
            tail -5 "$folder/log" >&2
            return 1
        fi
        sleep 0.05
    done
}

free_port() { # [ADDRESS]: a TCP port that nobody listens on
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/${1:-127.0.0.1}/$port") 2>/dev/null; then echo "$port" && return; fi
    done
}
