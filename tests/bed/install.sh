# Debian packages of the bed and of the tests.
# shellcheck shell=bash

packages_of() {
  case $1 in
    tools) echo curl openssl xxd python3 procps util-linux gcc libc6-dev wrk nghttp2-client libwbxml2-utils ;;
    browser) echo chromium fonts-dejavu-core oathtool ;;
    slapd | slapd2) echo slapd ldap-utils ;;
    users) echo passwd libpam-modules python3 checkpw ;;
    dovecot) echo dovecot-imapd dovecot-ldap ;;
    memcached) echo memcached ;;
    mariadb) echo mariadb-server mariadb-client ;;
    # tmpreaper only satisfies a dependency of sogo that would otherwise bring systemd along.
    sogo-a | sogo-b) echo tmpreaper sogo sogo-activesync ;;
    fast) echo nginx-light ;;
    hold) echo python3 ;;
    krb5) echo krb5-kdc krb5-admin-server krb5-user ;;
    sshd) echo openssh-server openssh-client passwd ;;
    roundcube) echo roundcube-core roundcube-sqlite3 roundcube-plugins php-cli php-sqlite3 php-mbstring php-xml ;;
    # Only recommended by Samba, and nothing can be provisioned without it: samba-ad-provision.
    samba) echo samba-ad-dc samba-ad-provision python3-samba samba-dsdb-modules ldb-tools ldap-utils ;;
  esac
}

missing_packages() {
  local name package
  for name; do
    for package in $(packages_of "$name"); do
      [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || echo "$package"
    done
  done | sort -u
}

# install_packages PART...: one apt-get for all that is missing.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "needs these Debian packages: ${missing[*]}"
  say "installing ${#missing[@]} packages from Debian: ${missing[*]}"
  local began=$SECONDS
  quietly apt apt_install "${missing[@]}"
  say "installed after $((SECONDS - began)) s"
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  preseed
  # Package lists may be absent (a fresh container) or too old to fetch from.
  if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then apt-get update; fi
  without_daemons apt_get_install "$@" || { apt-get update && without_daemons apt_get_install "$@"; }
}

# Packages must not start daemons: the bed runs its own, elsewhere. In a subshell, so that the trap ends with it.
without_daemons() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    # Removed again, as a machine without it is not ours to change.
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  "$@"
)

apt_get_install() {
  apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold \
    install -y --no-install-recommends "$@" </dev/null 9>&-
}

# Questions that packages would ask, and whose usual answers would set up servers of their own.
preseed() {
  debconf-set-selections <<'TEXT' || true
slapd slapd/no_configuration boolean true
roundcube-core roundcube/dbconfig-install boolean false
TEXT
}

# The preloaded shim that lends wrk and h2load a client certificate.
make_tools() {
  local tool=$BED/tools/clientcert.so
  if [[ ! -e $tool || $PARTS/clientcert.c -nt $tool ]]; then
    cc -shared -fPIC -O2 -Wall -o "$tool.new" "$PARTS/clientcert.c" -ldl
    mv "$tool.new" "$tool"
  fi
}
