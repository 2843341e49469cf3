# SPDX-License-Identifier: BSD-3-Clause
"""The benchmark of scripts/bench: generates, tunes, times, reports. See `scripts/bench --help`."""
import argparse
import fcntl
import os
import subprocess
import sys

import measure
import problem as data
import reference as references
import report
import solvers
import store
import tune
import workloads


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--work", required=True)
    parser.add_argument("--riata", required=True)
    parser.add_argument("--riata-version", required=True)
    parser.add_argument("--workload")
    parser.add_argument("--only", choices=["riata", "peers", "tune"])
    parser.add_argument("--peers", type=lambda text: text.split(","))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cv-limit", type=float, default=measure.BOUND)
    for flag in ("quick", "extra", "list", "report"):
        parser.add_argument("--" + flag, action="store_true")
    return parser.parse_args()


def say(text):
    print(f"\n== {text}", flush=True)


def lock(work):
    os.makedirs(work, exist_ok=True)
    file = open(os.path.join(work, "lock"), "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"bench: another run is at work in {work}") from None
    return file


def help_text(riata):
    return subprocess.run([riata, "cv", "--help"], capture_output=True, text=True, check=True).stdout


class Bench:
    def __init__(self, options):
        self.options, self.work = options, options.work
        self.tables = measure.Tables(self.work)
        self.peers = []
        asked = options.peers or [peer.name for peer in solvers.PEERS]
        for name in asked:
            if name not in [peer.name for peer in solvers.PEERS]:
                raise SystemExit(f"bench: --peers: there is no peer '{name}'")
        for peer in (peer for peer in solvers.PEERS if peer.name in asked):
            version = solvers.version(peer, self.work)
            print(f"   {peer.name}: {version or 'not installed'}", flush=True)
            if version:
                self.peers.append((peer, version))
        self.early_stop = "--early-stop" in help_text(options.riata)

    def tuned(self, problem, reference):
        """What measure.peer_jobs takes; peers that are not tuned yet are tuned now."""
        found = []
        targets = tune.QUICK_TARGETS if self.options.quick else tune.TARGETS
        for peer, version in self.peers:
            tuner = tune.Tuner(self.work, peer, version, problem, reference, targets)
            found.append((peer, version, tuner, tuner.tune()))
        return [(peer, version, tuner.route, tols, tuner.path_seconds)
                for peer, version, tuner, tols in found]

    def count_with_bounds(self, runner, workload, tuned):
        """Rows for the targets that a peer reaches in no path of ten minutes."""
        for peer, version, _, tols, _ in tuned:
            for name in (name for name, tol in tols.items() if tol is None):
                why = "no path within ten minutes: a lower bound"
                bound = measure.BOUND * workload.folds / measure.PROCESSES
                key = (workload.name, peer.name, version)
                runner.stand_in(measure.Job(*key, f"cv p{measure.PROCESSES}", f"none for {name}"), bound,
                                f"{why}, 600 s x {workload.folds} / {measure.PROCESSES} processes")
                runner.stand_in(measure.Job(*key, "path p1", f"none for {name}"), measure.BOUND, why)

    def run(self, workload):
        say(f"({workload.name}) {workload.title}")
        problem = data.generate(self.work, workload, self.options.riata)
        if problem is None:
            print("   skipped: RIATA_SHARED_DATA does not name the folder of the mouse genotypes")
            return
        reference = references.reference(self.work, self.options.riata, problem)
        only = self.options.only
        tuned = [] if only == "riata" else self.tuned(problem, reference)
        report.note_targets(self.work, workload, tuned)
        if only == "tune":
            return
        jobs = [] if only == "peers" else measure.riata_jobs(workload, self.options.riata_version,
                                                             self.early_stop)
        jobs += measure.peer_jobs(workload, tuned, self.options.extra)
        for _, job in jobs:
            job.most = 1 if self.options.quick else min(job.most, self.options.runs)
        runner = measure.Runner(self.work, self.options.riata, problem, reference, self.tables)
        self.count_with_bounds(runner, workload, tuned)
        measure.measure_workload(runner, workload, jobs, self.options.cv_limit)

    def grow(self, workload):
        if self.options.only in ("peers", "tune"):
            return
        job = measure.riata_job(workload, self.options.riata_version, "cv t2", 1e-6)
        job.most = 1 if self.options.quick else min(3, self.options.runs)
        if self.tables.results.last(**job.key()):
            return
        say(f"growth: {workload.title}")
        problem = data.generate(self.work, workload, self.options.riata, plain=False)
        measure.Runner(self.work, self.options.riata, problem, None, self.tables).run([job])
        for end in (".h5", ".y", ".json"):
            os.remove(problem.prefix + end)


def show_plan(options, standard, growth):
    tables = measure.Tables(options.work)
    for workload in [*standard, *growth[0], *growth[1]]:
        done = tables.results.find(workload=workload.name)
        mine = [row for row in done if row["version"] == options.riata_version]
        tuned = {row["solver"] for row in store.Table(
            os.path.join(options.work, "tune.tsv"), tune.COLUMNS).find(workload=workload.name)}
        print(f"{workload.name:8} {workload.title:36} rows of this riata: {len(mine):2}, "
              f"of peers: {sum(row['solver'] != 'riata' for row in done):2}, "
              f"tuned: {' '.join(sorted(tuned)) or '-'}")


def main():
    options = arguments()
    standard, growth = workloads.chosen(options.quick, options.workload)
    if options.workload and not standard and not growth[0]:
        raise SystemExit(f"bench: there is no workload '{options.workload}'; see scripts/bench --list")
    if options.list:
        show_plan(options, standard, growth)
        return
    if not options.report:
        held = lock(options.work)
        say("Solvers")
        bench = Bench(options)
        for workload in standard:
            bench.run(workload)
        for workload in [*growth[0], *growth[1]]:
            bench.grow(workload)
        held.close()
    if options.only != "tune":
        report.write(options, *workloads.chosen(options.quick))


if __name__ == "__main__":
    sys.exit(main())
