# SPDX-License-Identifier: BSD-3-Clause
"""What everybody is compared on: riata's grid of alphas, and the best dual bound known.

The bound of every fit and alpha comes from the coefficients of one run of riata far below the
targets, through the judge's own dual point: it is a bound whoever found it. Made once a workload."""
import os
import shutil

import numpy as np

import judge
import solvers

TOLERANCE = 1e-12
HOUR = 3600


class Reference:
    def __init__(self, prefix):
        self.grid = prefix + ".grid"
        self.alphas = np.fromfile(self.grid, dtype="<f8")
        with np.load(prefix + ".dual.npz") as stored:
            self.bounds = {name if name == "refit" else int(name): stored[name]
                           for name in stored.files}


def reference(work, riata, problem):
    prefix = os.path.join(work, "reference", problem.workload.name)
    if not os.path.exists(prefix + ".dual.npz"):
        os.makedirs(os.path.dirname(prefix), exist_ok=True)
        print(f"   reference: riata at {TOLERANCE:g}", flush=True)
        threads = 1 if os.nice(0) > 0 else os.cpu_count() or 1  # niced: the machine has better to do
        outcome = solvers.run_riata(riata, work, problem, "cv", ["--tol", repr(TOLERANCE)],
                                    threads=threads, wall=4 * HOUR)
        if outcome.status != "done":
            raise SystemExit(f"bench: no reference for workload {problem.workload.name}: "
                             f"{outcome.status} {outcome.message}")
        result = os.path.join(work, "scratch", problem.workload.name + ".riata.h5")
        _, alphas = judge.read_riata(result, [])
        verdicts = judge.judge(problem, outcome.paths, alphas)
        gap, _ = judge.summary(verdicts, {})
        print(f"   reference: worst gap {gap:.1e}", flush=True)
        alphas.astype("<f8").tofile(prefix + ".grid")
        shutil.copy(result, prefix + ".h5")
        with open(prefix + ".part", "wb") as file:
            np.savez(file, **{str(fit): v.dual for fit, v in verdicts.items()})
        os.rename(prefix + ".part", prefix + ".dual.npz")
    return Reference(prefix)
