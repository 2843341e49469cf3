#!/usr/bin/env bash
# cmake --install puts program, library, header, pkg-config file and manual page in place, and a
# program that knows the installed library through pkg-config alone compiles, links and runs.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

prefix=$WORK/prefix
expect_done cmake --install "${RIATA_BUILD:?the build folder}" --prefix "$prefix"
for file in bin/riata include/riata.h share/man/man1/riata.1; do
  [ -s "$prefix/$file" ] || wrong "$file is not installed"
done
expect_done "$prefix/bin/riata" --version

pc=$(find "$prefix" -name riata.pc)
[ -n "$pc" ] || wrong 'riata.pc is not installed'
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
expect_done pkg-config --modversion riata
flags=()
if sanitizers >/dev/null; then
  flags=("-fsanitize=$(sanitizers)")
fi
read -ra library < <(pkg-config --cflags --libs riata)
expect_done "${CC:-cc}" -Wall -Wextra -Werror "${flags[@]}" \
  "$RIATA_SOURCE/tests/example/minimal.c" -o minimal "${library[@]}"
expect_done ./minimal
[ -s out.txt ] || wrong 'the example prints nothing'
finish
