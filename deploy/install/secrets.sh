# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# Secrets live in the swarm and nowhere else. Each is made once; the label says what it is for.

LABEL=dev.skep.installer

secret_name() { # ROLE: the newest secret of that role, if any
    docker secret ls --filter "label=$LABEL=$1" --format '{{.Name}}' 2>/dev/null | sort | tail -1
}

make_secret() { # ROLE VALUE
    local name
    name=skep_$1_$(date -u +%Y%m%d%H%M%S)
    printf %s "$2" | docker secret create --label "$LABEL=$1" "$name" - >/dev/null
}

random_hex() { od -An -v -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Sets SETUP_TOKEN if a new one was made in this run: it is printed once, at the end.
make_secrets() {
    SETUP_TOKEN=
    if [[ $DRY ]]; then ok "would make what is missing of: encryption key, edge token, setup token"; return; fi
    if [[ ! $(secret_name key) ]]; then
        if docker volume inspect skep-data >/dev/null 2>&1 && [[ ! $KEY_FILE ]]; then
            fail "the volume skep-data holds data of an earlier Skep, but its encryption key is not in this swarm" \
                "give the key: --key-file FILE" "or, to begin anew and lose that data: docker volume rm skep-data"
        fi
        if [[ $KEY_FILE ]]; then make_secret key "$(cat "$KEY_FILE")"; else make_secret key "$(random_hex 32)"; fi
        ok "encryption key: made"
    else
        ok "encryption key: kept"
    fi
    if [[ ! $(secret_name edge) ]]; then make_secret edge "$(random_hex 32)" && ok "edge token: made"; else ok "edge token: kept"; fi
    if [[ ! $(secret_name setup) || $NEW_TOKEN ]]; then
        SETUP_TOKEN=$(random_hex 20)
        make_secret setup "$SETUP_TOKEN"
        ok "setup token: made, $([[ $DEMO ]] && echo 'the demo uses it up' || echo 'shown at the end')"
    else
        ok "setup token: kept (it was printed when it was made; --new-setup-token makes another)"
    fi
}

drop_old_secrets() { # those of a role that a newer one has replaced and no service uses any more
    local role name
    for role in key edge setup; do
        for name in $(docker secret ls --filter "label=$LABEL=$role" --format '{{.Name}}' | sort | head -n -1); do
            [[ $role == key ]] || docker secret rm "$name" >/dev/null 2>&1 || true # an old key may still be wanted
        done
    done
}
