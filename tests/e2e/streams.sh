# shellcheck shell=bash
# What the tests of a streamed X share: its results are the bytes of X in memory. To be sourced after
# lib.sh, with `grid` the options of every run.
command -v h5diff >/dev/null || skip "no h5diff"
: "${grid:?the options of every run}"

# same NAME WHAT: result NAME of a stream has the bytes of out/memory.
same() {
  cmp out/memory.curve.tsv "out/$1.curve.tsv" || wrong "$2: another curve"
  cmp out/memory.features.tsv "out/$1.features.tsv" || wrong "$2: other features"
  h5diff out/memory.h5 "out/$1.h5" /result /result >/dev/null || wrong "$2: another /result"
}

# both NAME ARGUMENTS...: cv in memory and streamed.
both() {
  local name=$1
  shift
  expect_done "$RIATA" cv "$@" "${grid[@]}" --threads 1 -o out/memory
  expect_done "$RIATA" cv "$@" "${grid[@]}" --threads 2 --stream -o out/stream
  expect_text 'X stays in the file' out/stream.log
  same stream "$name"
}
