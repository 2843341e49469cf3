# SPDX-License-Identifier: BSD-3-Clause
"""Running riata and the peers as processes of their own: versions, limits, memory, what they found."""
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import judge

HERE = os.path.dirname(os.path.abspath(__file__))
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                     "NUMBA_NUM_THREADS")}


@dataclass
class Peer:
    name: str  # its library
    language: str
    default: float  # tolerance
    mantissa: float  # tolerances tried are mantissa * 10^-k
    slope: float  # of log gap against log tolerance, to guess the next one
    least: int  # largest k tried
    routes: bool  # has one that works from a Gram matrix


# scikit-learn and celer stop at a gap of tol |y|^2: twice tol in units of the null model's loss.
PEERS = [
    Peer("glmnet", "R", 1e-7, 1, 0.5, 22, True),
    Peer("sklearn", "Python", 1e-4, 5, 1.0, 14, True),
    Peer("celer", "Python", 1e-4, 5, 1.0, 14, False),
    Peer("skglm", "Python", 1e-4, 1, 1.0, 14, False),
    Peer("adelie", "Python", 1e-7, 1, 0.5, 22, False),
    Peer("biglasso", "R", 1e-7, 1, 0.5, 20, False),
]


@dataclass
class Outcome:
    """status: done, killed (over the limit) or failed (message says how)."""

    status: str
    seconds: float = float("nan")
    cpu: float = float("nan")
    reading: float = float("nan")
    memory: float = float("nan")  # MB, proportional, all processes
    passes: float = float("nan")
    note: str = ""
    paths: dict = None
    message: str = ""


def r_environment(work):
    """R finds a glmnet compiled here before Debian's."""
    own = os.path.join(work, "R")
    found = os.path.isdir(os.path.join(own, "glmnet"))
    return {"R_LIBS": own} if found else {}


def version(peer, work):
    """Version with its build, or None where it is not installed."""
    if peer.language == "Python":
        code = f"import {peer.name} as m; print(m.__version__)"
        command = [sys.executable, "-c", code]
    else:
        if shutil.which("Rscript") is None:
            return None
        command = ["Rscript", "-e", f"cat(as.character(packageVersion('{peer.name}')))"]
    done = subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, **r_environment(work)})
    if done.returncode != 0 or not done.stdout.strip():
        return None
    text = done.stdout.strip().splitlines()[-1]
    if peer.name == "glmnet":
        text += " (native build)" if r_environment(work) else " (Debian build)"
    return text


def tree(root):
    """Process ids of `root` and what it started."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    parent = file.read().rpartition(")")[2].split()[1]
            except OSError:
                continue
            children.setdefault(int(parent), []).append(int(entry))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def proportional_mb(root):
    total = 0
    for pid in tree(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except (OSError, ValueError):
            continue
    return total * 1024 / 1e6


class Memory(threading.Thread):
    """Samples the proportional set size, rarely enough to cost next to nothing."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0.0, threading.Event()
        self.start()

    def run(self):
        pause = 0.2
        while not self.over.wait(pause):
            began = time.perf_counter()
            self.peak = max(self.peak, proportional_mb(self.pid))
            pause = max(0.2, 50 * (time.perf_counter() - began))


def run_limited(command, environment, cpu=None, wall=None, sample=False, log=os.devnull):
    """(exit status or None when it was killed, peak memory). The whole group is killed."""
    def limit():
        if cpu is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (int(cpu) + 1, int(cpu) + 5))
    with open(log, "w") as out:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=out,
                                   stdin=subprocess.DEVNULL, start_new_session=True,
                                   preexec_fn=limit)
        memory = Memory(process.pid) if sample else None
        try:
            status = process.wait(timeout=wall)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            if memory:
                memory.over.set()
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        status = None
    return status, memory.peak if memory else float("nan")


def last_line(path):
    with open(path, errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    return lines[-1] if lines else "no message"


def run_peer(peer, work, problem, grid, fits, tol, route, cpu=None, wall=None, sample=False,
             processes=2):
    """`fits`: a list, run one after another, or "cv"."""
    out = os.path.join(work, "scratch", f"{problem.workload.name}.{peer.name}")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    for name in os.listdir(os.path.dirname(out)):
        if name.startswith(os.path.basename(out) + "."):
            os.remove(os.path.join(os.path.dirname(out), name))
    program = [sys.executable, os.path.join(HERE, "peer.py")]
    if peer.language == "R":
        program = ["Rscript", "--vanilla", os.path.join(HERE, "peer.R")]
    command = [*program, peer.name, problem.prefix, grid, out, f"tol={tol!r}", f"route={route}",
               "fits=" + (fits if fits == "cv" else ",".join(map(str, fits))),
               f"folds={problem.folds}", f"processes={processes}"]
    environment = {**ONE_THREAD, **(r_environment(work) if peer.language == "R" else {})}
    status, memory = run_limited(command, environment, cpu, wall, sample, out + ".log")
    if status is None:
        return Outcome("killed")
    if status != 0:
        return Outcome("failed", message=last_line(out + ".log"))
    with open(out + ".facts") as file:
        facts = dict(line.split() for line in file)
    names = problem.workload.fits() if fits == "cv" else fits
    paths = {fit: judge.read_peer(f"{out}.{fit}.path") for fit in names}
    note = f"index_min {facts['index_min']}" if "index_min" in facts else ""
    return Outcome("done", float(facts["seconds"]), float(facts["cpu_seconds"]),
                   float(facts["seconds_reading"]), memory, note=note, paths=paths)


def run_riata(riata, work, problem, command, options, ranks=1, threads=2, wall=None):
    """`command`: cv or path. Seconds are those without reading, as riata states them."""
    out = os.path.join(work, "scratch", f"{problem.workload.name}.riata")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    workload = problem.workload
    launcher = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
    folds = workload.fold_options() if command == "cv" else []
    line = [*launcher, riata, command, problem.dataset, *folds, *workload.grid_options(), *options,
            "--threads", str(threads), "-o", out, "--quiet"]
    before = os.times()
    status, _ = run_limited(line, {}, wall=wall, log=out + ".messages")
    after = os.times()
    if status is None:
        return Outcome("killed")
    if status not in (0, 2):
        return Outcome("failed", message=last_line(out + ".messages"))
    with open(out + ".json") as file:
        facts = json.load(file)
    fits = workload.fits() if command == "cv" else ["refit"]
    paths, _ = judge.read_riata(out + ".h5", fits)
    note = [] if status == 0 else ["not certified everywhere"]
    if command == "cv":
        note.append(f"index_min {facts['index_min']} index_1se {facts['index_1se']}")
    cpu = (after.children_user + after.children_system - before.children_user
           - before.children_system)
    return Outcome("done", facts["seconds"], cpu, facts["seconds_reading"], facts["peak_rss_mb"],
                   facts["passes_over_x"], "; ".join(note), paths)
