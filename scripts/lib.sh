# shellcheck shell=bash disable=SC2034
# What quickstart and test share: packages, building, and an environment in which mpirun works.
# To be sourced; needs ROOT, the top of the source tree.

BUILD_PACKAGES=(build-essential cmake pkg-config libopenmpi-dev openmpi-bin libhdf5-dev
  libjansson-dev libxxhash-dev libhts-dev librandom123-dev libcsv-dev zlib1g-dev
  libdeflate-dev gnuplot-nox)
TEST_PACKAGES=(libcmocka-dev clang libclang-rt-dev libomp-dev python3 python3-numpy python3-h5py hdf5-tools
  valgrind shellcheck clang-format plink2 libhdf5-openmpi-dev
  slurm-wlm slurm-client munge iproute2)

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' ||
      printf '%s\n' "$name"
  done
}

# Installs those of the named Debian or Ubuntu packages that are missing; elsewhere says what is
# needed and goes on, since it may be there under another name.
install_packages() {
  local missing runner=()
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    printf 'This system has no apt. If the build fails, install what these Debian packages hold:\n'
    printf '  %s\n' "$*"
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "missing packages; as root: apt-get install ${missing[*]}"
    runner=(sudo)
  fi
  say "Installing ${missing[*]}"
  "${runner[@]}" apt-get update -qq
  "${runner[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}"
}

cores() { nproc 2>/dev/null || getconf _NPROCESSORS_ONLN; }

# build FOLDER [CMAKE OPTIONS]: configures and builds all, or only what the array `targets` names;
# quietly unless something fails.
targets=()
build() {
  local folder=$1 log
  shift
  log=$folder/build.log
  mkdir -p "$folder"
  if ! { cmake -S "$ROOT" -B "$folder" "$@" && cmake --build "$folder" -j "$(cores)" \
    ${targets[@]:+--target "${targets[@]}"}; } \
    >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    fail "the build failed; all of its output is in $log"
  fi
}

# Open MPI refuses root, as in a container, and more ranks than cores, unless told otherwise.
prepare_mpi() {
  if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  if [ "$(cores)" -lt 2 ]; then
    export OMPI_MCA_rmaps_base_oversubscribe=1
  fi
}
