#!/usr/bin/env bash
# Runs one case of this folder: run_case.sh CASE. CMakeLists.txt says what each is about, and sets
# BUILD (the build to install from), WORK (where everything made here goes) and how to compile.
set -euo pipefail
: "${BUILD:?}" "${WORK:?}" "${CXX:?}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
prefix=$WORK/prefix

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# install_from BUILD PREFIX: by components, to a place from which it is moved.
install_from() {
  local place=$2.first
  rm -rf "$2" "$2.all" "$place"
  mkdir -p "$place" # A static library alone has no runtime part.
  cmake --install "$1" --prefix "$2.all"
  cmake --install "$1" --prefix "$place" --component runtime
  find "$place" -name 'libwscast.so.*.*' -o ! -type d -print |
    (! grep .) || fail "these files do not belong into the component runtime"
  cmake --install "$1" --prefix "$place" --component program
  cmake --install "$1" --prefix "$place" --component development
  diff -r "$2.all" "$place" || fail "these files are in no component"
  mv "$place" "$2"
}

# check_service PREFIX: systemd, where it is, has nothing to say about the unit, which never gives up.
check_service() {
  local unit=$1/lib/systemd/system/wscast.service said setting
  for setting in StartLimitIntervalSec=0 Environment=WSCAST_REDIS_WAIT=forever; do
    grep -qxF "$setting" "$unit" || fail "$unit has no $setting"
  done
  command -v systemd-analyze >/dev/null || return 0
  mkdir -p "$WORK/unit"
  sed "s#^ExecStart=[^ ]*#ExecStart=$1/bin/wscast#" "$unit" >"$WORK/unit/wscast.service"
  said=$(systemd-analyze verify "$WORK/unit/wscast.service" 2>&1) || fail "systemd-analyze: $said"
  [[ -z $said ]] || fail "systemd-analyze: $said"
}

# check_pages PREFIX: the pages of the manual and the completions are where they are looked for.
check_pages() {
  local page file
  for page in $("$1/bin/wscast" man); do
    file=$1/share/man/man${page##*.}/$page
    "$1/bin/wscast" man "$page" | cmp - "$file" || fail "$file is not what the program prints"
  done
  for file in bash-completion/completions/wscast fish/vendor_completions.d/wscast.fish \
    zsh/vendor-completions/_wscast; do
    [[ -s $1/share/$file ]] || fail "share/$file is missing"
  done
}

# build_consumer BUILD OPTION...
build_consumer() {
  cmake --fresh -S "$here/consumer" -B "$@"
  cmake --build "$1"
}

run_consumer() {
  local said
  said=$(timeout 60 "$1")
  [[ $said =~ ^'listening on 127.0.0.1:'[1-9][0-9]*$ ]] || fail "$1 said: $said"
  echo "$said"
}

# consume_by_pkg_config PREFIX OPTION...
consume_by_pkg_config() {
  local flags libraries
  libraries=$(dirname "$(find "$1" -name 'libwscast.*' -print -quit)")
  flags=$(PKG_CONFIG_PATH=$libraries/pkgconfig pkg-config --cflags --libs "${@:2}" wscast)
  # shellcheck disable=SC2086 # Flags are words.
  "$CXX" -std=c++20 "$here/consumer/main.cpp" -o "$1.consumer" $flags
  LD_LIBRARY_PATH=$libraries run_consumer "$1.consumer"
}

# build_as_part BUILD OPTION...: wscast as a part of the consumer. Whether shared or static, what is
# compiled is the same, so a second time it is there already.
build_as_part() {
  build_consumer "$1" -DCONSUMER_WSCAST_SOURCE="$source" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
    -DWSCAST_WARNINGS_AS_ERRORS="$WARNINGS_AS_ERRORS" -DWSCAST_UNITY="$UNITY" "${@:2}"
  run_consumer "$1/consumer"
}

case $1 in
  install)
    install_from "$BUILD" "$prefix"
    diff -r "$source/include/wscast" "$prefix/include/wscast" || fail "public headers are missing"
    if [[ -e $prefix/bin/wscast ]]; then
      "$prefix/bin/wscast" --version
      check_service "$prefix"
      check_pages "$prefix"
    fi
    ;;
  find_package)
    build_consumer "$WORK/find_package" -DCMAKE_PREFIX_PATH="$prefix"
    run_consumer "$WORK/find_package/consumer"
    ;;
  pkg_config)
    consume_by_pkg_config "$prefix" --static
    ;;
  subdirectory)
    build=$WORK/subdirectory
    build_as_part "$build"
    command=$(grep '"command".*/consumer/main.cpp"' "$build/compile_commands.json")
    [[ $command != *' -W'* && $command != *"$source/src"* ]] || fail "wscast's flags leak: $command"
    rm -rf "$build/installed"
    cmake --install "$build" --prefix "$build/installed"
    [[ ! -e $build/installed ]] || fail "wscast installs itself with who uses it"
    ;;
  shared)
    build=$WORK/subdirectory
    build_as_part "$build" -DBUILD_SHARED_LIBS=ON -DWSCAST_INSTALL=ON
    "$here/check_exports" "$build/wscast/src/libwscast.so" \
      "$build/wscast/src/CMakeFiles/wscast.dir"
    install_from "$build/wscast" "$build/prefix"
    # What the library stands on is its own business now.
    build_consumer "$build/found" -DCMAKE_PREFIX_PATH="$build/prefix" \
      -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON -DCMAKE_DISABLE_FIND_PACKAGE_simdjson=ON
    run_consumer "$build/found/consumer"
    consume_by_pkg_config "$build/prefix"
    ;;
  *) fail "no case $1" ;;
esac
