"""Runs the scripts of benchmarks/by_hand on the raw files, in a process of its own.

python -m benchmarks.build_speed.by_hand RAW GIVEN DATABASE AS_OF ANSWER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.measuring import PROJECT
from portrait.sql import sql_text

SCRIPTS = PROJECT / "benchmarks" / "by_hand"
# In this order: each reads what the ones before have made. `read` makes no table of the project.
STEPS = ("read", "order_lines", "orders", "sessions", "daily_activity", "rfm", "behavior_30d")


def main(raw: str, given: str, database: str, as_of: str, answer: str) -> None:
    """Run all scripts, and write down the seconds of each."""
    seconds: dict[str, float] = {}
    cpu: dict[str, float] = {}
    with duckdb.connect(database) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, value in (("raw", raw), ("given", given), ("seeds", PROJECT / "seeds")):
            connection.execute(f"set variable {name} = {sql_text(value)}")
        connection.execute(f"set variable as_of = date {sql_text(as_of)}")
        for step in STEPS:
            begun, used = time.monotonic(), time.process_time()
            connection.execute((SCRIPTS / f"{step}.sql").read_text("utf-8"))
            seconds[step] = time.monotonic() - begun
            cpu[step] = time.process_time() - used
        begun, used = time.monotonic(), time.process_time()
        connection.execute("checkpoint")
        seconds["checkpoint"] = time.monotonic() - begun
        cpu["checkpoint"] = time.process_time() - used
    Path(answer).write_text(json.dumps({"seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main(*sys.argv[1:])
