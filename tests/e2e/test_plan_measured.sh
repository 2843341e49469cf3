#!/usr/bin/env bash
# What `riata plan` says of reads of X and of memory is what runs take, whether X is held in memory,
# streamed within --memory or split over nodes, for grids of different lengths: reads within a fifth,
# operations of passes over X, which its time is made of, within a factor of 2, memory within 15 %, or
# 6 MB where a run is little more than its libraries, which take more on one machine than on another.
# None of them depends on what else the machine does: libraries are copies that no other program uses.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
! sanitizers >/dev/null || skip 'a sanitizer takes memory of its own'
export XDG_CACHE_HOME=$WORK/cache
mkdir libraries
ldd "$RIATA" | awk '$3 ~ "^/" { print $3 }' | xargs cp -L -t libraries
export LD_LIBRARY_PATH=$WORK/libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# judge NAME READS MEMORY GFLOP: what was said beside what the run out/run took; '-': not said.
judge() {
  python3 - "$@" <<'PYTHON' || failures=$((failures + 1))
import json, sys
name, reads, memory, flops = sys.argv[1:]
result, good = json.load(open("out/run.json")), True
if reads != "-":
    ratio = float(reads) / result["passes_over_x"]
    print(f"{name}: {reads} reads said, {result['passes_over_x']:.1f} made")
    good = 1 / 1.2 <= ratio <= 1.2
if memory != "-":
    print(f"{name}: {memory} MB said, {result['peak_rss_mb']:.0f} MB taken")
    taken = result["peak_rss_mb"]
    good = good and abs(float(memory) - taken) <= max(0.15 * taken, 6)
if flops != "-":
    made = sum(rank["flops"] for rank in result["ledger"]) / 1e9
    print(f"{name}: {flops} GFLOP said, {made:.3g} made")
    good = good and made / 2 <= float(flops) <= made * 2
sys.exit(not good)
PYTHON
}
# said PATTERN: the number in it.
said() {
  sed -nE "s/$1/\\1/p" out.txt
}

# gflop: that of passes, as said.
gflop() {
  said '^Way .*; ([0-9.e+-]+) GFLOP$'
}

# held DATA OPTIONS...
held() {
  expect_done "$RIATA" plan "$@" --cores 1
  local reads memory flops
  flops=$(gflop)
  reads=$(said '^Way .*about ([0-9]+),.*') memory=$(said '^Advice .*, ([0-9]+) MB a node$')
  expect_done "$RIATA" cv "$@" --threads 1 -o out/run -q
  judge "$* held" "$reads" "$memory" "$flops"
}
# takes DATA OPTIONS...: memory alone.
takes() {
  local memory
  expect_done "$RIATA" plan "$@" --cores 1
  memory=$(said '^Advice .*, ([0-9]+) MB a node$')
  expect_done "$RIATA" cv "$@" --threads 1 -o out/run -q
  judge "$* held" - "$memory" -
}
# streamed MB DATA OPTIONS...: on a node of so many MB. Where the size of memory is limited X goes
# through blocks; elsewhere cached columns may be used where they are, which takes less.
streamed() {
  local node=$1 reads memory most flops
  shift
  expect_done "$RIATA" plan "$@" --cores 1 --mem "${node}M"
  flops=$(gflop)
  most=$(said '^Stream .* give --memory ([0-9]+)M.*') memory=$(said '^Stream .*About ([0-9]+) MB of.*')
  reads=$(said '^Stream .* read about ([0-9]+) times.*')
  expect_done bash -c 'ulimit -v 64000000 && exec "$@"' - \
    "$RIATA" cv "$@" --threads 1 --memory "${most}M" -o out/run -q
  judge "$* streamed within $most MB" "$reads" "$memory" "$flops"
  expect_done "$RIATA" cv "$@" --threads 1 --memory "${most}M" -o out/run -q
  judge "$* streamed within $most MB, cached" "$reads" - "$flops"
  python3 -c "
import json
assert json.load(open('out/run.json'))['peak_rss_mb'] <= max(1.15 * $memory, $memory + 6)" ||
    wrong "$*: more than $memory MB taken where the file is cached"
}
# split LAYOUT RANKS_ON_NODE DATA OPTIONS...: over two nodes.
split() {
  local layout=$1 cores=$2 memory
  shift 2
  expect_done "$RIATA" plan "$@" --nodes 2 --cores "$cores" --threads 1 --shard 2
  memory=$(said "^Advice +2 nodes x $cores rank.*, ([0-9]+) MB a node, --shard 2\$")
  expect_done on_nodes "$layout" cv "$@" --threads 1 --shard 2 -o out/run -q
  judge "$* split over $layout" - "$memory" -
}

expect_done "$RIATA" simulate -n 200 -p 150000 --storage f32 --support 20 -o wide.h5
expect_done "$RIATA" simulate -n 400 -p 40000 --storage f32 --support 30 -o middle.h5
expect_done "$RIATA" simulate -n 300 -p 20000 --kind genotype --support 20 -o genes.h5

held wide.h5 --folds 5 --alphas 20
for grid in '--alphas 10' '--alphas 50' '--alphas 100 --eps 0.3' '--alphas 150 --eps 0.1'; do
  # shellcheck disable=SC2086 # words
  held middle.h5 --folds 5 $grid
done
held genes.h5 --folds 5 --alphas 20 --eps 0.003
# Elastic nets, whose candidates are gathered where they shoot; two paths at once.
held middle.h5 --folds 3 --alphas 40 --l1-ratio 0.5
held genes.h5 --folds 3 --alphas 50 --l1-ratio 0.9,0.5
# Far apart, so that windows fail and the next ones look at half of all features.
held wide.h5 --folds 5 --alphas 30 --l1-ratio 0.5
held middle.h5 --folds 5 --alphas 50 --solver shooting
# Several of each: repeats, weights, leave-one-out; a ridge, of which only memory is foreseen closely.
held middle.h5 --folds 5 --alphas 50 --repeats 3
{
  printf 'sample\tweight\n'
  for i in $(seq 400); do printf 's%d\t%d\n' "$i" $((1 + i % 3)); done
} >weights.tsv
held middle.h5 --folds 5 --alphas 50 --weights weights.tsv
expect_done "$RIATA" simulate -n 120 -p 20000 --storage f32 --support 10 -o few.h5
held few.h5 --folds loo --alphas 60
# Far apart and few: what passes keep for windows that fail is most of the memory of these fits.
takes few.h5 --folds loo --alphas 30
takes genes.h5 --folds loo --alphas 30
takes genes.h5 --folds 5 --l1-ratio 0 --alphas 30
# Coefficients of all ridges are held once, also while the result is put together.
expect_done "$RIATA" cv genes.h5 --folds 10 --l1-ratio 0 --alphas 50 --memory 300M --threads 1 \
  -o out/run -q
python3 -c 'import json; assert json.load(open("out/run.json"))["peak_rss_mb"] <= 300' ||
  wrong 'a ridge took more than the 300 MB of --memory'
# A tall X: few features are no candidates at the end, and windows must not fail for them.
expect_done "$RIATA" simulate -n 1500 -p 1000 --storage f32 --support 30 -o tall.h5
expect_done "$RIATA" plan tall.h5 --folds 3 --eps 3e-3 --solver newton --cores 1
reads=$(said '^Way .*about ([0-9]+),.*') flops=$(gflop)
expect_done "$RIATA" cv tall.h5 --folds 3 --eps 3e-3 --solver newton --threads 1 -o out/run -q
judge 'tall.h5 by Newton held' "$reads" - "$flops"
# So little memory that fits wait for each other, X being held: plan says so, and what would do.
held genes.h5 --folds 5 --memory 32M
expect_done "$RIATA" plan genes.h5 --folds 5 --memory 32M --cores 1
expect_text '^Tight .* read about [0-9]+ times; with --memory [0-9]+M about [0-9]+ times$' out.txt
enough=$(said '^Tight .*--memory ([0-9]+)M.*')
held genes.h5 --folds 5 --memory "${enough}M"
python3 -c 'import json; assert json.load(open("out/run.json"))["passes_over_x"] < 40' ||
  wrong "X was read 40 times or more within the $enough MB that were to do"
! grep -q '^Tight' out.txt || wrong 'enough memory is said to be too little'
# A short grid over many samples: passes, where second moments are not out of the question; memory is
# that of these.
expect_done "$RIATA" simulate -n 6000 -p 1500 --storage f32 --support 15 -o long.h5
expect_done "$RIATA" plan long.h5 --folds 5 --eps 0.2 --cores 1
expect_text 'or second moments of all features' out.txt
reads=$(said '^Way .*about ([0-9]+),.*') flops=$(gflop)
expect_done "$RIATA" cv long.h5 --folds 5 --eps 0.2 --threads 1 -o out/run -q
judge 'long.h5 --eps 0.2 held' "$reads" - "$flops"
streamed 110 wide.h5 --folds 5
streamed 100 middle.h5 --folds 5 --alphas 50
if unshare --uts true 2>/dev/null; then
  use_nodes
  split 1+1 1 wide.h5 --folds 10 --alphas 60
  split 1+1 1 middle.h5 --folds 5 --alphas 50
  split 2+2 2 wide.h5 --folds 10 --alphas 60
  split 2+2 2 middle.h5 --folds 5 --alphas 50
fi
finish
