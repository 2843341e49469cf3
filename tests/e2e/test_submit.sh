#!/usr/bin/env bash
# scripts/submit with what cannot be submitted: one sentence, exit status 1, and Slurm is not asked; and
# what it says of a job that Slurm took. sbatch and scontrol are played by scripts here (a real Slurm in
# test_slurm.sh).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
submit=$RIATA_SOURCE/scripts/submit
mkdir 'my data' slurm none
expect_done "$RIATA" simulate -n 80 -p 300 --support 5 -o 'my data/x y.h5'
cat >slurm/sbatch <<'END'
#!/usr/bin/env bash
printf '%s\n' "$RIATA" "$@" >asked
case " $* " in *' --partition=none '*) echo 'sbatch: error: invalid partition' >&2 && exit 1 ;; esac
echo '7;cluster'
END
cat >slurm/scontrol <<'END'
#!/usr/bin/env bash
printf 'JobId=%s\n   StdErr=/x\n   StdOut=/logs/of %s.out\n' "$3" "$3"
END
chmod +x slurm/*
for program in bash env sed; do ln -s "$(command -v "$program")" none/; done

# --help is the opening comment, to its last line
expect_done "$submit" --help
diff <(sed -n '2,/^set/s/^#//p' "$submit" | sed 's/^ //') out.txt || wrong '--help is cut'
expect_text 'neither in PATH nor in build/\.$' out.txt

# refused PATTERN COMMAND...
refused() {
  local pattern=$1
  shift
  rm -f asked
  run env PATH="$WORK/slurm:$PATH" "$@"
  [ "$status" -eq 1 ] || wrong "status $status, not 1: $*"
  [ "$(grep -cE '^(riata|submit): |line [0-9]+:' err.txt)" -eq 1 ] || wrong "no single sentence: $*"
  expect_text "$pattern" err.txt
  [ ! -e asked ] || wrong "Slurm was asked: $*"
}
refused '^submit: there is no sbatch here: riata plan --write' env PATH="$WORK/none" "$submit" 'my data/x y.h5'
refused "^submit: .*riatta is not found" env RIATA=riatta "$submit" 'my data/x y.h5'
refused '^submit: --write needs the name of a file' "$submit" 'my data/x y.h5' --write
refused '^submit: --write needs the name of a file' "$submit" 'my data/x y.h5' --write -- --partition=none
refused "^riata: unknown option '--foldz'" "$submit" 'my data/x y.h5' --foldz 5
refused '^riata: nowhere.h5: cannot be opened' "$submit" nowhere.h5
refused '^riata: --mem: 5 MB a node are too little' "$submit" 'my data/x y.h5' --mem 5M
refused '^riata: plan: DATA is needed' "$submit" -- --partition=none
[ ! -e riata-cv.sbatch ] || wrong 'a refused plan leaves a job file'

PATH="$WORK/slurm:$PATH" run "$submit" 'my data/x y.h5' --folds 4 -o'out/my run' --write a.sbatch -- --partition=none
[ "$status" -eq 1 ] || wrong "refused by Slurm: status $status"
expect_text '^submit: Slurm did not take a.sbatch; nothing is submitted' err.txt

# the job file is of what was asked for, and paths are those of Slurm and of the job file
ln -s "$RIATA" riata
PATH="$WORK/slurm:$PATH" RIATA=./riata expect_done "$submit" 'my data/x y.h5' --folds 4 -o'out/my run' --write=a.sbatch -- --hold
expect_text '^Job 7 is submitted' out.txt
expect_text "^  ./riata status 'out/my run' +how far it is$" out.txt
expect_text '^  tail -f .*/logs/of\\? 7.out' out.txt
expect_text "^DATA=.*my data/x y.h5" a.sbatch
[ "$(tail -n 3 asked | tr '\n' ' ')" = '--parsable --hold a.sbatch ' ] || wrong 'options of sbatch are lost'
[ "$(head -n 1 asked)" = "$(realpath riata)" ] || wrong 'RIATA has no whole path in the job'

# Slurm that does not answer afterwards: the number of the job is said all the same
printf '#!/usr/bin/env bash\nexit 1\n' >slurm/scontrol
PATH="$WORK/slurm:$PATH" expect_done "$submit" 'my data/x y.h5' --folds 4
expect_text '^Job 7 is submitted' out.txt
finish
