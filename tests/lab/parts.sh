# shellcheck shell=bash
# The real parts that tests run against. Sourced by `tests/lab/parts`; LAB is the folder of all of
# them, each part lives in its own folder below it. To add a part: one function `part_NAME` that
# starts it (process_start) and calls `tell VARIABLE VALUE`; its name goes into ALL_PARTS.

# shellcheck disable=SC2034 # read by `parts`
ALL_PARTS=(postgres redis engine registry traefik pebble nameserver idp moto)

tell() { # VARIABLE VALUE: for the environment of the tests
    printf 'export %s=%q\n' "$1" "$2" >>"$LAB/env"
    export "$1=$2"
}

# The address on which a part listens: the machine's side of the lab's network, so that
# containers reach it too; loopback if no engine was asked for.
lab_address() { echo "${SKEP_TEST_MACHINE_ADDRESS:-127.0.0.1}"; }

part_postgres() { # one superuser, password by chance; each test makes databases of its own
    local home=$LAB/postgres bin port user=postgres password durable=(-F)
    bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
    [[ -x $bin/initdb ]] || { echo "lab: no Postgres in /usr/lib/postgresql" >&2; return 1; }
    [[ ! ${SKEP_LAB_DURABLE:-} ]] || durable=() # benches pay for the disk, tests do not
    mkdir -p "$home"
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && echo "$password" >"$home/password")
    chown -R "$user" "$home"
    as=(setpriv --reuid "$user" --regid "$user" --init-groups)
    (cd "$home" && "${as[@]}" "$bin/initdb" -D "$home/data" -U skep -A scram-sha-256 --pwfile "$home/password" \
        -E UTF8 --no-locale -N >"$home/log" 2>&1) || { tail -5 "$home/log" >&2; return 1; }
    port=$(free_port)
    process_start "$home" "${as[@]}" "$bin/postgres" -D "$home/data" -k "$home" -h 127.0.0.1 -p "$port" \
        -c max_connections=400 -c shared_buffers=64MB "${durable[@]}"
    process_wait 30 "$home" env PGPASSWORD="$password" "$bin/psql" -h 127.0.0.1 -p "$port" -U skep -d postgres -c 'select 1'
    tell SKEP_TEST_POSTGRES_URL "postgres://skep:$password@127.0.0.1:$port/postgres"
}

part_redis() {
    local home=$LAB/redis port
    mkdir -p "$home"
    port=$(free_port)
    process_start "$home" redis-server --bind 127.0.0.1 --port "$port" --dir "$home" --save '' --appendonly no
    process_wait 10 "$home" redis-cli -p "$port" ping
    tell SKEP_TEST_REDIS_URL "redis://127.0.0.1:$port/0"
}

part_engine() { # a one-node swarm in namespaces of its own
    local home=$LAB/engine net
    net=$(free_net)
    "$HERE/swarm-lab" up --dir "$home" --net "$net" --managers 1 --workers 0 --engine "${SKEP_LAB_ENGINE:-20}" 2>"$LAB/engine.log" ||
        { cat "$LAB/engine.log" >&2; return 1; }
    # Tests kill and restart engines often: a dead node is known after 3 s instead of 15.
    docker -H "unix://$home/m1/run/docker.sock" swarm update --dispatcher-heartbeat 1s >/dev/null
    tell SKEP_TEST_ENGINE "unix://$home/m1/run/docker.sock"
    tell SKEP_TEST_ENGINE_ADDRESS "$net.11"
    tell SKEP_TEST_MACHINE_ADDRESS "$net.1"
    tell SKEP_TEST_LAB_DNS "$net.2"
    tell SWARM_LAB_DIR "$home"
}
stop_engine() { [[ ! -d $LAB/engine ]] || "$HERE/swarm-lab" down --dir "$LAB/engine" 2>>"$LAB/engine.log"; }

free_net() { # three bytes of a /24 that this machine does not use yet
    local net
    while :; do
        net=10.$((100 + RANDOM % 100)).$((RANDOM % 250))
        if ! ip -4 -o addr | grep -q " ${net//./\\.}\."; then echo "$net" && return; fi
    done
}

part_registry() { # plain http; the lab's engine accepts that from its own network
    local home=$LAB/registry address port
    mkdir -p "$home"
    address=$(lab_address)
    port=$(free_port "$address")
    printf 'version: 0.1\nlog: {level: warn}\nstorage: {filesystem: {rootdirectory: %s/data}, delete: {enabled: true}}\nhttp: {addr: "%s:%s"}\n' \
        "$home" "$address" "$port" >"$home/config.yml"
    process_start "$home" docker-registry serve "$home/config.yml"
    process_wait 10 "$home" curl -sf "http://$address:$port/v2/"
    tell SKEP_TEST_REGISTRY "$address:$port"
}

part_traefik() { # only the program: a test starts it with its own settings, or puts it in an image
    tell SKEP_TEST_TRAEFIK "$("$HERE/../../deploy/images/traefik/fetch")"
}

part_pebble() { # an ACME directory, and a DNS server that answers every name with the engine's address
    local home=$LAB/pebble address acme dns manage roots
    mkdir -p "$home"
    address=$(lab_address)
    acme=$(free_port "$address") dns=$(free_port "$address") manage=$(free_port "$address") roots=$(free_port "$address")
    "$HERE/certificate" "$home" "$address"
    printf '{"pebble":{"listenAddress":"%s:%s","managementListenAddress":"%s:%s","certificate":"%s/cert.pem","privateKey":"%s/key.pem","httpPort":%s,"tlsPort":443}}\n' \
        "$address" "$acme" "$address" "$roots" "$home" "$home" "${SKEP_LAB_HTTP_PORT:-80}" >"$home/config.json"
    process_start "$home/dns" pebble-challtestsrv -defaultIPv4 "${SKEP_TEST_ENGINE_ADDRESS:-127.0.0.1}" -defaultIPv6 '' \
        -dns01 "$address:$dns" -management "$address:$manage" -http01 '' -https01 '' -tlsalpn01 ''
    process_start "$home" env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config "$home/config.json" -dnsserver "$address:$dns"
    process_wait 10 "$home" curl -sf --cacert "$home/ca.pem" "https://$address:$acme/dir"
    process_wait 10 "$home/dns" curl -s "http://$address:$manage/"
    tell SKEP_TEST_ACME_DIRECTORY "https://$address:$acme/dir"
    tell SKEP_TEST_ACME_CA_FILE "$home/ca.pem"
    tell SKEP_TEST_ACME_ROOTS "https://$address:$roots/roots/0"
    tell SKEP_TEST_CHALLTESTSRV "http://$address:$manage"
}

part_nameserver() { # only the program: a test starts it with its own zone and key
    tell SKEP_TEST_NAMESERVER "$(command -v knotd)"
}

part_idp() { # an OpenID provider, on loopback as its issuer says; npm's oidc-provider, locked
    local home=$LAB/idp port
    mkdir -p "$home"
    cp "$HERE"/../idp/{package.json,package-lock.json,provider.mjs,.npmrc} "$home"
    (cd "$home" && npm ci --ignore-scripts --no-audit --no-fund --silent) || { echo "lab: the OpenID provider cannot be installed" >&2; return 1; }
    port=$(free_port)
    process_start "$home" node "$home/provider.mjs" "$port"
    process_wait 30 "$home" curl -sf "http://127.0.0.1:$port/.well-known/openid-configuration"
    tell SKEP_TEST_IDP "http://127.0.0.1:$port"
}

part_moto() { # AWS's interface; once its five things are made it takes what is signed and allowed, nothing else
    local home=$LAB/moto address port program
    mkdir -p "$home"
    program=$("$HERE/moto")/bin/moto_server
    address=127.0.0.1
    port=$(free_port "$address")
    process_start "$home" env INITIAL_NO_AUTH_ACTION_COUNT=5 "$program" -H "$address" -p "$port"
    process_wait 30 "$home" curl -sf "http://$address:$port/moto-api/"
    tell SKEP_TEST_MOTO "$("$HERE/moto" fill "http://$address:$port")"
}

stop_all() { # in the reverse order; what is not there is no fault
    local part
    process_stop "$LAB/idp"
    process_stop "$LAB/moto"
    process_stop "$LAB/pebble"
    process_stop "$LAB/pebble/dns"
    for part in registry redis; do process_stop "$LAB/$part"; done
    process_stop "$LAB/postgres" INT
    stop_engine
}
