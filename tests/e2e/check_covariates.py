"""Optimality of every fit of a result with covariates, from the dataset and the covariates' own
values with numpy alone: the residual is orthogonal to intercept and covariates, no feature's
gradient exceeds alpha, selected ones reach it, and held-out rows get the stored prediction.

check_covariates.py RESULT.h5 DATA.h5 COVARIATES.tsv (coded: header 'sample NAME ...', NA missing)
"""

import sys

import h5py
import numpy as np

result, data, table = sys.argv[1:4]
r = h5py.File(result, "r")["result"]
d = h5py.File(data, "r")
X = d["X"][()].T.astype(float)
if d["X"].dtype == np.int8:
    X[X == -128] = np.nan
y = d["y"][r.attrs["response"].decode()][()]
sample = [s.decode() for s in d["samples/id"][()]]
lines = [line.rstrip("\n").split("\t") for line in open(table)]
row = {f[0]: [np.nan if v == "NA" else float(v) for v in f[1:]] for f in lines[1:]}
C = np.array([row.get(s, [np.nan] * (len(lines[0]) - 1)) for s in sample])
names = [s.decode() for s in r["covariate"][()]]
assert names == lines[0][1:], (names, lines[0])
if not r.attrs["covariate_mean"]:
    y[np.isnan(C).any(axis=1)] = np.nan
kept = ~np.isnan(y)
fold = r["fold"][()]
assert ((fold >= 0) == kept).all()
assert kept.sum() == r.attrs["n"]


def filled(A, train):
    mean = np.nanmean(A[train], axis=0)
    return np.where(np.isnan(A), mean, A)


worst = dict(normal=0.0, gradient=0.0, reach=0.0, prediction=0.0)
path = r["paths/0"]
alpha = path["alpha"][()]
for k in list(range(r.attrs["folds"])) + [-1]:
    fit = path["fits"][f"fold_{k}" if k >= 0 else "refit"]
    train = kept & (fold != k) if k >= 0 else kept
    x, c = filled(X, train), filled(C, train)
    mean, sd = x[train].mean(axis=0), x[train].std(axis=0)
    c_sd = c[train].std(axis=0)
    use = sd > 1e-12 * np.maximum(1, np.abs(mean))
    z = np.zeros_like(x)
    z[:, use] = (x[:, use] - mean[use]) / sd[use]
    start = fit["start"][()]
    for a in range(len(alpha)):
        b = np.zeros(x.shape[1])
        at = slice(start[a], start[a + 1])
        b[fit["feature"][at]] = fit["coefficient"][at]
        prediction = fit["intercept"][a] + x @ b + c @ fit["covariate"][a]
        e = (y - prediction)[train]
        scale = y[train].std()
        worst["normal"] = max(worst["normal"], abs(e.mean()) / scale)
        some = c_sd > 0
        normal = (c[train] - c[train].mean(axis=0))[:, some].T @ e / c_sd[some] / len(e)
        worst["normal"] = max(worst["normal"], np.abs(normal).max() / scale)
        g = z[train].T @ e / len(e)
        worst["gradient"] = max(worst["gradient"], np.abs(g).max() / alpha[a] - 1)
        on = b != 0
        if on.any():
            reach = np.abs(g[on] * np.sign(b[on]) - alpha[a]).max() / alpha[a]
            worst["reach"] = max(worst["reach"], reach)
        held = fold == k if k >= 0 else ~kept
        if held.any():
            off = np.abs(prediction - path["prediction"][a])[held].max() / scale
            worst["prediction"] = max(worst["prediction"], off)
print(worst)
limit = dict(normal=1e-9, gradient=1e-5, reach=1e-5, prediction=1e-9)
sys.exit(any(not worst[w] <= limit[w] for w in worst))
