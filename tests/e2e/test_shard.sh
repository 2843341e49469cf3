#!/usr/bin/env bash
# X split over nodes: results, down to the byte, are those of one node that holds all of X, for every
# storage type, on any number of nodes and ranks, in one group of nodes or in several, and for what
# reads single columns; each node reads its own part of the file; a wrong number of nodes, a rank
# that is killed and a damaged file end the run on all of them.
# The nodes are host names of this machine: mpirun's remote shell is played by a script that gives
# the daemon a name space with the host name asked for.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "no h5diff"
unshare --uts true 2>/dev/null || skip "name spaces for host names are not allowed here"

cat >shell <<'END'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
name=$1
shift
exec unshare --uts bash -c "hostname $name; $*"
END
chmod +x shell

# on_nodes LAYOUT ARGUMENTS...: riata on nodes of so many ranks each, such as 2+1.
on_nodes() {
  local layout=$1 hosts='' ranks=0 k=0 each
  shift
  for each in ${layout//+/ }; do
    k=$((k + 1))
    ranks=$((ranks + each))
    hosts+=${hosts:+,}node-$k:$each
  done
  mpirun --mca plm_rsh_agent "$PWD/shell" --host "$hosts" -n "$ranks" "$RIATA" "$@"
}

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
both loco 1+1 2 --bfile genes --loco drop
cmp out/memory.loco.tsv out/shard.loco.tsv || wrong 'other predictions without a chromosome'

finish
