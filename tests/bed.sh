#!/usr/bin/env bash
# The test bed: the real servers the gateway stands in front of, on loopback, below one folder.
# `bed.sh help` lists the verbs; tests/bed/README.md says what runs where.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
REPO=$(dirname -- "$HERE")
PARTS=$HERE/bed
BED=${BED:-/tmp/authgateway-bed}
export BED

# shellcheck source-path=SCRIPTDIR
source "$PARTS/process.sh"
source "$PARTS/install.sh"
source "$PARTS/pki.sh"
source "$PARTS/services.sh"
source "$PARTS/roundcube.sh"
source "$PARTS/samba.sh"
source "$PARTS/slapd2.sh"
source "$PARTS/krb5.sh"
source "$PARTS/sshd.sh"
source "$PARTS/gateway.sh"
source "$PARTS/users.sh"

# In the order in which they may be started; what comes later may need what comes before.
readonly DEFAULT_SERVICES=(slapd dovecot memcached mariadb sogo-a sogo-b fast hold)
readonly OPTIONAL_SERVICES=(roundcube samba slapd2 krb5 sshd)
readonly ALL_SERVICES=("${DEFAULT_SERVICES[@]}" "${OPTIONAL_SERVICES[@]}")

usage() {
  cat <<TEXT
usage: tests/bed.sh VERB

  up [--only A,B] [--with C]   install what is missing, start what is not running, heal what died
  status [--only A,B] [--with C]  table of services; exit 0 all up, 1 some are not, 3 none runs
  down [--wipe]                stop all this bed started, optional or not; --wipe also removes its folder
  start|stop NAME              one service
  freeze|thaw NAME             stop its processes from being scheduled, and let them go on
  install [--only A,B] [--with C]  only the Debian packages
  pki                          only the certificates
  users                        users of the operating system, and the programs that check them
  gateway [ARG...]             run the Release build of the gateway against the bed, in the foreground

services: ${DEFAULT_SERVICES[*]}; only with --with: ${OPTIONAL_SERVICES[*]}
folder:   $BED (environment variable BED)
TEXT
}

# known NAME: stops with a clear word when there is no such service.
known() {
  local each
  for each in "${ALL_SERVICES[@]}"; do [[ $each == "$1" ]] && return 0; done
  die "unknown service '$1'; there are: ${ALL_SERVICES[*]}"
}

# choose [--only A,B] [--with C]: sets CHOSEN, in starting order, and TOOLS, what the tests need besides the servers.
choose() {
  local wanted=() extra=() name each
  local only=
  while (($#)); do
    case $1 in
      --only | --with)
        [[ -n ${2:-} ]] || die "$1 needs names, such as $1 slapd,hold"
        if [[ $1 == --only ]]; then only=1; IFS=, read -ra extra <<<"$2"; else IFS=, read -ra extra <<<"$2"; fi
        wanted+=("${extra[@]}")
        shift 2
        ;;
      *) die "unknown option '$1'; see tests/bed.sh help" ;;
    esac
  done
  for name in ${wanted[@]+"${wanted[@]}"}; do known "$name"; done
  TOOLS=(tools)
  # Who asks for two servers does not want to wait for a browser of 300 MB.
  if [[ -z $only ]]; then
    wanted+=("${DEFAULT_SERVICES[@]}")
    TOOLS+=(browser)
  fi
  CHOSEN=()
  for each in "${ALL_SERVICES[@]}"; do
    for name in "${wanted[@]}"; do
      if [[ $name == "$each" ]]; then CHOSEN+=("$each"); break; fi
    done
  done
}

chosen() { [[ " ${CHOSEN[*]} " == *" $1 "* ]]; }

# Starts those of the given services that were chosen, one after the other.
bring_up() {
  local name
  for name; do if chosen "$name"; then ensure_service "$name"; fi; done
}

# Runs functions side by side and fails when one of them failed. To be called on its own, not left of `||`: there,
# bash would switch off `set -e` inside the functions as well.
together() {
  local line pids=() failed=0 pid
  for line; do
    # shellcheck disable=SC2086  # the words of a line are its arguments
    $line &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  return "$failed"
}

up() {
  choose "$@"
  need_root
  local began=$SECONDS
  make_folder
  take_turn
  install_packages "${TOOLS[@]}" "${CHOSEN[@]}"
  make_pki
  make_tools
  # SOGo needs the directory, mail, cache and database; those do not need each other.
  together "bring_up slapd dovecot" "bring_up memcached mariadb" "bring_up fast hold"
  together "bring_up sogo-a" "bring_up sogo-b" "bring_up roundcube" "bring_up samba" "bring_up slapd2" "bring_up krb5" "bring_up sshd"
  if chosen dovecot && chosen slapd; then seed_mail; fi
  say "up after $((SECONDS - began)) s: ${CHOSEN[*]}"
}

down() {
  need_root
  local wipe= name index
  case ${1:-} in
    '') ;;
    --wipe) wipe=1 ;;
    *) die "unknown option '$1'; see tests/bed.sh help" ;;
  esac
  [[ -e $BED/.authgateway-bed ]] || { say "no bed in $BED"; return 0; }
  take_turn
  for ((index = ${#ALL_SERVICES[@]} - 1; index >= 0; index--)); do
    name=${ALL_SERVICES[index]}
    stop_service "$name"
  done
  if [[ -n $wipe ]]; then remove_users; rm -rf -- "$BED"; say "removed $BED"; fi
}

status() {
  local name state all=0 some=3 pid
  # Without a choice: the usual services, and those others that run.
  choose "$@"
  if ((!$#)); then
    for name in "${OPTIONAL_SERVICES[@]}"; do if service_pid "$name" >/dev/null; then CHOSEN+=("$name"); fi; done
  fi
  printf '%-10s %-11s %-8s %s\n' NAME PORT PID STATE
  for name in "${CHOSEN[@]}"; do
    state=$(service_state "$name")
    pid=$(service_pid "$name" || echo -)
    if [[ $state == up ]]; then some=1; else all=1; fi
    if [[ $pid != - ]]; then some=1; fi
    printf '%-10s %-11s %-8s %s\n' "$name" "$(service_ports "$name" | tr ' ' ,)" "$pid" "$state"
  done
  ((all == 0)) || return "$some"
}

one() { # VERB NAME
  [[ -n ${2:-} ]] || die "$1 needs the name of a service: ${ALL_SERVICES[*]}"
  known "$2"
  need_root
  make_folder
  take_turn
  case $1 in
    start) make_pki; ensure_service "$2" ;;
    stop) stop_service "$2" ;;
    freeze) signal_service "$2" STOP; say "$2 frozen" ;;
    thaw) signal_service "$2" CONT; say "$2 thawed" ;;
  esac
}

main() {
  local verb=${1:-help}
  (($# == 0)) || shift
  case $verb in
    up | down | status) "$verb" "$@" ;;
    start | stop | freeze | thaw) one "$verb" "$@" ;;
    install) choose "$@"; need_root; make_folder; take_turn; install_packages "${TOOLS[@]}" "${CHOSEN[@]}" ;;
    pki) make_folder; take_turn; make_pki ;;
    users) need_root; make_folder; take_turn; install_packages users; make_users ;;
    gateway) run_gateway "$@" ;;
    help | -h | --help) usage ;;
    *) usage >&2; die "unknown verb '$verb'" ;;
  esac
}

main "$@"
