#!/bin/sh
# Runs one test file of this folder; says in one line what is missing rather than skip.
set -eu
cd "$(dirname "$0")"
fail() { echo "tests/web: $1" >&2; exit 1; }

command -v node >/dev/null || fail "node is missing: install Node.js 18 or later"
for package in ws playwright-core jose standardwebhooks axe-core ioredis; do
  [ -d "node_modules/$package" ] || fail "node_modules/$package is missing: run 'npm ci' in tests/web"
done
exec node --test "$1"
