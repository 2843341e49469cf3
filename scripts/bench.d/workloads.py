# SPDX-License-Identifier: BSD-3-Clause
"""The workloads: what is generated, with which grid, and what is expected of riata on it."""
import os
from dataclasses import dataclass, field


@dataclass
class Workload:
    name: str
    title: str
    simulate: list = field(default_factory=list)  # options of `riata simulate`; none: see `mouse`
    eps: float = 1e-2
    alphas: int = 100
    folds: int = 10
    mouse: bool = False  # the shared mouse genotypes instead
    # what riata is to be faster by: peers at the same gap, glmnet's default, the same suboptimality,
    # peers against --solver shooting
    by_gap: float = 0
    by_default: float = 0
    by_subopt: float = 0
    by_shooting: float = 0
    passes_dominate: bool = False  # targets on scaling, on the cost of folds, and --early-stop apply
    gram_memory: bool = False  # one Gram of min(n, p) for each fit in hand is allowed

    def grid_options(self):
        return ["--alphas", str(self.alphas), "--eps", repr(self.eps)]

    def fold_options(self):
        return ["--folds", str(self.folds), "--fold-scheme", "modulo"]

    def fits(self):
        return [*range(self.folds), "refit"]


def gaussian(n, p, seed=1):
    return ["-n", str(n), "-p", str(p), "--rho", "0.5", "--seed", str(seed)]


def genotypes(n, p, *more):
    return ["-n", str(n), "-p", str(p), "--kind", "genotype", "--seed", "1", *more]


STANDARD = [
    Workload("a", "n=1000, p=5000", gaussian(1000, 5000), by_gap=30, by_default=2, by_subopt=8,
             by_shooting=4),
    Workload("b", "n=500, p=50,000", gaussian(500, 50000), by_gap=30, by_default=8, by_subopt=8,
             by_shooting=4, passes_dominate=True),
    Workload("c", "n=5000, p=5000, eps 1e-3", gaussian(5000, 5000), eps=1e-3, by_gap=20,
             gram_memory=True),
    Workload("d", "genotypes, n=2000, p=50,000", genotypes(2000, 50000), by_gap=30, by_default=8,
             by_subopt=8, by_shooting=4, passes_dominate=True),
    Workload("e", "n=20,000, p=1000, eps 1e-3", gaussian(20000, 1000), eps=1e-3, by_gap=8),
    Workload("f", "mouse genotypes, n=1410, p=12,226", mouse=True, by_gap=20),
    Workload("g", "n=1000, p=200,000", gaussian(1000, 200000), by_gap=30, by_default=8, by_subopt=8,
             by_shooting=4, passes_dominate=True),
]

# Small enough for a test: the same kinds of data, missing genotypes among them.
QUICK = [
    Workload("a", "n=120, p=300", gaussian(120, 300), alphas=20, folds=3, by_gap=30, by_default=2,
             by_subopt=8, by_shooting=4),
    Workload("d", "genotypes, n=100, p=400", genotypes(100, 400, "--missing-rate", "0.01"),
             alphas=20, folds=3, by_gap=30, by_shooting=4, passes_dominate=True),
    Workload("e", "n=400, p=50, eps 1e-3", gaussian(400, 50), eps=1e-3, alphas=20, folds=3,
             by_gap=8),
]

# How time grows: p at fixed n, whose path ends near n features whatever p is; n at fixed p, down
# to an alpha at which the support is that of the truth.
GROWTH_P = [Workload(f"p{p}", f"n=500, p={p:,}", gaussian(500, p))
            for p in (10000, 20000, 50000, 100000, 200000, 500000)]
GROWTH_N = [Workload(f"n{n}", f"n={n:,}, p=5000, eps 0.1", gaussian(n, 5000), eps=0.1)
            for n in (1000, 2000, 4000, 8000, 16000)]
QUICK_P = [Workload(f"p{p}", f"n=100, p={p}", gaussian(100, p), alphas=20, folds=3)
           for p in (200, 400)]
QUICK_N = [Workload(f"n{n}", f"n={n}, p=100, eps 0.1", gaussian(n, 100), eps=0.1, alphas=20, folds=3)
           for n in (200, 400)]


def chosen(quick, name=None):
    """The workloads of a run, and the two lists for growth; `name` may be one, 'growth', or None."""
    standard = QUICK if quick else STANDARD
    growth = (QUICK_P, QUICK_N) if quick else (GROWTH_P, GROWTH_N)
    if name == "growth":
        return [], growth
    if name is not None:
        return [w for w in standard if w.name == name], ([], [])
    return standard, growth


def mouse_prefix():
    folder = os.environ.get("RIATA_SHARED_DATA")
    prefix = os.path.join(folder, "mice_hs") if folder else None
    return prefix if prefix and os.path.exists(prefix + ".bed") else None
