# SPDX-License-Identifier: BSD-3-Clause
"""Finds, for each workload and peer, the loosest tolerance that reaches a target.

Tolerances go down in decades, and half of the last one is given back where that will do. A target is
reached when the path of all rows and that of fold 0 both do. What was measured stands in tune.tsv and
is never measured again: gaps do not depend on the machine's mood, and the CPU seconds beside them only
tell which runs are worth making."""
import math
import os

import judge
import solvers
import store

COLUMNS = ["workload", "solver", "version", "route", "fit", "tolerance", "status", "cpu_seconds", "gap",
           "subopt"]
PATH_LIMIT = 600.0  # CPU seconds
TARGETS = [("gap", 1e-6), ("subopt", 1e-6), ("gap", 1e-4)]
QUICK_TARGETS = TARGETS[:1]


class Tuner:
    def __init__(self, work, peer, version, problem, reference, targets=TARGETS):
        self.work, self.peer, self.version, self.targets = work, peer, version, targets
        self.problem, self.reference = problem, reference
        self.table = store.Table(os.path.join(work, "tune.tsv"), COLUMNS)
        self.route = "naive"

    def tolerance(self, k):
        return float(f"{self.peer.mantissa}e-{k}")

    def known(self, fit, tol, route=None):
        return self.table.last(workload=self.problem.workload.name, solver=self.peer.name,
                               route=route or self.route, fit=fit, tolerance=tol)

    def measure(self, fit, tol, route=None):
        """The table's row for one path."""
        route = route or self.route
        row = self.known(fit, tol, route)
        if row:
            return row
        outcome = solvers.run_peer(self.peer, self.work, self.problem, self.reference.grid, [fit],
                                   tol, route, cpu=PATH_LIMIT + 60)
        gap = subopt = math.inf
        cpu = outcome.cpu
        if outcome.status == "done":
            verdicts = judge.judge(self.problem, outcome.paths, self.reference.alphas)
            gap, subopt = judge.summary(verdicts, self.reference.bounds)
        elif outcome.status == "killed":
            cpu = PATH_LIMIT
        row = self.table.add(workload=self.problem.workload.name, solver=self.peer.name,
                             version=self.version, route=route, fit=fit, tolerance=tol,
                             status=outcome.status, cpu_seconds=cpu, gap=gap, subopt=subopt)
        print(f"   {self.problem.workload.name} {self.peer.name} {route} {fit} tol {tol:g}: "
              f"{outcome.status} {outcome.message} {cpu:.2f} s, gap {gap:.1e}, subopt {subopt:.1e}",
              flush=True)
        return row

    def choose_route(self):
        """Gram or columns, whichever is faster at the default, where a Gram is worth a thought."""
        if not self.peer.routes or self.problem.p > 1.2 * self.problem.n:
            return
        seconds = {}
        for route in ("gram", "naive"):
            row = self.measure("refit", self.peer.default, route)
            done = row["status"] == "done"
            seconds[route] = store.number(row["cpu_seconds"]) if done else math.inf
        self.route = min(seconds, key=seconds.get)

    def search(self, metric, target):
        """Smallest k whose path of all rows reaches the target; None where none does in time."""
        missed, reached = None, None  # largest k known to miss, smallest known to reach (or be killed)
        killed = set()
        for row in self.table.find(workload=self.problem.workload.name, solver=self.peer.name,
                                   route=self.route, fit="refit"):
            k = round(math.log10(self.peer.mantissa / store.number(row["tolerance"])))
            if self.tolerance(k) != store.number(row["tolerance"]):
                continue
            if row["status"] == "done" and store.number(row[metric]) > target:
                missed = k if missed is None else max(missed, k)
            else:
                reached = k if reached is None else min(reached, k)
                killed |= {k} if row["status"] != "done" else set()
        while missed is None or reached is None or reached - missed > 1:
            k = self.next_guess(metric, target, missed, reached)
            if k > self.peer.least:
                return None
            if k < 1:
                return max(1, reached)
            row = self.measure("refit", self.tolerance(k))
            if row["status"] == "done" and store.number(row[metric]) > target:
                missed = k
            else:
                reached = k
                killed |= {k} if row["status"] != "done" else set()
        return None if reached in killed else reached

    def next_guess(self, metric, target, missed, reached):
        def away(k):  # decades of the metric between the target and what k gave
            value = store.number(self.known("refit", self.tolerance(k))[metric])
            return math.log10(max(value, 1e-16) / target)
        if missed is None and reached is None:
            first = -math.log10(target / 2 / self.peer.mantissa)
            return round(first if self.peer.slope == 1 else -math.log10(self.peer.default))
        if reached is None:
            return missed + max(1, math.ceil(away(missed) / self.peer.slope))
        if missed is None:
            steps = away(reached)
            return reached - max(1, math.floor(-steps / self.peer.slope) if math.isfinite(steps) else 2)
        guess = missed + math.ceil(away(missed) / self.peer.slope)
        if guess >= reached:  # what reached it was, or would have been, better than foretold: halve
            guess = (missed + reached) // 2
        return max(guess, missed + 1)

    def find(self, metric, target):
        """The tolerance, or None where a path does not get there within the limit."""
        k = self.search(metric, target)
        while k is not None and k <= self.peer.least:
            tol = self.tolerance(k)
            value = store.number(self.measure("refit", tol)[metric])
            looser = float(f"{3 * self.peer.mantissa}e-{k}")
            if value * 3 ** self.peer.slope <= target and self.reaches(looser, metric, target):
                return looser
            if self.reaches(tol, metric, target):
                return tol
            if any(row["status"] != "done" for row in (self.known("refit", tol), self.known(0, tol))
                   if row):
                return None
            k += 1
        return None

    def reaches(self, tol, metric, target):
        def good(row):
            return row["status"] == "done" and store.number(row[metric]) <= target
        return good(self.measure("refit", tol)) and good(self.measure(0, tol))

    def tune(self):
        """{name: tolerance or None}: the default, and what reaches each target."""
        self.choose_route()
        default = self.measure("refit", self.peer.default)
        found = {"default": self.peer.default if default["status"] == "done" else None}
        for metric, target in self.targets:
            found[f"{metric} {target:.0e}"] = self.find(metric, target)
        return found

    def path_seconds(self, tol):
        row = self.known("refit", tol)
        return store.number(row["cpu_seconds"]) if row else math.nan
