# SPDX-License-Identifier: BSD-3-Clause
"""What is timed, in which order, how often; every single run is kept, so that a second start goes on.

runs.tsv     one line for every run
results.tsv  one line for every measured thing, once its last run is in: medians, gap, memory"""
import math
import os
import statistics
from dataclasses import dataclass

import judge
import solvers
import store

RUNS = ["workload", "solver", "version", "setting", "tolerance", "status", "seconds", "cpu_seconds",
        "reading", "memory_mb", "passes", "gap", "subopt", "note"]
RESULTS = ["workload", "solver", "version", "setting", "tolerance", "runs", "median_s", "min_s", "max_s",
           "worst_gap", "subopt", "memory_mb", "passes", "note"]
MINUTE, BOUND = 60.0, 600.0
WALL_LIMIT = 3 * BOUND
PROCESSES = 2  # the peers' folds
# ranks and threads of riata
SHAPES = {"cv t2": (1, 2), "cv t1": (1, 1), "cv r2": (2, 1), "path t1": (1, 1), "path t2": (1, 2)}


@dataclass
class Job:
    """One thing to time. `options` are riata's; a peer has a route instead."""

    workload: str
    solver: str
    version: str
    setting: str
    tolerance: float
    peer: solvers.Peer = None
    options: tuple = ()
    route: str = "naive"
    most: int = 5  # runs
    expected: float = 0.0  # seconds of a run, where tuning told

    def key(self):
        return {"workload": self.workload, "solver": self.solver, "version": self.version,
                "setting": self.setting, "tolerance": self.tolerance}


def riata_job(workload, version, shape, tol, options=(), word=""):
    setting = shape + (f" {word}" if word else "")
    return Job(workload.name, "riata", version, setting, tol, options=tuple(options))


class Tables:
    def __init__(self, work):
        self.runs = store.Table(os.path.join(work, "runs.tsv"), RUNS)
        self.results = store.Table(os.path.join(work, "results.tsv"), RESULTS)


def enough(rows, most):
    """Whether these runs of a job are all that its length asks for."""
    if not rows:
        return False
    if any(row["status"] != "done" for row in rows):
        return True
    longest = max(store.number(row["seconds"]) for row in rows)
    wanted = 1 if longest >= BOUND else 3 if longest >= MINUTE else 5
    return len(rows) >= min(wanted, most)


class Runner:
    def __init__(self, work, riata, problem, reference, tables):
        self.work, self.riata, self.problem = work, riata, problem
        self.reference, self.tables = reference, tables
        self.judged = {}

    def verdict(self, outcome):
        """(worst gap, worst suboptimality); a path that was stopped early is judged as far as it goes."""
        if self.reference is None:
            return math.nan, math.nan
        if outcome.status != "done":
            return math.inf, math.inf
        key = judge.digest(outcome.paths)
        if key not in self.judged:
            alphas = min(len(path[-1]) for path in outcome.paths.values())
            bounds = {fit: dual[:alphas] for fit, dual in self.reference.bounds.items()}
            paths = {fit: judge.cut(path, alphas) for fit, path in outcome.paths.items()}
            verdicts = judge.judge(self.problem, paths, self.reference.alphas[:alphas])
            self.judged[key] = judge.summary(verdicts, bounds)
        return self.judged[key]

    def run_once(self, job, first):
        if job.peer is None:
            command = job.setting.split()[0]
            ranks, threads = SHAPES[" ".join(job.setting.split()[:2])]
            return solvers.run_riata(self.riata, self.work, self.problem, command,
                                     ["--tol", repr(job.tolerance), *job.options], ranks, threads,
                                     WALL_LIMIT)
        fits = "cv" if job.setting.startswith("cv") else ["refit"]
        limit = WALL_LIMIT if fits == "cv" else BOUND + MINUTE
        return solvers.run_peer(job.peer, self.work, self.problem, self.reference.grid, fits,
                                job.tolerance, job.route, wall=limit, sample=first,
                                processes=PROCESSES)

    def run(self, jobs):
        """All jobs of a group in turn, again and again, until each has its runs."""
        while True:
            open_jobs = [job for job in jobs if not self.tables.results.last(**job.key())]
            if not open_jobs:
                return
            for job in open_jobs:
                rows = self.tables.runs.find(**job.key())
                if not enough(rows, job.most):
                    self.one_run(job, first=not rows)
                    rows = self.tables.runs.find(**job.key())
                if enough(rows, job.most):
                    self.conclude(job, rows)

    def one_run(self, job, first):
        outcome = self.run_once(job, first)
        gap, subopt = self.verdict(outcome) if first else (None, None)
        if outcome.status == "killed":
            outcome.seconds = BOUND if job.setting.startswith("path") else WALL_LIMIT
        self.tables.runs.add(**job.key(), status=outcome.status, seconds=outcome.seconds,
                             cpu_seconds=outcome.cpu, reading=outcome.reading,
                             memory_mb=outcome.memory, passes=outcome.passes, gap=gap, subopt=subopt,
                             note=outcome.note or outcome.message or None)
        print(f"   {job.workload} {job.solver} {job.setting} tol {job.tolerance:g}: {outcome.status} "
              f"{outcome.message} {outcome.seconds:.3g} s"
              + (f", gap {gap:.1e}, subopt {subopt:.1e}" if first else ""), flush=True)

    def conclude(self, job, rows):
        seconds = [store.number(row["seconds"]) for row in rows]
        first = rows[0]
        memory = max((store.number(row["memory_mb"]) for row in rows
                      if row["memory_mb"] not in ("-", "nan")), default=math.nan)
        note = first["note"] if first["note"] != "-" else ""
        if first["status"] == "killed":
            note = "ended at the limit: a lower bound"
        elif first["status"] != "done":
            note = "failed: " + note
        self.tables.results.add(
            **job.key(), runs=len(rows), median_s=statistics.median(seconds), min_s=min(seconds),
            max_s=max(seconds), worst_gap=store.number(first["gap"]),
            subopt=store.number(first["subopt"]), memory_mb=memory,
            passes=store.number(first["passes"]),
            note="; ".join(filter(None, [note, f"reading {store.number(first['reading']):.2f} s"])))

    def stand_in(self, job, seconds, note, gap=None, subopt=None):
        """A result that follows from something else than runs of its own."""
        if not self.tables.results.last(**job.key()):
            self.tables.results.add(**job.key(), runs=0, median_s=seconds, min_s=seconds,
                                    max_s=seconds, worst_gap=gap, subopt=subopt, note=note)


def cv_estimate(path_seconds, folds):
    """Folds and refit cost about a path each, over PROCESSES processes."""
    return path_seconds * (folds + 1) / PROCESSES


def peer_jobs(workload, tuned, extra):
    """[(group, Job)] for the peers: `tuned` is [(peer, version, route, {name: tol}, seconds())].

    A peer far behind the fastest one at the same target decides nothing: it is timed once."""
    jobs = []
    names = ["gap 1e-06", "default", "subopt 1e-06"] + (["gap 1e-04"] if extra else [])
    for group, name in enumerate(names):
        reach = [(peer, version, route, tols[name], seconds(tols[name]))
                 for peer, version, route, tols, seconds in tuned if tols.get(name) is not None]
        fastest = min((row[-1] for row in reach), default=0)
        for peer, version, route, tol, seconds in reach:
            behind = seconds > 2 * fastest and cv_estimate(seconds, workload.folds) > MINUTE
            jobs.append((group, Job(workload.name, peer.name, version, f"cv p{PROCESSES}", tol, peer,
                                    route=route, most=1 if behind else 5,
                                    expected=cv_estimate(seconds, workload.folds))))
            if name == "gap 1e-06":
                jobs.append((3, Job(workload.name, peer.name, version, "path p1", tol, peer,
                                    route=route, most=1 if behind else 5, expected=seconds)))
    return jobs


def riata_jobs(workload, version, has_early_stop):
    jobs = [
        (0, riata_job(workload, version, "cv t2", 1e-6)),
        (2, riata_job(workload, version, "cv t1", 1e-6)),
        (2, riata_job(workload, version, "cv r2", 1e-6)),
        (2, riata_job(workload, version, "cv t2", 1e-9)),
        (3, riata_job(workload, version, "path t1", 1e-6)),
        (3, riata_job(workload, version, "path t2", 1e-6)),
    ]
    if workload.by_shooting:
        jobs.append((2, riata_job(workload, version, "cv t2", 1e-6, ["--solver", "shooting"],
                                  "shooting")))
    if has_early_stop:
        jobs.append((2, riata_job(workload, version, "cv t2", 1e-6, ["--early-stop"], "early-stop")))
    return jobs


def measure_workload(runner, workload, jobs, limit=BOUND):
    """Times all jobs, those of a group side by side; the peers' long ones as their path alone."""
    for group in sorted({group for group, _ in jobs}):
        timed = []
        for job in (job for at, job in jobs if at == group):
            if job.peer is None or job.setting.startswith("path") or job.expected <= limit:
                timed.append(job)
                continue
            path = Job(**{**vars(job), "setting": "path p1", "most": 1})
            runner.run([path])
            row = runner.tables.results.last(**path.key())
            if cv_estimate(store.number(row["median_s"]), workload.folds) <= limit:
                timed.append(job)  # tuning saw a busier machine
                continue
            seconds = store.number(row["median_s"]) * workload.folds / PROCESSES
            bound = "a lower bound, " if "limit" in row["note"] else ""
            runner.stand_in(job, seconds, f"{bound}path x {workload.folds} / {PROCESSES} processes",
                            store.number(row["worst_gap"]), store.number(row["subopt"]))
        runner.run(timed)
