#!/usr/bin/env bash
# Files that HDF5 itself crashes on, or runs round in for ever, are one sentence and exit status 1,
# whatever is done with them and on any number of ranks. Both were made from a good file by changing
# a few bytes of its heaps; riata ended by a signal on them before it looked files through.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
corpus=$RIATA_SOURCE/tests/fuzz/corpus/h5ad
cp "$corpus/damaged_heap.h5ad" heap.h5ad
cp "$corpus/damaged_heap.h5ad" result.h5

expect_error 1 'heap.h5ad is damaged: HDF5 itself crashes' \
  "$RIATA" import heap.h5ad --response y -o no.h5
expect_error 1 'heap.h5ad is damaged' "$RIATA" info heap.h5ad
expect_error 1 'heap.h5ad is damaged' mpirun -n 2 "$RIATA" cv heap.h5ad -o out/no
expect_error 1 'result.h5 is damaged' "$RIATA" report result
expect_error 1 'result.h5 is damaged' "$RIATA" verify result heap.h5ad
expect_error 1 'damaged_endless.h5ad is damaged: HDF5 comes to no end' \
  "$RIATA" import "$RIATA_SOURCE/tests/e2e/damaged_endless.h5ad" --response y -o no.h5
if [ -e no.h5 ] || [ -e out/no.h5 ]; then
  wrong 'a file was written'
fi

# The good file they were made of.
expect_done "$RIATA" import "$corpus/attributes.h5ad" --response y -o good.h5
expect_text '3 samples, 2 features' err.txt
finish
