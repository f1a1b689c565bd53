#!/bin/sh
# Runs one test file of this folder; says in one line what is missing rather than skip.
set -eu
cd "$(dirname "$0")"
fail() { echo "tests/proxies: $1" >&2; exit 1; }

PATH=$PATH:/usr/sbin:/sbin
export PATH
for program in node openssl nginx haproxy caddy; do
  command -v "$program" >/dev/null || fail "$program is missing: scripts/install-deps test"
done
[ -d ../web/node_modules/ws ] || fail "../web/node_modules/ws is missing: run 'npm ci' in tests/web"
exec node --test "$1"
