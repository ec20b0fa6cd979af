#!/usr/bin/env bash
# Measures the gateway against bare YARP: the same TLS, the same upstream, no checks. Both run on this machine, take turns
# under wrk, and only the ratios of neighbouring runs are believed; the last lines are those ratios beside their targets.
# Two kinds of clients: a phone (cached Basic and a client certificate) and a signed-in browser (session cookie). Then first-time
# logins against search and bind by the gateway's own client alone, and a phone's p95 while 40 logins hang on a silent directory, or
# while 500 retries a second repeat one stale password; and how large the counters grow under a million invented names.
#
#   tests/bench.sh [--pairs N] [--seconds N] [--connections N] [--no-build] [--only proxy|logins|shield|names]
#
# Needs the bed (tests/bed.sh; only slapd and the fast upstream are started). Exit code 0 says that it was measured, not
# that a target was met: a busy machine must fail nobody's build.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
REPO=$(dirname -- "$HERE")
export BED=${BED:-/tmp/authgateway-bed}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

readonly PHONE_HOST=eas.bed.test
readonly BROWSER_HOST=mail.bed.test
readonly GATEWAY_PORT=${BENCH_GATEWAY_PORT:-19443}
readonly BARE_PORT=${BENCH_BARE_PORT:-19444}
readonly UPSTREAM=http://127.0.0.1:9080
readonly GATEWAY=$REPO/src/AuthGateway/bin/Release/net10.0/authgateway
readonly BENCHMARKS=$HERE/AuthGateway.Benchmarks/bin/Release/net10.0/AuthGateway.Benchmarks
BASIC=$(printf 'alice:alice-pw' | base64)
readonly BASIC
TICKS=$(getconf CLK_TCK)
readonly TICKS

PAIRS=3
SECONDS_EACH=6
CONNECTIONS=64
BUILD=1
ONLY=
WORK=
GATEWAY_PID=
BARE_PID=
COOKIE=

# shellcheck source-path=SCRIPTDIR
source "$HERE/bench/logins.sh"
source "$HERE/bench/shield.sh"

say() { printf 'bench: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

main() {
  while (($#)); do
    case $1 in
      --pairs) PAIRS=${2:?--pairs needs a number}; shift 2 ;;
      --seconds) SECONDS_EACH=${2:?--seconds needs a number}; shift 2 ;;
      --connections) CONNECTIONS=${2:?--connections needs a number}; shift 2 ;;
      --no-build) BUILD=; shift ;;
      --only) ONLY=${2:?--only needs proxy, logins, shield or names}; shift 2 ;;
      *) sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
  done

  command -v wrk >/dev/null || die "wrk is missing: apt-get install wrk"
  trap finish EXIT
  trap 'exit 130' INT TERM
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/authgateway-bench.XXXXXX")
  "$HERE/bed.sh" up --only slapd,fast >&2
  [[ -e $BED/tools/clientcert.so ]] || die "no $BED/tools/clientcert.so: wrk cannot show a client certificate without it"
  if [[ -n $BUILD ]]; then build; fi
  [[ -x $GATEWAY && -x $BENCHMARKS ]] || die "nothing built: run without --no-build"
  free_port "$GATEWAY_PORT"
  free_port "$BARE_PORT"

  # wrk takes the name for the handshake from the URL; the name is nobody's, so its address is told here.
  printf 'function wrk.resolve(host, service) wrk.addrs = wrk.lookup("127.0.0.1", service) end\n' >"$WORK/resolve.lua"
  start_bare
  start_silent
  start_gateway
  check_answers
  if runs proxy; then measure_proxy; fi
  if runs logins; then measure_silence; fi
  if runs shield; then measure_shield; fi
  stop_servers
  if runs names; then measure_names; fi
  if runs logins; then measure_logins; fi
  if runs proxy; then
    "$BENCHMARKS" quick >"$WORK/quick" || die "the warm path could not be measured"
    report
  fi
  if runs logins; then report_logins; fi
  if runs shield; then report_shield; fi
  if runs names; then report_names; fi
}

runs() { [[ -z $ONLY || $ONLY == "$1" ]]; }

measure_proxy() {
  local client pair
  sign_in
  for client in phone browser; do
    warm_up "$client" bare "$BARE_PORT"
    warm_up "$client" gateway "$GATEWAY_PORT"
    say "$client: $PAIRS pairs of $SECONDS_EACH s at $CONNECTIONS connections"
    for ((pair = 1; pair <= PAIRS; pair++)); do
      run "$client" bare "$BARE_PORT" "$SECONDS_EACH" "$WORK/$client-$pair-bare"
      run "$client" gateway "$GATEWAY_PORT" "$SECONDS_EACH" "$WORK/$client-$pair-gateway"
    done
  done
}

build() {
  say "building"
  dotnet build "$REPO/src/AuthGateway" -c Release --nologo -v quiet </dev/null >&2 || die "the gateway does not build"
  dotnet build "$HERE/AuthGateway.Benchmarks" -c Release --nologo -v quiet </dev/null >&2 || die "the benchmarks do not build"
}

free_port() {
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then die "port $1 is taken; set BENCH_GATEWAY_PORT or BENCH_BARE_PORT"; fi
}

start_bare() {
  "$BENCHMARKS" bare --port "$BARE_PORT" --cert "$BED/pki/eas.crt" --key "$BED/pki/eas.key" --upstream "$UPSTREAM" >"$WORK/bare.log" 2>&1 &
  BARE_PID=$!
  await bare "$BARE_PID" "$BARE_PORT" "$WORK/bare.log"
}

start_gateway() {
  local state=$WORK/state
  (umask 077; mkdir -p "$state/pki" "$state/secrets"; printf '%s' gatewaypw >"$state/secrets/ldap-password")
  install -m 600 "$BED"/pki/{ca.crt,ca.crl,eas.crt,eas.key,server.crt,server.key} "$state/pki/"
  configuration >"$state/appsettings.json"
  "$GATEWAY" run --config "$state/appsettings.json" --state "$state" >"$WORK/gateway.log" 2>&1 &
  GATEWAY_PID=$!
  await gateway "$GATEWAY_PID" "$GATEWAY_PORT" "$WORK/gateway.log"
}

# What a phone meets: a certificate asked for, Basic from a directory, a group, the name told to the upstream. And a browser: a
# session of the sign-in page, a group, the name told to the upstream.
configuration() {
  cat <<JSON
{
  "AuthGateway": {
    "Listeners": { "public": { "Url": "https://127.0.0.1:$GATEWAY_PORT" } },
    "Hosts": {
      "$PHONE_HOST": { "CertificateFile": "pki/eas.crt", "KeyFile": "pki/eas.key", "ClientCertificate": "required" },
      "$BROWSER_HOST": { "CertificateFile": "pki/server.crt", "KeyFile": "pki/server.key" }
    },
    "Upstreams": { "fast": { "Destinations": ["$UPSTREAM"] } },
    "Services": {
      "phones": { "Preset": "generic-web", "Hosts": ["$PHONE_HOST"], "Upstream": "fast", "Identity": "header", "Login": "basic", "Rules": [{ "Policy": "phones" }] },
      "web": { "Preset": "generic-web", "Hosts": ["$BROWSER_HOST"], "Upstream": "fast", "Identity": "header", "Login": "form", "Rules": [{ "Policy": "web" }] },
      "plain": { "Preset": "generic-web", "Hosts": ["$BROWSER_HOST"], "Upstream": "fast", "Identity": "header", "Login": "basic", "Paths": ["/plain"], "Rules": [{ "Policy": "web" }] }
    },
    "Policies": {
      "phones": { "Groups": ["mailusers"], "Factors": ["device", "password"] },
      "web": { "Groups": ["mailusers"], "Factors": ["password"] }
    },
    "Devices": { "Authorities": { "bed": { "CaFile": "pki/ca.crt", "CrlFile": "pki/ca.crl", "Owner": "san-email" } } },
    "Backends": [
      $(directory_backend),
      { "Name": "silent", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:$SILENT_PORT"], "BaseDn": "dc=silent,dc=test", "UsageContext": ["plain"] }
    ],
    "Storage": { "Provider": "sqlite", "Path": "authgateway.db" },
    "Log": { "Level": "information" }
  }
}
JSON
}

await() { # NAME PID PORT LOG
  local try
  for ((try = 0; try < 150; try++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$3") 2>/dev/null; then return; fi
    kill -0 "$2" 2>/dev/null || { tail -n 40 "$4" >&2; die "$1 ended at once"; }
    sleep 0.2
  done
  tail -n 40 "$4" >&2
  die "$1 does not listen on port $3"
}

# Both must answer, and the gateway must have something to check: an open door would win every race.
check_answers() {
  local code
  code=$(status $PHONE_HOST "$BARE_PORT" --cert "$BED/pki/alice.pem")
  [[ $code == 200 ]] || die "bare YARP answered $code"
  code=$(status $PHONE_HOST "$GATEWAY_PORT" --cert "$BED/pki/alice.pem" -H "Authorization: Basic $BASIC")
  [[ $code == 200 ]] || { tail -n 20 "$WORK/gateway.log" >&2; die "the gateway answered $code"; }
  code=$(status $PHONE_HOST "$GATEWAY_PORT" --cert "$BED/pki/alice.pem")
  [[ $code == 401 ]] || die "the gateway answered $code to a request without credentials"
  code=$(status $PHONE_HOST "$GATEWAY_PORT" -H "Authorization: Basic $BASIC")
  [[ $code == 403 ]] || die "the gateway answered $code to a request without a certificate"
}

status() { # HOST PORT [CURL OPTION...]
  local host=$1 port=$2
  shift 2
  curl -s -o /dev/null -w '%{http_code}' --max-time 20 --cacert "$BED/pki/ca.crt" --connect-to "$host:$port:127.0.0.1:$port" "$@" "https://$host:$port/" || true
}

# A browser's way in: the page, its form with its token, and the cookie that wrk then sends.
sign_in() {
  local page=https://$BROWSER_HOST:$GATEWAY_PORT/.agw/sign-in jar=$WORK/cookies token code
  local curl=(curl -s --max-time 20 --cacert "$BED/pki/ca.crt" --connect-to "$BROWSER_HOST:$GATEWAY_PORT:127.0.0.1:$GATEWAY_PORT" -b "$jar" -c "$jar")
  : >"$jar"
  token=$("${curl[@]}" "$page" | sed -n 's/.*name="form" value="\([^"]*\)".*/\1/p' | head -n 1)
  [[ -n $token ]] || die "the sign-in page has no form token"
  "${curl[@]}" -o /dev/null -H "Origin: https://$BROWSER_HOST:$GATEWAY_PORT" --data-urlencode "form=$token" -d 'name=alice&password=alice-pw' "$page"
  COOKIE=$(awk '$6 == "__Host-agw" { print $7 }' "$jar")
  [[ -n $COOKIE ]] || die "signing in left no session"
  code=$(status $BROWSER_HOST "$GATEWAY_PORT" -H "Cookie: __Host-agw=$COOKIE")
  [[ $code == 200 ]] || die "the gateway answered $code to a signed-in browser"
  code=$(status $BROWSER_HOST "$GATEWAY_PORT")
  [[ $code == 401 ]] || die "the gateway answered $code to a browser without a session"
}

# A cold server runs at less than half its speed until the compiler has caught up, which takes longer on a busy machine: at
# least 9 s, and until the compiler's thread rests (under 3 % of a CPU), but no more than 24 s.
warm_up() { # CLIENT NAME PORT
  local turn pid before compiled
  pid=$BARE_PID
  if [[ $2 == gateway ]]; then pid=$GATEWAY_PID; fi
  for ((turn = 1; turn <= 8; turn++)); do
    before=$(compiler_of "$pid")
    run "$1" "$2" "$3" 3 "$WORK/warm-$2"
    compiled=$(($(compiler_of "$pid") - before))
    if ((turn >= 3 && compiled * 100 < 3 * 3 * TICKS)); then break; fi
  done
  say "$1, $2: the compiler took $((compiled * 100 / TICKS / 3)) % of a CPU at the end of the warm-up"
}

# Ticks of the thread that compiles hot code anew; none when it sleeps for good.
compiler_of() {
  local task sum=0
  for task in "/proc/$1/task"/*; do
    if [[ $(cat "$task/comm" 2>/dev/null) == '.NET Tiered Com' ]]; then sum=$((sum + $(sed 's/.*) //' "$task/stat" | awk '{ print $12 + $13 }'))); fi
  done
  printf '%s' "$sum"
}

# run CLIENT NAME PORT SECONDS FILE: wrk's report to FILE.wrk, and to FILE one line: requests/s, p50 ms, p99 ms, CPU microseconds per
# request of the server, and the share of the machine that others used.
run() {
  local client=$1 name=$2 port=$3 seconds=$4 file=$5 pid cpu0 cpu1 all0 all1 up0 up1 own host pem header
  host=$PHONE_HOST pem=$BED/pki/alice.pem header="Authorization: Basic $BASIC"
  if [[ $client == browser ]]; then host=$BROWSER_HOST pem='' header="Cookie: __Host-agw=$COOKIE"; fi
  pid=$BARE_PID
  if [[ $name == gateway ]]; then pid=$GATEWAY_PID; fi
  cpu0=$(cpu_of "$pid") all0=$(cpu_of_machine) up0=$(cpu_of_upstream)
  { TIMEFORMAT='%U %S'; time CLIENT_PEM=$pem LD_PRELOAD=$BED/tools/clientcert.so \
    wrk -t1 -c"$CONNECTIONS" -d"${seconds}s" --timeout 5s --latency -s "$WORK/resolve.lua" -H "$header" \
    "https://$host:$port/" >"$file.wrk" 2>"$file.err"; } 2>"$file.time" || { cat "$file.wrk" "$file.err" >&2; die "wrk failed against $name"; }
  cpu1=$(cpu_of "$pid") all1=$(cpu_of_machine) up1=$(cpu_of_upstream)
  own=$(tail -n 1 "$file.time")
  if grep -q -e 'Non-2xx' -e 'Socket errors' "$file.wrk" || ! grep -q 'Requests/sec' "$file.wrk"; then
    cat "$file.wrk" >&2
    tail -n 5 "$WORK/$name.log" >&2
    die "$name did not answer 200 to every request"
  fi

  awk -v cpu=$((cpu1 - cpu0)) -v all="$((${all1% *} - ${all0% *})) $((${all1#* } - ${all0#* }))" -v up=$((up1 - up0)) -v own="$own" -v hz="$TICKS" '
    function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
    $1 == "50%" { p50 = ms($2) }
    $1 == "99%" { p99 = ms($2) }
    $2 == "requests" && $3 == "in" { requests = $1 }
    $1 == "Requests/sec:" { rate = $2 }
    END {
      split(all, machine, " "); split(own, client, " ")
      others = 100 * (machine[1] - cpu - up - (client[1] + client[2]) * hz) / machine[2]
      printf "%.0f %.2f %.2f %.1f %.0f\n", rate, p50, p99, cpu * 1000000 / hz / requests, others < 0 ? 0 : others
    }' "$file.wrk" >"$file"
}

# utime and stime, in ticks; the name in front may contain blanks.
cpu_of() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

cpu_of_upstream() {
  local master sum=0 child
  master=$(cat "$BED/run/fast.pid")
  for child in "$master" $(cat "/proc/$master/task/$master/children" 2>/dev/null || true); do
    sum=$((sum + $(cpu_of "$child")))
  done
  printf '%s' "$sum"
}

# Ticks busy and ticks in all.
cpu_of_machine() { awk '$1 == "cpu" { all = $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9; print all - $5 - $6, all; exit }' /proc/stat; }

median() { sort -n | awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'; }

column() { # CLIENT NAME COLUMN: the median over the pairs
  local pair
  for ((pair = 1; pair <= PAIRS; pair++)); do awk -v column="$3" '{ print $column }' "$WORK/$1-$pair-$2"; done | median
}

# compared CLIENT COLUMN EXPRESSION: the median over the pairs of an expression of g (gateway) and b (bare).
compared() {
  local pair
  for ((pair = 1; pair <= PAIRS; pair++)); do
    paste -d ' ' "$WORK/$1-$pair-gateway" "$WORK/$1-$pair-bare" | awk -v c="$2" "{ g = \$c; b = \$(c + 5); print $3 }"
  done | median
}

report() {
  local client pair name
  printf '%s, %s CPUs, load average %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(cut -d ' ' -f 1 /proc/loadavg)"
  printf 'wrk, 1 thread, %s connections, %s s each; 1 KiB answers\n' "$CONNECTIONS" "$SECONDS_EACH"
  printf 'phone: cached Basic and a client certificate; browser: session cookie\n\n'
  printf '%-8s %-6s %-8s %12s %9s %9s %15s %12s\n' client pair server requests/s 'p50 ms' 'p99 ms' 'CPU us/request' 'others CPU %'
  for client in phone browser; do
    for ((pair = 1; pair <= PAIRS; pair++)); do
      for name in bare gateway; do
        # shellcheck disable=SC2046 # the line is five numbers
        printf '%-8s %-6s %-8s %12s %9s %9s %15s %12s\n' "$client" "$pair" "$name" $(cat "$WORK/$client-$pair-$name")
      done
    done
    for name in bare gateway; do
      printf '%-8s %-6s %-8s %12.0f %9.2f %9.2f %15.1f %12.0f\n' "$client" median "$name" "$(column "$client" "$name" 1)" "$(column "$client" "$name" 2)" \
        "$(column "$client" "$name" 3)" "$(column "$client" "$name" 4)" "$(column "$client" "$name" 5)"
    done
  done
  printf '\n'
  cat "$WORK/quick"
  printf '\n'
  if awk -v others="$(column phone gateway 5)" 'BEGIN { exit !(others > 10) }'; then
    printf 'other programs used the machine meanwhile: believe the CPU ratio before the others\n'
  fi
  for client in phone browser; do
    printf '%s: CPU per request ratio %.2f (bare / gateway; no target)\n' "$client" "$(compared "$client" 4 'b / g')"
    printf '%s: added p99 %.2f ms (target <= 2 ms)\n' "$client" "$(compared "$client" 3 'g - b')"
    printf '%s: requests/s ratio %.2f (target >= 0.85)\n' "$client" "$(compared "$client" 1 'g / b')"
  done
}

stop_servers() {
  local pid
  for pid in $GATEWAY_PID $BARE_PID $LOGINS_PID $SILENT_PID; do kill "$pid" 2>/dev/null || true; done
  for pid in $GATEWAY_PID $BARE_PID $LOGINS_PID $SILENT_PID; do
    # A server that does not end when it is told to must not keep the shell waiting.
    for _ in {1..50}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  GATEWAY_PID= BARE_PID= LOGINS_PID= SILENT_PID=
}

finish() {
  local code=$?
  trap - EXIT
  stop_servers
  if [[ -n $HAS_HASHED_USERS ]]; then remove_hashed_users; fi
  if [[ -n $WORK ]]; then
    if [[ -n ${BENCH_KEEP:-} ]]; then say "kept $WORK"; else rm -rf "$WORK"; fi
  fi
  exit "$code"
}

main "$@"
