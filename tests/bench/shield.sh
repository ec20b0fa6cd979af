# Clients with a stale password beside proxied traffic, and a million invented names. Read by bench.sh, whose names it uses.
# shellcheck shell=bash

readonly STALE_USER=u0777
readonly STALE_RATE=500

# The directory's own count of wrong passwords: every bind that reached it with one is a line. The fifth of them ends the lines, not the first.
stale_binds() {
  as_directory_admin ldapsearch -LLL -b "uid=$STALE_USER,ou=people,dc=bed,dc=test" -s base pwdFailureTime | grep -c '^pwdFailureTime:' || true
}

# A right password makes the directory forget.
forget_stale_binds() {
  ldapwhoami -x -H ldap://127.0.0.1:3890 -D "uid=$STALE_USER,ou=people,dc=bed,dc=test" -w load-pw >/dev/null || die "$STALE_USER cannot bind"
}

# The clients' own work is done elsewhere where there is a network between: here they get what CPU is left over, and the pace they kept is printed.
replay() { # SECONDS
  nice -n 19 "$BENCHMARKS" replay --port "$GATEWAY_PORT" --host "$BROWSER_HOST" --path /plain/ --user "$STALE_USER" --password not-the-password --rate "$STALE_RATE" --seconds "$1"
}

# What a retry takes of the gateway's CPU when nothing else is asked of it and its code is compiled for good, in microseconds.
measure_retry() {
  local before
  replay 10 >/dev/null
  before=$(cpu_of "$GATEWAY_PID")
  replay 6 >"$WORK/retries"
  printf '%s\n' $((($(cpu_of "$GATEWAY_PID") - before) * 1000000 / TICKS / (STALE_RATE * 6))) >"$WORK/shield-cpu"
}

# A phone's p95 without and with STALE_RATE retries a second of one wrong password, which another device sends.
measure_shield() {
  local pair quiet loud
  forget_stale_binds
  write_p95
  say "stale password: $PAIRS pairs, $STALE_RATE retries a second"
  p95 >/dev/null
  for ((pair = 1; pair <= PAIRS; pair++)); do
    quiet=$(p95)
    replay 7 >"$WORK/replay-$pair" &
    loud=$(p95)
    wait $! || die "the retries failed"
    say "stale password: $(cat "$WORK/replay-$pair"); $(stale_binds) reached the directory so far"
    printf '%s %s\n' "$quiet" "$loud" >>"$WORK/shield"
  done
  measure_retry
  stale_binds >"$WORK/shield-binds"
  forget_stale_binds
}

measure_names() {
  say "names: a million invented ones"
  "$BENCHMARKS" names >"$WORK/names" || die "the names could not be counted"
}

report_shield() {
  printf '%s retries a second of one stale password: p95 of a phone in ms, without and with them\n' "$STALE_RATE"
  awk '{ printf "%-6s %10s %10s %8.2f\n", NR, $1, $2, $2 / $1 }' "$WORK/shield"
  cat "$WORK"/replay-*
  printf '\nstale password: a retry takes %s us of CPU\n' "$(cat "$WORK/shield-cpu")"
  printf 'stale password: %s wrong passwords reached the directory (target 1)\n' "$(cat "$WORK/shield-binds")"
  printf 'stale password: p95 ratio %.2f (target < 2)\n' "$(awk '{ print $2 / $1 }' "$WORK/shield" | median)"
}

report_names() { cat "$WORK/names"; }
