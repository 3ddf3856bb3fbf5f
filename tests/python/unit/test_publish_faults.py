"""Kills, full disks, damaged files and clocks: what is published stays, and is told truly."""

import errno
import os
import re
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from test_publish import build_id, make_work, publish_number

from portrait import cli
from portrait.build.summary import print_builds
from portrait.console import make_console
from portrait.errors import PortraitError
from portrait.publishing import publish as publishing
from portrait.publishing.publish import PublishedWithTrouble, prune, rollback
from portrait.state.store import StateStore
from portrait.warehouse import BUILD_ID, UNPUBLISHED, Warehouse, new_build_id

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return make_work(tmp_path / "warehouse")


@pytest.fixture(autouse=True)
def nothing_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "last_switch", [])


# A kill between the rename of the build and the switch --------------------------------------------


def kill_before_the_switch(warehouse: Warehouse, number: int) -> None:
    """Publish in another process that dies as if by SIGKILL when it would switch."""
    script = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from portrait.publishing import publish\n"
        "from test_publish import make_work, publish_number\n"
        "publish.switch = lambda *_: os._exit(9)\n"
        "publish_number(make_work(Path(sys.argv[2])), int(sys.argv[3]))"
    )
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            script,
            str(Path(__file__).parent),
            str(warehouse.root),
            str(number),
        ],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        check=False,
    )
    assert run.returncode == 9
    assert (warehouse.builds / build_id(number)).is_dir()


def test_a_build_that_no_reader_saw_is_none(warehouse, capsys):
    publish_number(warehouse, 1)
    kill_before_the_switch(warehouse, 2)
    assert warehouse.current_build() == build_id(1)
    assert warehouse.kept_builds() == [build_id(1)]
    print_builds(make_console(), warehouse)
    assert build_id(2) not in capsys.readouterr().out
    with pytest.raises(PortraitError, match="no build before"):
        rollback(warehouse)
    with pytest.raises(PortraitError, match="no build"):
        rollback(warehouse, build_id(2))
    publish_number(warehouse, 3)
    assert rollback(warehouse) == (build_id(3), build_id(1))
    with warehouse.locked():
        assert not (warehouse.builds / build_id(2)).exists()
    assert warehouse.kept_builds() == [build_id(1), build_id(3)]


def test_a_first_build_that_no_reader_saw_is_removed(warehouse):
    kill_before_the_switch(warehouse, 1)
    with warehouse.locked():
        assert warehouse.kept_builds() == []
    assert list(warehouse.builds.iterdir()) == []


def test_a_kill_right_after_the_switch_leaves_a_published_build(warehouse, monkeypatch):
    def kill(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Warehouse, "mark_published", kill)
    with pytest.raises(KeyboardInterrupt):
        publish_number(warehouse, 1)
    monkeypatch.undo()
    assert warehouse.kept_builds() == [build_id(1)]
    with warehouse.locked():
        assert not (warehouse.current / UNPUBLISHED).exists()
    publish_number(warehouse, 2)
    assert rollback(warehouse) == (build_id(2), build_id(1))


# What is said -------------------------------------------------------------------------------------


def said_by(monkeypatch, capsys, error: BaseException, warehouse: Warehouse | None = None) -> str:
    """What the command line says of an exception, and that it has no traceback."""

    def fail(**_):
        if warehouse:
            publish_number(warehouse, 1)
        raise error

    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    return " ".join(capsys.readouterr().err.split())


def test_a_stop_says_what_is_published(monkeypatch, capsys, warehouse):
    said = said_by(monkeypatch, capsys, KeyboardInterrupt())
    assert said == "Stopped. What is published is as it was."
    said = said_by(monkeypatch, capsys, KeyboardInterrupt(), warehouse)
    assert said.startswith(f"Stopped. {build_id(1)} is what is published now")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/w/a"),
            "/w/a: No space left on device.",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/w/[b]"),
            "/w/[b]: Permission denied.",
        ),
        (duckdb.IOException("IO Error: disk is full\nStack:"), "IO Error: disk is full."),
        (PortraitError("A [red] file."), "A [red] file."),
    ],
)
def test_a_full_disk_is_a_sentence(monkeypatch, capsys, error, said):
    assert said_by(monkeypatch, capsys, error) == f"Error: {said}"


def test_a_terminated_process_stops_like_an_interrupted_one():
    with pytest.raises(KeyboardInterrupt):
        cli._terminated(signal.SIGTERM, None)


def test_a_terminal_that_knows_few_characters_ends_nothing(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "portrait.cli", "land", "--raw", str(PROJECT / "tests/cases/raw")],
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "PYTHONIOENCODING": "latin-1",
            "PORTRAIT_WAREHOUSE": str(tmp_path / "w"),
        },
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert b"Landing ?" in run.stdout


# The state store ----------------------------------------------------------------------------------


def test_a_state_store_that_cannot_be_written_is_noticed_before_the_switch(warehouse):
    publish_number(warehouse, 1)
    for file in (warehouse.state.folder / "builds").iterdir():
        file.unlink()
    moved = warehouse.state.folder.rename(warehouse.root / "moved")
    warehouse.state.folder.write_text("a file where the folder should be")
    with pytest.raises(PortraitError, match=r"state: could not be written .*Nothing was published"):
        publish_number(warehouse, 2)
    assert warehouse.current_build() == build_id(1)
    assert moved.is_dir()


def test_a_failure_after_the_switch_says_that_the_build_is_published(warehouse, monkeypatch):
    def fail(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Warehouse, "land_state", fail)
    with pytest.raises(PublishedWithTrouble, match=f"{build_id(1)} is published, but"):
        publish_number(warehouse, 1)
    monkeypatch.undo()
    assert warehouse.current_build() == build_id(1)


@pytest.mark.parametrize(
    ("table", "step"),
    [
        ("test_results", lambda warehouse: publish_number(warehouse, 2)),
        ("identity_registry", lambda warehouse: warehouse.land_state()),
    ],
)
def test_a_cut_file_of_the_state_is_named(warehouse, table, step):
    publish_number(warehouse, 1)
    file = warehouse.state.folder / table / f"{build_id(1)}.parquet"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"PAR1 and no more")
    with pytest.raises(PortraitError, match=re.escape(str(file))), warehouse.locked():
        step(warehouse)
    assert warehouse.current_build() == build_id(1)


def test_a_cut_file_of_the_log_is_named_by_builds(warehouse):
    publish_number(warehouse, 1)
    file = warehouse.state.folder / "builds" / f"{build_id(1)}.parquet"
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(PortraitError, match=re.escape(str(file))):
        print_builds(make_console(), warehouse)


def test_a_state_store_that_is_gone_is_made_again_and_that_is_said(warehouse, capsys):
    for number in (1, 2, 3):
        publish_number(warehouse, number)
    for file in sorted(warehouse.state.folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    warehouse.state.folder.rmdir()
    with warehouse.locked():
        pass
    assert "was gone and was made again from the kept builds (3)" in capsys.readouterr().err
    logged = duckdb.sql(f"select build_id from ({warehouse.state.select('builds')}) order by all")
    assert logged.fetchall() == [(build_id(number),) for number in (1, 2, 3)]
    with warehouse.locked():
        pass
    assert capsys.readouterr().err == ""


# The clock ----------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_prunes_no_new_build(warehouse):
    for number in range(1, 6):
        publish_number(warehouse, number)
    back = datetime(2025, 5, 1, tzinfo=UTC)
    name = warehouse.next_build_id(back)
    assert BUILD_ID.fullmatch(name)
    assert name > build_id(5)
    assert new_build_id(back) < build_id(1)
    forth = datetime(2027, 1, 1, tzinfo=UTC)
    assert warehouse.next_build_id(forth).startswith("20270101T000000Z-")
    assert prune(warehouse) == []


# Rights -------------------------------------------------------------------------------------------


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_and_their_group_may_read_and_nobody_may_write(tmp_path):
    before = os.umask(0)
    try:
        warehouse = Warehouse(tmp_path / "warehouse")
        with warehouse.locked():
            pass
        make_work(warehouse.root)
        publish_number(warehouse, 1)
    finally:
        os.umask(before)
    assert mode(warehouse.root) == 0o750
    for folder in (warehouse.landing, warehouse.work, warehouse.state.folder):
        assert mode(folder) == 0o700, folder
    build = warehouse.builds / build_id(1)
    for path in (warehouse.builds, build, build / "data_docs"):
        assert mode(path) == 0o750, path
    pages = ("report.html", "dictionary.html", "data_docs/index.html")
    for name in ("portrait.duckdb", "analyst.duckdb", *pages):
        assert mode(build / name) == 0o440, name
    assert mode(build / "state") == 0o700
    assert {mode(file) for file in (build / "state").rglob("*.parquet")} == {0o600}


def test_a_folder_hands_its_group_on_and_keeps_the_rights_it_was_given(warehouse):
    warehouse.builds.mkdir()
    warehouse.builds.chmod(0o2755)
    warehouse.landing.mkdir()
    warehouse.landing.chmod(0o755)
    with warehouse.locked():
        publish_number(warehouse, 1)
    assert (mode(warehouse.builds), mode(warehouse.landing)) == (0o2755, 0o755)
    assert mode(warehouse.builds / build_id(1)) == 0o2750


def test_a_client_cannot_change_what_is_published(warehouse):
    publish_number(warehouse, 1)
    if os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere")
    with pytest.raises(duckdb.IOException):
        duckdb.connect(str(warehouse.current / "portrait.duckdb"))


def test_the_probe_of_the_state_leaves_nothing(tmp_path):
    store = StateStore(tmp_path / "state")
    store.require_writable()
    assert list(store.folder.iterdir()) == []
