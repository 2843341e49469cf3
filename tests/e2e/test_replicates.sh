#!/usr/bin/env bash
# True bias and variance over replicates obey what is known in closed form: without features the
# bias is the spread of the true means and the variance that of a mean; at alpha 0, least squares,
# there is no bias and (p + 1) / n of the noise's variance. The same for any ranks and threads.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

"$RIATA" simulate -n 120 -p 15 --support 4 --seed 5 -o x.h5
expect_done "$RIATA" path x.h5 --alpha-list 100,0.3,0.1,0 --replicates 300 --threads 1 -o out/one
expect_text '^Replicates +over 300 draws' out.txt
expect_done mpirun -n 2 "$RIATA" path x.h5 --alpha-list 100,0.3,0.1,0 --replicates 300 -o out/two
cmp out/one.curve.tsv out/two.curve.tsv || wrong 'replicates depend on the ranks'
"$PYTHON" - <<'END' || wrong 'bias or variance'
import json, h5py, numpy as np
s = json.load(open("out/one.json"))
with h5py.File("x.h5") as f:
    truth = {k: f["truth"][k][()] for k in f["truth"]}
    x = f["X"][()].T
b = np.zeros(x.shape[1])
index = next(v for v in truth.values() if np.ndim(v) and v.dtype.kind in "iu")
value = next(v for v in truth.values() if np.ndim(v) and v.dtype.kind == "f")
b[index] = value
n, p = x.shape
noise, bias, variance = s["noise_variance"], s["bias_squared"], s["variance"]
assert abs(bias[0] / np.var(x @ b) - 1) < 0.02, (bias[0], np.var(x @ b))
assert abs(variance[0] / (noise / n) - 1) < 0.3, (variance[0], noise / n)
assert bias[3] < 0.01 * noise, bias
assert abs(variance[3] / (noise * (p + 1) / n) - 1) < 0.1, (variance[3], noise * (p + 1) / n)
assert bias[0] > bias[1] > bias[2] and variance[0] < variance[1] < variance[2] < variance[3]
END
expect_done "$RIATA" cv x.h5 --folds 4 --alphas 15 --replicates 5 -o out/cv
expect_done "$RIATA" report out/cv -o page.html
expect_text 'true bias, squared' page.html
expect_error 1 "'1' is not allowed" "$RIATA" path x.h5 --replicates 1 -o out/x
printf 'a,b,y\n1,2,3\n2,1,4\n3,5,1\n4,4,2\n' >real.csv
"$RIATA" import real.csv --response y -o real.h5
expect_error 1 'no known truth' "$RIATA" path real.h5 --replicates 10 -o out/x
finish
