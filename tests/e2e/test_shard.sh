#!/usr/bin/env bash
# X split over nodes: results, down to the byte, are those of one node that holds all of X, for every
# storage type, on any number of nodes and ranks, in one group of nodes or in several, and for what
# reads single columns; what cannot be split, and a wrong number of nodes, is refused.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "no h5diff"
use_nodes

# same NAME WHAT: result NAME of shards has the bytes of out/memory.
same() {
  cmp out/memory.curve.tsv "out/$1.curve.tsv" || wrong "$2: another curve"
  cmp out/memory.features.tsv "out/$1.features.tsv" || wrong "$2: other features"
  h5diff out/memory.h5 "out/$1.h5" /result /result >/dev/null || wrong "$2: another /result"
}

# both NAME LAYOUT N ARGUMENTS...: cv on one node, and on those of LAYOUT, N of which hold X.
both() {
  local name=$1 layout=$2 nodes=$3
  shift 3
  expect_done "$RIATA" cv "$@" --alphas 20 --folds 4 --threads 1 -o out/memory
  expect_done on_nodes "$layout" cv "$@" --alphas 20 --folds 4 --threads 1 --shard "$nodes" -o out/shard
  expect_text "X is split over $nodes nodes" out/shard.log
  same shard "$name on $layout"
}

for kind in 'gaussian f64 1+1' 'gaussian f32 2+2' 'genotype i8 1+1+1' 'genotype packed2 2+1'; do
  read -r what storage layout <<<"$kind"
  nodes=${layout//[^+]/} nodes=$((${#nodes} + 1))
  expect_done "$RIATA" simulate -n 203 -p 1500 --kind "$what" --storage "$storage" -o "$storage.h5"
  both "$storage" "$layout" "$nodes" "$storage.h5"
done
expect_done "$RIATA" simulate -n 203 -p 1500 --missing-rate 0.02 --bfile genes
both bed 2+2+2 3 --bfile genes
both 'two threads' 1+1 2 f32.h5 --threads 2
both 'two groups' 1+1+1+1 2 f32.h5
both 'two groups, more ranks' 2+1+1+2 2 i8.h5
both shooting 1+1 2 f64.h5 --solver shooting --tol 1e-4 --eps 0.1

# Classes, counts, covariates, weights and unpenalised features: each reads single columns, too.
samples=$(awk '{print $2}' genes.fam)
{
  printf '#IID\tclass\tcount\tage\n'
  awk '{print $1 "\t" NR % 3 % 2 "\t" NR * NR % 5 "\t" 20 + NR * 7 % 50}' <<<"$samples"
} >people.tsv
awk 'BEGIN {print "sample\tweight"} {print $1 "\t" 1 + NR % 3}' <<<"$samples" >weights.tsv
awk 'BEGIN {print "feature\tfactor"} NR % 500 == 3 {print $2 "\t" (NR % 1000 == 3 ? 0 : 3)}' genes.bim >factors.tsv
genes=(--bfile genes --pheno people.tsv)
both binomial 1+1 2 "${genes[@]}" --pheno-name class --family binomial
both poisson 2+1 2 "${genes[@]}" --pheno-name count --family poisson
both 'covariates, weights and factors' 1+2 2 --bfile genes --covar people.tsv --covar-name age \
  --weights weights.tsv --penalty-factors factors.tsv

expect_done "$RIATA" stability f32.h5 --threads 1 -o out/memory
expect_done on_nodes 1+1 stability f32.h5 --threads 1 --shard 2 -o out/shard
cmp out/memory.stability.tsv out/shard.stability.tsv || wrong 'other frequencies'

both loco 1+1 2 --bfile genes --loco drop
cmp out/memory.loco.tsv out/shard.loco.tsv || wrong 'other predictions without a chromosome'

# refused PATTERN ARGUMENTS...
refused() {
  local pattern=$1
  shift
  expect_error 1 "$pattern" on_nodes 1+1 cv f64.h5 --folds 4 --threads 1 -o out/no "$@"
  [ ! -e out/no.h5 ] || wrong "$*: a file was written"
}
refused '^riata: --shard 3: this run has 2 nodes' --shard 3
refused 'give one of them' --shard 2 --stream
refused 'ridge and least squares' --shard 2 --l1-ratio 0
refused 'relax needs all of X' --shard 2 --relax
refused 'adaptive needs all of X' --shard 2 --adaptive lasso
refused 'X split over 2 nodes' --shard 2 --memory 20M
expect_error 1 'this run has 1 node;' "$RIATA" cv f64.h5 --shard 2 -o out/no
expect_error 1 "'0' is not allowed" "$RIATA" cv f64.h5 --shard 0 -o out/no
expect_done "$RIATA" simulate -n 2000 -p 100 -o tall.h5
expect_error 1 'second moments of all features' on_nodes 1+1 cv tall.h5 --threads 1 --shard 2 -o out/no
both 'more samples than features' 1+1 2 tall.h5 --solver newton

finish
