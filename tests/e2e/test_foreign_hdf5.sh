#!/usr/bin/env bash
# Any HDF5 file by --x and --y: either orientation, any number type, chunked and compressed as
# MATLAB writes it, gives the answer of the same numbers imported from a table.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

"$PYTHON" - <<'PYTHON'
import h5py, numpy as np
rng = np.random.default_rng(1)
x = rng.integers(-3, 4, (40, 12)).astype(float)
y = x[:, 0] - 2 * x[:, 5] + rng.standard_normal(40)
with open("table.csv", "w") as f:
    f.write(",".join([f"x{j}" for j in range(12)] + ["y"]) + "\n")
    for row, value in zip(x, y):
        f.write(",".join(repr(float(v)) for v in list(row) + [value]) + "\n")
def put(name, x, y, **options):
    with h5py.File(name, "w") as f:
        f.create_dataset("group/X", data=x, **options)
        f["group/y"] = y
put("h5py.h5", x, y)
put("features_first.h5", np.ascontiguousarray(x.T), y)
put("f32.h5", x.astype("f4"), y)
put("i8.h5", x.astype("i1"), y)
put("i64.h5", x.astype("i8"), y)
put("big_endian.h5", x.astype(">f8"), y.astype(">f8"))
put("matlab.h5", x.T, y.reshape(1, -1), chunks=(3, 7), compression="gzip", shuffle=True)
put("column.h5", x, y.reshape(-1, 1))
put("square.h5", x[:12], y[:12])
put("text.h5", np.array([[b"a"] * 12] * 40), y)
put("short.h5", x, y[:39])
put("infinite.h5", np.where(x == 3, np.inf, x), y)
put("missing.h5", np.where(x == 3, np.nan, x), y)
PYTHON

expect_done "$RIATA" import table.csv --response y -o table.h5
expect_done "$RIATA" cv table.h5 --folds 4 --fold-scheme modulo -o out/table
foreign() { # FILE OPTIONS...
  local file=$1
  shift
  "$RIATA" cv "$file" --x /group/X --y /group/y --folds 4 --fold-scheme modulo "$@"
}
for name in h5py features_first f32 i8 i64 big_endian matlab column; do
  expect_done foreign "$name.h5" -o "out/$name"
  cmp -s out/table.curve.tsv "out/$name.curve.tsv" || wrong "the curve of $name.h5 differs"
done
expect_error 1 'square.*--layout' foreign square.h5 -o out/square
expect_done foreign square.h5 --layout samples-first -o out/square
expect_error 1 'short.h5:.*39' foreign short.h5 -o out/short
expect_error 1 'text.h5:/group/X' foreign text.h5 -o out/text
expect_error 1 'infinite.h5:/group/X.*infinite' foreign infinite.h5 -o out/infinite
expect_error 1 'missing.h5:/group/X.*--missing mean' foreign missing.h5 -o out/missing
expect_done foreign missing.h5 --missing mean -o out/missing
expect_error 1 '/group/Z' "$RIATA" cv h5py.h5 --x /group/Z --y /group/y -o out/none
finish
