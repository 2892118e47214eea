# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# How the installer speaks: numbered steps, progress of long work, one clear end when it fails.

STEPS=7 # how many `step` calls this run makes; the demo adds its own
STEP=0
LOG=/var/log/skep/install.log

step() { STEP=$((STEP + 1)) && printf '\n[%d/%d] %s\n' "$STEP" "$STEPS" "$*"; }
ok() { printf '      %s\n' "$*"; }
warn() { printf '    ! %s\n' "$*" >&2; }

fail() { # WHY WHAT-TO-DO...: the only way in which this program gives up
    printf '\n  Failed: %s\n' "$1" >&2
    shift
    local line
    for line; do printf '  -> %s\n' "$line" >&2; done
    exit 1
}

act() { # CMD...: does it, or in a dry run says so
    if [[ $DRY ]]; then printf '      would run: %s\n' "$*"; else "$@"; fi
}

busy() { # TEXT CMD...: long work; its output goes to the log, a line says every so often that it lives
    local text=$1 from pid began=$SECONDS last=0 rc=0
    shift
    if [[ $DRY ]]; then printf '      would run: %s\n' "$*" && return; fi
    printf '      %s ... ' "$text"
    from=$(($(wc -c <"$LOG") + 1))
    "$@" >>"$LOG" 2>&1 &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        sleep 0.2
        if ((SECONDS - began >= last + 15)); then
            last=$((SECONDS - began))
            printf '%d s%s ... ' $last "$(compiled "$from")"
        fi
    done
    wait $pid || rc=$?
    if ((rc)); then
        printf 'failed\n'
        tail -c +"$from" "$LOG" | tail -15 | sed 's/^/        | /' >&2
        return $rc
    fi
    printf 'done (%d s)\n' $((SECONDS - began))
}

compiled() { # what cargo has said since: how many crates it has begun
    local n
    n=$(tail -c +"$1" "$LOG" | grep -c '^ *Compiling ' || true)
    ((n == 0)) || printf ', %d crates' "$n"
}

awaited() { # TEXT SECONDS CMD...: as until_ready, for people: says what it waits for, and that it still does
    local text=$1 most=$2 began=$SECONDS last=0
    shift 2
    printf '      %s ... ' "$text"
    until until_ready 5 "$@"; do
        ((SECONDS - began < most)) || { printf 'no\n' && return 1; }
        if ((SECONDS - began >= last + 15)); then last=$((SECONDS - began)) && printf '%d s ... ' $last; fi
    done
    printf 'yes (%d s)\n' $((SECONDS - began))
}

until_ready() { # SECONDS CMD...: runs CMD twice a second until it succeeds
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.5
    done
}
