"""Connections keep to the limits of memory and spilling, and say what to do where they are full."""

from collections import namedtuple
from pathlib import Path

import duckdb
import pytest

from portrait import database
from portrait.build.dbt_runner import DbtResult
from portrait.build.guards import BYTES_A_ROW, remark_on_room, require_room
from portrait.build.outcomes import Outcome
from portrait.build.pipeline import BuildFailed, require_dbt_success
from portrait.database import cleared_spill, connect, how_to_fit, limit_databases
from portrait.errors import PortraitError
from portrait.settings import Settings
from portrait.warehouse import Warehouse

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    """A run with 2 GiB of memory and a folder of its own to spill to, in force."""
    monkeypatch.setattr(database, "_in_force", [])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = Settings.from_environment(
        {
            "PORTRAIT_WAREHOUSE": str(tmp_path / "warehouse"),
            "PORTRAIT_MEMORY_LIMIT": "2GiB",
            "PORTRAIT_TEMP": str(scratch),
        }
    )
    limit_databases(made)
    return made


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    return str(connection.execute(f"select current_setting('{name}')").fetchall()[0][0])


def test_connections_keep_to_the_limits_and_share_them(settings, tmp_path):
    with connect() as connection, connect(tmp_path / "a.duckdb", share=0.5) as half:
        assert setting(connection, "memory_limit") == "2.0 GiB"
        assert setting(half, "memory_limit") == "1.0 GiB"
        for one in (connection, half):
            assert setting(one, "temp_directory") == str(settings.spill)


def test_without_a_limit_the_database_takes_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(database, "_in_force", [])
    limit_databases(Settings.from_environment({"PORTRAIT_WAREHOUSE": str(tmp_path)}))
    with duckdb.connect() as plain, connect() as connection:
        assert setting(connection, "memory_limit") == setting(plain, "memory_limit")
        assert setting(connection, "temp_directory") == str(tmp_path / "work" / "spill")


def test_a_folder_to_spill_to_is_of_one_warehouse_and_is_cleared(settings, tmp_path):
    other = Settings.from_environment(
        {"PORTRAIT_WAREHOUSE": str(tmp_path / "other"), "PORTRAIT_TEMP": str(tmp_path / "scratch")}
    )
    assert settings.spill != other.spill
    assert settings.spill.parent == other.spill.parent == tmp_path / "scratch"
    settings.spill.mkdir()
    (settings.spill / "of_a_killed_build.tmp").touch()
    with cleared_spill(settings):
        assert list(settings.spill.iterdir()) == []
        assert settings.spill.stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "scratch").iterdir()) == []
    settings.spill.symlink_to(tmp_path)
    with pytest.raises(PortraitError, match="is a link"), cleared_spill(settings):
        pass


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORTRAIT_MEMORY_LIMIT", "much", "expected an amount of memory such as 8GB"),
        ("PORTRAIT_MEMORY_LIMIT", "80%", "expected an amount of memory such as 8GB"),
        ("PORTRAIT_MEMORY_LIMIT", "100MB", "a build takes at least 500 MB"),
        ("PORTRAIT_TEMP", "/none", "there is no such folder"),
    ],
)
def test_limits_that_cannot_be_meant_are_refused(name, value, message):
    with pytest.raises(PortraitError, match=message):
        Settings.from_environment({name: value})


def test_a_build_that_does_not_fit_says_what_to_do(settings, tmp_path):
    assert how_to_fit("Binder Error: no such column") == ""
    error = "Out of Memory Error: could not allocate block of size 256.0 KiB"
    failed = Outcome(
        "model", "fct_orders", "marts", "fct_orders", "error", "error", None, None, message=error
    )
    with pytest.raises(BuildFailed) as stopped:
        require_dbt_success(DbtResult(False, 1.0, [failed]))
    assert str(stopped.value) == (
        "The build stopped: 1 model failed. Nothing was published. "
        f"It did not fit into 2GiB of memory and the free space of {tmp_path / 'scratch'}: "
        "raise PORTRAIT_MEMORY_LIMIT, or name a folder with more room in PORTRAIT_TEMP."
    )


@pytest.mark.parametrize(
    ("share", "refused", "remarked"),
    [(1.0, False, False), (0.9, False, True), (0.3, False, True), (0.2, True, True)],
)
def test_too_little_room_is_told_before_the_build(tmp_path, monkeypatch, share, refused, remarked):
    rows = 1_000_000
    usage = Usage(0, 0, int(rows * BYTES_A_ROW * share))
    monkeypatch.setattr("portrait.build.guards.shutil.disk_usage", lambda _: usage)
    warehouse = Warehouse(Path(tmp_path))
    assert bool(remark_on_room(warehouse, rows)) == remarked
    if refused:
        with pytest.raises(PortraitError, match=r"takes about 0.3 GB, and 0.1 GB are free"):
            require_room(warehouse, rows)
    else:
        require_room(warehouse, rows)
