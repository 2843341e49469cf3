#!/usr/bin/env bash
# X split over nodes: of a pass travel the gradients that matter alone, far less than 8 bytes for each
# feature and fit; and a column comes to a node once, however many of its ranks work on it. Results
# stay those of one node.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_nodes

p=20000 folds=4
data=(data.h5 --folds "$folds" --alphas 20 --eps 0.2 --threads 1)
expect_done "$RIATA" simulate -n 300 -p "$p" --support 5 --storage f32 -o data.h5
expect_done "$RIATA" cv "${data[@]}" -o out/memory

# travelled LAYOUT WHAT: bytes of it in the run on LAYOUT.
travelled() {
  sed -nE "s/.*went between them:.* ([0-9.]+) of $2.*/\1/p" "out/$1.log" | awk '{print $1 * 1e6}'
}
for layout in 1+1 3+3; do
  expect_done on_nodes "$layout" cv "${data[@]}" --shard 2 -o "out/$layout"
  cmp out/memory.curve.tsv "out/$layout.curve.tsv" || wrong "$layout: another curve"
  cmp out/memory.features.tsv "out/$layout.features.tsv" || wrong "$layout: other features"
  rounds=$(sed -nE 's/.* ([0-9]+) rounds of the nodes.*/\1/p' "out/$layout.log")
  awk -v bytes="$(travelled "$layout" gradients)" -v passes=$((rounds / 2)) -v p="$p" \
    -v fits=$((folds + 1)) -v layout="$layout" 'BEGIN {
      whole = 8 * p * fits / 2  # of the features on the other node
      printf "%s: %d bytes of gradients in %d passes; those of all features would be %d each\n",
        layout, bytes, passes, whole
      exit !(bytes > 0 && passes > 3 && bytes / passes < whole / 10)
    }' || wrong "$layout: too many gradients travel"
done

# Five fits on one rank of a node, or spread over three: the same columns, but for what a rank has
# dropped and another wants later.
awk -v one="$(travelled 1+1 columns)" -v three="$(travelled 3+3 columns)" 'BEGIN {
    printf "%d bytes of columns to one rank a node, %d to three\n", one, three
    exit !(one > 100000 && three < 1.1 * one)
  }' || wrong 'columns come to a node more than once'
finish
