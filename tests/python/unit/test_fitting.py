"""Which model of scored matching is in force, and how a fitted one differs from it."""

from __future__ import annotations

import shutil
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
        Level(names[0], "one.gender = other.gender", None, m, 0.5, 0.45),
        Level(names[1], None, None, 1 - m, 0.5, 0.55),
    )
    settings = {
        "pairs_per_record": pairs, "household_pairs_per_pair": 2.0, "join_probability": 0.9,
    }  # fmt: skip
    return MatchModel(version, settings, (Comparison("gender", "false", levels),))


SHIPPED = model("general-2", 0.75, 0.25)


def store_fitted(state: StateStore, event_id: str, fitted: MatchModel) -> None:
    """Write a model as a fit does."""
    state.append(
        "match_levels",
        event_id,
        [
            {name: value for name, value in row.items() if name != "household_probability"}
            | {"is_m_fitted": True, "is_u_fitted": True}
            for row in fitted.level_rows()
        ],
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
    store_fitted(state, "a", fitted)
    shutil.rmtree(tmp_path / "match_models")
    assert model_in_force(SHIPPED, state) == SHIPPED


def test_the_way_back_is_a_row_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_parameters, "render", lambda project: ({}, {}))
    monkeypatch.setattr(identity_parameters, "read_shipped_model", lambda *_: SHIPPED)
    warehouse = Warehouse(tmp_path)
    with pytest.raises(PortraitError, match="general-2, is in force already"):
        go_back_to_shipped(tmp_path, warehouse, AT)
    store_fitted(warehouse.state, "20260101T000000Z-0000", model("fitted-a", 0.99, 0.1))
    assert go_back_to_shipped(tmp_path, warehouse, AT) == "general-2"
    assert model_in_force(SHIPPED, warehouse.state) == SHIPPED
    rows = duckdb.sql(
        f"select event, model_version, event_at from ({warehouse.state.select('match_models')})"
        " order by event_id"
    ).fetchall()
    assert rows == [
        ("fitted", "fitted-a", None),
        ("shipped", "general-2", AT.replace(tzinfo=None)),
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
        "fitted-b against general-2", "-1.0", "-1.6", "2026-03-01 08:30 UTC to 1,234 records",
        "3 of 4 runs", "0.25 in force, 0.5 fitted", "as shipped: gender equal (u).", "--discard",
    ):  # fmt: skip
        assert expected in text


def test_nothing_to_fit_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match="no build to fit to"):
        fit_identity(tmp_path, Warehouse(tmp_path))


def test_a_small_fit_says_that_two_people_are_not_learnt_from() -> None:
    """And a fit to enough records does not."""
    for records, is_said in {(499, True), (500, False)}:
        out = StringIO()
        after = model("fitted-b", 0.84, 0.5)
        print_fitted(Console(file=out), Fitted(SHIPPED, after, AT, records, 4, 3, ("gender (u)",)))
        assert (
            f"{records} records are too few to learn how often two" in out.getvalue()
        ) == is_said
        assert "as shipped: gender (u)." in out.getvalue()


def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, couples: int) -> Warehouse:
    """Return a build of so many people, who have two records each, with one mail address.

    Of every five people, one has another gender in the second record.
    """
    pytest.importorskip("splink", reason="Splink, which fits the model, is not installed")
    email = Comparison(
        "email",
        "one.email is null or other.email is null",
        (
            Level("equal", "one.email = other.email", None, 0.7, 0.00001, 0.2),
            Level("different", None, None, 0.3, 0.99999, 0.8),
        ),
    )
    shipped = replace(SHIPPED, comparisons=(email, *SHIPPED.comparisons))
    monkeypatch.setattr(identity_parameters, "render", lambda project: ({}, {}))
    monkeypatch.setattr(identity_parameters, "read_shipped_model", lambda *_: shipped)
    warehouse = Warehouse(tmp_path)
    warehouse.work.mkdir()
    unknown = ("first_name", "last_name", "han_name", "birth_date", "phone", "other_number",
               "postcode", "address")  # fmt: skip
    with duckdb.connect(str(warehouse.work_build)) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_match_records as select range as record_key,"
            " 'mail' || range // 2 as email,"
            " case when range % 10 in (0, 1, 2, 4, 5) then 'female' else 'male' end as gender,"
            f" {', '.join(f'cast(null as varchar) as {column}' for column in unknown)}"
            " from range(?)",
            [2 * couples],
        )
        connection.execute(
            "create table intermediate.int_match_pairs_compared as"
            " select one.record_key, other.record_key as other_record_key, 1 as email_level,"
            " cast(one.gender = other.gender as integer) as gender_level"
            " from intermediate.int_match_records as one join intermediate.int_match_records"
            " as other on one.email = other.email and one.record_key < other.record_key"
        )
        connection.execute(
            "create table intermediate.int_match_term_shares"
            " (term varchar, term_value varchar, term_share double)"
        )
    return warehouse


def test_a_build_without_pairs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = company(tmp_path, monkeypatch, couples=20)
    with duckdb.connect(str(warehouse.work_build)) as connection:
        connection.execute("drop table intermediate.int_match_pairs_compared")
    with pytest.raises(PortraitError, match="no int_match_pairs_compared"):
        fit_identity(tmp_path, warehouse)


def test_a_fit_that_learns_nothing_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = company(tmp_path, monkeypatch, couples=199)
    fitted = fit_identity(tmp_path, warehouse)
    assert fitted.after == fitted.before
    assert not (tmp_path / "state").exists()
    out = StringIO()
    print_fitted(Console(file=out, width=100), fitted)
    assert "398 records are too few to learn how often two people agree" in out.getvalue()
    assert "Nothing was learnt" in out.getvalue()
    assert "The model in force, general-2, stays." in out.getvalue()


def test_a_small_company_learns_what_its_pairs_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 200 pairs with one mail address: of the gender, but nothing of the address itself."""
    warehouse = company(tmp_path, monkeypatch, couples=200)
    fitted = fit_identity(tmp_path, warehouse)
    assert fitted.kept == ("email", "gender (u)")
    email, gender = fitted.after.comparisons
    assert email == fitted.before.comparisons[0]
    assert [level.u for level in gender.levels] == [0.5, 0.5]
    assert gender.levels[0].m == pytest.approx(0.8, abs=0.01)
    assert [level.household for level in gender.levels] == [0.45, 0.55]
    assert model_in_force(fitted.before, warehouse.state) == fitted.after
    out = StringIO()
    print_fitted(Console(file=out, width=100), fitted)
    assert "400 records are too few to learn how often two people agree" in out.getvalue()
    assert "as shipped: email, gender (u)." in out.getvalue()


def test_a_signal_that_comes_while_the_engine_works_stops_the_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB makes a RuntimeError of it, which would end in a traceback."""
    warehouse = company(tmp_path, monkeypatch, couples=20)

    def interrupted(*_: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("portrait.fitting.identity.fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit_identity(tmp_path, warehouse)
