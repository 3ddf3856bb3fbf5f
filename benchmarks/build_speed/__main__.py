"""The command of the benchmark: companies, builds, comparisons, report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.build_speed import beside
from benchmarks.build_speed.build import BuildFigures, run_build
from benchmarks.build_speed.company import Company, company_of
from benchmarks.build_speed.figures import Size, load_size
from benchmarks.build_speed.plot import draw
from benchmarks.build_speed.report import report
from benchmarks.measuring import PROJECT, MeasuredWarehouse

REPORT = PROJECT / "benchmarks" / "build_speed.md"
SAVED = "figures.json"


def measure_size(
    company: Company, folder: Path, compares_new_day: bool, tell: Callable[[str], None]
) -> Size:
    """Build a company, compare, add its new day and build again; a build that fails ends it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    place = MeasuredWarehouse(folder, "")
    company.deliver(company.history, place.raw)
    size = Size(people=company.people, generate_seconds=company.generate_seconds)

    size.full = run_build(place.environment, company.history_rows, company.history_bytes)
    tell(_told("full build", size.full))
    if size.full.problem:
        return size
    size.limit = beside.limit(place)
    size.by_hand = beside.by_hand(place)
    size.pandas = beside.with_pandas(place)
    sides = [*size.by_hand, *size.pandas]
    for side in sides:
        tell(f"  {side.name}: {side.seconds:.1f} s{', ' + side.problem if side.problem else ''}")

    from_nothing = folder / "from_nothing"
    if compares_new_day:
        from_nothing.mkdir()
        shutil.copytree(place.warehouse / "state", from_nothing / "state")
    company.deliver(company.new_day, place.raw)
    size.new_day = run_build(
        place.environment,
        company.history_rows + company.new_rows,
        company.history_bytes + company.new_bytes,
    )
    size.new_rows = company.new_rows
    tell(_told("after a new day", size.new_day))
    if compares_new_day and not size.new_day.problem:
        environment = place.environment | {"PORTRAIT_WAREHOUSE": str(from_nothing)}
        again = run_build(environment, size.new_day.raw_rows, size.new_day.raw_bytes)
        tell(_told("the same from nothing", again))
        size.different_tables = (
            ["all, as the build from nothing failed"]
            if again.problem
            else beside.tables_that_differ(place.warehouse, from_nothing)
        )
        for table in size.different_tables:
            tell(f"  differs from it: {table}")
    # What differs or failed can be looked at.
    if not (size.different_tables or any(side.problem for side in sides) or size.new_day.problem):
        shutil.rmtree(folder)
    return size


def _told(name: str, build: BuildFigures) -> str:
    if build.problem:
        return f"  {name}: failed after {build.seconds:.0f} s\n{build.problem}"
    return (
        f"  {name}: {build.seconds:.0f} s, {build.cpu_seconds:.0f} s of processor time,"
        f" {build.peak_bytes / 2**30:.1f} GiB"
    )


@click.command()
@click.option(
    "--people", type=int, multiple=True, default=(100_000, 300_000, 1_000_000), show_default=True,
    help="People of a company; may be given several times.",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("target/bench"), show_default=True,
    help="Where the companies are kept, and built.",
)  # fmt: skip
@click.option(
    "--compare-up-to", type=int, default=100_000, show_default=True,
    help="Companies of at most so many people are built from nothing, too, after the new day.",
)  # fmt: skip
@click.option("--seed", type=int, default=15, show_default=True)
@click.option(
    "--report", "report_file", type=click.Path(path_type=Path), default=REPORT, show_default=True,
    help="The Markdown file to write; its plot lies beside it.",
)  # fmt: skip
@click.option("--only-report", is_flag=True, help="Measure nothing: write the report again.")
def main(
    people: tuple[int, ...],
    folder: Path,
    compare_up_to: int,
    seed: int,
    report_file: Path,
    only_report: bool,
) -> None:
    """Measure builds of invented companies, and write the report with its plot."""
    folder = folder.resolve()
    sizes = []
    for number in sorted(set(people)):
        saved = folder / str(number) / SAVED
        if not only_report:
            click.echo(f"{number:,} people")
            company = company_of(folder / str(number) / "company", number, seed)
            click.echo(f"  {company.history_rows:,} rows and {company.new_rows:,} of a new day")
            size = measure_size(
                company, folder / str(number) / "build", number <= compare_up_to, click.echo
            )
            saved.write_text(json.dumps(asdict(size), indent=1))
        if saved.exists():
            sizes.append(load_size(json.loads(saved.read_text())))
    if not sizes:
        raise click.ClickException("Nothing was measured yet.")
    plot = report_file.with_suffix(".svg")
    plot.write_text(draw(sizes))
    report_file.write_text(report(sizes, plot.name))
    click.echo(f"Report: {report_file}")


if __name__ == "__main__":
    main()
