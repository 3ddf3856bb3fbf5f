"""Runs dbt in a process of its own: prints its events as JSON lines, and ends with its parent.

A dbt that outlived a killed build would go on writing the next build's artifacts: so this process
ends when the pipe to its parent closes. dbt's own loggers are off, as they render every debug event
before they drop it, for a fifth of a build's time; a callback renders what is worth reading.
"""

import json
import os
import sys
import threading
from collections import Counter
from typing import Any

EXIT_FAILED = 1
EXIT_BROKEN = 2
# The name of the last line: how many SQL statements each node sent, by its unique id.
STATEMENTS = "Statements"


def _end_with_parent() -> None:
    # Not sys.stdin, whose lock a finishing interpreter wants.
    while os.read(0, 1024):
        pass
    os._exit(EXIT_FAILED)


def run(arguments: list[str]) -> int:
    """Run dbt with these arguments; the answer is dbt's exit code."""
    from dbt.cli.main import dbtRunner
    from google.protobuf.json_format import MessageToJson

    statements: Counter[str] = Counter()

    def show(event: Any) -> None:
        if event.info.name == "SQLQuery":
            statements[event.data.conn_name] += 1
        if event.info.level != "debug":
            line = MessageToJson(event, preserving_proto_field_name=True, indent=None)
            print(line, flush=True)

    loggers = ["--log-level", "none", "--log-level-file", "none"]
    result = dbtRunner(callbacks=[show]).invoke([*loggers, *arguments])
    print(json.dumps({"info": {"name": STATEMENTS}, "data": statements}), flush=True)
    if result.exception is not None:
        print(f"{type(result.exception).__name__}: {result.exception}", flush=True)
        return EXIT_BROKEN
    return 0 if result.success else EXIT_FAILED


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(run(sys.argv[1:]))
