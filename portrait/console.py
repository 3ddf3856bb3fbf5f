"""What a running build shows: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

MIN_WIDTH, MAX_WIDTH = 80, 100
# Without a terminal, one line per this share of the work.
PLAIN_STEP = 0.1


def make_console(stderr: bool = False) -> Console:
    """A console of 80 to 100 columns, without colours where it is no terminal."""
    console = Console(stderr=stderr, highlight=False)
    width = console.width if console.is_terminal else MAX_WIDTH
    return Console(stderr=stderr, highlight=False, width=max(MIN_WIDTH, min(MAX_WIDTH, width)))


class Stage:
    """A stage of the build, as its work sees it."""

    def __init__(self, name: str) -> None:
        """Name the stage in its users' words."""
        self.name = name
        self.note = ""
        self.seconds = 0.0

    def step(self, done: int, total: int, text: str = "") -> None:
        """Say how much of the stage is done."""

    def say(self, text: str) -> None:
        """Say what the stage is doing."""

    def remark(self, text: str) -> None:
        """Say what its user should know; it stays on a terminal."""


class _BarStage(Stage):
    def __init__(self, name: str, progress: Progress) -> None:
        super().__init__(name)
        self.progress = progress
        self.task = progress.add_task(name, total=None, count="", text="")

    def step(self, done: int, total: int, text: str = "") -> None:
        self.progress.update(
            self.task,
            completed=done,
            total=total or None,
            count=f"{done}/{total}" if total else "",
            text=_short(text),
        )

    def say(self, text: str) -> None:
        self.progress.update(self.task, text=_short(text))

    def remark(self, text: str) -> None:
        self.progress.console.print(f"  {text}", markup=False, soft_wrap=True)


class _PlainStage(Stage):
    def __init__(self, name: str, console: Console) -> None:
        super().__init__(name)
        self.console = console
        self.printed = 0.0

    def step(self, done: int, total: int, text: str = "") -> None:
        share = done / total if total else 0.0
        if share >= self.printed + PLAIN_STEP or (share == 1.0 and self.printed < 1.0):
            self.printed = share
            self.console.print(f"  {share:4.0%} ({done} of {total})")

    def say(self, text: str) -> None:
        self.console.print(f"  {text}", markup=False, soft_wrap=True)

    def remark(self, text: str) -> None:
        self.say(text)


def _short(text: str) -> str:
    return text if len(text) <= 36 else text[:35] + "…"


class Display:
    """Shows the stages of a build one after the other."""

    def __init__(self, console: Console) -> None:
        """Take the console to show them on."""
        self.console = console

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Show a stage from begin to end; its `seconds` are known at the end."""
        started = time.monotonic()
        if self.console.is_terminal:
            with Progress(
                TextColumn("{task.description:<10}"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[count]:>9}"),
                TimeElapsedColumn(),
                TextColumn("{task.fields[text]}", markup=False),
                console=self.console,
            ) as progress:
                stage: Stage = _BarStage(name, progress)
                yield stage
                stage.seconds = time.monotonic() - started
                done = progress.tasks[0].completed or 1
                progress.update(progress.tasks[0].id, completed=done, total=done, text=stage.note)
        else:
            self.console.print(f"{name} …")
            stage = _PlainStage(name, self.console)
            yield stage
            stage.seconds = time.monotonic() - started
            note = f", {stage.note}" if stage.note else ""
            self.console.print(f"{name}: {stage.seconds:.1f} s{note}", markup=False, soft_wrap=True)
