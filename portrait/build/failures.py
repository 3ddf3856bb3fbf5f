"""Shows what failed in a build: each failing node with its message and rows."""

import re
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape

from portrait.build.outcomes import Outcome
from portrait.build.pipeline import BuildFailed

MOST_FAILURES = 20
MOST_ROWS = 20
# A frame of a stack trace of Java, as Spark's messages carry them by the hundred.
JAVA_FRAME = re.compile(r"\s*(at [\w$./@<>-]+\(.*\)|\.\.\. \d+ more)\s*")


def show_failure(console: Console, failure: BuildFailed) -> None:
    """Print the failures of a build, models before tests; the closing sentence is the caller's."""
    ordered = sorted(failure.outcomes, key=lambda outcome: outcome.is_check)
    for outcome in ordered[:MOST_FAILURES]:
        _show(console, outcome, failure.rows.get(outcome.name, ()))
    if len(ordered) > MOST_FAILURES:
        console.print(f"\n… and {len(ordered) - MOST_FAILURES} more failures.")
    for error in failure.errors:
        console.print(f"  {escape(error)}", soft_wrap=True)
    console.print()


def _show(console: Console, outcome: Outcome, rows: Sequence[str]) -> None:
    where = f" ({outcome.layer}: {outcome.subject})" if outcome.is_check and outcome.subject else ""
    console.print(
        f"\n[bold red]Failed[/] {outcome.kind} [bold]{escape(outcome.name)}[/]{escape(where)}",
        soft_wrap=True,
    )
    for text in (outcome.description if outcome.is_check else "", outcome.message):
        for line in _without_frames(text):
            console.print(f"  {escape(line)}", soft_wrap=True)
    for row in rows[:MOST_ROWS]:
        console.print(f"    {escape(row)}", soft_wrap=True)
    if len(rows) > MOST_ROWS:
        console.print(f"    … {len(rows) - MOST_ROWS} more")


def _without_frames(text: str) -> Iterator[str]:
    """The lines of a message, its stack frames left out: what went wrong stands between them."""
    lines = text.splitlines()
    told = [line for line in lines if not JAVA_FRAME.fullmatch(line)]
    yield from told
    if len(told) < len(lines):
        yield f"({len(lines) - len(told)} lines of a stack trace are left out.)"
