# Samba as an Active Directory domain controller; only with `up --with samba`.
# shellcheck shell=bash

readonly SAMBA_URL=ldaps://127.0.0.1:636

samba_conf() { echo "$BED/samba/etc/smb.conf"; }

# Provisioned once, and again when the description of the domain has changed.
start_samba() {
  local own=$BED/samba wanted
  wanted=$(cat "$PARTS/samdom.py" "$PARTS/samba.sh" "$PARTS/samba.conf.in" | sha256sum)
  if [[ $(cat "$own/provisioned" 2>/dev/null) != "$wanted" ]]; then
    rm -rf "$own"
    mkdir -m 755 "$own"
    quietly samba provision_samba
    printf '%s\n' "$wanted" >"$own/provisioned"
  fi
  # Certificates of the bed; Samba refuses a key that others may read.
  install -m 644 "$BED/pki/ca.crt" "$own/private/tls/ca.pem"
  install -m 644 "$BED/pki/dc1.crt" "$own/private/tls/cert.pem"
  install -m 600 "$BED/pki/dc1.key" "$own/private/tls/key.pem"
  launch samba samba -s "$(samba_conf)" -i --debug-stdout
}

provision_samba() {
  local own=$BED/samba
  samba-tool domain provision --realm=SAMDOM.TEST --domain=SAMDOM --server-role=dc --dns-backend=NONE \
    --adminpass='Passw0rd!23' --targetdir="$own" --host-name=dc1 --host-ip=127.0.0.1 --use-rfc2307 \
    --option="interfaces=lo" --option="bind interfaces only=yes"
  render samba.conf.in "$own/etc/smb.conf"
  mkdir -p "$own/run" "$own/locks" "$own/private/tls"
  # Debian's own: another python3 earlier in the path has no Samba modules.
  /usr/bin/python3 "$PARTS/samdom.py" "$own/etc/smb.conf" "$own/private/sam.ldb"
  samba-tool domain exportkeytab "$own/http.keytab" --principal=HTTP/auth.bed.test --configfile="$own/etc/smb.conf"
  chmod 600 "$own/http.keytab"
}

# Only wrong passwords lock: `locked` gets as many as the domain allows.
after_samba() {
  local turn
  for turn in 1 2 3 4; do samba_bind locked "wrong-$turn" || true; done
}

# Binds and reads the domain's entry.
samba_bind() { # USER PASSWORD
  LDAPTLS_CACERT=$BED/pki/ca.crt timeout 5 ldapsearch -x -LLL -H "$SAMBA_URL" -D "$1@samdom.test" -w "$2" \
    -b DC=samdom,DC=test -s base dn >/dev/null 2>&1
}

ready_samba() { samba_bind svc-gateway 'Gateway-pw1!'; }
