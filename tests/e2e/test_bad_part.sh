#!/usr/bin/env bash
# Data that one rank of three finds to be bad, for it alone reads that part - a missing value, a damaged
# chunk - end all ranks within seconds, by one sentence that says where; old results stay as they were.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py

expect_done "$RIATA" simulate -n 300 -p 3000 --support 30 -o data.h5
expect_done "$RIATA" fit data.h5 --alpha 0.5 -o out/run
before=$(find out -type f -exec cat {} + | cksum)
"$PYTHON" - <<'PYTHON'
import h5py, shutil
shutil.copy("data.h5", "hole.h5")
with h5py.File("hole.h5", "r+") as file:
    file["X"][2900, 7] = float("nan")
with h5py.File("data.h5") as file, h5py.File("chunk.h5", "w") as other:
    for name in file:
        if name != "X":
            file.copy(name, other)
    other.attrs.update(file.attrs)
    x = other.create_dataset("X", data=file["X"][:], chunks=(100, 300), compression="gzip")
    x.attrs.update(file["X"].attrs)
    at = x.id.get_chunk_info(28)
with open("chunk.h5", "r+b") as file:
    file.seek(at.byte_offset + at.size // 2)
    file.write(b"\xff" * 40)
PYTHON
for data in hole chunk; do
  for way in '' --stream; do
    SECONDS=0
    run timeout 120 mpirun -n 3 "$RIATA" cv "$data.h5" -o out/run --folds 4 --threads 1 ${way:+"$way"}
    [ "$SECONDS" -lt 60 ] || wrong "$data.h5 $way: it took $SECONDS s"
    [ "$status" -eq 1 ] || wrong "$data.h5 $way: status $status"
    [ "$(grep -cE "^riata: $data.h5.*(feature 2901 .*sample 8|chunk that starts at feature 2801)" err.txt)" -eq 1 ] || {
      wrong "$data.h5 $way: no single sentence that says where"
      sed 's/^/    /' err.txt
    }
    [ "$(find out -type f -exec cat {} + | cksum)" = "$before" ] || wrong "$data.h5 $way: out is not as it was"
  done
done
finish
