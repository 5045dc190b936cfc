"""Runs an orchestrator and writes what it used as JSON: `python measure.py <report> <longest seconds> <command ...>`.

- wall: from its start until its own process ends.
- own: processor time of that process alone. The kernel keeps it apart from the time of children that were waited for.
- total: of everything that ran below it. On Linux what it leaves behind, such as the warm host, becomes our child.
- helper: of the warm host and its calls. If the orchestrator still waits for it, the last of the samples.
- peaks: the kernel's own high-water mark of the resident set, of the orchestrator and of the warm host.

Without /proc only wall and total are known; the rest is null.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time

SUBREAPER = 36
SAMPLE_SECONDS = 0.1
LINGER_SECONDS = 10
STOP_SECONDS = 30
HAS_PROC = os.path.exists("/proc/self/stat") and hasattr(os, "waitid")
TICKS = os.sysconf("SC_CLK_TCK")


def main():
    report, longest, *command = sys.argv[1:]
    if HAS_PROC:
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    began = time.time()
    started = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    watch = Watch(pid)
    ended = threading.Event()
    result = {}

    def wait():
        if HAS_PROC:
            # It stays a zombie, so that its own time can still be read.
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            result["wall"] = time.monotonic() - started
            result["own"] = processor_time(pid)[0]
        _, result["status"], _ = os.wait4(pid, 0)
        result.setdefault("wall", time.monotonic() - started)
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    stop = threading.Event()
    # A handler, because what is ignored here would be ignored in the orchestrator.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    deadline = started + float(longest)
    stopped = False
    while not ended.wait(SAMPLE_SECONDS):
        watch.sample()
        if time.monotonic() > deadline or (stop.is_set() and not stopped):
            os.kill(pid, signal.SIGKILL if stopped else signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            stopped = True
    left = reap(watch)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(report, "w") as file:
        json.dump(
            {
                "exit": os.waitstatus_to_exitcode(result["status"]),
                "stopped": stopped,
                "leftRunning": left,
                "began": began,
                "wallSeconds": result["wall"],
                "ownCpuSeconds": result.get("own"),
                "totalCpuSeconds": used.ru_utime + used.ru_stime,
                "helperCpuSeconds": watch.helper_seconds,
                "ownPeakMb": watch.own_peak,
                "helperPeakMb": watch.helper_peak,
            },
            file,
        )


class Watch:
    def __init__(self, pid):
        self.pid = pid
        self.helper = None
        self.helper_seconds = None
        self.own_peak = None
        self.helper_peak = None

    def sample(self):
        if not HAS_PROC:
            return
        self.own_peak = peak_mb(self.pid) or self.own_peak
        self.helper = self.helper or find_helper(self.pid)
        if self.helper is None:
            return
        peak = peak_mb(self.helper)
        if peak is not None:
            self.helper_peak = peak
            self.helper_seconds = sum(processor_time(self.helper) or [self.helper_seconds])


def reap(watch):
    """Waits for what the orchestrator has left to us. Returns whether something still runs."""
    until = time.monotonic() + LINGER_SECONDS
    while time.monotonic() < until:
        try:
            pid, _, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            time.sleep(0.02)
        elif pid == watch.helper:
            watch.helper_seconds = used.ru_utime + used.ru_stime
    return True


def processor_time(pid):
    """Of the process, and of its children that it has waited for."""
    fields = read("/proc/{}/stat".format(pid)).rpartition(")")[2].split()
    if not fields:
        return None
    user, system, children_user, children_system = (int(field) for field in fields[11:15])
    return (user + system) / TICKS, (children_user + children_system) / TICKS


def peak_mb(pid):
    for line in read("/proc/{}/status".format(pid)).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return None


def find_helper(parent):
    """Its calls are forks with the same arguments, but another parent."""
    children = read("/proc/{0}/task/{0}/children".format(parent)).split()
    for child in children:
        if "warm-host.py" in read("/proc/{}/cmdline".format(child)):
            return int(child)
    return None


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


main()
