#!/usr/bin/env bash
# `riata plan` within limits: what cannot be met is refused in one sentence that names the option and
# an amount, and that amount works; options that the run would refuse are refused by its plan.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$WORK/cache

expect_done "$RIATA" simulate -n 100 -p 500 --support 5 -o small.h5
expect_done "$RIATA" simulate -n 2000 -p 40 --support 5 -o tall.h5
expect_done "$RIATA" simulate -n 200 -p 8000 --support 5 -o wide.h5
expect_done "$RIATA" simulate -n 200 -p 8000 --support 5 --kind genotype -o genes.h5

# Too little memory: with the amount that is named there is a plan, and with a tenth less there is none.
for data in small wide genes; do
  for option in mem memory; do
    for more in '' '--threads 2' '--nodes 4'; do
      # shellcheck disable=SC2206 # words
      command=("$RIATA" plan "$data.h5" --cores 2 $more "--$option")
      expect_error 1 "--$option:? ([0-9]+ MB a node are|7M is) too little[:;] one rank takes about [0-9]+ MB" \
        "${command[@]}" 7M
      named=$(grep -oE 'takes about [0-9]+' err.txt | grep -oE '[0-9]+')
      expect_done "${command[@]}" "${named}M"
      expect_error 1 "--$option.* too little" "${command[@]}" "$((named * 9 / 10))M"
    done
  done
done
# so is what cv names
expect_error 1 '--memory 7M is too little' "$RIATA" cv wide.h5 --memory 7M --threads 1 --folds 3 -o out/wide
named=$(grep -oE 'about [0-9]+ MB' err.txt | tail -n 1 | grep -oE '[0-9]+')
expect_done "$RIATA" cv wide.h5 --memory "${named}M" --threads 1 --folds 3 -o out/wide

expect_error 1 "--memory: '1 cup' is not allowed" "$RIATA" plan small.h5 --memory '1 cup'
for limit in 0 -5 1- 1:2:3:4 nan inf 1e999 noon ''; do
  expect_error 1 "--time: '$limit' is not allowed" "$RIATA" plan small.h5 --time "$limit"
done
expect_error 1 '--threads 8: that are more than the 4 cores of a node' \
  "$RIATA" plan small.h5 --cores 4 --threads 8
expect_error 1 '^riata: plan: DATA is needed' "$RIATA" plan
expect_error 1 '--shard 2 and --stream' "$RIATA" plan wide.h5 --nodes 2 --shard 2 --stream
expect_error 1 '--shard 2: --relax needs all of X' "$RIATA" plan wide.h5 --nodes 2 --shard 2 --relax
expect_error 1 '--shard 2: ridge and least squares' "$RIATA" plan wide.h5 --nodes 2 --shard 2 --l1-ratio 0
expect_error 1 '--shard 2: second moments' "$RIATA" plan tall.h5 --nodes 2 --shard 2
expect_done "$RIATA" plan tall.h5 --nodes 2 --shard 2 --solver newton
expect_error 1 'is a directory' "$RIATA" plan small.h5 --write "$WORK"

# Samples that are kept out are not fitted: 480 of 1,200 take little more than 480 of 480.
memory() {
  expect_done "$RIATA" plan "$@" --folds 5 --cores 1
  sed -nE 's/^Advice .*, ([0-9]+) MB a node$/\1/p' out.txt
}
expect_done "$RIATA" simulate -n 1200 -p 8000 --support 20 --kind genotype -o all.h5
expect_done "$RIATA" simulate -n 480 -p 8000 --support 20 --kind genotype -o few.h5
all=$(memory all.h5) some=$(memory all.h5 --test-fraction 0.6) few=$(memory few.h5)
if [ "$some" -lt "$few" ] || [ $((some - few)) -gt $(((all - few) / 3)) ]; then
  wrong "$some MB are said for 480 of 1,200 samples, $few for 480, and $all for 1,200"
fi

# Headers only: of a file of 32 MB little is read (libraries count too).
expect_done "$RIATA" simulate -n 2000 -p 2000 -o square.h5
# shellcheck disable=SC2016 # for the shell inside, which has the count of its child
bytes=$(bash -c '"$@" >/dev/null && sed -n "s/^rchar: //p" "/proc/$$/io"' - "$RIATA" plan square.h5) || bytes=''
if [ -n "$bytes" ] && [ "$bytes" -gt 16000000 ]; then
  wrong "plan read $bytes bytes"
fi

# A job file with names of spaces and quotes runs as it is, and takes the place of an older one whole.
mkdir 'a b'
cp small.h5 "a b/it's.h5"
printf 'old\n' >job.sbatch
expect_done "$RIATA" plan "a b/it's.h5" --folds 3 -o 'a b/out' --write job.sbatch
bash -n job.sbatch || wrong 'the job file is no shell script'
! grep -q '^old' job.sbatch || wrong 'the job file has parts of an older one'
expect_done env RIATA="$RIATA" SLURM_CPUS_PER_TASK=1 bash job.sbatch
[ -s 'a b/out.curve.tsv' ] || wrong 'the job writes elsewhere'

# It runs the riata that planned it where that was called by its path.
expect_done env -u RIATA SLURM_CPUS_PER_TASK=1 bash job.sbatch
mkdir path && ln -s "$RIATA" path/riata
PATH=$WORK/path:$PATH expect_done riata plan small.h5 --write job.sbatch
expect_text '^RIATA=\$\{RIATA:-riata\} ' job.sbatch

# PLINK files are the job's DATA, by their prefix, also where an option has that word as its value.
expect_done "$RIATA" simulate -n 80 -p 300 --bfile mice
awk 'NR == 1 { print "#IID", "mice" } NR > 1 { print $2, $6 }' OFS='\t' <(echo) mice.fam >mice
plink=(--pheno mice --pheno-name mice --folds 3)
expect_done "$RIATA" plan --bfile mice "${plink[@]}" --write plink.sbatch -o out/mice
expect_text '^DATA=\$\{DATA:-mice\}$' plink.sbatch
expect_text '^OPTIONS=\(--pheno mice --pheno-name mice --folds 3\)$' plink.sbatch
expect_done env RIATA="$RIATA" SLURM_CPUS_PER_TASK=1 bash plink.sbatch
expect_done "$RIATA" cv --bfile mice "${plink[@]}" -o out/plain
cmp out/plain.curve.tsv out/mice.curve.tsv || wrong 'the job of PLINK files gives another curve'

# A job is not warned as soon as it starts: Slurm may do so a minute before the seconds it is given.
for limit in 1 2 3 5 6 30; do
  expect_done "$RIATA" plan small.h5 --time "$limit" --write job.sbatch
  minutes=$(sed -n 's/^#SBATCH --time=//p' job.sbatch)
  warned=$(sed -n 's/^#SBATCH --signal=B:USR1@//p' job.sbatch)
  [ $((3 * warned)) -le $((60 * minutes)) ] || wrong "--time $limit: warned $warned s before the end"
done
[ "$warned" -eq 120 ] || wrong "a job of $minutes minutes is warned $warned s before its end"
expect_error 1 '^riata: --time: about 0\.[0-9] s are needed on 1 node, and 0\.0 are allowed' \
  "$RIATA" plan wide.h5 --time 0.0001
finish
