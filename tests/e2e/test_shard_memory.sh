#!/usr/bin/env bash
# X split over nodes within --memory: too little is refused before X is read, with an amount for each
# node that is enough: within it the run ends with the result of a run left alone, and the ranks of
# no node come above it, also where nodes have different numbers of ranks. Program and libraries are copies that nothing on another node uses, so that
# all of their pages count.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
! sanitizers >/dev/null || skip 'a sanitizer takes memory of its own'
use_nodes
MPIRUN=(--timeout 120) # whoever waits for one that is not coming
for node in 1 2 3; do
  mkdir "node-$node"
  ldd "$RIATA" | awk '$3 ~ "^/" { print $3 }' | xargs cp -L -t "node-$node"
  cp "$RIATA" "node-$node/riata"
done
cat >on_own_node <<'END'
#!/usr/bin/env bash
here=$(dirname "$0")/$(hostname)
LD_LIBRARY_PATH=$here${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$here/riata" "$@"
END
chmod +x on_own_node

# enough LAYOUT N THREADS ARGUMENTS...: cv with X on N nodes is refused, the amount then does.
enough() {
  local layout=$1 nodes=$2 threads=$3 least
  shift 3
  expect_done "$RIATA" cv "$@" --threads 2 -o out/free
  RIATA=$PWD/on_own_node expect_error 1 "memory 1M is too little: with X split over $nodes nodes" \
    on_nodes "$layout" cv "$@" --threads "$threads" --shard "$nodes" --memory 1M -o out/none
  ! grep -q ' X: ' err.txt || wrong "$*: refused when X was read"
  least=$(sed -nE 's/.* needs? about ([0-9]+) MB.*/\1/p' err.txt)
  RIATA=$PWD/on_own_node expect_error 1 'is too little' on_nodes "$layout" cv "$@" \
    --threads "$threads" --shard "$nodes" --memory "$((least - 2))M" -o out/none
  RIATA=$PWD/on_own_node expect_done on_nodes "$layout" cv "$@" \
    --threads "$threads" --shard "$nodes" --memory "${least}M" -o out/tight
  expect_within "$least" "$layout x $threads: $*"
}

grid=(--folds 2 --alphas 12 --eps 0.3)
simulate() { expect_done "$RIATA" simulate "$@"; }
simulate -n 300 -p 40000 --storage f32 --support 10 -o wide.h5
enough 1+1 2 1 wide.h5 "${grid[@]}"
enough 2+1 2 1 wide.h5 "${grid[@]}"
enough 1+1+1 3 1 wide.h5 "${grid[@]}"
simulate -n 200 -p 8000 --support 10 -o small.h5
enough 1+1 2 2 small.h5 --folds 8 --alphas 20 --eps 0.1
simulate -n 400 -p 40000 --missing-rate 0.01 --support 10 --bfile genes
enough 1+1 2 1 --bfile genes "${grid[@]}"

# Without --shard every node decides for itself what it can: it has to be the same.
RIATA=$PWD/on_own_node expect_error 1 'memory 1M is too little: .* 2 ranks with 1 thread' \
  on_nodes 2+1 cv wide.h5 "${grid[@]}" --threads 1 --memory 1M -o out/none
least=$(sed -nE 's/.* needs? about ([0-9]+) MB.*/\1/p' err.txt)
RIATA=$PWD/on_own_node expect_error 1 'is too little' \
  on_nodes 2+1 cv wide.h5 "${grid[@]}" --threads 1 --memory "$((least - 2))M" -o out/none
finish
