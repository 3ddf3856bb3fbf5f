"""Time and memory of value over time on an invented company, beside the package lifetimes.

    python -m benchmarks.value_speed --customers 1000000 --folder target/bench-value

Customers buy, and one day no longer do, as BG/NBD and Gamma-Gamma suppose; their orders go through
landing, staging and the models by dbt on DuckDB, a process per step: its seconds are those of the
models, and its peak memory is that of the process. lifetimes then fits and predicts on the same
histories, in an environment of its own; parameters and scores are compared.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import click
import duckdb
import numpy as np

from benchmarks.measuring import PROJECT, MeasuredWarehouse, Step, run_measured
from portrait.sql import sql_path

FIRST_DAY, AS_OF = date(2025, 1, 1), date(2026, 6, 30)
# Customers who buy about ten times in up to eighteen months, and often leave early.
BUYING = {"r": 0.9, "alpha_days": 13.0, "a": 0.6, "b": 7.0}
SPENDING = {"p": 6.25, "q": 3.74, "gamma_amount": 100.0}
ORDERS_PER_CUSTOMER = 10
CURRENCY = "CNY"
PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "gamma")
# The models of each step; what they read besides is made before, as `orders`.
STEPS = {
    "purchases and changes": "int_customer_purchases int_segment_history_kept"
    " int_order_events_dated int_order_states int_customer_value_changes",
    "rfm, segments and history": "int_customer_snapshots int_customer_snapshots_scored"
    " customer_rfm int_customer_profile_segments customer_segments customer_segment_history"
    " rpt_segment_migration",
    "purchase histories": "int_customer_purchase_days int_customer_purchase_summary",
    # Churn is no part of what lifetimes does; its mart is that of the scores.
    "rhythms": "int_customer_rhythms int_customer_lifecycles",
    "scores": "stg_state__clv_fits int_clv_parameters int_clv_purchases_expected"
    " customer_lifetime_value",
}
ORDERS_STEP, FIT_STEP = "orders and customers", "fit"
REFERENCE = PROJECT / "benchmarks" / "lifetimes_reference.py"
REFERENCE_PYTHON = PROJECT / ".venv-bench" / "bin" / "python"


@dataclass
class Figures:
    """What was measured: steps of ours, steps of lifetimes, parameters and greatest differences."""

    customers: int = 0
    orders: int = 0
    distinct_histories: int = 0
    month_ends: int = 0
    steps: list[Step] = field(default_factory=list)
    parameters: Mapping[str, float] = field(default_factory=dict)
    reference: list[Step] = field(default_factory=list)
    reference_parameters: Mapping[str, float] = field(default_factory=dict)
    differences: Mapping[str, float] = field(default_factory=dict)

    def seconds(self, *names: str) -> float:
        """Seconds of some steps of ours."""
        return sum(step.seconds for step in self.steps if step.name in names)

    def reference_seconds(self, *names: str) -> float:
        """Seconds of some steps of lifetimes."""
        return sum(step.seconds for step in self.reference if step.name in names)


def draw_orders(customers: int, seed: int, folder: Path) -> None:
    """Write shop/customers and shop/orders of an invented company, in the contract's shape."""
    random = np.random.default_rng(seed)
    days = (AS_OF - FIRST_DAY).days
    first = random.integers(0, days, customers).astype(np.float64)
    rate = random.gamma(BUYING["r"], 1 / BUYING["alpha_days"], customers)
    leaves = random.beta(BUYING["a"], BUYING["b"], customers)
    # A purchase of a customer is of Gamma(p, nu), nu of Gamma(q, gamma).
    spending = random.gamma(SPENDING["q"], 1 / SPENDING["gamma_amount"], customers)
    who, when = [np.arange(customers)], [first]
    buyers, now = np.arange(customers), first
    while len(buyers):
        now = now + random.exponential(1 / rate[buyers])
        inside = now <= days
        buyers, now = buyers[inside], now[inside]
        who.append(buyers)
        when.append(now)
        stay = random.random(len(buyers)) >= leaves[buyers]
        buyers, now = buyers[stay], now[stay]
    customer, at = np.concatenate(who), np.concatenate(when)
    amount = np.round(random.gamma(SPENDING["p"], 1 / spending[customer]), 2)
    minute = np.floor(at) * 1440 + random.integers(0, 1440, len(at))
    shop = folder / "shop"
    shop.mkdir(parents=True)
    drawn = {"customer": customer, "minute": minute, "amount": amount}
    with duckdb.connect() as connection:
        connection.register("drawn", drawn)
        connection.execute(
            "copy (select 'c' || i as customer_id,"
            f" '{FIRST_DAY} 00:00:00' as registered_at from range({customers}) as t(i))"
            f" to {sql_path(shop / 'customers.parquet')} (format parquet)"
        )
        connection.execute(
            "copy (select 'o' || row_number() over () as order_id, 'c' || customer as customer_id,"
            f" strftime(timestamp '{FIRST_DAY}' + to_minutes(cast(minute as bigint)),"
            " '%Y-%m-%d %H:%M:%S') as ordered_at, 'paid' as status,"
            " cast(cast(amount as decimal(18, 2)) as varchar) as net_amount from drawn)"
            f" to {sql_path(shop / 'orders.parquet')} (format parquet)"
        )


class Shop(MeasuredWarehouse):
    """The invented company with its warehouse."""

    def run_orders(self) -> Step:
        """Make all that the steps read."""
        models = " ".join(STEPS.values()).split()
        later = [f"{model}+" for model in models]
        return self.run_step(ORDERS_STEP, [f"+{model}" for model in models], later)

    def fit(self) -> tuple[Step, dict[str, float]]:
        """Fit the models, in a process of its own; the seconds are those of `portrait fit clv`."""
        answer = self.folder / "fit.json"
        wall, peak = run_measured(
            [
                *(sys.executable, "-m", "benchmarks.value_speed", "--fit", str(answer)),
                *("--folder", str(self.folder)),
            ],
            self.environment,
        )
        said = json.loads(answer.read_text())
        return Step(FIT_STEP, said["seconds"], wall - said["seconds"], peak), said["parameters"]

    def run_reference(self, figures: Figures) -> None:
        """Let lifetimes fit and predict on the same histories, and compare."""
        histories, answer, scores = (
            self.folder / name for name in ("histories.parquet", "answer.json", "scores.parquet")
        )
        with duckdb.connect(str(self.build), read_only=True) as connection:
            connection.execute(
                "copy (select customer_id, repeat_days_count as frequency,"
                " first_to_last_purchase_days as recency, observed_days as T,"
                " cast(coalesce(mean_repeat_day_amount, 0) as double) as monetary_value"
                " from intermediate.int_customer_purchase_summary order by customer_id)"
                f" to {sql_path(histories)} (format parquet)"
            )
        command = [str(REFERENCE_PYTHON), str(REFERENCE)]
        _, peak = run_measured([*command, *map(str, (histories, answer, scores))], self.environment)
        said = json.loads(answer.read_text())
        figures.reference = [
            Step(name, seconds, 0.0, peak) for name, seconds in said["seconds"].items()
        ]
        names = {"alpha": "alpha", "v": "gamma"}
        figures.reference_parameters = {
            names.get(name, name): value for name, value in said["parameters"].items()
        }
        figures.differences = self._differences(scores)

    def _differences(self, scores: Path) -> dict[str, float]:
        """The greatest differences of the two scores: of P(alive), and of expected purchases."""
        portrait = self.warehouse / "work" / "portrait.duckdb"
        with duckdb.connect() as connection:
            connection.execute(f"attach {sql_path(portrait)} as portrait (read_only)")
            rows = connection.execute(
                "select max(abs(ours.p_alive - theirs.p_alive)),"
                " max(abs(ours.expected_purchases_365d_count - theirs.expected_365d)),"
                " count(*) from portrait.marts.customer_lifetime_value as ours"
                f" join read_parquet({sql_path(scores)}) as theirs using (customer_id)"
                " where ours.purchase_model = 'bg_nbd'"
            ).fetchall()
        p_alive, expected, both = rows[0]
        return {"P(alive)": p_alive, "purchases in 365 days": expected, "customers": both}

    def count(self, figures: Figures) -> None:
        """Count what was measured."""
        portrait = self.warehouse / "work" / "portrait.duckdb"
        with duckdb.connect(str(self.build), read_only=True) as connection:
            connection.execute(f"attach {sql_path(portrait)} as portrait (read_only)")

            def one(sql: str) -> int:
                return int(connection.execute(sql).fetchall()[0][0])

            summary = "intermediate.int_customer_purchase_summary"
            figures.customers = one(f"select count(*) from {summary}")
            figures.orders = one("select count(*) from intermediate.int_orders_valued")
            figures.distinct_histories = one(
                "select count(*) from (select distinct repeat_days_count,"
                f" first_to_last_purchase_days, observed_days from {summary})"
            )
            figures.month_ends = one(
                "select count(distinct month_end_date) from portrait.marts.customer_segment_history"
            )


def fit_and_say(folder: Path, answer: Path) -> None:
    """Fit to the build in the folder, put the fit in force, and write down seconds and values."""
    from portrait.fitting.clv_parameters import fit_clv
    from portrait.warehouse import Warehouse

    warehouse = Warehouse(folder / "warehouse")
    begun = time.monotonic()
    fits = fit_clv(warehouse.work_build, warehouse.state, CURRENCY)
    seconds = time.monotonic() - begun
    warehouse.land_state()
    # lifetimes fits these two.
    compared = [fits.fits[model] for model in ("bg_nbd", "gamma_gamma")]
    if problems := [fit.problem for fit in compared if fit.problem]:
        raise RuntimeError("; ".join(problems))
    parameters = {name: value for fit in compared for name, value in fit.parameters.items()}
    answer.write_text(json.dumps({"seconds": seconds, "parameters": parameters}))


def has_lifetimes() -> bool:
    """Whether the environment of lifetimes is there."""
    return REFERENCE_PYTHON.exists()


def measure(folder: Path, customers: int, seed: int) -> Figures:
    """Draw a company, and measure it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shop = Shop(folder, AS_OF.isoformat())
    draw_orders(customers, seed, shop.raw)
    shop.land()
    figures = Figures()
    figures.steps.append(shop.run_orders())
    for name, models in STEPS.items():
        if name == "scores":
            step, figures.parameters = shop.fit()
            figures.steps.append(step)
        figures.steps.append(shop.run_step(name, models.split()))
    shop.count(figures)
    if has_lifetimes():
        shop.run_reference(figures)
    (folder / "figures.json").write_text(json.dumps(asdict(figures), indent=1))
    shutil.rmtree(shop.warehouse)
    shutil.rmtree(shop.raw)
    return figures


def report(figures: Figures) -> str:
    """The figures as Markdown."""
    lines = [
        f"{figures.customers:,} customers, {figures.orders:,} orders,"
        f" {figures.month_ends} month ends, {figures.distinct_histories:,} distinct histories.",
        "",
        "| Step | Seconds | Peak MB |",
        "|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.seconds:.1f} | {one.peak_megabytes:,.0f} |" for one in figures.steps
    ]
    lines += [
        f"| lifetimes: {one.name} | {one.seconds:.1f} | {one.peak_megabytes:,.0f} |"
        for one in figures.reference
    ]
    if not figures.reference:
        return "\n".join(lines)
    ours = figures.seconds(FIT_STEP, "scores")
    theirs = figures.reference_seconds("fit", "scores")
    histories = figures.seconds("purchase histories")
    lines += [
        "",
        f"Fit and scores: {ours:.1f} s, lifetimes {theirs:.1f} s, {theirs / ours:.1f} times as long"
        f" ({theirs / (ours + histories):.1f} times with the histories on our side, which it is"
        " given).",
        "",
        "| Parameter | ours | lifetimes |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {figures.parameters[name]:.6g} | {figures.reference_parameters[name]:.6g} |"
        for name in PARAMETERS
    ]
    said = ", ".join(f"{name} {value:.2e}" for name, value in list(figures.differences.items())[:2])
    return "\n".join([*lines, "", f"Greatest differences of the scores: {said}."])


@click.command()
@click.option("--customers", type=int, default=1_000_000, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("target/bench-value"))
@click.option("--seed", type=int, default=77, show_default=True)
@click.option("--fit", "answer", type=click.Path(path_type=Path), hidden=True)
def main(customers: int, folder: Path, seed: int, answer: Path | None) -> None:
    """Measure RFM, history, fit and scores on an invented company, beside lifetimes."""
    if answer is not None:
        fit_and_say(folder, answer)
        return
    if not has_lifetimes():
        click.echo("lifetimes is not installed (make bench-value does it): it is left out.")
    click.echo(report(measure(folder.resolve(), customers, seed)))


if __name__ == "__main__":
    main()
