#!/usr/bin/env bash
# Builds once and runs the tests; the last line sums them up: `N passed, N failed, N skipped`.
#
#   tests/run.sh [unit|scenarios|browser|all] [--filter EXPRESSION]
#
# Unit tests need nothing. Scenarios and browser tests run against the bed of real servers (tests/bed.sh), which is brought
# up for them and taken down afterwards, unless something of it was running before. RESULTS is where the reports go,
# AGW_SCREENSHOTS where pictures of the pages go instead of there.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
REPO=$(dirname -- "$HERE")
RESULTS=${RESULTS:-$REPO/TestResults}
export BED=${BED:-/tmp/authgateway-bed}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

PASSED=0
FAILED=0
SKIPPED=0
BED_IS_OURS=
INSTALL=

say() { printf 'run: %s\n' "$*" >&2; }

main() {
  local which=all filter=()
  while (($#)); do
    case $1 in
      unit | scenarios | browser | all) which=$1; shift ;;
      --filter) filter=(--filter "${2:?--filter needs an expression}"); shift 2 ;;
      *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
  done

  # Held connections by the thousand are part of the scenarios.
  ulimit -Sn "$(ulimit -Hn)" 2>/dev/null || true
  trap finish EXIT
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"

  if wanted scenarios || wanted browser; then install_begin; fi
  build
  if wanted unit; then run_project AuthGateway.Tests ${filter[@]+"${filter[@]}"}; fi
  if wanted scenarios || wanted browser; then bed_up; fi
  if wanted scenarios; then run_project AuthGateway.Scenarios ${filter[@]+"${filter[@]}"}; fi
  if wanted browser; then
    export AGW_SCREENSHOTS=${AGW_SCREENSHOTS:-$RESULTS/screenshots}
    run_project AuthGateway.Browser ${filter[@]+"${filter[@]}"}
  fi
}

# In main's words: what was asked for.
wanted() { [[ $which == all || $which == "$1" ]]; }

build() {
  local quiet=()
  # Build servers outlive the build; a run whose output somebody waits for must leave nothing behind.
  if [[ ${CI:-} == true ]]; then
    export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
    quiet=(-p:UseSharedCompilation=false)
  fi
  say "building"
  if ! dotnet build "$REPO/AuthGateway.sln" -c Release --nologo -v quiet ${quiet[@]+"${quiet[@]}"} </dev/null; then
    say "the build failed"
    FAILED=$((FAILED + 1))
    exit 1
  fi
}

# Packages come from elsewhere while the compiler works and the unit tests run; what was said is shown when they are needed.
install_begin() {
  say "installing what the tests need"
  "$HERE/bed.sh" install --with roundcube,samba,slapd2,krb5,sshd >"$RESULTS/install.log" 2>&1 </dev/null &
  INSTALL=$!
}

install_end() {
  local code=0
  [[ -n $INSTALL ]] || return 0
  wait "$INSTALL" || code=$?
  INSTALL=
  cat "$RESULTS/install.log" >&2
  return "$code"
}

bed_up() {
  local code=0
  install_end || { say "the installation failed"; FAILED=$((FAILED + 1)); exit 1; }
  "$HERE/bed.sh" status >/dev/null || code=$?
  # 3: nothing of it runs, so nobody else needs it, and it starts from nothing: no user locked by an earlier run.
  if ((code == 3)); then
    BED_IS_OURS=1
    "$HERE/bed.sh" down --wipe
  fi
  if ! "$HERE/bed.sh" up --with roundcube,samba,slapd2,krb5,sshd; then
    say "the bed did not come up"
    FAILED=$((FAILED + 1))
    exit 1
  fi
}

run_project() {
  local name=$1 code=0
  local report=$RESULTS/$name.trx
  shift
  say "testing $name"
  # A test that hangs for ten minutes is ended and counts as failed, so that a run always comes to its sum.
  dotnet test "$HERE/$name/$name.csproj" -c Release --no-build --nologo --results-directory "$RESULTS" \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" \
    --blame-hang-timeout 10min --blame-hang-dump-type none "$@" </dev/null || code=$?
  sum_up "$name" "$report" "$code"
}

# The report's counters. Of skipped tests they tell only that they were not executed.
sum_up() {
  local name=$1 report=$2 code=$3 counters total executed passed failed
  if [[ ! -s $report ]]; then
    say "$name gave no report"
    FAILED=$((FAILED + 1))
    return
  fi
  counters=$(grep -o '<Counters [^>]*>' "$report" | head -n 1 || true)
  total=$(counter total "$counters")
  executed=$(counter executed "$counters")
  passed=$(counter passed "$counters")
  failed=$((executed - passed))
  # A host that crashed may have counted only what went well before.
  if ((code != 0 && failed == 0)); then
    say "$name ended with exit code $code"
    failed=1
  fi
  say "$name: $passed passed, $failed failed, $((total - executed)) skipped"
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
  SKIPPED=$((SKIPPED + total - executed))
}

counter() { # NAME COUNTERS
  local value
  value=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$2")
  printf '%s' "${value:-0}"
}

# However it ends, the bed is put away and the sum is the last line.
finish() {
  local code=$?
  trap - EXIT
  set +e
  # A package manager that is ended half-way leaves a broken machine.
  install_end
  if [[ -n $BED_IS_OURS ]]; then "$HERE/bed.sh" down; fi
  if ((code != 0 && FAILED == 0)); then FAILED=1; fi
  printf '%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
  if ((FAILED > 0)); then exit 1; fi
  if ((PASSED == 0)); then say "no test ran"; exit 1; fi
  exit 0
}

main "$@"
