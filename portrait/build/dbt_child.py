"""dbt in a process of its own: it reads the project once, then runs what its parent asks for.

The parent writes a request per line and reads dbt's events, one JSON object per line; the last line
of a request is its answer (`ANSWER`). A dbt that outlived a killed build would go on writing the
next build's artifacts: so this process ends when the pipe to its parent closes. dbt's own loggers
are off, as they render every debug event before they drop it; a callback renders what is worth
reading.

The parse is kept in one folder for all warehouses. It is made with the settings of `NOT_PARSED` at
their defaults, because dbt discards a parse when a variable of the profile changes. No name, place
or configuration of a model depends on these settings; SQL is compiled with their values.
"""

import fcntl
import gc
import hashlib
import json
import os
import queue
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EXIT_FAILED = 1
# The settings that models read when they are compiled, and the project does not depend on.
NOT_PARSED = (
    "PORTRAIT_RAW",
    "PORTRAIT_WAREHOUSE",
    "PORTRAIT_AS_OF",
    "PORTRAIT_AS_OF_MAX_GAP_DAYS",
    "PORTRAIT_TIMEZONE",
    "PORTRAIT_CURRENCY",
    "PORTRAIT_COUNTRY",
    "PORTRAIT_MEMORY_LIMIT",
    "PORTRAIT_TEMP",
)
# The settings that change the SQL of a test.
COMPILED_WITH = ("PORTRAIT_AS_OF", "PORTRAIT_TIMEZONE", "PORTRAIT_CURRENCY")
PARSE_FILES = ("partial_parse.msgpack", "manifest.json")
ANSWER = "Answer"
QUIET = ("--log-level", "none", "--log-level-file", "none")
# Python looks for unused cycles after this many new objects instead of 700: dbt's objects live as
# long as the process, and looking through them again and again took a tenth of a build.
GC_THRESHOLD = 50_000


class Dbt:
    """dbt with the parsed project: each method answers one request."""

    def __init__(self, parse: Path, target: Path, options: list[str]) -> None:
        """Take the folders of the kept parse and of the artifacts, and options of every command."""
        self.parse = parse
        self.target = target
        self.options = options
        self.statements: Counter[str] = Counter()
        self.manifest: Any = None

    def read_project(self) -> None:
        """Parse the project, or what changed of it; its manifest.json lies beside the artifacts.

        One process at a time: the others wait, and find the parse of the first.
        """
        with locked(self.parse / "lock"):
            before = _stamp(self.parse / PARSE_FILES[0])
            options = ["--no-write-json", "parse", "--target-path", str(self.parse)]
            self.manifest = self._invoke(options).result
            if self.manifest is None:
                return
            if _stamp(self.parse / PARSE_FILES[0]) != before or not _exists(self.parse):
                _replace(self.parse / PARSE_FILES[1], lambda part: self.manifest.write(str(part)))
            self.target.mkdir(parents=True, exist_ok=True)
            kept = (self.parse / PARSE_FILES[1]).read_bytes()
            _replace(self.target / PARSE_FILES[1], lambda part: part.write_bytes(kept))
            self.project_hash = _hash(self.parse / PARSE_FILES[0])
        gc.freeze()

    def run(self, arguments: list[str]) -> dict[str, Any]:
        """Run a command of dbt; `results` are as in run_results.json."""
        self.statements.clear()
        result = self._invoke([*arguments, "--target-path", str(self.target)])
        results = getattr(result.result, "results", None) or []
        return {
            "success": bool(result.success),
            "error": _error(result),
            "statements": dict(self.statements),
            "results": [
                {
                    "unique_id": one.node.unique_id,
                    "status": str(one.status),
                    "execution_time": one.execution_time,
                    "failures": one.failures,
                    "message": one.message,
                }
                for one in results
            ],
        }

    def compile_tests(self) -> dict[str, Any]:
        """Compile the data tests; `tests` say all that is needed to run one.

        The compiled tests are kept beside the parse, for the same project and settings.
        """
        settings = {name: os.environ.get(name, "") for name in COMPILED_WITH}
        key = hashlib.sha256(json.dumps([self.project_hash, settings]).encode()).hexdigest()
        kept = self.parse / "data_tests.json"
        with locked(self.parse / "lock"):
            found = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
            if found.get("key") != key:
                result = self._compile("test_type:data")
                if not result.success:
                    return {"success": False, "error": _error(result), "tests": []}
                found = {"key": key, "tests": [_test(one.node) for one in result.result.results]}
                text = json.dumps(found)
                _replace(kept, lambda part: part.write_text(text, "utf-8"))
        return {"success": True, "error": "", "tests": found["tests"]}

    def _compile(self, selected: str) -> Any:
        """Compile nodes beside an empty database, so that the parent may read the built one.

        The SQL names tables by schema and by the name of the database, which is the same there.
        """
        warehouse = os.environ.get("PORTRAIT_WAREHOUSE")
        empty = self.parse / "warehouse"
        (empty / "work").mkdir(parents=True, exist_ok=True)
        os.environ["PORTRAIT_WAREHOUSE"] = str(empty)
        try:
            arguments = ["--no-write-json", "compile", "--select", selected]
            return self._invoke([*arguments, "--target-path", str(self.target)])
        finally:
            del os.environ["PORTRAIT_WAREHOUSE"]
            if warehouse is not None:
                os.environ["PORTRAIT_WAREHOUSE"] = warehouse

    def _invoke(self, arguments: list[str]) -> Any:
        from dbt.cli.main import dbtRunner
        from dbt_common.events.event_manager_client import ctx_set_event_manager

        ctx_set_event_manager(_quiet_event_manager())
        runner = dbtRunner(manifest=self.manifest, callbacks=[self._show])
        try:
            return runner.invoke([*QUIET, *arguments, *self.options])
        finally:
            _close_database()

    def _show(self, event: Any) -> None:
        from google.protobuf.json_format import MessageToJson

        if event.info.name == "SQLQuery":
            self.statements[event.data.conn_name] += 1
        if event.info.level != "debug":
            print(MessageToJson(event, preserving_proto_field_name=True, indent=None), flush=True)


def _quiet_event_manager() -> Any:
    """An event manager that drops what nobody reads before it is rendered."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    class QuietEventManager(EventManager):
        def fire_event(self, e: Any, level: Any = None, *others: Any, **named: Any) -> None:
            is_debug = (level or e.level_tag()) == EventLevel.DEBUG
            if not is_debug or type(e).__name__ == "SQLQuery":
                super().fire_event(e, level, *others, **named)

    return QuietEventManager()


def _close_database() -> None:
    """Close the file of DuckDB, which its adapter keeps open: the parent reads it between runs."""
    connections = sys.modules.get("dbt.adapters.duckdb.connections")
    manager = connections.DuckDBConnectionManager if connections else None
    if manager and manager._ENV:
        manager._ENV.close()
        manager.close_all_connections()


def _test(node: Any) -> dict[str, Any]:
    config = node.config
    return {
        "unique_id": node.unique_id,
        "name": node.name,
        "compiled_code": node.compiled_code,
        "depends_on": list(node.depends_on.nodes),
        "severity": config.severity.lower(),
        "fail_calc": config.fail_calc,
        "warn_if": config.warn_if,
        "error_if": config.error_if,
        "limit": config.limit,
        "print_rows": bool(config.meta.get("print_rows")),
    }


def _error(result: Any) -> str:
    if result.exception is None:
        return ""
    return f"{type(result.exception).__name__}: {result.exception}"


def _stamp(file: Path) -> int:
    return file.stat().st_mtime_ns if file.exists() else 0


def _exists(parse: Path) -> bool:
    return all((parse / name).exists() for name in PARSE_FILES)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _replace(file: Path, write: Callable[[Path], object]) -> None:
    """Write a file by a rename: a reader sees the old one or the new one, whole."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    write(part)
    part.replace(file)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock of the operating system, which ends with the process."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def answer(data: Mapping[str, Any]) -> None:
    """Print the last line of a request."""
    print(json.dumps({"info": {"name": ANSWER}, "data": data}), flush=True)


def _requests() -> "queue.Queue[dict[str, Any]]":
    """The requests of the parent; the process ends when it closes its pipe."""
    requests: queue.Queue[dict[str, Any]] = queue.Queue()

    def read() -> None:
        # Not sys.stdin, whose lock a finishing interpreter wants.
        rest = b""
        while part := os.read(0, 65536):
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                requests.put(json.loads(line))
        os._exit(EXIT_FAILED)

    threading.Thread(target=read, daemon=True).start()
    return requests


def main(arguments: list[str]) -> None:
    """Serve requests: {"command": "run" or "compile_tests", "arguments": […]}."""
    parse, target, *options = arguments
    requests = _requests()
    settings = {name: os.environ.pop(name) for name in NOT_PARSED if name in os.environ}
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    dbt = Dbt(Path(parse), Path(target), options)
    dbt.read_project()
    os.environ.update(settings)
    while True:
        request = requests.get()
        if dbt.manifest is None:
            answer({"success": False, "error": "", "results": [], "tests": []})
        elif request["command"] == "compile_tests":
            answer(dbt.compile_tests())
        else:
            answer(dbt.run(request["arguments"]))


if __name__ == "__main__":
    main(sys.argv[1:])
