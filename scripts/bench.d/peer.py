# SPDX-License-Identifier: BSD-3-Clause
"""One peer written in Python, one job: some paths one after another, or the whole cross-validation.

    peer.py LIBRARY DATA GRID OUT tol=1e-4 route=naive fits=0,refit|cv folds=10 processes=2

DATA.x, .y, .json are what problem.py lays out; GRID holds the alphas, f64. Writes OUT.FIT.path for
every fit and OUT.facts, lines of "name value". The clock runs from data in memory to the
coefficients; for cv to the error curve, its minimum and the refit. Taking the training rows, the
mean for missing values and standardising are inside it, as they are for riata and for R's peers."""
import importlib
import json
import multiprocessing
import resource
import sys
import time
import warnings

import numpy as np

DATA = {}  # filled before processes are forked, so that they share it


def load(prefix):
    with open(prefix + ".json") as file:
        facts = json.load(file)
    DATA["x"] = np.fromfile(prefix + ".x", dtype="<f8").reshape(facts["p"], facts["n"])
    DATA["y"] = np.fromfile(prefix + ".y", dtype="<f8")
    DATA["holes"] = facts["missing"] > 0
    # which features have missing values: known from reading, as for riata
    DATA["holed"] = (np.flatnonzero(np.isnan(DATA["x"]).any(axis=1)) if DATA["holes"]
                     else np.empty(0, dtype="i8"))


def rows_of(fit, folds):
    rows = np.arange(len(DATA["y"]))
    return rows if fit == "refit" else rows[rows % folds != fit]


def path_sklearn(z, v, alphas, tol, route):
    from sklearn.linear_model import lasso_path
    return lasso_path(z, v, alphas=alphas, precompute=route == "gram", copy_X=False, tol=tol,
                      max_iter=10**9)[1]


def path_celer(z, v, alphas, tol, route):
    from celer import celer_path
    return celer_path(z, v, pb="lasso", alphas=alphas, tol=tol, prune=1, max_iter=10**4,
                      max_epochs=10**7)[1]


def path_skglm(z, v, alphas, tol, route):
    from skglm import Lasso
    model = Lasso(tol=tol, fit_intercept=False, max_iter=10**4, max_epochs=10**7)
    return model.path(z, v, alphas)[1]


def path_adelie(z, v, alphas, tol, route):
    import adelie
    state = adelie.grpnet(X=z, glm=adelie.glm.gaussian(y=v), lmda_path=alphas, tol=tol, n_threads=1,
                          early_exit=False, intercept=False, max_iters=10**9, progress_bar=False)
    return state.betas.toarray().T


PATHS = {"sklearn": path_sklearn, "celer": path_celer, "skglm": path_skglm, "adelie": path_adelie}


def fit_path(job):
    """One fit: its path on the original scale, sparse, and the errors on the held-out rows."""
    library, fit, folds, alphas, tol, route = job
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    rows = rows_of(fit, folds)
    z = DATA["x"][:, rows]  # (p, n): its transpose is the column-major matrix the peers want
    mean = np.nanmean(z, axis=1) if DATA["holes"] else z.mean(axis=1)
    z -= mean[:, None]
    for j in DATA["holed"]:
        z[j, np.isnan(z[j])] = 0
    sd = np.sqrt(np.einsum("ij,ij->i", z, z) / z.shape[1])
    sd[sd <= 1e-12 * np.abs(mean)] = 1
    z /= sd[:, None]
    y = DATA["y"][rows]
    coefs = PATHS[library](z.T, y - y.mean(), alphas, tol, route)
    if coefs.shape[1] != len(alphas):
        raise RuntimeError(f"{library} ended its path after {coefs.shape[1]} alphas")
    feature = np.flatnonzero(coefs.any(axis=1))
    b = coefs[feature] / sd[feature, None]
    intercept = y.mean() - mean[feature] @ b
    errors = None
    if fit != "refit":
        held = np.setdiff1d(np.arange(len(DATA["y"])), rows)
        x = DATA["x"][feature][:, held]
        x = np.where(np.isnan(x), mean[feature, None], x)
        errors = np.mean((DATA["y"][held, None] - intercept - x.T @ b) ** 2, axis=0)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return fit, (feature, b, intercept), errors, time.perf_counter() - began, cpu


def write_path(out, fit, path):
    feature, b, intercept = path
    alpha, entry = np.nonzero(b.T)
    start = np.concatenate([[0], np.cumsum(np.bincount(alpha, minlength=b.shape[1]))])
    np.concatenate([[b.shape[1], len(entry)], start, intercept, feature[entry],
                    b[entry, alpha]]).astype("<f8").tofile(f"{out}.{fit}.path")


def main():
    library, prefix, grid, out = sys.argv[1:5]
    option = dict(text.split("=", 1) for text in sys.argv[5:])
    warnings.simplefilter("ignore")
    importlib.import_module(library)
    alphas, tol, folds = np.fromfile(grid, dtype="<f8"), float(option["tol"]), int(option["folds"])
    began = time.perf_counter()
    load(prefix)
    facts = {"seconds_reading": time.perf_counter() - began}
    whole = option["fits"] == "cv"
    # the refit first: it is the longest
    fits = ["refit", *range(folds)] if whole else [
        fit if fit == "refit" else int(fit) for fit in option["fits"].split(",")]
    if library == "skglm":  # compiles at its first use
        PATHS[library](np.asfortranarray(np.eye(4)), np.arange(4.0), np.array([0.5, 0.1]), tol, "naive")
    began = time.perf_counter()
    jobs = [(library, fit, folds, alphas, tol, option["route"]) for fit in fits]
    if whole:
        with multiprocessing.get_context("fork").Pool(int(option["processes"])) as pool:
            results = pool.map(fit_path, jobs, chunksize=1)
        curve = np.mean([errors for _, _, errors, _, _ in results if errors is not None], axis=0)
        facts["index_min"] = int(np.argmin(curve))
    else:
        results = [fit_path(job) for job in jobs]
    facts["seconds"] = time.perf_counter() - began
    facts["cpu_seconds"] = sum(cpu for *_, cpu in results)
    for fit, path, _, seconds, cpu in results:
        write_path(out, fit, path)
        facts[f"seconds_{fit}"], facts[f"cpu_seconds_{fit}"] = seconds, cpu
    with open(out + ".facts", "w") as file:
        file.writelines(f"{name} {value}\n" for name, value in facts.items())


main()
