# Processes of the bed: started in a session of their own, known by pid file, stopped as a whole.
# shellcheck shell=bash

say() { printf 'bed: %s\n' "$*" >&2; }
die() { printf 'bed: error: %s\n' "$*" >&2; exit 1; }

# quietly NAME COMMAND...: output to log/NAME.log, shown only when the command fails. In a subshell, so that the command
# may change the directory. To be called on its own: left of `||` or after `if`, bash switches `set -e` off inside.
quietly() {
  (
    log=$BED/log/$1.log
    shift
    exec 7>&2 >>"$log" 2>&1
    trap 'code=$?; if ((code)); then { tail -n 20 "$log"; say "failed; more in $log"; } >&7 2>&7; fi' EXIT
    "$@"
  )
}

need_root() {
  ((EUID == 0)) || die "needs root: the servers run under their own accounts (sogo, mysql, vmail)"
}

# The marker makes sure that `down --wipe` never removes a folder that is not a bed.
make_folder() {
  if [[ -d $BED && ! -e $BED/.authgateway-bed && -n $(ls -A "$BED") ]]; then
    die "$BED exists and is not a test bed; set BED to another folder"
  fi
  # Other accounts (sogo, mysql, vmail) must be able to walk in.
  (umask 022; mkdir -p "$BED"/{run,log,tools})
  chmod 755 "$BED"
  : >"$BED/.authgateway-bed"
}

# Two callers at once would start everything twice: one waits for the other.
take_turn() {
  exec 9>"$BED/run/lock"
  flock -w 900 9 || die "another bed.sh has been busy in $BED for 15 minutes"
}

# Field N (from 3 on) of /proc/PID/stat; the name in the second field may hold blanks, so cut it off first.
stat_field() {
  local line fields
  read -r line 2>/dev/null <"/proc/$1/stat" || return 1
  read -ra fields <<<"${line##*) }"
  printf '%s' "${fields[$2 - 3]}"
}

# A pid file alone proves nothing: the number may belong to another program by now. So the moment of the start is
# kept beside it, and the command line must be that of the service.
service_pid() {
  local pid stamp
  read -r pid 2>/dev/null <"$BED/run/$1.pid" || return 1
  read -r stamp 2>/dev/null <"$BED/run/$1.stamp" || return 1
  [[ $(stat_field "$pid" 22) == "$stamp" ]] || return 1
  [[ $(stat_field "$pid" 3) != Z ]] || return 1
  is_service "$1" "$pid" || return 1
  printf '%s\n' "$pid"
}

is_service() { # NAME PID
  local line
  line=$(tr '\0' ' ' 2>/dev/null <"/proc/$2/cmdline") || return 1
  [[ $line == *$(service_word "$1")* ]]
}

# All processes of the service: a master that was killed may leave workers that still hold the port. They are those of
# its session, and those with its mark in their environment, as sogod's workers begin sessions of their own.
service_pids() {
  local pid
  read -r pid 2>/dev/null <"$BED/run/$1.pid" || return 0
  # A living leader that is not ours means that the number went to somebody else.
  if [[ -d /proc/$pid ]] && ! service_pid "$1" >/dev/null && [[ $(stat_field "$pid" 3) != Z ]]; then return 0; fi
  # Every state but zombie: in a container nobody may be there to collect those.
  { pgrep -s "$pid" -r D,I,R,S,T,t
    grep -lsz "^BED_SERVICE=$1@$BED\$" /proc/[0-9]*/environ | cut -d/ -f3
  } | sort -un || true
}

# launch NAME COMMAND...: in the background, in its own session, output to log/NAME.log.
launch() {
  local name=$1
  shift
  printf -- '--- %s started at %(%FT%T)T\n' "$name" -1 >>"$BED/log/$name.log"
  (
    # Held connections are many; the soft limit is often 1024.
    ulimit -Sn "$(ulimit -Hn)" 2>/dev/null || true
    exec env BED_SERVICE="$name@$BED" setsid "$@" >>"$BED/log/$name.log" 2>&1 </dev/null 9>&-
  ) &
  local pid=$!
  printf '%s\n' "$pid" >"$BED/run/$name.pid"
  stat_field "$pid" 22 >"$BED/run/$name.stamp" || true
  printf '\n' >>"$BED/run/$name.stamp"
  # Until the exec has happened the command line is still our own, and the service would look dead.
  while kill -0 "$pid" 2>/dev/null && ! is_service "$name" "$pid"; do
    [[ $(stat_field "$pid" 3) != Z ]] || break
    sleep 0.01
  done
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# up, down, frozen, or silent: the process lives and gives no proper answer.
service_state() {
  local pid
  pid=$(service_pid "$1") || { echo down; return; }
  if [[ $(stat_field "$pid" 3) == T ]]; then echo frozen
  elif "ready_${1//-/_}"; then echo up
  else echo silent; fi
}

wait_ready() {
  local name=$1 turn missed=0
  for ((turn = 0; turn < 600; turn++)); do
    # A program that replaces itself or writes its title has no command line for a moment: gone is who was missed thrice.
    if service_pid "$name" >/dev/null; then missed=0; elif ((++missed >= 3)); then break; fi
    if "ready_${name//-/_}"; then return 0; fi
    sleep 0.1
  done
  tail -n 15 "$BED/log/$name.log" >&2 || true
  die "$name did not start; its log is $BED/log/$name.log"
}

ensure_service() {
  local name=$1 began=$EPOCHREALTIME port
  case $(service_state "$name") in
    up) return 0 ;;
    frozen) signal_service "$name" CONT; if answers_soon "$name"; then say "$name thawed"; return 0; fi ;;
    silent) if answers_soon "$name"; then return 0; fi ;;
  esac
  stop_service "$name"
  for port in $(service_ports "$name"); do
    if port_open "$port"; then die "port $port, which $name needs, belongs to another program"; fi
  done
  "start_${name//-/_}"
  wait_ready "$name"
  if declare -F "after_${name//-/_}" >/dev/null; then "after_${name//-/_}"; fi
  say "$name up ($(service_ports "$name" | tr ' ' ,)) after $(since "$began") s"
}

# A service that is starting, or busy, gets a while before it counts as broken.
answers_soon() {
  local turn
  for ((turn = 0; turn < 50; turn++)); do
    if "ready_${1//-/_}"; then return 0; fi
    sleep 0.1
  done
  return 1
}

since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

signal_service() {
  local pids
  service_pid "$1" >/dev/null || die "$1 does not run"
  mapfile -t pids < <(service_pids "$1")
  kill "-$2" "${pids[@]}" 2>/dev/null || true
}

stop_service() {
  local name=$1 pids turn patience=60
  # An idle sogod takes ten seconds and more to notice, and has nothing to write down: what it knows is in MariaDB.
  [[ $name != sogo-* ]] || patience=5
  mapfile -t pids < <(service_pids "$name")
  if ((${#pids[@]})); then
    # The leader first: masters end their workers in order. A frozen process acts on TERM only once it goes on.
    kill -TERM "$(service_pid "$name" || echo "${pids[0]}")" 2>/dev/null || true
    kill -CONT "${pids[@]}" 2>/dev/null || true
    for ((turn = 0; turn < 100; turn++)); do
      mapfile -t pids < <(service_pids "$name")
      ((${#pids[@]})) || break
      if ((turn == 20)); then kill -TERM "${pids[@]}" 2>/dev/null || true; fi
      if ((turn >= patience)); then kill -KILL "${pids[@]}" 2>/dev/null || true; fi
      sleep 0.1
    done
    ((${#pids[@]} == 0)) || die "$name does not end: ${pids[*]}"
    say "$name stopped"
  fi
  rm -f "$BED/run/$name.pid" "$BED/run/$name.stamp"
}

# render TEMPLATE FILE: fills in @BED@ and the few other values.
render() {
  sed -e "s|@BED@|$BED|g" -e "s|@PARTS@|$PARTS|g" "$PARTS/$1" >"$2"
}
