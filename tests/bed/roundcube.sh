# Roundcube, a second webmail; only with `up --with roundcube`.
# shellcheck shell=bash

start_roundcube() {
  local own=$BED/roundcube
  if [[ ! -e $own/installed ]]; then
    rm -rf "$own"
    mkdir -p "$own"/{config,temp,logs}
    cp /etc/roundcube/{defaults.inc.php,mimetypes.php} "$own/config/"
    php -r '$d = new PDO("sqlite:" . $argv[1]); $d->exec(file_get_contents("/usr/share/roundcube/SQL/sqlite.initial.sql"));' \
      "$own/rc.db"
    : >"$own/installed"
  fi
  render roundcube.php.in "$own/config/config.inc.php"
  chown -R www-data: "$own"
  launch roundcube setpriv --reuid www-data --regid www-data --clear-groups \
    env ROUNDCUBE_CONFIG_DIR="$own/config" PHP_CLI_SERVER_WORKERS=4 \
    php -d variables_order=EGPCS -S 127.0.0.1:18081 -t /var/lib/roundcube
}

ready_roundcube() { [[ $(http_status 'http://127.0.0.1:18081/?_task=login') == 200 ]]; }
