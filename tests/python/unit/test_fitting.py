"""Which model of scored matching is in force, and how a fitted one differs from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from portrait.errors import PortraitError
from portrait.fitting import identity_parameters
from portrait.fitting.identity_parameters import (
    Fitted,
    differences,
    fit_identity,
    go_back_to_shipped,
    model_in_force,
    print_fitted,
)
from portrait.fitting.match_model import Comparison, Level, MatchModel
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def model(version: str, m: float, pairs: float, names: tuple[str, ...] = ("equal", "different")):
    """Return a model of one comparison with two levels."""
    levels = (
        Level(names[0], "one.gender = other.gender", None, m, 0.5),
        Level(names[1], None, None, 1 - m, 0.5),
    )
    settings = {"pairs_per_record": pairs, "join_probability": 0.9}
    return MatchModel(version, settings, (Comparison("gender", "false", levels),))


SHIPPED = model("general-1", 0.75, 0.25)


def store_fitted(state: StateStore, event_id: str, fitted: MatchModel) -> None:
    """Write a model as a fit does."""
    state.append(
        "match_levels",
        event_id,
        [row | {"is_m_fitted": True, "is_u_fitted": True} for row in fitted.level_rows()],
    )
    state.append(
        "match_models",
        event_id,
        [
            {
                "event_id": event_id,
                "event": "fitted",
                "model_version": fitted.version,
                "pairs_per_record": fitted.settings["pairs_per_record"],
            }
        ],
    )


def test_the_shipped_model_is_in_force_without_a_fitted_one(tmp_path: Path) -> None:
    assert model_in_force(SHIPPED, StateStore(tmp_path)) == SHIPPED


def test_the_last_fitted_model_is_in_force_with_the_settings_of_the_company(tmp_path: Path) -> None:
    state = StateStore(tmp_path)
    store_fitted(state, "b", model("fitted-b", 1 / 3, 0.7))
    store_fitted(state, "a", model("fitted-a", 0.99, 0.1))
    stricter = replace(SHIPPED, settings={**SHIPPED.settings, "join_probability": 0.99})
    expected = replace(
        model("fitted-b", 1 / 3, 0.7), settings={**stricter.settings} | {"pairs_per_record": 0.7}
    )
    assert model_in_force(stricter, state) == expected


@pytest.mark.parametrize("names", [("same", "different"), ("equal", "other")])
def test_a_model_with_other_levels_is_out_of_force(tmp_path: Path, names: tuple[str, str]) -> None:
    state = StateStore(tmp_path)
    store_fitted(state, "a", model("fitted-a", 0.99, 0.1, names))
    assert model_in_force(SHIPPED, state) == SHIPPED


def test_levels_are_found_by_their_names(tmp_path: Path) -> None:
    """In whatever order they were stored."""
    state = StateStore(tmp_path)
    store_fitted(state, "a", model("fitted-a", 0.25, 0.1, ("different", "equal")))
    assert model_in_force(SHIPPED, state).comparisons == model("fitted-a", 0.75, 0.1).comparisons


def test_levels_without_their_model_are_out_of_force(tmp_path: Path) -> None:
    """A fit that was cut off between the two tables."""
    state = StateStore(tmp_path)
    fitted = model("fitted-a", 0.99, 0.1)
    state.append("match_levels", "a", fitted.level_rows())
    assert model_in_force(SHIPPED, state) == SHIPPED


def test_the_way_back_is_a_row_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_parameters, "render", lambda project: ({}, {}))
    monkeypatch.setattr(identity_parameters, "read_shipped_model", lambda *_: SHIPPED)
    warehouse = Warehouse(tmp_path)
    with pytest.raises(PortraitError, match="general-1, is in force already"):
        go_back_to_shipped(tmp_path, warehouse, AT)
    store_fitted(warehouse.state, "20260101T000000Z-0000", model("fitted-a", 0.99, 0.1))
    assert go_back_to_shipped(tmp_path, warehouse, AT) == "general-1"
    assert model_in_force(SHIPPED, warehouse.state) == SHIPPED
    rows = duckdb.sql(
        f"select event, model_version, event_at from ({warehouse.state.select('match_models')})"
        " order by event_id"
    ).fetchall()
    assert rows == [
        ("fitted", "fitted-a", None),
        ("shipped", "general-1", AT.replace(tzinfo=None)),
    ]


def test_only_differences_of_half_a_bit_are_told() -> None:
    hardly = model("fitted-a", 0.76, 0.25)
    assert differences(SHIPPED, hardly) == []
    (found,) = differences(SHIPPED, model("fitted-b", 0.84, 0.25))
    assert (found.comparison, found.level) == ("gender", "different")
    assert found.before == pytest.approx(-1.0)
    assert found.after == pytest.approx(-1.6439, abs=1e-4)


def test_the_report_says_what_it_rests_on() -> None:
    out = StringIO()
    fitted = Fitted(SHIPPED, model("fitted-b", 0.84, 0.5), AT, 1234, 4, 3, ("gender equal (u)",))
    print_fitted(Console(file=out, width=100), fitted)
    text = out.getvalue()
    for expected in (
        "fitted-b against general-1", "-1.0", "-1.6", "2026-03-01 08:30 UTC to 1,234 records",
        "3 of 4 runs", "0.25 in force, 0.5 fitted", "as shipped: gender equal (u).", "--discard",
    ):  # fmt: skip
        assert expected in text


def test_nothing_to_fit_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match="no build to fit to"):
        fit_identity(tmp_path, Warehouse(tmp_path))


def test_too_few_records_keep_the_model_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("splink", reason="Splink, which fits the model, is not installed")
    monkeypatch.setattr(identity_parameters, "render", lambda project: ({}, {}))
    monkeypatch.setattr(identity_parameters, "read_shipped_model", lambda *_: SHIPPED)
    warehouse = Warehouse(tmp_path)
    warehouse.work.mkdir()
    with duckdb.connect(str(warehouse.work_build)) as connection:
        connection.execute("create table never_built (a integer)")
    with pytest.raises(PortraitError, match="no int_match_records"):
        fit_identity(tmp_path, warehouse)
    with duckdb.connect(str(warehouse.work_build)) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_match_records as select range as record_key"
            " from range(499)"
        )
    with pytest.raises(PortraitError, match="499 records; fitting needs 500"):
        fit_identity(tmp_path, warehouse)
    assert not (tmp_path / "state").exists()
