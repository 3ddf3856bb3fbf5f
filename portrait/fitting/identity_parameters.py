"""Where fitted models of scored matching are kept, which is in force, and how two differ.

The tables `match_models` and `match_levels` of the state store only grow: a fit adds a model, and
the way back to the shipped one adds a row that says so. The last row holds from the next build on.
int_match_levels_in_force reads them by the same rule as `model_in_force`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from portrait.database import connect
from portrait.errors import PortraitError
from portrait.fitting.match_model import (
    FEWEST_MATCHES,
    FEWEST_PAIRS,
    FEWEST_RECORDS,
    MatchModel,
    read_shipped_model,
    weight,
)
from portrait.fitting.rendering import render
from portrait.sql import sql_path
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse, new_build_id

# What a fit reads of a build.
READ = {
    name: f"build.intermediate.int_match_{name}"
    for name in ("records", "pairs_compared", "term_shares")
}
# A difference of a weight below half a bit changes the odds by less than 1.5 times.
NOTABLE_BITS = 0.5


@dataclass(frozen=True)
class Difference:
    """A level with another weight, in bits, in the fitted model."""

    comparison: str
    level: str
    before: float
    after: float


@dataclass(frozen=True)
class Fitted:
    """The result of a fit.

    after: the fitted model; the one before where the records say too little of every level.
    kept: the levels for whose m or u there were too few pairs; a comparison if that is all levels.
    """

    before: MatchModel
    after: MatchModel
    at: datetime
    records: int
    trainings: int
    converged: int
    kept: tuple[str, ...]

    @property
    def has_learnt(self) -> bool:
        """Whether there is a fitted model."""
        return self.after != self.before


def differences(before: MatchModel, after: MatchModel) -> list[Difference]:
    """The levels that weigh at least half a bit more or less, the greatest difference first."""
    found = [
        Difference(comparison.name, level.name, weight(level), weight(fitted_level))
        for comparison, fitted in zip(before.comparisons, after.comparisons, strict=True)
        for level, fitted_level in zip(comparison.levels, fitted.levels, strict=True)
        if abs(weight(fitted_level) - weight(level)) >= NOTABLE_BITS
    ]
    return sorted(found, key=lambda one: -abs(one.after - one.before))


def model_in_force(shipped: MatchModel, state: StateStore) -> MatchModel:
    """The last fitted model; the shipped one where there is none, or it has other levels."""
    with connect() as connection:
        last = connection.execute(
            f"select event, model_version, pairs_per_record from ({state.select('match_models')})"
            " order by event_id desc limit 1"
        ).fetchone()
        if last is None or last[0] != "fitted":
            return shipped
        rows = connection.execute(
            "select comparison, level_name, m_probability, u_probability"
            f" from ({state.select('match_levels')}) where model_version = ?",
            [last[1]],
        ).fetchall()
    stored = {(comparison, level): (m, u) for comparison, level, m, u in rows}
    levels = {
        (comparison.name, level.name)
        for comparison in shipped.comparisons
        for level in comparison.levels
    }
    if stored.keys() != levels:
        return shipped
    comparisons = tuple(
        replace(
            comparison,
            levels=tuple(
                replace(level, m=m, u=u)
                for level in comparison.levels
                for m, u in [stored[comparison.name, level.name]]
            ),
        )
        for comparison in shipped.comparisons
    )
    return replace(
        shipped,
        version=last[1],
        settings={**shipped.settings, "pairs_per_record": last[2]},
        comparisons=comparisons,
    )


def fit_identity(project: Path, warehouse: Warehouse, at: datetime | None = None) -> Fitted:
    """Fit the model to the records and pairs of the last build; the next build scores with it.

    Where they say too little of every level, the model in force stays. PortraitError where there is
    no build, or without Splink.
    """
    if not warehouse.work_build.exists():
        raise PortraitError("There is no build to fit to. Run `portrait build` first.")
    try:
        from portrait.fitting.identity import Tables, fit
    except ImportError as error:
        raise PortraitError(
            "Fitting needs Splink: install the package splink, which `make` does with the locked"
            " packages."
        ) from error
    shipped = read_shipped_model(project, render(project)[0], warehouse.landing)
    with connect() as connection:
        connection.execute(f"attach {sql_path(warehouse.work_build)} as build (read_only)")
        for name in READ.values():
            try:
                connection.execute(f"select 1 from {name} limit 0")
            except duckdb.CatalogException as error:
                raise PortraitError(
                    f"The last build has no {name.split('.')[-1]}. Run `portrait build` first."
                ) from error
        try:
            fit_result = fit(connection, Tables(**READ), shipped)
        except Exception as error:
            # Splink's error for a signal that came while the engine worked.
            if "interrupted" in str(error).lower():
                raise KeyboardInterrupt from error
            raise
    at = at or datetime.now(UTC)
    event_id = new_build_id(at)
    count, trainings = fit_result.records, len(fit_result.trainings)
    converged = sum(training.converged for training in fit_result.trainings)
    before = model_in_force(shipped, warehouse.state)
    kept = tuple(_kept_texts(shipped, fit_result.kept))
    if not fit_result.has_learnt:
        return Fitted(before, before, at, count, trainings, converged, kept)
    fitted = replace(fit_result.model, version=f"fitted-{event_id}")
    # The levels first: it is the row of the model that puts them in force.
    warehouse.state.append(
        "match_levels",
        event_id,
        [
            {column: value for column, value in row.items() if column != "household_probability"}
            | {
                f"is_{kind}_fitted": (row["comparison"], row["level_name"], kind)
                not in fit_result.kept
                for kind in ("m", "u")
            }
            for row in fitted.level_rows()
        ],
    )
    _put_in_force(
        warehouse.state, event_id, "fitted", fitted, at,
        base_version=shipped.version, record_count=count,
        pairs_per_record=fitted.settings["pairs_per_record"],
        training_count=trainings, converged_count=converged,
    )  # fmt: skip
    return Fitted(before, fitted, at, count, trainings, converged, kept)


def _kept_texts(model: MatchModel, kept: frozenset[tuple[str, str, str]]) -> Iterator[str]:
    for comparison in model.comparisons:
        found = {
            kind: [level.name for level in comparison.levels
                   if (comparison.name, level.name, kind) in kept]
            for kind in ("m", "u")
        }  # fmt: skip
        whole = [kind for kind, names in found.items() if len(names) == len(comparison.levels)]
        if len(whole) == len(found):
            yield comparison.name
            continue
        for kind, names in found.items():
            if kind in whole:
                yield f"{comparison.name} ({kind})"
            else:
                yield from (f"{comparison.name} {name} ({kind})" for name in names)


def go_back_to_shipped(project: Path, warehouse: Warehouse, at: datetime | None = None) -> str:
    """Put the shipped model in force from the next build on, and return its version.

    PortraitError where it is in force.
    """
    shipped = read_shipped_model(project, render(project)[0], warehouse.landing)
    if model_in_force(shipped, warehouse.state) == shipped:
        raise PortraitError(f"The shipped model, {shipped.version}, is in force already.")
    at = at or datetime.now(UTC)
    _put_in_force(
        warehouse.state, new_build_id(at), "shipped", shipped, at, base_version=shipped.version
    )
    return shipped.version


def _put_in_force(
    state: StateStore, event_id: str, event: str, model: MatchModel, at: datetime, **columns: object
) -> None:
    row = {
        "event_id": event_id,
        "event": event,
        "event_at": at.astimezone(UTC).replace(tzinfo=None),
        "model_version": model.version,
        **columns,
    }
    state.append("match_models", event_id, [row])


def print_fitted(console: Console, fitted: Fitted) -> None:
    """Print what the fit rests on, and which levels weigh more or less than in the model before."""
    before, after = fitted.before, fitted.after
    few = (
        [
            f"{fitted.records:,} records are too few to learn how often two people agree (u), for"
            f" which {FEWEST_RECORDS} are needed: that stays as shipped."
        ]
        if fitted.records < FEWEST_RECORDS
        else []
    )
    if not fitted.has_learnt:
        for line in (
            *few,
            "Nothing was learnt of how often the records of one person agree (m): for that,"
            f" {FEWEST_PAIRS} pairs must agree on a name, a birth date, a contact or an address,"
            f" and {FEWEST_MATCHES} pairs of one person must have both sides of what is compared.",
            f"The model in force, {before.version}, stays. Each build still learns from its records"
            " how rare a name or an address is, and how many duplicates there are.",
        ):
            console.print(line, soft_wrap=True, markup=False)
        return
    console.print(f"{after.version} against {before.version}, weights in bits:", soft_wrap=True)
    table = Table()
    for header in ("Comparison", "Level"):
        table.add_column(header)
    for header in ("In force", "Fitted"):
        table.add_column(header, justify="right")
    for one in differences(before, after):
        table.add_row(one.comparison, one.level, f"{one.before:.1f}", f"{one.after:.1f}")
    console.print(table)
    for line in (
        *few,
        f"Fitted on {fitted.at:%Y-%m-%d %H:%M} UTC to {fitted.records:,} records;"
        f" {fitted.converged} of {fitted.trainings} runs of expectation maximisation converged.",
        "Pairs per record:"
        f" {before.settings['pairs_per_record']:.3g} in force,"
        f" {after.settings['pairs_per_record']:.3g} fitted.",
        f"Too little seen, as shipped: {', '.join(fitted.kept) or 'nothing'}.",
        "The next build scores with it. `portrait fit identity --discard` goes back to the shipped"
        " model.",
    ):
        console.print(line, soft_wrap=True, markup=False)
