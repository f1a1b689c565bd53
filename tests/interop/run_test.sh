#!/bin/sh
# Runs one test file of this folder; says in one line what is missing rather than skip.
set -eu
cd "$(dirname "$0")"
fail() { echo "tests/interop: $1" >&2; exit 1; }

command -v node >/dev/null || fail "node is missing: install Node.js 18 or later"
command -v redis-server >/dev/null || fail "redis-server is missing: install it"
for package in @venizia/ignis-helpers @oven/bun-linux-x64 ioredis; do
  [ -d "node_modules/$package" ] || fail "node_modules/$package is missing: run 'npm ci' in tests/interop"
done
[ -d ../web/node_modules/ws ] || fail "node_modules/ws is missing: run 'npm ci' in tests/web"
exec node --test "$1"
