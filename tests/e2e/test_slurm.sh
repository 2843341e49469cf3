#!/usr/bin/env bash
# Every job file of slurm/ does its work when it is submitted to a Slurm, here one with simulated
# nodes: on one node and two, by mpirun and srun, as array and merge, with a copy of the data on each
# node. The curves are those of the same run without Slurm. A job that is warned goes back into the
# queue and ends as if nothing had been; one that is cancelled does not come back.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Alike below the line that says so, but for what each is about.
for name in cv-nodes array resume; do
  for file in cv "$name"; do
    sed -n '/^# --- nothing to edit/,$p' "$RIATA_SOURCE/slurm/$file.sbatch" >"$file.below"
  done
  cmp cv.below "$name.below" || wrong "$name.sbatch differs from cv.sbatch in what is not to be edited"
done
sed -n '/^# Slurm warns/,$p' cv.below >end
for file in "$RIATA_SOURCE"/slurm/scaling-*.sbatch; do
  sed -n '/^# Slurm warns/,$p' "$file" | cmp - end || wrong "$file ends otherwise than cv.sbatch"
done
for file in "$RIATA_SOURCE"/slurm/*.sbatch; do
  grep -q '^#SBATCH --requeue$' "$file" || wrong "$file: no --requeue"
  grep -q '^#SBATCH --open-mode=append$' "$file" || wrong "$file: no --open-mode"
  grep -q '^#SBATCH --signal=B:USR1@[0-9]*$' "$file" || wrong "$file: no --signal"
  grep -q '^# module purge && module load ' "$file" || wrong "$file: no modules"
done

# shellcheck source-path=SCRIPTDIR source=../slurm/lib.sh
. "$RIATA_SOURCE/tests/slurm/lib.sh"
start_cluster 1500
same_curve() { cmp -s "out/$1.curve.tsv" "out/$2.curve.tsv" || wrong "the curve of $2 is not that of $1"; }

export RIATA
export DATA=$WORK/data.h5 RESTARTS=3
expect_done "$RIATA" simulate -n 80 -p 300 --support 5 -o data.h5
expect_done "$RIATA" simulate -n 80 -p 300 --support 5 --bfile mice
mkdir out
OUTPUT=$WORK/out/one submit cv && jobs=("$job")
OUTPUT=$WORK/out/two submit cv-nodes && jobs+=("$job")
LAUNCH=srun OUTPUT=$WORK/out/srun submit cv-nodes && jobs+=("$job") by_srun=$job
OUTPUT=$WORK/out/bound submit cv --ntasks-per-node=1 && jobs+=("$job") by_mpirun=$job
SCRATCH=$WORK/scratch LAUNCH=srun OUTPUT=$WORK/out/scratch submit cv --ntasks-per-node=1 && jobs+=("$job")
SCRATCH=$WORK/scratch DATA=$WORK/mice OUTPUT=$WORK/out/plink submit cv-nodes && jobs+=("$job")
OUTPUT=$WORK/out/resumed submit resume && jobs+=("$job") # with nothing to go on from it begins
OUTPUT=$WORK/out/array EACH='3 4 5' submit array && array=$job
OUTPUT=$WORK/out/array submit merge --dependency="afterany:$array" &&
  jobs+=("$array" "$job")

# contained NAME: the variant in a container, which is there as a comment; played by a script that
# notes what is to be seen inside.
mkdir programs contained
cat >programs/apptainer <<'END'
#!/usr/bin/env bash
[ "$1 $2 $4" = 'exec --bind riata.sif' ] || exit 9
bound=$3
shift 4
[ "$2" = --version ] || printf '%s: %s\n' "$bound" "$*" >>"$NOTES"
exec "$@"
END
chmod +x programs/apptainer
export NOTES=$WORK/notes PATH=$WORK/programs:$PATH
contained() {
  sed -E 's/^CONTAINER=\(\) +# or (\(.*\)), .*/CONTAINER=\1/' "$RIATA_SOURCE/slurm/$1.sbatch" >"contained/$1.sbatch"
  grep -q '^CONTAINER=(apptainer exec ' "contained/$1.sbatch" || wrong "$1.sbatch has no variant in a container"
  job_files=$WORK/contained
}

export SOURCE=$RIATA_SOURCE SIZE=60x200
SCRATCH=$WORK/scratch RANKS=1,2,4 LAUNCH=srun OUTPUT=$WORK/out/strong submit scaling-strong && jobs+=("$job")
RANKS=1,3 OUTPUT=$WORK/out/weak submit scaling-weak && jobs+=("$job")
contained cv-nodes
SCRATCH=$WORK/scratch OUTPUT=$WORK/out/inside submit cv-nodes && jobs+=("$job")
LAUNCH=srun OUTPUT=$WORK/out/inside.srun submit cv-nodes && jobs+=("$job")
contained scaling-strong
RANKS=2 OUTPUT=$WORK/out/inside.strong submit scaling-strong && jobs+=("$job")
job_files=$RIATA_SOURCE/slurm
# as scripts/submit does it, in the folder of the user
expect_done env RIATA="$RIATA" "$RIATA_SOURCE/scripts/submit" data.h5 --folds 10 --seed 1 --cores 2 --nodes 2 \
  -o out/submitted -- --time=5 --mem=600
job=$(grep -oE '^Job [0-9]+ is submitted' out.txt | grep -oE '[0-9]+') || wrong 'submit names no job'
jobs+=("$job")

for seed in 1 3 4 5; do
  expect_done "$RIATA" cv data.h5 --folds 10 --seed "$seed" --threads 1 -o "out/plain.$seed"
done
expect_done "$RIATA" cv --bfile mice --folds 10 --seed 1 --threads 1 -o out/plain.plink
completed "${jobs[@]}"
same_curve plain.plink plink
for name in one two srun bound scratch resumed submitted inside inside.srun; do same_curve plain.1 "$name"; done
for seed in 3 4 5; do same_curve "plain.$seed" "array.$seed"; done
# each rank has the cores that it was given, not the one that OpenMP bound its first thread to
for job in "$by_srun" "$by_mpirun"; do
  expect_text 'ranks? x 2 threads' "riata-cv-$job.out"
  ! grep -E 'is cut to|had bound' "riata-cv-$job.out" || wrong 'threads without cores'
done
for file in data.h5 mice.bed mice.bim mice.fam; do
  [ -e "scratch/$file" ] || wrong "SCRATCH has no copy of $file"
done
[ "$(cut -f 1 out/array.tsv | tr '\n' ' ')" = 'name 3 4 5 ' ] || wrong 'the merged table lacks a line'
awk -F '\t' 'FNR == 1 { for (i = 1; i <= NF; i++) if ($i == "cv_mean_selected" || $i == "mean") c = i }
  FNR > 1 && FILENAME ~ /array.tsv/ && $1 == 4 { table = $c }
  FNR > 1 && FILENAME ~ /curve/ && (least == "" || $c < least) { least = $c }
  END { exit !(table > 0 && table - least < 1e-9 && least - table < 1e-9) }' out/array.tsv out/array.4.curve.tsv ||
  wrong 'the merged table has not the least error of the curve'
! grep -P '\t(\t|$)' out/array.tsv || wrong 'the merged table has empty cells'
[ "$(grep -cP '\tcertified\t' out/array.tsv)" -eq 3 ] || wrong 'the merged table does not say what is certified'

[ "$(grep -cF "$WORK,$WORK/scratch: $RIATA cv $WORK/scratch/data.h5 " notes)" -eq 4 ] ||
  wrong 'not four ranks in the container, which sees SCRATCH'
[ "$(grep -cF "$WORK: $RIATA cv $WORK/data.h5 " notes)" -eq 4 ] || wrong 'not four ranks by srun in the container'
[ "$(grep -c "^$WORK: $RIATA cv .*/inside.strong.60x200.h5 " notes)" -eq 2 ] ||
  wrong 'scaling is not measured in the container'
[ -e scratch/strong.60x200.h5 ] || wrong 'scaling has no copy of the data'
[ "$(grep -c '^strong' out/strong.tsv)" -eq 3 ] || wrong 'the table of strong scaling is not complete'
[ "$(grep '^weak' out/weak.tsv | cut -f 4 | tr '\n' ' ')" = '1 3 ' ] || wrong 'weak scaling has other repeats'

# A run long enough to be stopped, warned as by Slurm shortly before the time limit.
expect_done "$RIATA" simulate -n 400 -p 20000 --support 60 -o long.h5
expect_done "$RIATA" cv long.h5 --folds 10 --seed 1 -o out/long
running() { grep -q 'read X' "$WORK/$1-$job.out" 2>/dev/null; }
DATA=$WORK/long.h5 OUTPUT=$WORK/out/warned submit cv-nodes
await 60 running riata-cv || wrong 'the job does not start'
scancel --signal=USR1 --batch "$job"
completed "$job"
if grep -q 'goes back into the queue' "riata-cv-$job.out"; then
  scontrol show job "$job" | grep 'Restarts=1' >/dev/null || wrong 'the job was not restarted'
else
  printf 'the run was over before the signal\n'
fi
same_curve long warned

DATA=$WORK/long.h5 OUTPUT=$WORK/out/cancelled submit cv
await 60 running riata-cv || wrong 'the job does not start'
scancel "$job"
await 60 over "$job" || wrong 'a cancelled job goes on'
sleep 3
[ "$(state "$job")" = CANCELLED ] || wrong "a cancelled job came back: $(state "$job")"
finish
