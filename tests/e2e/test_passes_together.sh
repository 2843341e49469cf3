#!/usr/bin/env bash
# Ranks of a node that hold X in memory make passes over it together: the same bytes on 1, 2, 3 and 5
# ranks; a pass for one fit is counted once, however many ranks help with it; and passes for many
# fits are never more than every rank would make alone. Ranks of other nodes make their own.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
command -v python3 >/dev/null || skip "no python3"
export OMPI_MCA_mpi_yield_when_idle=1

expect_done "$RIATA" simulate -n 120 -p 3000 --support 20 --rho 0.5 -o gaussian.h5
expect_done "$RIATA" simulate -n 150 -p 2500 --support 20 --kind genotype --missing-rate 0.01 \
  -o genotype.h5

same() {
  cmp -s "$1.curve.tsv" "$2.curve.tsv" || wrong "$2.curve.tsv differs from $1.curve.tsv"
  h5diff "$1.h5" "$2.h5" /result >difference.txt || {
    wrong "/result of $2 differs from that of $1"
    head -n 5 difference.txt
  }
}

# check FITS NAME BYTES RANKS...: what was said of passes over so many bytes of X by runs of NAME.
check() {
  python3 - "$@" <<'PYTHON' || failures=$((failures + 1))
import json, sys
fits, name, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ranks = [int(r) for r in sys.argv[4:]]
def passes(r):
    result = json.load(open(f"out/{name}.{r}.json"))
    read, x = sum(rank["bytes"] for rank in result["ledger"]), result["passes_over_x"]
    # the report reads X once more, when the run is over
    assert result["ranks"] == r and abs(read / size - x + 0.5) < 0.51, (read, x)
    return x
alone = passes(1)
for r in ranks:
    now = passes(r)
    print(f"{name}, {fits} fits: {alone:.2f} passes on one rank, {now:.2f} on {r}")
    # columns that come near a threshold are looked at again, and copied by every rank that wants them
    most = 1.25 * alone if fits == 1 else 1.15 * min(r, fits) * alone
    assert alone - 0.01 <= now <= most, (alone, now, most)
if fits == 1: # who helps and when leaves no trace
    assert len({round(passes(r), 9) for r in ranks}) == 1
PYTHON
}

declare -A bytes=([gaussian]=$((120 * 3000 * 8)) [genotype]=$((2500 * 38)))
for data in "${!bytes[@]}"; do
  for ranks in 1 2 3 5; do
    [ "$data" = gaussian ] || expect_done mpirun -n "$ranks" "$RIATA" path "$data.h5" --threads 1 \
      -q -o "out/path.$data.$ranks"
    expect_done mpirun -n "$ranks" "$RIATA" cv "$data.h5" --folds 5 --threads 1 --proxies 0 -q \
      -o "out/cv.$data.$ranks"
    same "out/cv.$data.1" "out/cv.$data.$ranks"
  done
  check 6 "cv.$data" "${bytes[$data]}" 2 3 5
done
check 1 path.genotype "${bytes[genotype]}" 2 3 5
finish
