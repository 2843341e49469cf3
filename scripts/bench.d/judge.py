# SPDX-License-Identifier: BSD-3-Clause
"""Objective, duality gap and suboptimality of anybody's coefficients, from the raw data.

The same code for riata and every peer; it shares nothing with any of them. For a fit on n rows with
standardised features z_j, residual r = y - b0 - X b, centred residual u and centred response v:

    primal = |r|^2 / 2n + alpha |b|_1            (b on standardised features)
    dual   = c u'v / n - c^2 |u|^2 / 2n          c: best scale with c max_j |z_j'u| / n <= alpha
    gap    = (primal - dual) / (|v|^2 / 2n)

A path is (start, feature, coefficient, intercept): coefficients on the original scale, entries
start[a] .. start[a+1]-1 for alpha a."""
import hashlib
from dataclasses import dataclass

import h5py
import numpy as np


@dataclass
class Verdict:
    """Per alpha of one fit, in units of the null model's loss."""

    gap: np.ndarray
    primal: np.ndarray
    dual: np.ndarray


def read_peer(path):
    """A path as the peers write it, all f64: A, entries, start[A+1], intercept[A], feature[entries],
    coefficient[entries]."""
    values = np.fromfile(path, dtype="<f8")
    alphas, entries = int(values[0]), int(values[1])
    start, intercept, feature, coefficient = np.split(
        values[2:], np.cumsum([alphas + 1, alphas, entries]))
    if len(coefficient) != entries:
        raise ValueError(f"{path} is damaged")
    return start.astype("i8"), feature.astype("i8"), coefficient, intercept


def read_riata(path, fits):
    """({fit: path}, alphas) from a result file."""
    paths = {}
    with h5py.File(path) as file:
        group = file["result/paths/0"]
        alphas = group["alpha"][:]
        for fit in fits:
            name = "refit" if fit == "refit" else f"fold_{fit}"
            stored = group["fits"][name]
            paths[fit] = tuple(stored[k][:] for k in ("start", "feature", "coefficient",
                                                      "intercept"))
    return paths, alphas


def cut(path, alphas):
    """Its first alphas."""
    start, feature, coefficient, intercept = path
    end = start[alphas]
    return start[:alphas + 1], feature[:end], coefficient[:end], intercept[:alphas]


def digest(paths):
    """Equal for equal coefficients: who gives the same answer need not be judged twice."""
    total = hashlib.sha256()
    for fit in paths:
        for array in paths[fit]:
            total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


class _Fit:
    """One fit while it is judged."""

    def __init__(self, problem, fit, path, alphas, moments):
        self.rows = problem.train(fit)
        self.mean, self.sd = moments[fit]
        self.alphas = alphas
        y = problem.y()[self.rows]
        self.v = y - y.mean()
        self.null = self.v @ self.v / (2 * len(y))
        start, feature, coefficient, intercept = path
        used = np.unique(feature)
        dense = np.zeros((len(used), len(alphas)))
        alpha_of = np.repeat(np.arange(len(alphas)), np.diff(start))
        dense[np.searchsorted(used, feature), alpha_of] = coefficient
        columns = np.array(problem.x()[used][:, self.rows])
        mean = self.mean[used][:, None]
        columns = np.where(np.isnan(columns), 0.0, columns - mean)
        offset = intercept + (mean * dense).sum(axis=0)
        residual = y[:, None] - offset - columns.T @ dense
        self.norm = (self.sd[used][:, None] * np.abs(dense)).sum(axis=0)
        self.barred = ((self.sd[used][:, None] == 0) & (dense != 0)).any(axis=0)
        n = len(y)
        self.primal = (residual ** 2).sum(axis=0) / (2 * n) + alphas * self.norm
        self.u = residual - residual.mean(axis=0)
        self.steepest = np.zeros(len(alphas))

    def see(self, products, start):
        """Products with u of the features from `start` on, shifted by whatever constant: u is
        centred, so that it drops out."""
        sd = self.sd[start:start + len(products)][:, None]
        scaled = np.divide(np.abs(products), sd * len(self.rows), where=sd > 0,
                           out=np.zeros_like(products))
        np.maximum(self.steepest, scaled.max(axis=0), out=self.steepest)

    def close(self):
        n = len(self.rows)
        uu, uv = (self.u ** 2).sum(axis=0) / n, self.v @ self.u / n
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(uu > 0, np.maximum(uv / uu, 0), 0)
            scale = np.where(scale * self.steepest > self.alphas, self.alphas / self.steepest, scale)
        dual = scale * uv - scale ** 2 * uu / 2
        gap = np.maximum(self.primal - dual, 0) / self.null
        gap[self.barred | ~np.isfinite(gap)] = np.inf
        return Verdict(gap, self.primal / self.null, dual / self.null)


def judge(problem, paths, alphas):
    """{fit: Verdict} for {fit: path}; one walk over X for all of them."""
    moments = problem.moments()
    fits = {fit: _Fit(problem, fit, path, alphas, moments) for fit, path in paths.items()}
    x, step = problem.x(), problem.block()
    for start in range(0, problem.p, step):
        part = np.array(x[start:start + step])
        holes = problem.missing and np.isnan(part).any()
        if holes:
            for one in fits.values():
                mean = one.mean[start:start + len(part)][:, None]
                rows = part[:, one.rows]
                one.see(np.where(np.isnan(rows), 0.0, rows - mean) @ one.u, start)
            continue
        part -= part.mean(axis=1)[:, None]
        for one in fits.values():
            whole = np.zeros((problem.n, len(alphas)))
            whole[one.rows] = one.u
            one.see(part @ whole, start)
    return {fit: one.close() for fit, one in fits.items()}


def summary(verdicts, bounds):
    """(worst gap, worst suboptimality) over fits and alphas; `bounds` is {fit: best dual known}."""
    gap = max(float(v.gap.max()) for v in verdicts.values())
    subopt = 0.0
    for fit, v in verdicts.items():
        best = np.maximum(v.dual, bounds[fit]) if fit in bounds else v.dual
        subopt = max(subopt, float((v.primal - best).max()))
    return gap, subopt
