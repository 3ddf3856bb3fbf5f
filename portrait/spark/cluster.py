"""A Spark cluster on this machine: a master, two workers and a thrift server, all on loopback.

It is the real thing (standalone mode, one Java process each), made from the pyspark package alone.
Every process is remembered by its id and stopped by it; everything that they write lies in one
folder. It is for tests and for `make parity`; a team points the target `spark` at its own cluster.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from portrait.errors import PortraitError

DEFAULTS = {
    "PORTRAIT_SPARK_HOST": "127.0.0.1",
    "PORTRAIT_SPARK_PORT": "10000",
    "PORTRAIT_SPARK_HOME": "target/spark",
    "PORTRAIT_SPARK_ENV": ".venv-spark",
}
LOOPBACK = "127.0.0.1"
JAVA_VERSIONS = (17, 21)
WORKERS = 2
# Seconds: a server is up in about 20 on two cores; a busy machine takes longer.
START_SECONDS = 180
STOP_SECONDS = 15

# Options of the daemons' Java: they do little.
DAEMON_MEMORY = "256m"
DRIVER_MEMORY = "4g"
EXECUTOR_MEMORY = "1g"

# The settings for a small machine. The settings that give a query the same meaning as on DuckDB
# come with each session of dbt (profiles.yml).
CONFIGURATION = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.ui.enabled": "false",
    # The driver keeps what the web page would show, although that is off: the plans of wide
    # selects, which are gigabytes for a thousand statements.
    "spark.ui.retainedJobs": "10",
    "spark.ui.retainedStages": "10",
    "spark.ui.retainedTasks": "100",
    "spark.sql.ui.retainedExecutions": "5",
    "spark.sql.thriftserver.ui.retainedStatements": "5",
    "spark.sql.thriftserver.ui.retainedSessions": "5",
    "spark.sql.maxPlanStringLength": "10000",
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-Duser.timezone=UTC -XX:TieredStopAtLevel=1",
    "spark.executor.memory": EXECUTOR_MEMORY,
    "spark.executor.cores": "1",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.hadoop.hive.server2.thrift.bind.host": LOOPBACK,
}


class SparkMissing(PortraitError):
    """Java or pyspark is not there, so that no cluster can be started."""


@dataclass(frozen=True)
class SparkSettings:
    """Where the thrift server listens, where the cluster writes, and where pyspark lies."""

    host: str
    port: int
    home: Path
    environment: Path

    @classmethod
    def from_environment(
        cls, project: Path, environment: Mapping[str, str] | None = None
    ) -> "SparkSettings":
        """Read the settings; folders are relative to the project, empty is the default.

        Raises:
            PortraitError: the port is no number of a port.
        """
        environment = os.environ if environment is None else environment
        values = {
            name: environment.get(name, "").strip() or default for name, default in DEFAULTS.items()
        }
        port = values["PORTRAIT_SPARK_PORT"]
        if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
            raise PortraitError(f"PORTRAIT_SPARK_PORT is {port!r}: expected a port such as 10000.")
        return cls(
            host=values["PORTRAIT_SPARK_HOST"],
            port=int(port),
            home=project / Path(values["PORTRAIT_SPARK_HOME"]).expanduser(),
            environment=project / Path(values["PORTRAIT_SPARK_ENV"]).expanduser(),
        )


@dataclass(frozen=True)
class Process:
    """A process of the cluster. `begun` tells it from a later process with the same id."""

    name: str
    pid: int
    begun: str

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return begun_at(self.pid) == self.begun


class Cluster:
    """The cluster of one home folder."""

    def __init__(self, settings: SparkSettings, report: Callable[[str], None] = print) -> None:
        """Take the settings, and the function that is told what is going on."""
        self.settings = settings
        self.report = report

    @property
    def record(self) -> Path:
        """The file with the ids of the running processes."""
        return self.settings.home / "processes.json"

    def processes(self) -> list[Process]:
        """The processes of the cluster that still run, in the order of their start."""
        try:
            recorded = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [process for entry in recorded if (process := Process(**entry)).is_alive]

    @property
    def is_up(self) -> bool:
        """Whether all processes run and the thrift server answers."""
        names = {process.name for process in self.processes()}
        return names == set(_names()) and answers(self.settings.host, self.settings.port)

    def up(self) -> None:
        """Start the cluster, unless it is up. What a broken one left is stopped first.

        Raises:
            SparkMissing: Java or pyspark is not there.
            PortraitError: a port is taken, or a process ended.
        """
        if self.is_up:
            self.report(f"Spark is up at {self.settings.host}:{self.settings.port}.")
            return
        if self.settings.host != LOOPBACK:
            raise PortraitError(
                f"PORTRAIT_SPARK_HOST is {self.settings.host}: a cluster is started on {LOOPBACK} "
                "only; whoever runs another one starts it."
            )
        java_home = find_java()
        spark_home = find_pyspark(self.settings.environment)
        self.down()
        require_free(self.settings.port)
        self.settings.home.mkdir(parents=True, exist_ok=True)
        try:
            self._start(java_home, spark_home)
        except BaseException:
            self.down()
            raise
        self.report(f"Spark is up at {self.settings.host}:{self.settings.port}.")

    def down(self) -> None:
        """Stop what runs, the thrift server first, and forget it."""
        running = list(reversed(self.processes()))
        for process in running:
            stop(process)
        self.record.unlink(missing_ok=True)
        if running:
            self.report(f"Stopped Spark's {len(running)} processes.")

    def kill_worker(self) -> Process:
        """Kill the first worker that runs, as a crash would, with its executor.

        Raises:
            PortraitError: no worker runs.
        """
        for process in self.processes():
            if process.name.startswith("worker"):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                return process
        raise PortraitError("No worker of Spark runs.")

    def _start(self, java_home: Path, spark_home: Path) -> None:
        home, port = self.settings.home, free_port()
        master = f"spark://{LOOPBACK}:{port}"
        environment = {
            **os.environ,
            "JAVA_HOME": str(java_home),
            "SPARK_HOME": str(spark_home),
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_LOCAL_DIRS": str(home / "spill"),
            "SPARK_CONF_DIR": str(home / "conf"),
            # Spark starts another Python beside the thrift server.
            "PYSPARK_PYTHON": str(self.settings.environment / "bin" / "python"),
        }
        for name in ("conf", "spill", "warehouse", "logs"):
            (home / name).mkdir(exist_ok=True)
        # The thrift server counts as a daemon too, and takes its memory from the same variable.
        daemon = environment | {
            "SPARK_DAEMON_MEMORY": DAEMON_MEMORY,
            # otherwise the master also takes jobs at a fixed port
            "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        }
        server = environment | {"SPARK_DAEMON_MEMORY": DRIVER_MEMORY}
        spark_class = str(spark_home / "bin" / "spark-class")
        loopback = ("--host", LOOPBACK, "--webui-port", "0")
        master_class = "org.apache.spark.deploy.master.Master"
        worker_class = "org.apache.spark.deploy.worker.Worker"
        self._launch("master", [spark_class, master_class, *loopback, "--port", str(port)], daemon)
        self._wait_for("master", port)
        for name in _names()[1:-1]:
            options = ("--cores", "1", "--memory", EXECUTOR_MEMORY, "--work-dir", str(home / name))
            self._launch(name, [spark_class, worker_class, *loopback, *options, master], daemon)
        configuration = {
            **CONFIGURATION,
            "spark.master": master,
            "spark.driver.memory": DRIVER_MEMORY,
            "spark.sql.warehouse.dir": str(home / "warehouse"),
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={home / 'metastore'};create=true"
            ),
            "spark.hadoop.hive.server2.thrift.port": str(self.settings.port),
        }
        self._launch(
            "thrift server",
            [
                str(spark_home / "bin" / "spark-submit"),
                *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
                *("--name", "portrait"),
                *(part for item in configuration.items() for part in ("--conf", "=".join(item))),
                "spark-internal",
            ],
            server,
        )
        self._wait_for("thrift server", self.settings.port)

    def _launch(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        with self._log(name).open("w") as log:
            child = subprocess.Popen(
                command,
                cwd=self.settings.home,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(name, child.pid, begun_at(child.pid) or "")
        entries = [asdict(known) for known in [*self.processes(), process]]
        self.record.write_text(json.dumps(entries, indent=1), encoding="utf-8")

    def _wait_for(self, name: str, port: int) -> None:
        self.report(f"Waiting for Spark's {name} …")
        deadline = time.monotonic() + START_SECONDS
        while not answers(LOOPBACK, port):
            if name not in {process.name for process in self.processes()}:
                raise PortraitError(f"Spark's {name} ended:\n{self._last_words(name)}")
            if time.monotonic() > deadline:
                raise PortraitError(
                    f"Spark's {name} did not answer within {START_SECONDS} s: {self._log(name)}."
                )
            time.sleep(0.2)

    def _log(self, name: str) -> Path:
        return self.settings.home / "logs" / f"{name.replace(' ', '_')}.log"

    def _last_words(self, name: str) -> str:
        return "\n".join(self._log(name).read_text(errors="replace").splitlines()[-15:])


def _names() -> list[str]:
    return ["master", *(f"worker_{number + 1}" for number in range(WORKERS)), "thrift server"]


def find_java() -> Path:
    """The home of a Java that Spark runs on.

    Raises:
        SparkMissing: there is none, or its version is too old.
    """
    home = os.environ.get("JAVA_HOME")
    java = Path(home) / "bin" / "java" if home else Path(shutil.which("java") or "java")
    needed = " or ".join(map(str, JAVA_VERSIONS))
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise SparkMissing(
            f"Spark needs Java {needed}, and there is none (JAVA_HOME, or java on the path); "
            "on Debian or Ubuntu: apt install openjdk-17-jre-headless"
        ) from error
    version = re.search(r'version "(\d+)', said.stderr + said.stdout)
    if not version or int(version[1]) < min(JAVA_VERSIONS):
        raise SparkMissing(
            f"Spark needs Java {needed}; {java} is {version[1] if version else 'of no version'}."
        )
    return java.resolve().parent.parent


def find_pyspark(environment: Path) -> Path:
    """The folder of the pyspark package in its separate environment.

    Raises:
        SparkMissing: it is not installed.
    """
    found = sorted(environment.glob("lib/python3.*/site-packages/pyspark/bin/spark-class"))
    if not found:
        raise SparkMissing(
            f"pyspark is not installed in {environment}: `make spark-up` installs it."
        )
    return found[-1].parent.parent


def begun_at(pid: int) -> str | None:
    """When the process of that id began, as its system writes it; None where there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        try:
            # Behind the name, which may hold blanks: the state first, the time of the start 20th.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    if Path("/proc/self").exists():
        return None
    listed = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip() or None


def stop(process: Process) -> None:
    """End a process and what it started: first by request, after a while for good."""
    for sent, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        if not process.is_alive:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        deadline = time.monotonic() + patience
        while process.is_alive and time.monotonic() < deadline:
            _reap(process.pid)
            time.sleep(0.1)


def _reap(pid: int) -> None:
    # A child of this very process stays a zombie until it is waited for.
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def require_free(port: int) -> None:
    """Raise PortraitError if another program has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortraitError(
                f"Port {port} of {LOOPBACK} is taken by another program: "
                "name another one in PORTRAIT_SPARK_PORT."
            ) from error
