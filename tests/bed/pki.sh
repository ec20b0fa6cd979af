# A small PKI: good certificates, and one for each mistake a gateway could make when it checks them.
# shellcheck shell=bash

readonly GOOD_CLIENTS=(alice bob carol dave erin frank grace lock1 lock2 lock3 lock4 lock5 lock6 lock7 lock8 lock9)

make_pki() {
  local pki=$BED/pki
  # The lists and the server certificates live for 825 days; a bed that old starts over.
  if [[ -e $pki/complete ]] && openssl x509 -in "$pki/server.crt" -noout -checkend 86400 >/dev/null; then
    # Not anew for one more host name: running servers and tests hold what is there.
    (umask 077; quietly pki make_servers_in "$pki")
    return 0
  fi
  local began=$EPOCHREALTIME
  rm -rf "$pki" "$pki.new"
  (umask 077; mkdir "$pki.new")
  quietly pki make_all_in "$pki.new"
  : >"$pki.new/complete"
  mv "$pki.new" "$pki"
  chmod 755 "$pki"
  say "certificates in $pki after $(since "$began") s"
}

make_all_in() {
  cd "$1"
  make_authority ca
  make_servers
  make_clients
  make_attackers
  make_lists
}

make_servers_in() { cd "$1"; make_servers; }

new_key() { # NAME
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
}

# make_authority NAME [EXTENSION...]: key, self-signed certificate and the books of `openssl ca`.
make_authority() {
  local name=$1 extension more=()
  shift
  for extension; do more+=(-addext "$extension"); done
  new_key "$name"
  openssl req -x509 -new -key "$name.key" -out "$name.crt" -days 3650 -subj "/O=Bed/CN=Bed Device CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    "${more[@]}"
  mkdir "$name.books"
  : >"$name.books/index.txt"
  echo 1000 >"$name.books/crlnumber"
  sed "s|@NAME@|$name|g" "$PARTS/authority.cnf.in" >"$name.books/ca.cnf"
}

# issue AUTHORITY NAME SUBJECT START END EXTENSIONS: NAME.key, NAME.crt and both in NAME.pem.
issue() {
  local authority=$1 name=$2 subject=$3 start=$4 end=$5 extensions=$6
  new_key "$name"
  openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
  printf '%b\n' "$extensions" >"$name.ext"
  openssl ca -batch -notext -config "$authority.books/ca.cnf" -startdate "$start" -enddate "$end" \
    -extfile "$name.ext" -in "$name.csr" -out "$name.crt"
  rm "$name.csr" "$name.ext"
  cat "$name.crt" "$name.key" >"$name.pem"
}

day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }

# client AUTHORITY FILE USER [START END [EXTENSIONS]]
client() {
  local extensions=${6:-basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature\\nextendedKeyUsage=clientAuth}
  issue "$1" "$2" "/O=Bed/OU=devices/CN=$3" "${4:-$(day '1 hour ago')}" "${5:-$(day '825 days')}" \
    "$extensions\nsubjectAltName=email:$3@bed.test\nauthorityKeyIdentifier=keyid"
}

server() { # FILE COMMON-NAME ALTERNATIVE-NAMES; what is there stays
  [[ ! -e $1.pem ]] || return 0
  issue ca "$1" "/O=Bed/OU=servers/CN=$2" "$(day '1 hour ago')" "$(day '825 days')" \
    "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=$3"
}

make_servers() {
  server server mail.bed.test \
    DNS:mail.bed.test,DNS:eas.bed.test,DNS:dav.bed.test,DNS:auth.bed.test,DNS:web.bed.test,DNS:localhost,IP:127.0.0.1
  server eas eas.bed.test DNS:eas.bed.test
  server webmail webmail.bed.test DNS:webmail.bed.test
  server dc1 dc1.samdom.test DNS:dc1.samdom.test,DNS:localhost,IP:127.0.0.1
  server dir2 dir2.bed.test DNS:dir2.bed.test,DNS:localhost,IP:127.0.0.1
}

make_clients() {
  local user
  for user in "${GOOD_CLIENTS[@]}"; do client ca "$user" "$user"; done
}

make_attackers() {
  local now later
  now=$(day '1 hour ago')
  later=$(day '825 days')
  client ca expired alice 20200101000000Z 20210101000000Z
  client ca notyet alice 20900101000000Z 20910101000000Z
  client ca revoked carol
  client ca serveronly alice "$now" "$later" \
    'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth'
  client ca noeku alice "$now" "$later" 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature'
  client ca calead alice "$now" "$later" \
    'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature,keyCertSign\nextendedKeyUsage=clientAuth'
  # Another authority that copies all it can of the right one: names and key identifier. Only the signature differs.
  local identifier
  identifier=$(openssl x509 -in ca.crt -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' :')
  make_authority rogue "subjectKeyIdentifier=$identifier"
  client rogue mallory alice
}

# Lists: before the revocation, with it, out of date, and one that another authority signed.
make_lists() {
  openssl ca -config ca.books/ca.cnf -gencrl -out ca-empty.crl
  openssl ca -config ca.books/ca.cnf -revoke revoked.crt
  openssl ca -config ca.books/ca.cnf -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z -out ca-stale.crl
  openssl ca -config ca.books/ca.cnf -gencrl -out ca.crl
  openssl ca -config rogue.books/ca.cnf -gencrl -out rogue.crl
}
