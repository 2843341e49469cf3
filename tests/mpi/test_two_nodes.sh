#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Law: what holds on one node holds on two: each has its own copy of X, plan and threads. The nodes
# are host names of this machine: mpirun's remote shell is played by a script that gives the daemon
# a name space with the host name asked for.
set -euo pipefail

if ! unshare --uts true 2>/dev/null; then
    echo "skipped: name spaces for host names are not allowed here"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/shell" <<'END'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
name=$1
shift
exec unshare --uts bash -c "hostname $name; $*"
END
chmod +x "$folder/shell"
export RIATA_TEST_NODES=2
for test in "$TEST_READ" "$TEST_STAGES"; do
    "$MPIEXEC" --mca plm_rsh_agent "$folder/shell" --host node-a:2,node-b:3 -n 5 "$test"
done
