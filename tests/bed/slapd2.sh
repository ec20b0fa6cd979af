# A second OpenLDAP: groups that only list names, and a policy for every state of a password; only with `up --with slapd2`.
# shellcheck shell=bash

start_slapd2() {
  local own=$BED/slapd2 wanted
  mkdir -p "$own"
  render slapd2.conf.in "$own/slapd.conf"
  wanted=$(cat "$PARTS/tree2.py" "$PARTS/slapd2.conf.in" | sha256sum)
  if [[ $(cat "$own/loaded" 2>/dev/null) != "$wanted" ]]; then
    rm -rf "$own/db" "$own/loaded"
    mkdir -m 700 "$own/db"
    python3 "$PARTS/tree2.py" >"$own/tree.ldif"
    quietly slapd2 slapadd -q -f "$own/slapd.conf" -l "$own/tree.ldif"
    printf '%s\n' "$wanted" >"$own/loaded"
  fi
  launch slapd2 slapd -d 0 -f "$own/slapd.conf" -h "ldap://127.0.0.1:3891 ldaps://127.0.0.1:3637"
}

ready_slapd2() {
  timeout 3 ldapwhoami -x -H ldap://127.0.0.1:3891 -D cn=gateway,ou=services,dc=second,dc=test -w gatewaypw \
    >/dev/null 2>&1
}
