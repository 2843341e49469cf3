#!/usr/bin/env bash
# -DRIATA_PARALLEL_HDF5=ON: X is read through MPI-IO, the results are the bytes of the serial build,
# and what is wrong with the file on one rank is one sentence and no waiting for ever.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

found=
for name in hdf5-openmpi hdf5-mpich hdf5-mpi; do
  ! pkg-config --exists "$name" 2>/dev/null || found=$name
done
[ -n "$found" ] || skip 'no parallel HDF5 is known to pkg-config (libhdf5-openmpi-dev)'
if grep -qE '^RIATA_(SANITIZE:STRING=.|PARALLEL_HDF5:BOOL=ON)' "${RIATA_BUILD:?}/CMakeCache.txt"; then
  skip 'this build is not the plain one'
fi

launcher=$(sed -n 's/^CMAKE_C_COMPILER_LAUNCHER:[A-Z]*=//p' "$RIATA_BUILD/CMakeCache.txt")
if ! { cmake -S "$RIATA_SOURCE" -B build -DRIATA_PARALLEL_HDF5=ON -DBUILD_TESTING=OFF \
  -DCMAKE_C_COMPILER_LAUNCHER="$launcher" && cmake --build build -j2 --target riata; } \
  >build.txt 2>&1; then
  tail -n 30 build.txt
  wrong 'the program with parallel HDF5 is not built'
  finish
fi
parallel=$PWD/build/riata
expect_done "$parallel" --version
expect_text '^HDF5 .*parallel HDF5' out.txt
expect_done "$RIATA" --version
! grep -q 'parallel HDF5' out.txt || wrong 'the plain build has parallel HDF5'

# same NAME ARGUMENTS...: curve and features of both programs.
same() {
  local name=$1 ranks file
  shift
  expect_done mpirun -n 2 "$RIATA" cv "$@" -o "serial/$name"
  for ranks in 1 2 3; do
    expect_done mpirun -n "$ranks" "$parallel" cv "$@" -o "parallel/$name.$ranks"
    for file in curve features; do
      cmp "serial/$name.$file.tsv" "parallel/$name.$ranks.$file.tsv" ||
        wrong "$file of $name on $ranks ranks differs between serial and parallel HDF5"
    done
  done
}

mkdir serial parallel
"$RIATA" simulate -n 120 -p 1500 --seed 4 -o plain.h5 2>err.txt
same plain plain.h5
"$RIATA" simulate -n 150 -p 900 --kind genotype --missing-rate 0.01 --seed 5 -o genotype.h5 2>err.txt
same genotype genotype.h5

# MPI-IO is what reads: without any of it there is one sentence; a single process, a sparse X and
# the serial build do without it.
export OMPI_MCA_io=none
if [ "$found" = hdf5-openmpi ]; then
  expect_error 3 'plain.h5: cannot be opened through MPI-IO' \
    timeout 60 mpirun -n 2 "$parallel" cv plain.h5 -o no
  expect_done mpirun -n 2 "$RIATA" cv plain.h5 -o serial/yes
  expect_done "$parallel" cv plain.h5 -o serial/alone
  cmp serial/plain.curve.tsv serial/alone.curve.tsv || wrong 'a single process finds another curve'
  "$RIATA" simulate -n 100 -p 400 --density 0.1 -o sparse.h5 2>err.txt
  expect_done mpirun -n 2 "$parallel" cv sparse.h5 -o parallel/sparse
fi
unset OMPI_MCA_io

if command -v h5repack >/dev/null; then
  expect_done h5repack -l X:CHUNK=200x50 -f X:SHUF -f X:GZIP=1 plain.h5 packed.h5
  same packed packed.h5
  # A disk that fails while one rank reads: an error, or it came too late to matter.
  seen=0
  for first in 44 50 56 59 62 65; do
    run env RIATA_FAULT="read 1 $first" timeout 60 mpirun -n 3 \
      -x LD_PRELOAD="$RIATA_BUILD/tests/libriata_faults.so" "$parallel" cv packed.h5 -o "late.$first"
    [ "$status" -ne 124 ] || wrong "a failing read (after $first) on one rank holds up the others"
    ! grep -q 'X cannot be read (features' err.txt || seen=1
    [ "$status" -ne 0 ] || cmp serial/packed.curve.tsv "late.$first.curve.tsv" ||
      wrong "a failing read (after $first) changes results"
  done
  [ "$seen" -eq 1 ] || wrong 'no read of X failed'
  # A chunk of the last rank is damaged: it says so, and nobody waits for it.
  cp packed.h5 torn.h5
  size=$(stat -c %s torn.h5)
  dd if=/dev/zero of=torn.h5 bs=1 seek=$((size * 3 / 4)) count=3000 conv=notrunc 2>err.txt
  for program in "$RIATA" "$parallel"; do
    expect_error 1 'torn.h5: dataset /X cannot be read' timeout 60 mpirun -n 3 "$program" cv torn.h5 \
      -o no
  done
fi
finish
