"""The folder of the results: where everything lies, and the lock that lets one command write."""

import fcntl
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portrait.errors import PortraitError
from portrait.state.store import StateStore

BUILD_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")
ID_TIME = "%Y%m%dT%H%M%SZ"
# This file lies in a build's folder from its rename until readers see it.
UNPUBLISHED = "unpublished"
# What only the owner needs: landed files, work databases, and the state all hold personal data.
PRIVATE, SHARED = 0o700, 0o750


def new_build_id(at: datetime | None = None, after: str | None = None) -> str:
    """An id that sorts by time, as `20260630T101500Z-3f2a`, and behind the id `after`.

    Where the clock was set back, the new build still is the last one.
    """
    moment = (at or datetime.now(UTC)).replace(microsecond=0)
    if after:
        last = datetime.strptime(after.split("-")[0], ID_TIME).replace(tzinfo=UTC)
        moment = max(moment, last + timedelta(seconds=1))
    return f"{moment:{ID_TIME}}-{secrets.token_hex(2)}"


def set_mode(path: Path, mode: int) -> None:
    """Set the rights; a folder hands its group on if it did before."""
    path.chmod(mode | (path.stat().st_mode & stat.S_ISGID))


def make_folder(folder: Path, mode: int) -> None:
    """Make a folder with these rights; one that is there keeps its own."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        set_mode(folder, mode)


@dataclass(frozen=True)
class Warehouse:
    """The layout of a warehouse folder."""

    root: Path

    @property
    def landing(self) -> Path:
        """The landed raw files."""
        return self.root / "landing"

    @property
    def kept(self) -> Path:
        """Rows that base models keep by file from build to build; it may be deleted at any time."""
        return self.root / "kept"

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
    def exports(self) -> Path:
        """The exported audiences, which hold personal data."""
        return self.root / "exports"

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
        current = self.current_build()
        return sorted(
            path.name
            for path in self.builds.iterdir()
            if BUILD_ID.fullmatch(path.name)
            and (path.name == current or not (path / UNPUBLISHED).exists())
        )

    def next_build_id(self, at: datetime) -> str:
        """The id of a build that begins now: behind those of all kept builds."""
        return new_build_id(at, max(self.kept_builds(), default=None))

    def mark_published(self, build_id: str) -> None:
        """Note that readers have seen the build."""
        (self.builds / build_id / UNPUBLISHED).unlink(missing_ok=True)

    def recover(self) -> str | None:
        """Finish what a killed command left; return what a user should know of it.

        Proposals of the current build are taken over, half-written builds and those that no reader
        ever saw are removed. A state store that is gone is made again from the kept builds.
        """
        build = self.current_build()
        is_lost = build is not None and not self.state.folder.is_dir()
        kept = self.kept_builds()
        if build:
            self.mark_published(build)
            absorbed = [
                name
                for one in (kept if is_lost else [build])
                for name in self.state.absorb(self.builds / one / "state")
            ]
            if absorbed:
                self.land_state()
        if self.builds.is_dir():
            for leftover in self.builds.glob("*.tmp"):
                shutil.rmtree(leftover)
            for mark in self.builds.glob(f"*/{UNPUBLISHED}"):
                shutil.rmtree(mark.parent)
        if not is_lost:
            return None
        return (
            f"{self.state.folder} was gone and was made again from the kept builds "
            f"({len(kept)}). What older ones had written there is lost: ids may change, and "
            "months of the history are written again. Restore it from a backup if you can."
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the warehouse for writing; PortraitError where another command holds it.

        The lock is the operating system's and ends with the process, however that ends.
        """
        try:
            make_folder(self.root, SHARED)
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
            with self.state.readable():
                if remark := self.recover():
                    print(remark, file=sys.stderr)
                for folder in (self.landing, self.kept, self.work):
                    make_folder(folder, PRIVATE)
                yield
