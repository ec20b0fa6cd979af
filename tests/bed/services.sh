# The servers: for each its ports, the word that its command line shows, how to start it and how to see that it works.
# shellcheck shell=bash

service_ports() {
  case $1 in
    slapd) echo 3890 3636 ;;
    dovecot) echo 1143 ;;
    memcached) echo 11311 ;;
    mariadb) echo 33306 ;;
    sogo-a) echo 20000 ;;
    sogo-b) echo 20001 ;;
    fast) echo 9080 ;;
    hold) echo 9081 9082 ;;
    roundcube) echo 18081 ;;
    samba) echo 389 636 88 464 ;;
    slapd2) echo 3891 3637 ;;
    krb5) echo 7088 ;;
    sshd) echo 3022 ;;
  esac
}

service_word() {
  case $1 in
    mariadb) echo mariadbd ;;
    sogo-a) echo 127.0.0.1:20000 ;;
    sogo-b) echo 127.0.0.1:20001 ;;
    fast) echo nginx ;;
    hold) echo hold.py ;;
    krb5) echo krb5kdc ;;
    sshd) echo sshd/sshd.conf ;;
    roundcube) echo 127.0.0.1:18081 ;;
    *) echo "$1" ;;
  esac
}

http_status() { # URL
  curl -s -m 5 -o /dev/null -w '%{http_code}' "$1"
}

# --- slapd: the directory

start_slapd() {
  mkdir -p "$BED/ldap"
  render slapd.conf.in "$BED/ldap/slapd.conf"
  # Loaded once, and again when the tree's description has changed.
  local wanted
  wanted=$(cat "$PARTS/tree.py" "$PARTS/slapd.conf.in" | sha256sum)
  if [[ $(cat "$BED/ldap/loaded" 2>/dev/null) != "$wanted" ]]; then
    rm -rf "$BED/ldap/db" "$BED/ldap/loaded"
    mkdir -m 700 "$BED/ldap/db"
    python3 "$PARTS/tree.py" people >"$BED/ldap/people.ldif"
    quietly slapd slapadd -q -f "$BED/ldap/slapd.conf" -l "$BED/ldap/people.ldif"
  fi
  launch slapd slapd -d 0 -f "$BED/ldap/slapd.conf" -h "ldap://127.0.0.1:3890 ldaps://127.0.0.1:3636"
}

# Groups go in online: slapadd does not run the overlay that writes memberOf, and a filter on it would find nobody.
after_slapd() {
  [[ ! -e $BED/ldap/loaded ]] || return 0
  python3 "$PARTS/tree.py" groups >"$BED/ldap/groups.ldif"
  quietly slapd ldapadd -x -H ldap://127.0.0.1:3890 -D cn=admin,dc=bed,dc=test -w adminpw -f "$BED/ldap/groups.ldif"
  cat "$PARTS/tree.py" "$PARTS/slapd.conf.in" | sha256sum >"$BED/ldap/loaded"
}

ready_slapd() {
  timeout 3 ldapwhoami -x -H ldap://127.0.0.1:3890 -D cn=gateway,ou=services,dc=bed,dc=test -w gatewaypw \
    >/dev/null 2>&1
}

# --- Dovecot: IMAP

start_dovecot() {
  id vmail >/dev/null 2>&1 || useradd --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin vmail
  mkdir -p "$BED/dovecot"/{run,state,mail}
  chown vmail:vmail "$BED/dovecot/mail"
  render dovecot.conf.in "$BED/dovecot/dovecot.conf"
  render dovecot-ldap.conf.in "$BED/dovecot/ldap.conf"
  mkdir -p "$BED/verify"
  render checkpassword.sh.in "$BED/verify/checkpassword"
  chmod 755 "$BED/verify" "$BED/verify/checkpassword"
  # A master that was killed leaves its pid file, and the number may live on as a zombie, or as somebody else.
  rm -f "$BED/dovecot/run/master.pid"
  launch dovecot dovecot -F -c "$BED/dovecot/dovecot.conf"
}

# The greeting only: a login would need the directory, which may be frozen on purpose.
ready_dovecot() {
  local line=
  { exec 3<>/dev/tcp/127.0.0.1/1143; } 2>/dev/null || return 1
  read -r -t 3 line <&3 || true
  exec 3>&-
  [[ $line == '* OK'* ]]
}

imap() { quietly seed curl -sS -m 20 "$@"; }

# One message for alice; and mailboxes opened once with CONDSTORE, before which SOGo's ActiveSync shows no mail in them.
seed_mail() {
  local user
  [[ ! -e $BED/dovecot/seeded ]] || return 0
  imap -u alice:alice-pw -T "$PARTS/message.eml" imap://127.0.0.1:1143/INBOX
  for user in alice bob carol grace; do
    imap -u "$user:$user-pw" -X 'SELECT INBOX (CONDSTORE)' imap://127.0.0.1:1143/
  done
  : >"$BED/dovecot/seeded"
  say "mailboxes seeded"
}

# --- memcached and MariaDB: what SOGo keeps its sessions and its data in

start_memcached() { launch memcached memcached -u nobody -l 127.0.0.1 -p 11311 -m 64 -U 0; }

ready_memcached() {
  local line=
  { exec 3<>/dev/tcp/127.0.0.1/11311; } 2>/dev/null || return 1
  printf 'version\r\n' >&3
  read -r -t 3 line <&3 || true
  exec 3>&-
  [[ $line == VERSION* ]]
}

start_mariadb() {
  if [[ ! -e $BED/mysql/installed ]]; then
    rm -rf "$BED/mysql"
    mkdir "$BED/mysql"
    chown mysql:mysql "$BED/mysql"
    quietly mariadb mariadb-install-db --no-defaults --user=mysql --datadir="$BED/mysql" --skip-test-db
    : >"$BED/mysql/installed"
  fi
  launch mariadb mariadbd --no-defaults --user=mysql --datadir="$BED/mysql" --bind-address=127.0.0.1 --port=33306 \
    --socket="$BED/mysql/s.sock" --pid-file="$BED/mysql/pid" --max-allowed-packet=64M --innodb-buffer-pool-size=128M \
    --character-set-server=utf8mb4 --skip-name-resolve --innodb-flush-log-at-trx-commit=2
}

after_mariadb() {
  quietly mariadb mariadb --no-defaults -S "$BED/mysql/s.sock" <<'SQL'
CREATE DATABASE IF NOT EXISTS sogo CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS sogo@'127.0.0.1' IDENTIFIED BY 'sogopw';
GRANT ALL ON sogo.* TO sogo@'127.0.0.1';
SQL
}

ready_mariadb() { timeout 3 mariadb-admin --no-defaults -S "$BED/mysql/s.sock" ping >/dev/null 2>&1; }

# --- SOGo: A checks passwords itself, B believes the proxy's header

readonly SOGO_CONF=/etc/sogo/sogo.conf
readonly SOGO_MARK='written by tests/bed.sh of AuthGateway'

# sogod reads this one path only. What somebody else wrote there stays; the file as the package brought it may go.
write_sogo_conf() {
  if [[ -e $SOGO_CONF ]] && ! grep -q "$SOGO_MARK" "$SOGO_CONF" && ! packaged_file sogo "$SOGO_CONF"; then
    die "$SOGO_CONF is not from this bed; move it away first"
  fi
  local new=$SOGO_CONF.bed
  render sogo.conf.in "$new"
  chown root:sogo "$new"
  chmod 640 "$new"
  mv "$new" "$SOGO_CONF"
}

packaged_file() { # PACKAGE FILE: still as installed?
  local sum
  sum=$(md5sum <"$2" | cut -d' ' -f1)
  dpkg-query -W -f='${Conffiles}\n' "$1" | grep -qF " $2 $sum"
}

start_sogo() { # NAME PORT WORKERS [OPTION...]
  local name=$1 port=$2 workers=$3
  shift 3
  # Two instances start side by side and share the file.
  exec 8>"$BED/run/sogo.lock"
  flock 8
  write_sogo_conf
  mkdir -p "$BED/sogo"/{run,spool}
  chown -R sogo:sogo "$BED/sogo"
  exec 8>&-
  # Left over from a master that was killed, it would keep the new one from starting.
  rm -f "$BED/sogo/run/$name.pid"
  launch "$name" setpriv --reuid sogo --regid sogo --init-groups env HOME="$BED/sogo" \
    sogod -WONoDetach YES -WOPidFile "$BED/sogo/run/$name.pid" -WOLogFile - \
    -WOPort "127.0.0.1:$port" -WOWorkersCount "$workers" -WOListenQueueSize 128 "$@"
}

start_sogo_a() { start_sogo sogo-a 20000 "${BED_SOGO_WORKERS:-12}"; }
start_sogo_b() {
  start_sogo sogo-b 20001 3 -SOGoTrustProxyAuthentication YES -SOGoEncryptionKey 0123456789abcdef
}

# Never `/`: a worker whose first request lies outside /SOGo writes wrong links into its pages until it is restarted.
ready_sogo_a() { [[ $(http_status http://127.0.0.1:20000/SOGo/) == 200 ]]; }
ready_sogo_b() { [[ $(http_status http://127.0.0.1:20001/SOGo/) == 200 ]]; }

# --- the two plain upstreams

start_fast() {
  mkdir -p "$BED/fast"
  render fast.conf.in "$BED/fast/nginx.conf"
  launch fast nginx -p "$BED/fast" -c "$BED/fast/nginx.conf"
}

ready_fast() { [[ $(curl -s -m 5 http://127.0.0.1:9080/ | wc -c) == 1024 ]]; }

start_hold() { launch hold python3 "$PARTS/hold.py" 9081 9082; }

ready_hold() { [[ $(http_status http://127.0.0.1:9081/count) == 200 ]]; }
