#!/usr/bin/env bash
# No invalid read or write, no use of what was never set, nothing lost: the whole way of the data
# under valgrind, alone and on two ranks (there with Open MPI's own suppressions).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v valgrind >/dev/null || skip "valgrind is not installed"

checker=(valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
  --show-leak-kinds=definite)
checked() { # STATUS COMMAND...
  local expected=$1
  shift
  run "${checker[@]}" "$@"
  [ "$status" -eq "$expected" ] && return
  wrong "exit status $status under valgrind: $*"
  grep '^==' err.txt | head -n 30 || true
}

{
  printf 'sample,a,b,c,d,y\n'
  awk 'BEGIN { srand(3); for (i = 1; i <= 40; i++)
    printf "s%d,%g,%g,%s,%d,%g\n", i, rand(), rand() * 100, i % 9 ? rand() : "NA", i % 3, rand() }'
} >table.csv
checked 0 "$RIATA" import table.csv --response y --missing mean -o table.h5
checked 1 "$RIATA" import table.csv --response z -o wrong.h5
checked 0 "$RIATA" simulate -n 50 -p 120 --support 5 --missing-rate 0.02 --bfile genotypes
checked 0 "$RIATA" import --bfile genotypes --truth genotypes.truth.tsv -o genotypes.h5
checked 0 "$RIATA" info genotypes.h5
checked 0 "$RIATA" cv genotypes.h5 --folds 3 --alphas 12 --l1-ratio 0.5,1 --threads 2 -o out/cv
checked 0 "$RIATA" cv table.h5 --missing mean --folds 3 --alphas 8 --solver shooting --threads 1 \
  --tol 1e-4 -o out/table
checked 0 "$RIATA" path genotypes.h5 --alphas 5 --positive -o out/path
checked 0 "$RIATA" fit genotypes.h5 --alpha 0.3 -o out/fit
checked 0 "$RIATA" predict out/cv genotypes.h5 -o predictions.tsv
checked 0 "$RIATA" verify out/cv genotypes.h5
checked 0 "$RIATA" report out/cv -o out/again
checked 1 "$RIATA" cv genotypes.h5 --folds 1 -o out/wrong

# Ranks: the launcher itself is not looked at.
installed=/usr/share/openmpi/openmpi-valgrind.supp
[ ! -f "$installed" ] || checker+=(--suppressions="$installed")
checker+=(--suppressions="$RIATA_SOURCE/tests/e2e/mpi.supp")
run mpirun -n 2 "${checker[@]}" "$RIATA" cv genotypes.h5 --folds 3 --alphas 8 --threads 1 -o out/ranks
[ "$status" -eq 0 ] || {
  wrong "two ranks under valgrind"
  grep '^==' err.txt | head -n 40 || true
}
finish
