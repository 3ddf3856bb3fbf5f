"""Runs a command and looks at its processes while it works: time, processor time and memory.

Memory is what the operating system holds for the command and all processes that it starts (resident
pages, added up), looked at five times a second; so is the processor time of a moment. The totals of
processor time are those that the system counts at the end. Where there is no /proc, the memory is
the peak of the largest process, and there are no moments.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import PROJECT

INTERVAL_SECONDS = 0.2
_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Moment:
    """A look at the processes: when (seconds since 1970), processor seconds so far, bytes held."""

    at: float
    cpu_seconds: float
    held_bytes: int


@dataclass
class Measured:
    """A finished command: its lines, each with when it came, and what it took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    begun: float
    succeeded: bool
    lines: list[tuple[float, str]] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the command printed."""
        return "\n".join(line for _, line in self.lines)


def measure(
    command: Sequence[str],
    environment: dict[str, str],
    at_each_look: Callable[[], None] = lambda: None,
) -> Measured:
    """Run a command in the project's folder; `at_each_look` is called as often as it is looked at.

    A command that fails is measured too.
    """
    begun, started = time.time(), time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines: list[tuple[float, str]] = []

    def read() -> None:
        for line in process.stdout or ():
            lines.append((time.time(), line.rstrip("\n")))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    watcher = _Watcher(process.pid, at_each_look)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    watcher.stop()
    reader.join(timeout=5)
    if process.stdout:
        process.stdout.close()
    at_each_look()
    moments = watcher.moments
    peak = max((moment.held_bytes for moment in moments), default=0)
    return Measured(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        # A short peak between two looks still shows in the peak of the largest process.
        peak_bytes=max(peak, usage.ru_maxrss * 1024),
        begun=begun,
        succeeded=process.returncode == 0,
        lines=lines,
        moments=moments,
    )


class _Watcher(threading.Thread):
    """Looks at a process and its descendants until it is stopped."""

    def __init__(self, pid: int, at_each_look: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.at_each_look = at_each_look
        self.moments: list[Moment] = []
        self.cpu_of: dict[int, float] = {}
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.is_set():
            if _PROC.is_dir():
                self._look()
            self.at_each_look()
            self.stopped.wait(INTERVAL_SECONDS)

    def stop(self) -> None:
        self.stopped.set()
        self.join()

    def _look(self) -> None:
        held = 0
        for pid, cpu, pages in _family(self.pid):
            self.cpu_of[pid] = cpu
            held += pages * _PAGE
        self.moments.append(Moment(time.time(), sum(self.cpu_of.values()), held))


def _family(root: int) -> list[tuple[int, float, int]]:
    """A process and its descendants: number, processor seconds, and resident pages of each."""
    parents: dict[int, int] = {}
    cost: dict[int, tuple[float, int]] = {}
    for entry in os.listdir(_PROC):  # noqa: PTH208
        if not entry.isdigit():
            continue
        try:
            words = (_PROC / entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(entry)
        parents[pid] = int(words[1])
        cost[pid] = (int(words[11]) + int(words[12])) / _TICKS, int(words[21])
    family = [root] if root in parents else []
    for one in family:
        family += [pid for pid, parent in parents.items() if parent == one]
    return [(pid, *cost[pid]) for pid in family]
