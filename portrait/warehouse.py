"""The folder of the results: where everything lies, and the lock that lets one command write."""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portrait.errors import PortraitError
from portrait.state.store import StateStore

BUILD_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")


def new_build_id(at: datetime | None = None) -> str:
    """An id that sorts by time, as `20260630T101500Z-3f2a`."""
    return f"{(at or datetime.now(UTC)):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


@dataclass(frozen=True)
class Warehouse:
    """The layout of a warehouse folder."""

    root: Path

    @property
    def landing(self) -> Path:
        """The landed raw files."""
        return self.root / "landing"

    @property
    def work(self) -> Path:
        """What the running or last build works on."""
        return self.root / "work"

    @property
    def target(self) -> Path:
        """The artifacts of dbt: manifest.json, run_results.json."""
        return self.work / "target"

    @property
    def work_build(self) -> Path:
        """The layers below the marts."""
        return self.work / "build.duckdb"

    @property
    def work_portrait(self) -> Path:
        """The marts as dbt writes them."""
        return self.work / "portrait.duckdb"

    @property
    def docs(self) -> Path:
        """The Data Docs of the last checks."""
        return self.work / "data_docs"

    @property
    def builds(self) -> Path:
        """The published builds."""
        return self.root / "builds"

    @property
    def current(self) -> Path:
        """The link to the build that readers see."""
        return self.root / "current"

    @property
    def state(self) -> StateStore:
        """The store that outlives builds."""
        return StateStore(self.root / "state")

    @property
    def proposed_state(self) -> StateStore:
        """What the build at hand adds to the store once it is published."""
        return StateStore(self.work / "state")

    def land_state(self, with_proposals: bool = False) -> None:
        """Put what models read of the store beside the landed files."""
        proposals = self.proposed_state.folder if with_proposals else None
        StateStore(self.state.folder, proposals).land(self.landing / "state")

    def current_build(self) -> str | None:
        """The id of the build that readers see, or None before the first one."""
        if not self.current.is_symlink() or not self.current.exists():
            return None
        return self.current.readlink().name

    def kept_builds(self) -> list[str]:
        """The ids of the complete builds, oldest first."""
        if not self.builds.is_dir():
            return []
        return sorted(p.name for p in self.builds.iterdir() if BUILD_ID.fullmatch(p.name))

    def recover(self) -> None:
        """Finish what a killed command left: take over proposals, drop half-written builds."""
        build = self.current_build()
        if build and self.state.absorb(self.builds / build / "state"):
            self.land_state()
        if self.builds.is_dir():
            for leftover in self.builds.glob("*.tmp"):
                shutil.rmtree(leftover)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the warehouse for writing; PortraitError where another command holds it.

        The lock is the operating system's and ends with the process, however that ends.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            file = (self.root / ".lock").open("a+")
        except OSError as error:
            raise PortraitError(
                f"The warehouse folder {self.root} cannot be written: {error.strerror}."
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                holder = file.read().strip()
                process = f" (process {holder})" if holder else ""
                raise PortraitError(
                    f"Another portrait command{process} is writing the warehouse {self.root}. "
                    "Wait until it ends, or use another folder with --warehouse."
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            self.recover()
            yield
