"""When the models of lifetime value are fitted, and which parameters are in force.

The table `clv_fits` of the state store only grows: a row per model and attempt, good or not, and
one for the way back to the shipped parameters. Since the last way back, the last good fit holds.
int_clv_parameters reads the table by the same rule as `in_force`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from portrait.errors import PortraitError
from portrait.fitting.clv import Fit, fit_bg_nbd, fit_gamma_gamma
from portrait.sql import sql_path
from portrait.state.store import StateStore
from portrait.warehouse import new_build_id

TABLE = "clv_fits"
MODELS = ("bg_nbd", "gamma_gamma")
REFIT_AFTER_DAYS = 30
# The columns of the table are named with their units.
COLUMN_OF = {"alpha": "alpha_days", "gamma": "gamma_amount"}


@dataclass(frozen=True)
class InForce:
    """The parameters that a build scores a model with.

    source: fitted; last_good where a later attempt failed; shipped.
    tried_as_of: as-of date of the last attempt, good or not.
    is_discarded: whether the user went back to the shipped ones.
    """

    source: str
    version: str | None = None
    as_of_date: date | None = None
    tried_as_of: date | None = None
    is_discarded: bool = False


def in_force(state: StateStore, currency: str) -> dict[str, InForce]:
    """What is in force for each model, in a warehouse of that reporting currency."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select model, event, model_version, as_of_date, currency"
            f" from ({state.select(TABLE)}) order by event_id"
        ).fetchall()
    found = {}
    for model in MODELS:
        one = InForce("shipped")
        for _, event, version, as_of_date, fitted_currency in (r for r in rows if r[0] == model):
            usable = model == "bg_nbd" or fitted_currency == currency
            if event == "shipped":
                one = InForce("shipped", is_discarded=True)
            elif event == "fitted" and usable:
                one = InForce("fitted", version, as_of_date, as_of_date)
            elif usable:
                source = "last_good" if one.version else "shipped"
                one = InForce(source, one.version, one.as_of_date, as_of_date)
            elif one.version:
                one = replace(one, source="last_good", is_discarded=False)
            else:
                one = InForce("shipped", tried_as_of=one.tried_as_of)
        found[model] = one
    return found


def is_due(state: StateStore, currency: str, as_of: date) -> bool:
    """Whether a build as of that day should fit: never tried for a model, or long ago.

    Not where the user went back to the shipped parameters, and not for a day before the attempt. A
    fit that failed is tried again as late as a good one: a second build gives the same rows.
    """
    return any(
        not one.is_discarded
        and (one.tried_as_of is None or (as_of - one.tried_as_of).days > REFIT_AFTER_DAYS)
        for one in in_force(state, currency).values()
    )


def was_never_tried(state: StateStore, currency: str) -> bool:
    """Whether a model was neither fitted here nor given up: then a build of any day fits."""
    return any(
        not one.is_discarded and one.tried_as_of is None
        for one in in_force(state, currency).values()
    )


def fit_clv(
    build: Path, state: StateStore, currency: str, at: datetime | None = None
) -> dict[str, Fit]:
    """Fit both models to the purchase histories of a build, and write down what came of it.

    build: the database of the layers below the marts. A fit that must not be used is written down
    as failed, with its reason. PortraitError where there is no build.
    """
    as_of, purchases, values = read_histories(build)
    fits = {"bg_nbd": fit_bg_nbd(*purchases), "gamma_gamma": fit_gamma_gamma(*values)}
    at = at or datetime.now(UTC)
    event_id = new_build_id(at)
    rows = [
        {
            **_event(event_id, model, "failed" if fit.problem else "fitted", at),
            "model_version": f"fitted-{event_id}",
            "as_of_date": as_of,
            "currency": currency,
            "customer_count": fit.customers,
            "distinct_count": fit.distinct,
            "round_count": fit.rounds,
            "log_likelihood": fit.log_likelihood,
            "is_converged": fit.is_converged,
            "problem": fit.problem,
            **{COLUMN_OF.get(name, name): value for name, value in fit.parameters.items()},
        }
        for model, fit in fits.items()
    ]
    state.append(TABLE, event_id, rows)
    return fits


def go_back_to_shipped(state: StateStore, at: datetime | None = None) -> None:
    """Put the shipped parameters in force from the next build on, until a fit is asked for.

    PortraitError where they are already.
    """
    before = in_force(state, "").values()
    if all(one.is_discarded for one in before):
        raise PortraitError("The shipped parameters are in force already.")
    at = at or datetime.now(UTC)
    event_id = new_build_id(at)
    state.append(TABLE, event_id, [_event(event_id, model, "shipped", at) for model in MODELS])


def _event(event_id: str, model: str, event: str, at: datetime) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "model": model,
        "event": event,
        "event_at": at.astimezone(UTC).replace(tzinfo=None),
    }


def read_histories(build: Path) -> tuple[date, tuple[Any, ...], tuple[Any, ...]]:
    """The as-of date, the counted distinct (x, t_x, T) and the counted distinct (x, mean value).

    PortraitError where the build is absent or older than these tables.
    """
    if not build.exists():
        raise PortraitError("There is no build to fit to. Run `portrait build` first.")
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql_path(build)} as build (read_only)")
        connection.execute("use build.intermediate")
        try:
            ((as_of,),) = connection.execute("select as_of_date from int_as_of").fetchall()
            # In one order, so that the sums of the likelihood are the same each time.
            purchases = connection.execute(
                "select repeat_days_count, first_to_last_purchase_days, observed_days,"
                " count(*) as customer_count from int_customer_purchase_summary"
                " group by all order by all"
            ).fetchnumpy()
            values = connection.execute(
                "select valued_repeat_days_count, mean_repeat_day_amount,"
                " count(*) as customer_count from int_customer_purchase_summary"
                " where mean_repeat_day_amount > 0 group by all order by all"
            ).fetchnumpy()
        except duckdb.CatalogException as error:
            raise PortraitError(
                "The last build has no purchase histories. Run `portrait build` first."
            ) from error
    return as_of, tuple(purchases.values()), tuple(values.values())


def print_fits(console: Console, fits: dict[str, Fit]) -> None:
    """Print the results of the fits, and what the next build scores with."""
    table = Table()
    for header in ("Model", "Parameters"):
        table.add_column(header)
    for header in ("Customers", "Distinct", "Log-likelihood"):
        table.add_column(header, justify="right")
    for model, fit in fits.items():
        parameters = ", ".join(
            f"{COLUMN_OF.get(name, name)} {value:.6g}" for name, value in fit.parameters.items()
        )
        table.add_row(
            model, parameters or "none", f"{fit.customers:,}", f"{fit.distinct:,}",
            "" if fit.log_likelihood is None else f"{fit.log_likelihood:,.1f}",
        )  # fmt: skip
    console.print(table)
    for model, fit in fits.items():
        said = (
            f"not used: {fit.problem} The last good fit stays, else the shipped parameters."
            if fit.problem
            else f"converged after {fit.rounds} rounds; the next build scores with it."
        )
        console.print(f"{model}: {said}", soft_wrap=True, markup=False)
    if not all(fit.problem for fit in fits.values()):
        console.print(
            "`portrait fit clv --discard` goes back to the shipped parameters.", soft_wrap=True
        )
