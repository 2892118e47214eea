# shellcheck shell=bash disable=SC2034,SC2153 # variables are shared with install.sh
# The demo: an outside world of its own (git host, certificate authority, DNS), then one push that
# goes live over HTTPS and one that is refused while the first goes on answering.

DEMO_STEPS=4
DEMO_DIR=$STATE/demo
DEMO_EMAIL=admin@demo.test
DEMO_HOST=hello.demo.test

demo_image() { # the image of the outside world
    if [[ ${DEMO_IMAGE:-} ]]; then return; fi # loaded
    if [[ $DRY ]]; then ok "would build the image of the demo's git host and certificate authority"; return; fi
    [[ ! $IMAGES || ${SKEP_PROGRAM_DEMO:-} ]] || fail "$IMAGES holds no image for the demo" "save one there: ./install.sh --demo --save-images DIR"
    need pebble:pebble
    [[ ${PROGRAM_DEMO:=${SKEP_PROGRAM_DEMO:-}} ]] || demo_program
    image_of DEMO_IMAGE demo "$PROGRAM_DEMO"
}

demo_program() { # where Skep itself came from a registry or a folder, only the git host is built here
    need_rust
    busy "building the demo's git host" env -C "$ROOT" RUSTC="$RUSTC" "$CARGO" build --locked --release --package skep-tests --bin git-server ||
        fail "the demo's git host could not be built" "the log is $LOG"
    PROGRAM_DEMO=${CARGO_TARGET_DIR:-$ROOT/target}/release/git-server
}

demo_prepare() { # before Skep is deployed: it must trust the demo's authority from its start
    STACK_EXTRA+=("$ROOT/tests/demo/stack.skep.yml")
    if [[ $DRY ]]; then ok "would make a certificate for the demo's authority"; return; fi
    mkdir -p "$DEMO_DIR"
    chmod 700 "$DEMO_DIR"
    demo_there && return
    "$ROOT/tests/lab/certificate" "$DEMO_DIR" skep-demo-acme
    docker config create skep_demo_ca "$DEMO_DIR/ca.pem" >/dev/null
    docker config create skep_demo_certificate "$DEMO_DIR/cert.pem" >/dev/null
    docker secret create skep_demo_key "$DEMO_DIR/key.pem" >/dev/null
    rm -f "$DEMO_DIR/key.pem"
}

demo_there() { docker config inspect skep_demo_ca >/dev/null 2>&1; } # from an earlier run

demo_kept() { # NAME CMD...: what a file of the demo holds, made by CMD the first time
    local file=$DEMO_DIR/$1
    shift
    [[ -s $file ]] || (umask 077 && "$@" >"$file.new" && mv "$file.new" "$file")
    cat "$file"
}

demo_world() {
    step "Demo: start a git host, a certificate authority and its DNS on this machine"
    if [[ $DRY ]]; then act docker stack deploy -c tests/demo/stack.yml skep-demo; return; fi
    DEMO_GIT_LOGIN=demo:$(demo_kept git-password random_hex 16)
    export DEMO_IMAGE DEMO_GIT_LOGIN
    docker stack deploy --resolve-image never -c "$ROOT/tests/demo/stack.yml" skep-demo >>"$LOG" 2>&1 ||
        fail "the demo's services could not be deployed" "the log is $LOG"
    until_ready 60 curl -sf -m 3 --cacert "$DEMO_DIR/ca.pem" --resolve "skep-demo-acme:3998:$ADDRESS" -o "$DEMO_DIR/root.pem" https://skep-demo-acme:3998/roots/0 ||
        fail "the demo's certificate authority does not answer" "docker service logs skep-demo_acme"
    until_ready 60 git_answers || fail "the demo's git host does not answer" "docker service logs skep-demo_git"
    ok "git host: http://$ADDRESS:3999, authority: skep-demo-acme (its root: $DEMO_DIR/root.pem)"
}

# The login goes by a header in git's own configuration from the environment: in no URL, no argument.
demo_git() {
    GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="Authorization: Basic $(printf %s "$DEMO_GIT_LOGIN" | base64 -w0)" \
        GIT_CONFIG_KEY_1=user.name GIT_CONFIG_VALUE_1=Demo GIT_CONFIG_KEY_2=user.email GIT_CONFIG_VALUE_2=$DEMO_EMAIL git "$@"
}
git_answers() { demo_git ls-remote "http://$ADDRESS:3999/demo/hello.git"; }

demo_remove() { # its secrets and configs go with those of Skep, once no task uses them
    if docker stack ls --format '{{.Name}}' | grep -qx skep-demo; then act docker stack rm skep-demo >/dev/null 2>&1 || true; fi
    [[ -d $DEMO_DIR ]] || return 0
    local keep=()
    [[ ! $KEEP_DATA ]] || keep=(! -name authorization ! -name git-password) # what opens the kept data
    act find "$DEMO_DIR" -mindepth 1 "${keep[@]}" -delete
}

# The API, as any program would use it. Secrets go by files and pipes, never by arguments.
demo_api() { # METHOD PATH, a body on standard input unless it is GET; prints the answer
    local body=() answer status
    [[ $1 == GET ]] || body=(--data-binary @- -H 'content-type: application/json')
    answer=$(curl -sS -m 20 -X "$1" -H "@$DEMO_DIR/authorization" "${body[@]}" -w '\n%{http_code}' "http://127.0.0.1:$PORT/api/v1$2") || return 1
    status=${answer##*$'\n'} answer=${answer%$'\n'*}
    if ((status >= 400)); then
        jq -r '"    ! \(.detail // .title) \([.errors[]? | "\(.field): \(.message)"] | join("; "))"' <<<"$answer" >&2 || echo "$answer" >&2
        return 1
    fi
    echo "$answer"
}

demo_admin() { # the first administrator, by the setup token, and an API token for the rest of the demo
    local DEMO_PASSWORD jar=$DEMO_DIR/cookies from=http://127.0.0.1:$PORT url=http://127.0.0.1:$PORT/api/v1 token
    if [[ -s $DEMO_DIR/authorization ]] && demo_api GET /projects >/dev/null 2>&1; then return; fi
    [[ $(curl -sS "$url/setup" | jq .needed) == true ]] || fail "there is an administrator already, and the demo does not know their password" \
        "make an API token in the dashboard and put it there: $DEMO_DIR/authorization, as the line 'Authorization: Bearer TOKEN'"
    DEMO_PASSWORD=$(random_hex 12)
    : >"$jar" && chmod 600 "$jar"
    jq -n --arg e "$DEMO_EMAIL" --rawfile t <(printf %s "$SETUP_TOKEN") --rawfile p <(printf %s "$DEMO_PASSWORD") '{token: $t, email: $e, password: $p}' |
        curl -sS -f -c "$jar" -H "origin: $from" -H 'content-type: application/json' --data-binary @- "$url/setup" >/dev/null ||
        fail "the first administrator could not be made" "docker service logs skep_server"
    token=$(curl -sS -f -b "$jar" -H "origin: $from" -H 'content-type: application/json' -d '{"name":"demo"}' "$url/tokens" | jq -r .value) ||
        fail "no API token could be made" "docker service logs skep_server"
    (umask 077 && echo "Authorization: Bearer $token" >"$DEMO_DIR/authorization")
    rm -f "$jar"
    SETUP_TOKEN='' # used up
    ok "made the first administrator: $DEMO_EMAIL, password $DEMO_PASSWORD (shown this once)"
}

demo_app() { # project, credential, app, domain and webhook; sets APP
    step 'Demo: make an administrator, a project and an app'
    if [[ $DRY ]]; then ok "would make them through the API"; return; fi
    local environment credential hook
    demo_admin
    APP=$(demo_api GET '/apps' | jq -r '.items[] | select(.path == "demo/production/hello") | .id') || fail "the apps cannot be listed"
    if [[ ! $APP ]]; then
        environment=$(jq -n '{name: "demo", title: "Demo"}' | demo_api POST /projects | jq -r '.environments[0].id') || fail "the project could not be made"
        credential=$(jq -n --arg h "$ADDRESS:3999" --rawfile s <(printf %s "${DEMO_GIT_LOGIN#*:}") \
            '{kind: "git_token", title: "Demo git host", host: $h, username: "demo", secret: $s}' | demo_api POST /credentials | jq -r .id) ||
            fail "the credential of the git host could not be stored"
        APP=$(jq -n --arg e "$environment" --arg c "$credential" --arg u "http://$ADDRESS:3999/demo/hello.git" '{
            environment: $e, name: "hello",
            source: {kind: "git", url: $u, follow: {kind: "branch", branch: "main"}, credential: $c},
            build: {kind: "dockerfile"},
            settings: {port: 8080, health: {kind: "http", path: "/health", interval: "1s", timeout: "1s", retries: 3, start_period: "10s"}}
        }' | demo_api POST /apps | jq -r .id) || fail "the app could not be made"
        jq -n --arg h "$DEMO_HOST" '{host: $h}' | demo_api POST "/apps/$APP/domains" >/dev/null || fail "the domain could not be added"
        hook=$(jq -n '{provider: "generic"}' | demo_api POST "/apps/$APP/webhooks") || fail "the webhook could not be made"
        jq '{url: ("http://skep:3000/hooks/generic/" + .id), secret}' <<<"$hook" |
            curl -sS -f -X PUT -K <(printf 'user = "%s"\n' "$DEMO_GIT_LOGIN") -H 'content-type: application/json' --data-binary @- \
                "http://$ADDRESS:3999/-/hooks/demo/hello" >/dev/null || fail "the git host did not take the webhook"
    fi
    ok "app: demo/production/hello, from http://$ADDRESS:3999/demo/hello.git, at https://$DEMO_HOST"
}

demo_push() { # MESSAGE: commits what is in the folder and pushes it; sets COMMIT
    demo_git -C "$DEMO_DIR/hello" add -A
    demo_git -C "$DEMO_DIR/hello" commit -q -m "$1"
    COMMIT=$(demo_git -C "$DEMO_DIR/hello" rev-parse HEAD)
    ok "git push: ${COMMIT:0:7} $1"
    demo_git -C "$DEMO_DIR/hello" push -q --force "http://$ADDRESS:3999/demo/hello.git" HEAD:main 2>>"$LOG" || fail "git push failed" "the log is $LOG"
}

demo_follow() { # SECONDS: shows the deployment of COMMIT until it has ended; sets DEPLOYMENT
    local end=$((SECONDS + $1)) state='' now
    printf '      deployment: '
    while ((SECONDS < end)); do
        DEPLOYMENT=$(demo_api GET "/apps/$APP/deployments" | jq -c --arg c "$COMMIT" '[.items[] | select(.commit == $c)][0] // {}') || DEPLOYMENT='{}'
        now=$(jq -r '.state // "waiting for the webhook" | gsub("_"; " ")' <<<"$DEPLOYMENT")
        [[ $now == "$state" ]] || printf '%s%s' "${state:+, }" "$now"
        state=$now
        if [[ $(jq -r .ended <<<"$DEPLOYMENT") == true ]]; then printf '\n' && return; fi
        sleep 0.3
    done
    printf '\n'
    fail "the deployment did not end within $1 s" "docker service logs skep_server; docker service logs skep-demo_git"
}

demo_page() { curl -sS -m 5 --cacert "$DEMO_DIR/root.pem" --resolve "$DEMO_HOST:443:$ADDRESS" "https://$DEMO_HOST/"; }
demo_shows() { [[ $(demo_page 2>/dev/null) == *"Version: $1."* ]]; }

demo_live() {
    step 'Demo: push to live'
    if [[ $DRY ]]; then ok "would push tests/demo/app by git, and wait for https://$DEMO_HOST"; return; fi
    rm -rf "$DEMO_DIR/hello"
    cp -r "$ROOT/tests/demo/app" "$DEMO_DIR/hello"
    git init -q -b main "$DEMO_DIR/hello"
    VERSION=$(date -u +%H%M%S)
    sed -i "s/Version: one\./Version: $VERSION./" "$DEMO_DIR/hello/www/index.html"
    demo_push "Version $VERSION"
    demo_follow 180
    [[ $(jq -r .state <<<"$DEPLOYMENT") == live ]] || { demo_why && fail "the demo's app did not become live" "above is why; the log is $LOG"; }
    until_ready 90 demo_shows "$VERSION" || fail "https://$DEMO_HOST does not show the page" "$(demo_page 2>&1 | tail -1)" "$(demo_certificate)" "docker service logs skep_server"
    ok "https://$DEMO_HOST answered 200 with version $VERSION, certificate by $(curl -sv -m 5 -o /dev/null --cacert "$DEMO_DIR/root.pem" \
        --resolve "$DEMO_HOST:443:$ADDRESS" "https://$DEMO_HOST/" 2>&1 | sed -n 's/^\*  *issuer: //p')"
    ok "see it: curl --cacert $DEMO_DIR/root.pem --resolve $DEMO_HOST:443:$ADDRESS https://$DEMO_HOST/"
}

demo_certificate() { demo_api GET "/apps/$APP/domains" | jq -r '(.items? // .)[] | "certificate of \(.host): \(.certificate.state) \(.certificate.reason // "")"'; }
demo_why() { jq -r '.failure | "      why: \(.message)", (.log_tail[]? | "        | \(.)")' <<<"$DEPLOYMENT"; }

demo_broken() {
    step 'Demo: push a broken commit'
    if [[ $DRY ]]; then ok "would push a version without its health page, and see the old one answer"; return; fi
    local asked good page
    rm "$DEMO_DIR/hello/www/health"
    sed -i "s/Version: $VERSION\./Version: broken./" "$DEMO_DIR/hello/www/index.html"
    while :; do # a visitor who looks all the while
        page=$(demo_page 2>&1) || true
        if [[ $page == *"Version: $VERSION."* ]]; then echo good; else echo "$(date -u +%T) ${page:0:200}" | tr '\n' ' ' && echo; fi
        sleep 0.2
    done >"$DEMO_DIR/visits" 2>/dev/null 9>&- &
    local visitor=$!
    demo_push 'Break the health page'
    demo_follow 300
    kill $visitor
    wait $visitor 2>/dev/null || true
    asked=$(wc -l <"$DEMO_DIR/visits") good=$(grep -cx good "$DEMO_DIR/visits" || true)
    [[ $(jq -r .state <<<"$DEPLOYMENT") != live ]] || fail "the broken commit became live"
    ok "the broken commit was refused: $(jq -r '.state | gsub("_"; " ")' <<<"$DEPLOYMENT")"
    demo_why
    demo_shows "$VERSION" || fail "the old version does not answer any more"
    ((asked == good)) || fail "the old version failed to answer $((asked - good)) of $asked requests meanwhile" "what they got: $(grep -vx good "$DEMO_DIR/visits" | head -1)"
    ok "the old version still answers: https://$DEMO_HOST shows version $VERSION; $good of $asked requests meanwhile were answered by it"
}

demo() {
    demo_world
    demo_app
    demo_live
    demo_broken
}
