# SPDX-License-Identifier: BSD-3-Clause
"""What the tables say: one Markdown page with every target beside its measured value, and a picture."""
import math
import os
import re
import shutil
import subprocess

import numpy as np

import measure
import problem
import store

TARGETS = ["workload", "solver", "target", "tolerance", "route", "path_cpu_seconds"]
MB = 1e6


def note_targets(work, workload, tuned):
    """Writes down which tolerance stands for which target: {name: tolerance or None} of each peer."""
    table = store.Table(os.path.join(work, "targets.tsv"), TARGETS)
    for peer, _, route, tols, seconds in tuned:
        for name, tol in tols.items():
            key = {"workload": workload.name, "solver": peer.name, "target": name}
            shown = f"none for {name}" if tol is None else store.show(tol)
            known = table.last(**key)
            if known is None or (known["tolerance"], known["route"]) != (shown, route):
                table.add(**key, tolerance=shown, route=route,
                          path_cpu_seconds=seconds(tol) if tol else None)


def seconds_of(row):
    return store.number(row["median_s"]) if row else math.nan


def failed(row):
    return row is not None and row["note"].startswith("failed")


def bounded(row):
    return row is not None and "lower bound" in row["note"]


class Page:
    def __init__(self, options, standard, growth):
        self.options, self.standard, self.growth = options, standard, growth
        self.results = measure.Tables(options.work).results
        self.goals = store.Table(os.path.join(options.work, "targets.tsv"), TARGETS)
        self.lines, self.verdicts = [], []

    # what was measured

    def riata(self, workload, setting, tol=1e-6):
        key = {"workload": workload.name, "solver": "riata", "setting": setting, "tolerance": tol}
        row = self.results.last(**key, version=self.options.riata_version) or self.results.last(**key)
        return None if failed(row) else row

    def peers(self, workload, target, shape="cv p2"):
        """Rows of the peers that stand for a target, the fastest first."""
        rows = []
        goals = {goal["solver"]: goal for goal in self.goals.find(workload=workload.name,
                                                                  target=target)}
        for solver, goal in goals.items():
            row = self.results.last(workload=workload.name, solver=solver, setting=shape,
                                    tolerance=goal["tolerance"])
            if row and not failed(row):
                rows.append(row)
        return sorted(rows, key=lambda row: (seconds_of(row), bounded(row)))

    # targets

    def target(self, name, value, limit, atleast=True, shown=None, sign=""):
        """One line; limit None: reported only. `sign` is '>' where the value is a lower bound."""
        if math.isnan(value):
            verdict, text = "not measured", "-"
        else:
            text = shown or f"{sign}{value:.3g}"
            met = limit is None or (value >= limit if atleast else value <= limit)
            verdict = "" if limit is None else "met" if met else "missed"
        wanted = "" if limit is None else f"{'at least' if atleast else 'at most'} {limit:g}"
        self.verdicts.append((name, wanted, text, verdict))

    def ratio(self, name, workload, target, limit, setting="cv t2", solver=None):
        rivals = [row for row in self.peers(workload, target) if solver in (None, row["solver"])]
        mine = seconds_of(self.riata(workload, setting))
        value = seconds_of(rivals[0]) / mine if rivals else math.nan
        sign = "> " if rivals and bounded(rivals[0]) else ""
        who = rivals[0]["solver"] if rivals else ""
        self.target(f"({workload.name}) {name}{' of ' + who if who else ''}", value, limit or None,
                    sign=sign)
        return value

    def speed_targets(self):
        for w in self.standard:
            self.ratio("times faster at gap 1e-6, than the fastest", w, "gap 1e-06", w.by_gap)
        for w in self.standard:
            self.ratio("times faster than the default", w, "default", w.by_default, solver="glmnet")
        for w in self.standard:
            self.ratio("times faster at suboptimality 1e-6, than the fastest", w, "subopt 1e-06",
                       w.by_subopt)
        for w in (w for w in self.standard if w.by_shooting):
            self.ratio("shooting alone, times faster at gap 1e-6", w, "gap 1e-06", w.by_shooting,
                       "cv t2 shooting")

    def path_targets(self):
        for w in self.standard:
            rivals = self.peers(w, "gap 1e-06", "path p1")
            for threads in (1, 2):
                mine = seconds_of(self.riata(w, f"path t{threads}"))
                value = seconds_of(rivals[0]) / mine if rivals else math.nan
                self.target(f"({w.name}) single path, {threads} thread{'s' * (threads > 1)}, times "
                            "faster than every peer", value, 1 if threads == 1 else None)
        for w in self.standard:
            value = seconds_of(self.riata(w, "cv t2")) / seconds_of(self.riata(w, "path t2"))
            self.target(f"({w.name}) time of CV over that of one path", value,
                        3 if w.passes_dominate else None, atleast=False)
        for w in self.standard:
            value = seconds_of(self.riata(w, "cv t2", 1e-9)) / seconds_of(self.riata(w, "cv t2"))
            self.target(f"({w.name}) time at tol 1e-9 over 1e-6", value, 1.5, atleast=False)

    def early_stop_targets(self):
        for w in self.standard:
            full, early = self.riata(w, "cv t2"), self.riata(w, "cv t2 early-stop")
            found = [re.search(r"index_min \d+ index_1se \d+", row["note"]) if row else None
                     for row in (full, early)]
            same = float(found[0].group() == found[1].group()) if all(found) else math.nan
            self.target(f"({w.name}) early stop chooses the same alphas", same, 1,
                        shown="yes" if same else "no")
            self.target(f"({w.name}) early stop, times faster", seconds_of(full) / seconds_of(early),
                        2 if w.passes_dominate else None)

    def work_targets(self):
        for w in self.standard:
            row = self.riata(w, "cv t2")
            worst = store.number(row["worst_gap"]) if row else math.nan
            self.target(f"({w.name}) worst gap of all fits and alphas", worst, 1e-6, atleast=False)
        for w in self.standard:
            row = self.riata(w, "cv t2")
            self.target(f"({w.name}) passes over X", store.number(row["passes"]) if row else math.nan,
                        30, atleast=False)
        for w in self.standard:
            if w.passes_dominate:
                one = seconds_of(self.riata(w, "cv t1"))
                for shape, name in (("cv t2", "2 threads"), ("cv r2", "2 ranks x 1 thread")):
                    self.target(f"({w.name}) {name} against 1, times faster",
                                one / seconds_of(self.riata(w, shape)), 1.8)

    def memory_targets(self):
        for w in self.standard:
            for shape, ranks in (("cv t2", 1), ("cv r2", 2)):
                row = self.riata(w, shape)
                limit = self.memory_limit(w, ranks)
                value = store.number(row["memory_mb"]) if row else math.nan
                self.target(f"({w.name}) memory in MB, {ranks} rank{'s' * (ranks > 1)}", value,
                            limit and round(limit), atleast=False)

    def memory_limit(self, workload, ranks):
        if not os.path.exists(os.path.join(self.options.work, "data", workload.name + ".json")):
            return None
        facts = problem.Problem(self.options.work, workload)
        limit = 1.3 * facts.x_bytes / MB + 150 + 60 * (ranks - 1)
        if workload.gram_memory:
            limit += 8 * min(facts.n, facts.p) ** 2 * (workload.folds + 1) / MB
        return limit

    def growth_targets(self):
        for letter, workloads, limit in zip("pn", self.growth, (1.05, 1.1)):
            points = [(float(w.name[1:]), seconds_of(self.riata(w, "cv t2"))) for w in workloads]
            points = [point for point in points if not math.isnan(point[1])]
            value = math.nan
            if len(points) == len(workloads) > 1:
                value = np.polyfit(*np.log(np.array(points)).T, 1)[0]
            shown = ", ".join(f"{x:,.0f}: {t:.3g} s" for x, t in points)
            self.target(f"exponent of time in {letter}" + (f" ({shown})" if shown else ""), value,
                        limit, atleast=False)

    # the page

    def table(self, header, rows):
        self.lines.append("| " + " | ".join(header) + " |")
        self.lines.append("|" + "---|" * len(header))
        self.lines += ["| " + " | ".join(row) + " |" for row in rows] + [""]

    def verdict_table(self):
        for part in (self.speed_targets, self.path_targets, self.early_stop_targets,
                     self.work_targets, self.memory_targets, self.growth_targets):
            part()
        counts = {word: sum(v[3] == word for v in self.verdicts)
                  for word in ("met", "missed", "not measured")}
        self.lines += ["## Targets", "", ", ".join(f"{n} {word}" for word, n in counts.items()) + ".",
                       ""]
        self.table(["target", "wanted", "measured", ""], self.verdicts)

    def measured_table(self):
        def shown(row, name, form="{:.3g}"):
            value = store.number(row[name])
            return "-" if math.isnan(value) else form.format(value)
        names = [w.name for w in (*self.standard, *self.growth[0], *self.growth[1])]
        rows = []
        for row in sorted((r for r in self.results.rows if r["workload"] in names), key=lambda r: (
                names.index(r["workload"]), r["solver"] != "riata", r["solver"])):
            rows.append([f"({row['workload']})", f"{row['solver']} {row['version']}", row["setting"],
                         row["tolerance"], row["runs"], shown(row, "median_s"),
                         f"{shown(row, 'min_s')} - {shown(row, 'max_s')}", shown(row, "worst_gap"),
                         shown(row, "subopt"), shown(row, "memory_mb", "{:.0f}"),
                         shown(row, "passes"), row["note"]])
        self.lines += ["## Measured", ""]
        self.table(["", "solver", "setting", "tolerance", "runs", "median s", "min - max", "worst gap",
                    "suboptimality", "MB", "passes", "note"], rows)

    def tolerance_table(self):
        rows = [[f"({g['workload']})", g["solver"], g["target"], g["tolerance"], g["route"],
                 g["path_cpu_seconds"]] for g in self.goals.rows]
        if rows:
            self.lines += ["## Tolerances of the peers", ""]
            self.table(["", "solver", "target", "tolerance", "route", "CPU seconds of a path"], rows)

    def write(self):
        self.lines += ["# riata beside its peers", "", *self.about(), ""]
        self.verdict_table()
        if self.picture():
            self.lines += ["![How many times faster](ratios.svg)", ""]
        self.measured_table()
        self.tolerance_table()
        text = "\n".join(self.lines)
        with open(os.path.join(self.options.work, "report.md"), "w") as file:
            file.write(text)
        print("\n" + text)

    def about(self):
        def first(path, pattern):
            with open(path) as file:
                found = re.search(pattern, file.read(), re.M)
            return found.group(1).strip() if found else "unknown"
        memory = int(first("/proc/meminfo", r"^MemTotal:\s+(\d+)")) * 1024 / 1e9
        return [
            f"{first('/proc/cpuinfo', r'^model name.*: (.*)')}, {os.cpu_count()} cores, "
            f"{memory:.0f} GB; {first('/etc/os-release', r'^PRETTY_NAME=.(.*).$')}; "
            f"riata {self.options.riata_version}.", "",
            "Lasso paths on riata's grid of alphas, on features standardised over the training rows "
            "of each fit; cross-validation with folds i mod K and a refit. Wall clock, medians, from "
            "data in memory to curve, choice and refit, reading apart; standardising, taking the "
            "training rows and imputing are inside everybody's clock. The peers run their fits over "
            f"{measure.PROCESSES} processes with one thread each, the refit first (`cv p2`), riata "
            "on 2 threads (`cv t2`), 1 thread (`cv t1`) or 2 ranks with a thread each (`cv r2`). Gap "
            "and suboptimality of everyone come from the same independent code. Tolerances of the "
            "peers are the loosest, in steps of about half a decade, that reach the target on the "
            "path of all rows and on that of fold 0. A peer whose cross-validation would take over ten minutes, or "
            f"the --cv-limit of the run, is timed on its path, and counts with that time the number of folds / {measure.PROCESSES}: as if "
            "its processes scaled perfectly and the refit cost nothing.",
        ]

    def picture(self):
        if shutil.which("gnuplot") is None:
            return False
        bars = []
        for w in self.standard:
            mine = seconds_of(self.riata(w, "cv t2"))
            values = []
            for target, solver in (("gap 1e-06", None), ("subopt 1e-06", None),
                                   ("default", "glmnet")):
                rows = [r for r in self.peers(w, target) if solver in (None, r["solver"])]
                values.append(seconds_of(rows[0]) / mine if rows else math.nan)
            wanted = str(w.by_gap) if w.by_gap else "NaN"
            bars.append(f'"({w.name})" ' + " ".join("NaN" if math.isnan(v) else f"{v:.4g}"
                                                    for v in values) + f" {wanted}")
        if all(bar.split()[1:4] == ["NaN"] * 3 for bar in bars):
            return False
        script = "\n".join([
            "set terminal svg size 760,380 font 'sans,12' background '#ffffff'",
            f"set output '{os.path.join(self.options.work, 'ratios.svg')}'",
            "$bars << EOD", *bars, "EOD",
            "set style data histograms", "set style histogram clustered gap 1",
            "set style fill solid 0.85 noborder", "set logscale y", "set yrange [0.5:*]",
            "set grid ytics lc '#dddddd'", "set border 3", "set tics nomirror",
            "set ylabel 'times faster (10-fold CV and refit)'", "set key outside bottom horizontal",
            "plot $bars using 2:xtic(1) title 'same gap, 1e-6' lc '#1b6ca8', "
            "'' using 3 title 'same suboptimality, 1e-6' lc '#e08e0b', "
            "'' using 4 title \"glmnet's default\" lc '#7a7a7a', "
            "'' using 0:5 with points pt 9 ps 0.9 lc '#c0392b' title 'wanted at the same gap'",
        ])
        return subprocess.run(["gnuplot"], input=script, text=True).returncode == 0


def write(options, standard, growth):
    Page(options, standard, growth).write()
