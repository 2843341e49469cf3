#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Law: where /dev/shm is smaller than X (64 MB in a container), X lies in a file of TMPDIR that
# nobody sees; where that is too small as well, all ranks end with a sentence that names both, and
# never by a signal. The small file systems are mounted in a name space of their own.
set -euo pipefail

# shellcheck disable=SC2016 # expanded by the inner shell
inside='mount -t tmpfs -o size=64m tmpfs /dev/shm && mkdir -p "$TMPDIR" &&'
if ! unshare --mount true 2>/dev/null; then
    echo "skipped: mount name spaces are not allowed here"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR=$folder/tmp

# shellcheck disable=SC2016
unshare --mount bash -c "$inside "'exec "$MPIEXEC" -n 2 "$TEST_READ" "$TMPDIR/riata-"'
[[ -z $(find "$folder" -name 'riata-*') ]] || { echo "a file was left in TMPDIR"; exit 1; }

status=0
# shellcheck disable=SC2016
unshare --mount bash -c "$inside "'mount -t tmpfs -o size=64m tmpfs "$TMPDIR" &&
    exec "$MPIEXEC" -n 2 "$TEST_READ" none' >"$folder/log" 2>&1 || status=$?
expected="no room for 80 MB shared by the 2 ranks.*/dev/shm has .* MB free; $TMPDIR has"
if ((status != 1)) || ! grep -q "$expected" "$folder/log"; then
    echo "ended with $status"
    cat "$folder/log"
    exit 1
fi
