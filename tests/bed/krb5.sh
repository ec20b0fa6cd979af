# The Kerberos realms: BED.TEST, whose people are the directory's, and OTHER.TEST, which it trusts and the gateway must not.
# shellcheck shell=bash

readonly KRB5_PEOPLE=(alice bob carol grace frank)
readonly KRB5_HOSTS=(mail dav web webmail)

# Programs of this bed see its own realms only, never the machine's.
with_realms() { env KRB5_CONFIG="$BED/krb5/krb5.conf" KRB5_KDC_PROFILE="$BED/krb5/kdc.conf" KRB5CCNAME="FILE:$BED/krb5/bed.cc" "$@"; }

start_krb5() {
  local wanted
  wanted=$(cat "$PARTS/krb5.sh" "$PARTS/krb5.conf.in" "$PARTS/kdc.conf.in" | sha256sum)
  if [[ $(cat "$BED/krb5/made" 2>/dev/null) != "$wanted" ]]; then
    rm -rf "$BED/krb5"
    mkdir -m 755 "$BED/krb5"
    render krb5.conf.in "$BED/krb5/krb5.conf"
    render kdc.conf.in "$BED/krb5/kdc.conf"
    quietly krb5 make_realms
    echo "$wanted" >"$BED/krb5/made"
  fi
  launch krb5 env KRB5_CONFIG="$BED/krb5/krb5.conf" KRB5_KDC_PROFILE="$BED/krb5/kdc.conf" krb5kdc -n -r BED.TEST -r OTHER.TEST
}

kadmin_of() { # REALM COMMAND
  with_realms kadmin.local -r "$1" -q "$2"
}

make_realms() {
  local realm name
  for realm in BED.TEST OTHER.TEST; do with_realms kdb5_util -r "$realm" create -s -P realm-master; done
  for name in "${KRB5_PEOPLE[@]}"; do kadmin_of BED.TEST "addprinc -pw $name-pw $name"; done
  # Nobody of the directory; an instance of alice; a machine.
  kadmin_of BED.TEST 'addprinc -pw stranger-pw stranger'
  kadmin_of BED.TEST 'addprinc -pw alice-pw alice/admin'
  kadmin_of BED.TEST 'addprinc -pw machine-pw PHONE$'
  for name in "${KRB5_HOSTS[@]}"; do
    kadmin_of BED.TEST "addprinc -randkey HTTP/$name.bed.test"
    kadmin_of BED.TEST "ktadd -k $BED/krb5/http.keytab HTTP/$name.bed.test"
  done
  # Its people are strangers with familiar names, and the trust gets them real tickets for our host.
  kadmin_of OTHER.TEST 'addprinc -pw alice-pw alice'
  for realm in BED.TEST OTHER.TEST; do kadmin_of "$realm" 'addprinc -pw trust-secret krbtgt/BED.TEST@OTHER.TEST'; done
  chmod 600 "$BED/krb5/http.keytab"
}

ready_krb5() {
  echo alice-pw | timeout 3 env KRB5_CONFIG="$BED/krb5/krb5.conf" KRB5CCNAME="FILE:$BED/krb5/ready.cc" kinit alice@BED.TEST >/dev/null 2>&1
}
