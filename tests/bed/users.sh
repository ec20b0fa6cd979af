# Users of the operating system, for the backends that ask it. Their names begin with agw-, so that nobody else has them.
# shellcheck shell=bash

# make_users: what is missing is made, what was changed by a test is put back.
make_users() {
  getent group agw-staff >/dev/null || groupadd agw-staff
  make_user agw-olga olga-pw "Olga Os,Room 7"
  usermod -a -G agw-staff agw-olga
  make_user agw-expired expired-pw "Expired"
  chage -E 2020-01-01 agw-expired
  make_user agw-must must-pw "Must Change"
  chage -d 0 agw-must
  make_user agw-shut shut-pw "Shut Out"
  make_user agw-daemon daemon-pw "Daemon" --system
  # Nobody in particular, who may read the shadow file.
  id agw-checker >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin --groups shadow agw-checker
  # The file a checkpw of Debian looks into.
  local home=$BED/home/agw-olga
  install -d -m 755 "$BED/home"
  install -d -m 700 -o agw-olga -g agw-olga "$home" "$home/Maildir"
  printf 'maildir-pw' >"$home/Maildir/.password"
  chown agw-olga: "$home/Maildir/.password"
  chmod 600 "$home/Maildir/.password"
}

make_user() { # NAME PASSWORD COMMENT [OPTION...]
  local name=$1 password=$2 comment=$3
  shift 3
  id "$name" >/dev/null 2>&1 || useradd --no-create-home --home-dir "$BED/home/$name" --shell /usr/sbin/nologin "$@" "$name"
  usermod -c "$comment" "$name"
  printf '%s:%s\n' "$name" "$password" | chpasswd
}

remove_users() {
  local name
  for name in agw-olga agw-expired agw-must agw-shut agw-daemon agw-checker agw-tunnel; do
    if id "$name" >/dev/null 2>&1; then userdel "$name"; fi
  done
  # What a test that was killed has left.
  while read -r name; do userdel "$name"; done < <(getent passwd | cut -d: -f1 | grep '^agw-gone-' || true)
  if getent group agw-staff >/dev/null; then groupdel agw-staff; fi
}
