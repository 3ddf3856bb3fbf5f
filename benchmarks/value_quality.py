"""How well lifetime value foretells purchases: fitted on the first part, judged on the rest.

    python -m benchmarks.value_quality [--set cdnow] [--folder /tmp/value]

The sets lie in the folder that PORTRAIT_REAL_DATA names (default data/real). Each is built by the
project's own models as of the end of its first part, fitted by `portrait fit clv`, scored in SQL,
and compared with the days of purchase that the raw file shows afterwards: by decile of the
expectation, and beside the plain rule that everybody goes on as before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import duckdb
import pandas

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Split:
    """A set of real data: its example, where it is cut and where it ends, and its settings."""

    example: str
    fitted_to: date
    ends: date
    timezone: str
    currency: str

    @property
    def days(self) -> int:
        """Length of the part that is foretold."""
        return (self.ends - self.fitted_to).days


SPLITS = {
    "cdnow": Split("cdnow", date(1997, 9, 30), date(1998, 6, 30), "America/New_York", "USD"),
    "online_retail": Split(
        "online_retail", date(2011, 8, 31), date(2011, 12, 9), "Europe/London", "GBP"
    ),
}
# Days with a sale after the cut, by the customer number of the raw file; both sets are shop/orders.
ACTUAL = """
    select customer_id as native_customer_id, count(distinct cast(ordered_at as date)) as bought
    from read_parquet('{orders}')
    where cast(ordered_at as date) > date '{fitted_to}' and customer_id is not null {sales}
    group by customer_id
"""
PREDICTED = """
    select
        records.native_customer_id, value.p_alive, value.is_one_timer,
        value.p_alive * expected.alive_discounted_purchases_count as expected,
        value.repeat_days_count * {days} / greatest(value.observed_days, 1) as as_before
    from portrait.marts.customer_lifetime_value as value
    join intermediate.int_clv_purchases_expected as expected
        using (repeat_days_count, observed_days)
    join intermediate.int_records_clustered as clustered using (customer_id)
    join intermediate.int_source_records_unioned as records using (record_key)
    where clustered.is_anchor
"""


def deciles(customers: pandas.DataFrame) -> pandas.DataFrame:
    """Expectation against purchases, by tenth of the customers, the greatest expectation first.

    customers: one row per customer, with `expected` and `bought`. Ties are kept in their order.
    Bias is the mean of expected less bought, MAE the mean of its absolute value.
    """
    ranked = customers.sort_values("expected", ascending=False, kind="stable")
    tenth = pandas.Series(range(len(ranked)), index=ranked.index) * 10 // max(len(ranked), 1) + 1
    error = ranked["expected"] - ranked["bought"]
    return (
        ranked.assign(decile=tenth, bias=error, mae=error.abs())
        .groupby("decile")
        .agg(
            customers=("bought", "size"),
            expected=("expected", "mean"),
            bought=("bought", "mean"),
            bias=("bias", "mean"),
            mae=("mae", "mean"),
        )
    )


def run(split: Split, folder: Path, *command: str) -> None:
    """Run a command of Python with the settings of the split."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=os.environ
        | {
            "PYTHONPATH": str(PROJECT),
            "PORTRAIT_RAW": str(folder / "raw"),
            "PORTRAIT_WAREHOUSE": str(folder),
            "PORTRAIT_AS_OF": split.fitted_to.isoformat(),
            "PORTRAIT_TIMEZONE": split.timezone,
            "PORTRAIT_CURRENCY": split.currency,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise click.ClickException(f"{command} failed:\n{done.stdout[-3000:]}\n{done.stderr}")


def build(split: Split, folder: Path, selected: str) -> None:
    """Land, and build some models; the value of the foretold days is then their purchases."""
    run(split, folder, "-m", "portrait.cli", "land")
    variables = {"clv_horizon_days": split.days, "clv_annual_discount_rate": 0}
    run(
        split,
        folder,
        *("-c", "from dbt.cli.main import cli; cli()", "build", "--select", selected),
        *("--exclude-resource-type", "unit_test", "test", "--vars", json.dumps(variables)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
    )


def foretold(split: Split, folder: Path) -> pandas.DataFrame:
    """One row per customer of the first part: `expected`, `as_before` and `bought`."""
    adapter = str(PROJECT / "examples" / "run_adapter.py")
    run(split, folder, adapter, split.example, "--warehouse", str(folder))
    build(split, folder, "+customer_lifetime_value")
    run(split, folder, "-m", "portrait.cli", "fit", "clv")
    build(split, folder, "stg_state__clv_fits+")
    orders = folder / "raw" / "shop" / "orders.parquet"
    with duckdb.connect(str(folder / "work" / "build.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{folder}/work/portrait.duckdb' as portrait (read_only)")
        columns = {row[0] for row in connection.execute(f"describe from '{orders}'").fetchall()}
        sales = "and order_type = 'sale'" if "order_type" in columns else ""
        actual = ACTUAL.format(orders=orders, fitted_to=split.fitted_to, sales=sales)
        return connection.execute(
            f"select predicted.*, coalesce(actual.bought, 0) as bought"
            f" from ({PREDICTED.format(days=split.days)}) as predicted"
            f" left join ({actual}) as actual using (native_customer_id)"
            " order by native_customer_id"
        ).df()


def print_table(name: str, split: Split, customers: pandas.DataFrame) -> None:
    """Print a line per decile, one of all, and one of the plain rule."""
    print(f"\n{name}: fitted to {split.fitted_to}, {split.days} days foretold")
    print("| Decile | Customers | Expected | Bought | Bias | MAE |")
    print("|---|---|---|---|---|---|")
    plain = customers.assign(expected=customers["as_before"])
    lines = {str(decile): row for decile, row in deciles(customers).iterrows()}
    for label, frame in {"all": customers, "all, as before": plain}.items():
        error = frame["expected"] - frame["bought"]
        lines[label] = pandas.Series(
            {"customers": len(frame), "expected": frame["expected"].mean(),
             "bought": frame["bought"].mean(), "bias": error.mean(), "mae": error.abs().mean()}
        )  # fmt: skip
    for label, row in lines.items():
        print(
            f"| {label} | {row['customers']:,.0f} | {row['expected']:.3f} | {row['bought']:.3f}"
            f" | {row['bias']:+.3f} | {row['mae']:.3f} |",
            flush=True,
        )
    print(f"Sum expected {customers['expected'].sum():,.0f}, bought {customers['bought'].sum():,}.")


@click.command()
@click.option("--set", "names", multiple=True, type=click.Choice(list(SPLITS)), help="One set.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to build (temporary).")
def main(names: tuple[str, ...], folder: Path | None) -> None:
    """Print the calibration tables."""
    with tempfile.TemporaryDirectory() as temporary:
        for name in names or SPLITS:
            place = (folder or Path(temporary)).absolute() / name
            place.mkdir(parents=True, exist_ok=True)
            print_table(name, SPLITS[name], foretold(SPLITS[name], place))


if __name__ == "__main__":
    main()
