# Runs the gateway itself against the bed, with the configuration that an administrator would start from.
# shellcheck shell=bash

readonly GATEWAY_PROJECT=$REPO/src/AuthGateway
readonly GATEWAY_PROGRAM=$GATEWAY_PROJECT/bin/Release/net10.0/authgateway

# run_gateway [ARG...]: in the foreground; further arguments go to `authgateway run`.
run_gateway() {
  local config=${BED_GATEWAY_CONFIG:-$REPO/deploy/samples/sogo/appsettings.json}
  [[ -e $config ]] || die "no configuration at $config"
  [[ -e $BED/pki/complete ]] || die "no bed in $BED: run tests/bed.sh up first"
  build_gateway
  prepare_gateway
  exec "$GATEWAY_PROGRAM" run --config "$config" --state "$BED/gateway" "$@"
}

# Restoring and comparing takes seconds even when nothing changed; so only when a source is newer than the program.
build_gateway() {
  local newer
  if [[ -x $GATEWAY_PROGRAM ]]; then
    newer=$(find "$REPO/src" "$REPO"/*.props -newer "$GATEWAY_PROGRAM.dll" -type f \
      -not -path '*/bin/*' -not -path '*/obj/*' -print -quit)
    [[ -n $newer ]] || return 0
  fi
  say "building the gateway"
  dotnet build "$GATEWAY_PROJECT" -c Release --nologo -v quiet >&2
  # Without a change in the output the build leaves the old time, and would be asked for again each time.
  touch "$GATEWAY_PROGRAM.dll"
}

# The state directory: relative paths in the configuration start here. Copies, no links: the gateway watches its files
# and checks their owner and mode.
prepare_gateway() {
  local state=$BED/gateway file
  (umask 077; mkdir -p "$state/pki" "$state/secrets")
  for file in "$BED"/pki/{ca,ca-empty,ca-stale,server,eas,webmail}.{crt,key,crl}; do
    if [[ -e $file ]]; then install_when_other "$file" "$state/pki/${file##*/}"; fi
  done
  secret ldap-password gatewaypw
  secret imap-sso-secret imap-sso-secret
  [[ -e $state/secrets/header-secret ]] || secret header-secret "$(openssl rand -hex 32)"
}

install_when_other() {
  cmp -s "$1" "$2" || install -m 600 "$1" "$2"
}

# No line end: the file is the secret.
secret() {
  (umask 077; printf '%s' "$2" >"$BED/gateway/secrets/$1")
}
