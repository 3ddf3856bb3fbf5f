"""When the models of lifetime value are fitted, and which of them are in force.

Two families: what predicts purchases, and what predicts the value of one. The table `clv_fits` of
the state store only grows: a row per model and attempt, and one per family for the end of all fits
so far. Since the last such end, the last good fit of a family holds. int_clv_parameters reads the
table by the same rule as `in_force`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from rich.console import Console
from rich.table import Table

from portrait.database import connect
from portrait.errors import PortraitError
from portrait.fitting.churn import CHURN_DAYS, CUTS_DAYS, PURCHASE_FITS, Measured, Past, choose
from portrait.fitting.churn import measure as measure_churn
from portrait.fitting.clv import Fit, fit_credibility, fit_gamma_gamma
from portrait.sql import sql_path
from portrait.state.store import StateStore
from portrait.warehouse import new_build_id

TABLE = "clv_fits"
FAMILIES = {
    "purchases": ("bg_nbd", "mbg_nbd", "mbg_nbd_prior"),
    "values": ("gamma_gamma", "credibility"),
}
FAMILY_OF = {model: family for family, models in FAMILIES.items() for model in models}
# Ends all fits before it. A store of an earlier version says shipped, for the parameters of another
# company that it went back to.
DISCARDED = ("discarded", "shipped")
REFIT_AFTER_DAYS = 30
# The columns of the table are named with their units.
COLUMN_OF = {"alpha": "alpha_days", "gamma": "gamma_amount"}


@dataclass(frozen=True)
class InForce:
    """What a build scores a family with.

    source: fitted; last_good where a later attempt failed; none.
    tried_as_of: as-of date of the last attempt, good or not.
    is_discarded: whether the user put the fits out of force.
    """

    source: str
    model: str | None = None
    version: str | None = None
    as_of_date: date | None = None
    tried_as_of: date | None = None
    is_discarded: bool = False


@dataclass(frozen=True)
class Fits:
    """An attempt to fit: every model that was tried, and which of them are in force from now on.

    chosen: the model of each family; None where none could be fitted.
    measured: what the company's own past says of each purchase model; None where it says nothing.
    """

    fits: Mapping[str, Fit]
    chosen: Mapping[str, str | None]
    measured: Mapping[str, Measured | None]

    def problem(self, family: str) -> str | None:
        """Why a family has no model; None where it has one."""
        if self.chosen[family]:
            return None
        tried = [self.fits[model] for model in FAMILIES[family] if model in self.fits]
        return tried[-1].problem


@dataclass(frozen=True)
class Histories:
    """What the models are fitted to: counted distinct rows, in one order.

    purchases: x, t_x, T and customers. values: x, mean value and customers.
    """

    as_of: date
    purchases: tuple[Any, ...]
    values: tuple[Any, ...]
    pasts: tuple[Past, ...]


def in_force(state: StateStore, currency: str) -> dict[str, InForce]:
    """What is in force for each family, in a warehouse of that reporting currency."""
    with connect() as connection:
        rows = connection.execute(
            "select event_id, model, event, model_version, as_of_date, currency"
            f" from ({state.select(TABLE)}) order by event_id, event <> 'fitted', model"
        ).fetchall()
    found = {}
    for family in FAMILIES:
        one = InForce("none")
        attempted = None
        for event_id, model, event, version, as_of_date, fitted_currency in rows:
            if FAMILY_OF[model] != family:
                continue
            usable = family == "purchases" or fitted_currency == currency
            is_first_row, attempted = event_id != attempted, event_id
            if event in DISCARDED:
                one = InForce("none", is_discarded=True)
            elif event == "fitted" and usable:
                one = InForce("fitted", model, version, as_of_date, as_of_date)
            elif not is_first_row:
                continue  # the row before tells what came of the attempt
            elif usable:
                source = "last_good" if one.version else "none"
                one = replace(one, source=source, tried_as_of=as_of_date, is_discarded=False)
            elif one.version:
                one = replace(one, source="last_good", is_discarded=False)
            else:
                one = InForce("none", tried_as_of=one.tried_as_of)
        found[family] = one
    return found


def is_due(state: StateStore, currency: str, as_of: date) -> bool:
    """Whether a build as of that day should fit: never tried for a family, or long ago.

    Not where the user put the fits out of force, and not for a day before the attempt. A fit that
    failed is tried again as late as a good one: a second build gives the same rows.
    """
    return any(
        not one.is_discarded
        and (one.tried_as_of is None or (as_of - one.tried_as_of).days > REFIT_AFTER_DAYS)
        for one in in_force(state, currency).values()
    )


def was_never_tried(state: StateStore, currency: str) -> bool:
    """Whether a family was neither fitted here nor given up: then a build of any day fits."""
    return any(
        not one.is_discarded and one.tried_as_of is None
        for one in in_force(state, currency).values()
    )


def fit_clv(build: Path, state: StateStore, currency: str, at: datetime | None = None) -> Fits:
    """Fit the models to the purchase histories of a build, choose, and write down what came of it.

    build: the database of the layers below the marts. A fit that must not be used is written down
    as failed, with its reason, and a good one that another is preferred to as compared.
    PortraitError where there is no build.
    """
    histories = read_histories(build)
    fits = {name: PURCHASE_FITS[name](*histories.purchases) for name in ("bg_nbd", "mbg_nbd")}
    if all(fit.problem for fit in fits.values()):
        fits["mbg_nbd_prior"] = PURCHASE_FITS["mbg_nbd_prior"](*histories.purchases)
    measured = {
        model: None if fit.problem else measure_churn(model, histories.pasts)
        for model, fit in fits.items()
    }
    chosen = {"purchases": choose(fits, measured)}
    fits["gamma_gamma"] = fit_gamma_gamma(*histories.values)
    if fits["gamma_gamma"].problem:
        fits["credibility"] = fit_credibility(*read_purchase_values(build))
    chosen["values"] = next(
        (name for name in FAMILIES["values"] if name in fits and not fits[name].problem), None
    )
    found = Fits(fits, chosen, measured)
    at = at or datetime.now(UTC)
    event_id = new_build_id(at)
    state.append(TABLE, event_id, _rows(found, histories, currency, event_id, at))
    return found


def _rows(
    found: Fits, histories: Histories, currency: str, event_id: str, at: datetime
) -> list[dict[str, Any]]:
    rows = []
    for model, fit in found.fits.items():
        is_chosen = model in found.chosen.values()
        event = "failed" if fit.problem else "fitted" if is_chosen else "compared"
        measured = found.measured.get(model)
        rows.append(
            {
                **_event(event_id, model, event, at),
                "model_version": version_of(model, fit, measured, histories, currency),
                "as_of_date": histories.as_of,
                "currency": currency,
                "customer_count": fit.customers,
                "distinct_count": fit.distinct,
                "round_count": fit.rounds,
                "log_likelihood": fit.log_likelihood,
                "is_converged": fit.is_converged,
                "problem": fit.problem,
                **{COLUMN_OF.get(name, name): value for name, value in fit.parameters.items()},
            }
        )
        if measured:
            rows[-1] |= {
                "holdout_customer_count": measured.customers,
                "holdout_score": measured.score,
                "churn_intercept": measured.intercept,
                "churn_slope": measured.slope,
                "churn_ceiling": measured.ceiling,
            }
    return rows


def version_of(
    model: str, fit: Fit, measured: Measured | None, histories: Histories, currency: str
) -> str:
    """The version of a fit, by what it was fitted to and what came of it: no clock is in it."""
    seen = hashlib.sha256(f"{model} {histories.as_of}".encode())
    columns = histories.purchases if FAMILY_OF[model] == "purchases" else histories.values
    for column in columns:
        seen.update(np.ascontiguousarray(column, dtype=np.float64).tobytes())
    for past in histories.pasts if measured else ():
        for column in (past.customers, past.lost):
            seen.update(column.tobytes())
    if FAMILY_OF[model] == "values":
        seen.update(currency.encode())
    # Six digits: the last ones may differ with the machine.
    seen.update(" ".join(f"{name} {value:.6g}" for name, value in fit.parameters.items()).encode())
    return f"{model}-{histories.as_of}-{seen.hexdigest()[:12]}"


def discard_fits(state: StateStore, at: datetime | None = None) -> None:
    """Put all fits out of force from the next build on, until a fit is asked for.

    PortraitError where they are already.
    """
    before = in_force(state, "").values()
    if all(one.is_discarded for one in before):
        raise PortraitError("No fit is in force.")
    at = at or datetime.now(UTC)
    event_id = new_build_id(at)
    state.append(
        TABLE, event_id, [_event(event_id, model, "discarded", at) for model in _ONE_OF_EACH]
    )


_ONE_OF_EACH = tuple(models[0] for models in FAMILIES.values())


def _event(event_id: str, model: str, event: str, at: datetime) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "model": model,
        "event": event,
        "event_at": at.astimezone(UTC).replace(tzinfo=None),
    }


def read_histories(build: Path) -> Histories:
    """The counted distinct histories, and what was known at each cut of the past.

    PortraitError where the build is absent or older than these tables.
    """
    with _opened(build) as connection:
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
        pasts = [_past(connection, as_of - timedelta(days)) for days in CUTS_DAYS]
    return Histories(as_of, tuple(purchases.values()), tuple(values.values()), tuple(pasts))


def _past(connection: duckdb.DuckDBPyConnection, cut: date) -> Past:
    """What was known at a cut, and who bought nothing in the CHURN_DAYS after it."""
    columns = connection.execute(
        "select repeat_days, last_purchase, observed, count(*) as customers,"
        " count(*) filter (where not has_bought) as lost from ("
        " select count(*) filter (where purchase_date <= $cut) - 1 as repeat_days,"
        " max(purchase_date) filter (where purchase_date <= $cut) - min(purchase_date)"
        " as last_purchase, $cut - min(purchase_date) as observed,"
        " bool_or(purchase_date > $cut) as has_bought"
        " from int_customer_purchase_days where purchase_date <= $until"
        " group by customer_id having min(purchase_date) <= $cut) group by all order by all",
        {"cut": cut, "until": cut + timedelta(CHURN_DAYS)},
    ).fetchnumpy()
    return Past(*(np.asarray(column, dtype=np.float64) for column in columns.values()))


def read_purchase_values(build: Path) -> tuple[Any, ...]:
    """The number of valued purchase days of each customer, their mean and their squared spread."""
    with _opened(build) as connection:
        amounts = connection.execute(
            "select dense_rank() over (order by customer_id) - 1 as customer,"
            " cast(realised_amount as double) as amount from int_customer_purchase_days"
            " where realised_amount is not null order by customer_id, purchase_date"
        ).fetchnumpy()
    customer = np.asarray(amounts["customer"], dtype=np.int64)
    amount = np.asarray(amounts["amount"], dtype=np.float64)
    number = np.bincount(customer).astype(np.float64)
    mean = np.bincount(customer, weights=amount) / np.maximum(number, 1)
    spread = np.bincount(customer, weights=(amount - mean[customer]) ** 2)
    return number, mean, spread


@contextmanager
def _opened(build: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not build.exists():
        raise PortraitError("There is no build to fit to. Run `portrait build` first.")
    with connect() as connection:
        connection.execute(f"attach {sql_path(build)} as build (read_only)")
        connection.execute("use build.intermediate")
        try:
            yield connection
        except duckdb.CatalogException as error:
            raise PortraitError(
                "The last build has no purchase histories. Run `portrait build` first."
            ) from error


def summary_of(found: Fits) -> str:
    """Which models are in force from now on, in words."""
    return ", ".join(
        f"{family} by {model} of {found.fits[model].customers:,} customers"
        for family, model in found.chosen.items()
        if model
    )


def remarks_on(found: Fits) -> list[str]:
    """What a user should know of an attempt: families without a model, and churn not measured."""
    remarks = [
        f"{family} not fitted: {problem}"
        for family in FAMILIES
        if (problem := found.problem(family))
    ]
    model = found.chosen["purchases"]
    if model and not found.measured.get(model):
        remarks.append("no bands of churn risk: there is no past of 90 days to measure them on")
    return remarks


def print_fits(console: Console, found: Fits) -> None:
    """Print the results of the fits, and what the next build scores with."""
    table = Table()
    for header in ("Model", "Parameters"):
        table.add_column(header)
    for header in ("Customers", "Distinct", "Log-likelihood", "Score in the past"):
        table.add_column(header, justify="right")
    for model, fit in found.fits.items():
        parameters = ", ".join(
            f"{COLUMN_OF.get(name, name)} {value:.6g}" for name, value in fit.parameters.items()
        )
        measured = found.measured.get(model)
        table.add_row(
            model, parameters or "none", f"{fit.customers:,}", f"{fit.distinct:,}",
            "" if fit.log_likelihood is None else f"{fit.log_likelihood:,.2f}",
            "" if measured is None else f"{measured.score:.5f}",
        )  # fmt: skip
    console.print(table)
    for model, fit in found.fits.items():
        if fit.problem:
            said = f"not used: {fit.problem}"
        elif model in found.chosen.values():
            said = f"converged after {fit.rounds} rounds; the next build scores with it."
        else:
            said = f"converged after {fit.rounds} rounds; another model describes the past better."
        console.print(f"{model}: {said}", soft_wrap=True, markup=False)
    for family, chosen in found.chosen.items():
        if not chosen:
            console.print(
                f"No model of {family}: the last good fit stays; without one there is no value.",
                soft_wrap=True,
            )
    if any(found.chosen.values()):
        console.print("`portrait fit clv --discard` puts the fits out of force.", soft_wrap=True)
