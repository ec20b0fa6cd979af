# An SSH server for tunnels: forwards only, one user, by key or by password; only with `up --with sshd`.
# shellcheck shell=bash

readonly SSH_USER=agw-tunnel

start_sshd() {
  local own=$BED/sshd
  # Of the package; a container without a boot has none.
  install -d -m 755 /run/sshd
  mkdir -p "$own"
  make_ssh_key "$own/host_ed25519"
  # Nobody serves with this one: a test that changes the server's key takes it.
  make_ssh_key "$own/other_ed25519"
  make_ssh_key "$own/user_ed25519"
  make_ssh_key "$own/locked_ed25519" locked-pw
  make_user "$SSH_USER" tunnel-pw "Tunnel"
  cat "$own/user_ed25519.pub" "$own/locked_ed25519.pub" >"$own/authorized_keys"
  chmod 644 "$own/authorized_keys"
  render sshd.conf.in "$own/sshd.conf"
  launch sshd /usr/sbin/sshd -D -e -f "$own/sshd.conf" -p 3022 -h "$own/host_ed25519"
}

make_ssh_key() { # FILE [PASSPHRASE]
  [[ -e $1 ]] || quietly sshd ssh-keygen -q -t ed25519 -N "${2:-}" -C "$(basename "$1")" -f "$1"
}

ready_sshd() {
  local line=
  { exec 3<>/dev/tcp/127.0.0.1/3022; } 2>/dev/null || return 1
  read -r -t 3 line <&3 || true
  exec 3>&-
  [[ $line == SSH-2.0-* ]]
}
