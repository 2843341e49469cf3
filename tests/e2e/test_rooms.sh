#!/usr/bin/env bash
# A source file includes its own room of src/ and rooms below it, nothing else; each foreign header
# has one owner; only the program prints; nobody leaves notes to self.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
cd "$RIATA_SOURCE"

rooms=(base kernel data design solve cv result api cluster cli)
height() {
  local i
  for i in "${!rooms[@]}"; do
    [ "${rooms[$i]}" != "$1" ] || printf '%s' "$i"
  done
}

for folder in src/*/; do
  [ -n "$(height "$(basename "$folder")")" ] || wrong "$folder is no known room"
done
while IFS=: read -r file included; do
  room=${file#src/}
  room=${room%%/*}
  other=${included%%/*}
  [ "$included" != riata.h ] || continue
  [ -f "src/$included" ] || wrong "$file includes '$included', which is not in src"
  level=$(height "$other")
  [ "${level:-99}" -le "$(height "$room")" ] ||
    wrong "$file includes $included: room $other is not below $room"
done < <(grep -rhoE --with-filename '^#include "[^"]+"' src | sed -E 's/#include "([^"]+)"/\1/')

# owned PATTERN ROOMS...: includes that match stand in these rooms only.
owned() {
  local pattern=$1 file room
  shift
  while IFS= read -r file; do
    room=${file#src/}
    [[ " $* " == *" ${room%%/*} "* ]] || wrong "$file includes <$pattern>"
  done < <(grep -rlE "^#include <$pattern>" src)
}
owned 'mpi\.h' cluster
owned 'hdf5.*\.h' data result
owned '(immintrin|arm_neon|x86intrin)\.h' kernel
owned 'htslib/.*\.h' data
owned 'getopt\.h' cli

if grep -rnE '\b(printf|puts|putchar|perror) ?\(|\b(stdout|stderr)\b' src --include='*.[ch]' |
  grep -vE '^src/cli/|^[^:]+:[0-9]+: *(\*|/\*)'; then
  wrong 'the lines above print outside of src/cli'
fi
if grep -rnE '\b(TODO|FIXME|XXX)\b|#if 0' src include tests --include='*.[ch]'; then
  wrong 'the lines above are left-overs'
fi
while IFS= read -r file; do
  [[ $(head -n 1 "$file") == *SPDX-License-Identifier:\ BSD-3-Clause* ]] ||
    wrong "$file does not begin with its licence"
done < <(find src include tests -name '*.[ch]')
finish
