# First-time logins against the directory, and logins while a directory is silent. Read by bench.sh, whose names it uses.
# shellcheck shell=bash

readonly LOGINS_PORT=${BENCH_LOGINS_PORT:-19445}
readonly SILENT_PORT=${BENCH_SILENT_PORT:-19446}
readonly LOGIN_USERS=2000
readonly HASHED_USERS=500
# Name, letter of the users, how many, and how the directory keeps their passwords: salted SHA-1, which costs it nothing and keeps nothing secret; SHA-512 crypt with
# 5000 rounds, as Debian made them for long; and Argon2 as slapd's own module makes it.
readonly KINDS=(ssha crypt argon2)
declare -rA LETTER=([ssha]=u [crypt]=h [argon2]=r) HOW_MANY=([ssha]=$LOGIN_USERS [crypt]=$HASHED_USERS [argon2]=$HASHED_USERS)
declare -rA KEPT=([ssha]='{SSHA}' [crypt]='{CRYPT}$6$' [argon2]='{ARGON2}')
readonly AT_ONCE=(1 8 32)
# More and shorter pairs than elsewhere: how long one hash takes changes by a third within a minute on a machine shared with strangers, and only neighbours are compared.
readonly LOGIN_SECONDS=4
LOGINS_PID=
SILENT_PID=
HAS_HASHED_USERS=

# A gateway that remembers no login, so that each request is a first-time login: counters charged and cleared, a search, a bind, a record.
start_logins() {
  local state=$WORK/logins
  (umask 077; mkdir -p "$state/pki" "$state/secrets"; printf '%s' gatewaypw >"$state/secrets/ldap-password")
  install -m 600 "$BED"/pki/{ca.crt,server.crt,server.key} "$state/pki/"
  cat >"$state/appsettings.json" <<JSON
{
  "AuthGateway": {
    "Listeners": { "public": { "Url": "https://127.0.0.1:$LOGINS_PORT" } },
    "Hosts": { "$BROWSER_HOST": { "CertificateFile": "pki/server.crt", "KeyFile": "pki/server.key" } },
    "Upstreams": { "fast": { "Destinations": ["$UPSTREAM"] } },
    "Services": { "web": { "Preset": "generic-web", "Hosts": ["$BROWSER_HOST"], "Upstream": "fast", "Identity": "header", "Login": "basic", "Rules": [{ "Policy": "web" }] } },
    "Policies": { "web": { "Groups": ["mailusers"], "Factors": ["password"] } },
    "Login": { "CacheLifetime": "0s" },
    "Backends": [$(directory_backend)],
    "Log": { "Level": "warning" }
  }
}
JSON
  "$GATEWAY" run --config "$state/appsettings.json" --state "$state" >"$WORK/logins.log" 2>&1 &
  LOGINS_PID=$!
  await logins "$LOGINS_PID" "$LOGINS_PORT" "$WORK/logins.log"
  # Every request of another user; the headers are made once, for wrk shares the machine with what it measures.
  cat >"$WORK/logins.lua" <<'LUA'
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(text)
  local out = {}
  for at = 1, #text, 3 do
    local a, b, c = text:byte(at, at + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local function letter(shift) local i = math.floor(n / shift) % 64 + 1; return letters:sub(i, i) end
    out[#out + 1] = letter(262144) .. letter(4096) .. (b and letter(64) or "=") .. (c and letter(1) or "=")
  end
  return table.concat(out)
end
local requests, at = {}, 0
function init(arguments)
  for i = 1, tonumber(arguments[1]) do
    requests[i] = wrk.format("GET", "/", { Host = wrk.host .. ":" .. wrk.port, Authorization = "Basic " .. base64(string.format("%s%04d:load-pw", arguments[2], i)) })
  end
end
function request() at = at % #requests + 1; return requests[at] end
LUA
  cat "$WORK/resolve.lua" >>"$WORK/logins.lua"
}

directory_backend() {
  cat <<JSON
{
      "Name": "directory", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:3636"], "CaFile": "pki/ca.crt", "BaseDn": "ou=people,dc=bed,dc=test",
      "SearchUser": "cn=gateway,ou=services,dc=bed,dc=test", "SearchPasswordFile": "secrets/ldap-password", "LoginAttributes": ["uid", "mail"]
    }
JSON
}

login_rate() { # KIND AT_ONCE SECONDS: logins per second through the gateway
  local out=$WORK/logins-$1-$2.wrk
  wrk -t1 -c"$2" -d"$3s" --timeout 10s -s "$WORK/logins.lua" "https://$BROWSER_HOST:$LOGINS_PORT/" -- "${HOW_MANY[$1]}" "${LETTER[$1]}" >"$out" 2>&1 || { cat "$out" >&2; die "wrk failed against the logins"; }
  if grep -q -e 'Non-2xx' -e 'Socket errors' "$out"; then cat "$out" >&2; tail -n 5 "$WORK/logins.log" >&2; die "a login was not answered with 200"; fi
  awk '$1 == "Requests/sec:" { printf "%.0f\n", $2 }' "$out"
}

# The users whose passwords cost the directory something. They are the benchmark's own and go with it.
add_hashed_users() {
  local crypt argon2
  crypt={CRYPT}$(openssl passwd -6 -salt bench load-pw)
  argon2=$(/usr/sbin/slappasswd -o module-path=/usr/lib/ldap -o module-load=argon2 -h '{ARGON2}' -s load-pw) || die "slapd's Argon2 module is missing"
  remove_hashed_users
  HAS_HASHED_USERS=1
  { hashed_entries crypt "$crypt"; hashed_entries argon2 "$argon2"; } | as_directory_admin ldapadd >/dev/null
  {
    printf 'dn: cn=mailusers,ou=groups,dc=bed,dc=test\nchangetype: modify\nadd: member\n'
    each_hashed_user 'member: uid=%s,ou=people,dc=bed,dc=test\n' crypt argon2
  } | as_directory_admin ldapmodify >/dev/null
}

# Their group forgets them by itself (refint).
remove_hashed_users() {
  each_hashed_user 'uid=%s,ou=people,dc=bed,dc=test\n' crypt argon2 | as_directory_admin ldapdelete -c >/dev/null 2>&1 || true
}

hashed_entries() { # KIND HASH
  each_hashed_user "dn: uid=%s,ou=people,dc=bed,dc=test\nobjectClass: inetOrgPerson\nuid: %s\ncn: H\nsn: H\nmail: %s@bed.test\nuserPassword: $2\n\n" "$1"
}

each_hashed_user() { # FORMAT KIND...: the format for each user, his name wherever it asks for one
  local format=$1 kind i name
  shift
  for kind in "$@"; do
    for ((i = 1; i <= HOW_MANY[$kind]; i++)); do
      printf -v name '%s%04d' "${LETTER[$kind]}" "$i"
      # shellcheck disable=SC2059 # the formats are above
      printf "${format//%s/$name}"
    done
  done
}

as_directory_admin() { "$1" -x -H ldap://127.0.0.1:3890 -D cn=admin,dc=bed,dc=test -w adminpw "${@:2}"; }

pair_rate() { # KIND AT_ONCE SECONDS: search and bind per second without the gateway
  "$BENCHMARKS" pairs --url ldaps://127.0.0.1:3636 --ca "$BED/pki/ca.crt" --base ou=people,dc=bed,dc=test \
    --user cn=gateway,ou=services,dc=bed,dc=test --password gatewaypw --users "${HOW_MANY[$1]}" --letter "${LETTER[$1]}" --at-once "$2" --seconds "$3"
}

measure_logins() {
  local kind n pair
  start_logins
  add_hashed_users
  warm_up_logins
  for kind in "${KINDS[@]}"; do
    say "logins, passwords kept as ${KEPT[$kind]}: $((2 * PAIRS - 1)) pairs of $LOGIN_SECONDS s at ${AT_ONCE[*]} at once"
    for n in "${AT_ONCE[@]}"; do
      for ((pair = 1; pair < 2 * PAIRS; pair++)); do
        login_pair "$kind" "$n" >>"$WORK/logins-$kind-$n"
      done
    done
  done
  kill "$LOGINS_PID"
  wait "$LOGINS_PID" 2>/dev/null || true
  LOGINS_PID=
}

# Until the compiler's thread rests, as for the proxy; and until every user has been here once, for the first sign-in of an hour is written down and a place that is
# new becomes familiar, which only the first login of each pays.
warm_up_logins() {
  local turn before compiled kind
  for ((turn = 1; turn <= 8; turn++)); do
    before=$(compiler_of "$LOGINS_PID")
    login_rate ssha "${AT_ONCE[turn % 3]}" 3 >/dev/null
    compiled=$(($(compiler_of "$LOGINS_PID") - before))
    if ((turn >= 4 && compiled * 100 < 3 * 3 * TICKS)); then break; fi
  done
  for kind in crypt argon2; do login_rate "$kind" 8 8 >/dev/null; done
  say "logins: the compiler took $((compiled * 100 / TICKS / 3)) % of a CPU at the end of the warm-up"
}

# login_pair KIND AT_ONCE: pairs per second, logins per second, and what one login took of the gateway's and of the directory's CPU in microseconds.
login_pair() {
  local pairs logins gateway directory slapd
  slapd=$(cat "$BED/run/slapd.pid")
  pairs=$(pair_rate "$1" "$2" "$LOGIN_SECONDS")
  gateway=$(cpu_of "$LOGINS_PID") directory=$(cpu_of "$slapd")
  logins=$(login_rate "$1" "$2" "$LOGIN_SECONDS")
  gateway=$(($(cpu_of "$LOGINS_PID") - gateway)) directory=$(($(cpu_of "$slapd") - directory))
  printf '%s %s %s %s\n' "$pairs" "$logins" $((gateway * 1000000 / TICKS / (logins * LOGIN_SECONDS))) $((directory * 1000000 / TICKS / (logins * LOGIN_SECONDS)))
}

# 40 logins of names that only the silent directory could know hang for seconds, while a phone's requests pass.
measure_silence() {
  local pair
  write_p95
  say "silent directory: $PAIRS pairs"
  p95 >/dev/null
  for ((pair = 1; pair <= PAIRS; pair++)); do
    local quiet loud
    quiet=$(p95)
    hang_logins "$pair" &
    loud=$(p95)
    wait $!
    printf '%s %s\n' "$quiet" "$loud" >>"$WORK/silence"
  done
}

write_p95() {
  printf 'function done(summary, latency, requests) io.write(string.format("p95 %%.3f\\n", latency:percentile(95) / 1000)) end\n' >"$WORK/p95.lua"
  cat "$WORK/resolve.lua" >>"$WORK/p95.lua"
}

p95() {
  local out=$WORK/p95.wrk
  CLIENT_PEM=$BED/pki/alice.pem LD_PRELOAD=$BED/tools/clientcert.so wrk -t1 -c16 -d6s --timeout 10s --latency -s "$WORK/p95.lua" -H "Authorization: Basic $BASIC" \
    "https://$PHONE_HOST:$GATEWAY_PORT/" >"$out" 2>&1 || { cat "$out" >&2; die "wrk failed"; }
  if grep -q -e 'Non-2xx' -e 'Socket errors' "$out"; then cat "$out" >&2; die "a phone was not answered with 200"; fi
  awk '$1 == "p95" { print $2 }' "$out"
}

hang_logins() { # PAIR
  local i codes
  for ((i = 1; i <= 40; i++)); do
    printf 'url = "https://%s:%s/plain/"\nuser = "nobody%s-%s:wrong"\noutput = /dev/null\n' "$BROWSER_HOST" "$GATEWAY_PORT" "$1" "$i"
  done >"$WORK/hang.curl"
  codes=$(curl -s --parallel --parallel-max 40 --parallel-immediate --max-time 30 --cacert "$BED/pki/ca.crt" --connect-to "$BROWSER_HOST:$GATEWAY_PORT:127.0.0.1:$GATEWAY_PORT" \
    -w '%{http_code}\n' -K "$WORK/hang.curl" | sort | uniq -c | tr -s ' \n' ' ')
  say "silent directory: answers to the 40 logins:$codes"
}

start_silent() {
  "$BENCHMARKS" silent "$SILENT_PORT" >/dev/null 2>&1 &
  SILENT_PID=$!
  await silent "$SILENT_PID" "$SILENT_PORT" /dev/null
}

report_logins() {
  local kind n
  printf 'first-time logins: search and bind by the client alone, and logins through the gateway, per second; CPU of one login in us\n'
  printf '%-10s %-8s %-6s %12s %12s %8s %9s %10s\n' 'kept as' 'at once' pair 'search+bind' logins ratio gateway directory
  for kind in "${KINDS[@]}"; do
    for n in "${AT_ONCE[@]}"; do
      awk -v kept="${KEPT[$kind]}" -v n="$n" '{ printf "%-10s %-8s %-6s %12s %12s %8.2f %9s %10s\n", kept, n, NR, $1, $2, $2 / $1, $3, $4 }' "$WORK/logins-$kind-$n"
    done
  done
  printf '\n40 logins against a silent directory: p95 of a phone in ms, without and with them\n'
  awk '{ printf "%-6s %10s %10s %8.2f\n", NR, $1, $2, $2 / $1 }' "$WORK/silence"
  printf '\n'
  for kind in "${KINDS[@]}"; do
    for n in "${AT_ONCE[@]}"; do
      printf 'logins, passwords kept as %s, %s at once: ratio %.2f (target >= 0.8)\n' "${KEPT[$kind]}" "$n" "$(awk '{ print $2 / $1 }' "$WORK/logins-$kind-$n" | median)"
    done
  done
  printf 'silent directory: p95 ratio %.2f (target < 2)\n' "$(awk '{ print $2 / $1 }' "$WORK/silence" | median)"
}
