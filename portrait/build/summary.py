"""The summary of a build that a person wants to read, from the published file alone."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from portrait.build.words import WHERE_TO_MAP
from portrait.database import connect
from portrait.errors import PortraitError
from portrait.publishing.publish import KEPT_BUILDS
from portrait.warehouse import Warehouse

if TYPE_CHECKING:
    from portrait.build.pipeline import Built

MOST_REASONS = 8
MOST_WORDS = 8

RECORDS = """
    select
        system || '/' || subject as "table",
        coalesce(sum(rows_count) filter (where bucket = 'landed'), 0)::bigint as landed,
        coalesce(sum(rows_count) filter (where bucket = 'broken'), 0)::bigint as broken,
        coalesce(sum(rows_count) filter (where bucket = 'superseded'), 0)::bigint as superseded,
        coalesce(sum(rows_count) filter (where bucket = 'deleted'), 0)::bigint as deleted,
        coalesce(sum(rows_count) filter (where bucket = 'rejected'), 0)::bigint as rejected,
        coalesce(sum(rows_count) filter (where bucket = 'later'), 0)::bigint as later,
        coalesce(sum(rows_count) filter (where bucket = 'accepted'), 0)::bigint as "in use"
    from quality.reconciliation
    where topic in ('rows_of_files', 'rows_of_landing')
    group by system, subject
    order by system desc, subject
"""
AFTER_GAP = """
    select min(subject), max(subject), sum(rows_count)::bigint
    from quality.reconciliation
    where topic = 'days_after_gap'
    having count(*) > 0
"""
REASONS = f"""
    select system || '/' || table_name as "table", reason, count(*) as rows
    from quality.rejected_rows
    group by all
    order by rows desc, "table", reason
    limit {MOST_REASONS + 1}
"""
UNKNOWN_WORDS = f"""
    select
        system || '/' || table_name || ', ' || column_name as "in",
        written_as as word,
        rows_count as rows,
        amount,
        undecided_amount as undecided,
        seed_name as "map it in"
    from quality.unknown_words
    order by
        undecided_amount desc, amount desc,
        row_number() over (partition by seed_name order by rows_count desc, written_as),
        rows_count desc, "in", word
    limit {MOST_WORDS + 1}
"""
UNREADABLE = f"""
    select
        system || '/' || table_name as "table", column_name as "column", reason,
        sum(rows_count)::bigint as rows
    from quality.unreadable_values
    group by all
    order by rows desc, "table", "column", reason
    limit {MOST_REASONS + 1}
"""
DOUBTS = """
    select
        system || '/' || subject as "table",
        bucket as doubt,
        rows_count as "rows set aside",
        amount_local as "amount set aside"
    from quality.reconciliation
    where topic = 'doubtful' and bucket in ('equal_version', 'other_customer')
    order by 1, 2
"""
CUSTOMERS = """
    select
        count(*) filter (where not is_inferred) as known,
        count(*) filter (where is_inferred) as inferred
    from marts.dim_customers
"""
GUESTS = "select count(*) from marts.fct_orders where customer_kind = 'guest'"
ORDERS = """
    select
        case when grouping(order_type) = 1 then 'all' else order_type end as "type",
        count(*) as orders,
        coalesce(sum(gross_amount), 0) as gross,
        coalesce(sum(net_amount), 0) as net,
        coalesce(sum(cancelled_amount), 0) as cancelled,
        coalesce(sum(refunded_amount), 0) as refunded,
        coalesce(sum(realised_amount), 0) as realised
    from marts.fct_orders
    group by grouping sets ((order_type), ())
    order by grouping(order_type), orders desc, order_type
"""
SEGMENTS = """
    with revenue as (
        select customer_id, sum(realised_amount) as realised_amount
        from marts.fct_orders
        where customer_id is not null
        group by customer_id
    )

    select
        segments.rfm_segment as segment,
        count(*) as customers,
        printf('%.1f %%', 100.0 * count(*) / sum(count(*)) over ()) as share,
        coalesce(sum(revenue.realised_amount), 0) as realised
    from marts.customer_segments as segments
    left join revenue on segments.customer_id = revenue.customer_id
    group by all
    order by realised desc, segment
"""
WINDOW_MEASURES = {
    "customers": "count(*) filter (where orders_{window}_count > 0)",
    "orders": "coalesce(sum(orders_{window}_count), 0)",
    "gross": "coalesce(sum(gross_{window}_amount), 0)",
    "net": "coalesce(sum(net_{window}_amount), 0)",
    "refunded": "coalesce(sum(refunded_{window}_amount), 0)",
    "realised": "coalesce(sum(realised_{window}_amount), 0)",
}
WINDOWS = "union all".join(
    f"""
    select
        '{name}' as "window",
        {", ".join(f"{sql.format(window=window)} as {m}" for m, sql in WINDOW_MEASURES.items())}
    from marts.customer_behavior_30d
    """
    for name, window in (("last 30 days", "30d"), ("30 days before", "prior_30d"))
)
CHECKS = """
    select
        case when kind = 'test' then 'dbt tests' else 'expectations' end || ', ' || layer as checks,
        count(*) filter (where status = 'pass') as passed,
        count(*) filter (where status = 'warn') as warned,
        count(*) filter (where status in ('fail', 'error')) as failed,
        count(*) filter (where status not in ('pass', 'warn', 'fail', 'error')) as skipped
    from quality.test_results
    where build_id = (select build_id from quality.build_info)
    group by kind, layer
    order by kind desc, list_position(
        ['landing', 'reference', 'staging', 'intermediate', 'marts', 'quality'], layer
    )
"""
WARNINGS = """
    select subject, test_name, message
    from quality.test_results
    where build_id = (select build_id from quality.build_info) and status = 'warn'
    order by kind desc, subject, test_name
"""
CONFIGURATION = """
    select
        'config/' || file as file,
        subject as changes,
        replaced_rows_count as replaced,
        added_rows_count as added,
        removed_rows_count as removed
    from quality.configuration_files
    order by file
"""
TO_TRY = """\
select rfm_segment, lifecycle_stage, count(*) as customers_count
from marts.customer_segments
group by all order by customers_count desc;"""


def print_summary(console: Console, warehouse: Warehouse, built: "Built | None" = None) -> None:
    """Print the summary of the current build; `built` adds what only the build itself knows.

    PortraitError where nothing is published.
    """
    build_id = warehouse.current_build()
    if build_id is None:
        raise PortraitError(f"Nothing is published in {warehouse.root} yet: run `portrait build`.")
    file = warehouse.current / "portrait.duckdb"
    try:
        connection = connect(file, read_only=True)
    except duckdb.IOException as error:
        raise PortraitError(f"{file} cannot be read; is it open for writing elsewhere?") from error
    with connection:
        _print_head(console, connection)
        _print_sections(console, connection)
        _print_stages(console, connection, built)
    _print_files(console, warehouse, built)


def _query(
    connection: duckdb.DuckDBPyConnection, sql: str
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names and rows; nothing where the build has no such table."""
    try:
        answer = connection.execute(sql)
    except duckdb.CatalogException:
        return [], []
    return [column[0] for column in answer.description], answer.fetchall()


def _print_head(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    _, rows = _query(
        connection,
        "select build_id, as_of_date, timezone, currency, raw_folder from quality.build_info",
    )
    build_id, as_of, timezone, currency, raw = rows[0]
    console.print(f"\n[bold]Customer portrait[/], build {build_id}")
    parts = [f"amounts in {currency}", timezone, f"raw folder {raw}"]
    if as_of:
        parts.insert(0, f"as of {as_of} (30 days from {as_of - timedelta(days=29)})")
    console.print(escape(", ".join(parts)))
    _, left_out = _query(connection, AFTER_GAP)
    for first, last, rows in left_out if as_of else ():
        console.print(escape(_gap_sentence(as_of, first, last, rows)), soft_wrap=True)


def _gap_sentence(as_of: date, first: str, last: str, rows: int) -> str:
    """What lies behind the gap after the as-of date, and what to do where it is real."""
    gap = (date.fromisoformat(first) - as_of).days
    what = f"{rows:,} row{'' if rows == 1 else 's'} dated {first}"
    what += f" to {last}" if last != first else ""
    return (
        f"Warning: {gap} days without data follow the as-of date; {what}, behind them, "
        f"{'is' if rows == 1 else 'are'} left out (quality.reconciliation, days_after_gap). "
        f"If this is no mistake, build with PORTRAIT_AS_OF={last}."
    )


def _print_sections(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    print_table(console, "Own configuration, rows and limits", *_query(connection, CONFIGURATION))
    print_table(console, "Records in", *_query(connection, RECORDS))

    names, rows = _query(connection, REASONS)
    note = "and more: quality.rejected_rows" if len(rows) > MOST_REASONS else ""
    print_table(console, "Rejected rows and why", names, rows[:MOST_REASONS], note)

    names, rows = _query(connection, UNKNOWN_WORDS)
    note = WHERE_TO_MAP
    if len(rows) > MOST_WORDS:
        note = f"and more: quality.unknown_words. {note}"
    print_table(console, "Words that no seed knows", names, rows[:MOST_WORDS], note)
    names, rows = _query(connection, UNREADABLE)
    note = "the rows count without them; which values: quality.unreadable_values"
    print_table(console, "Values that could not be read", names, rows[:MOST_REASONS], note)
    print_table(
        console,
        "Rows that contradict the row in use",
        *_query(connection, DOUBTS),
        note="each with its key and amounts: quality.doubtful_versions",
    )

    _, people = _query(connection, CUSTOMERS)
    _, guests = _query(connection, GUESTS)
    if people and guests:
        known, inferred = people[0]
        console.print(
            f"\n[bold]Customers out[/]: {known + inferred:,} "
            f"({known:,} known, {inferred:,} inferred from orders); "
            f"guest orders: {guests[0][0]:,}"
        )

    print_table(console, "Orders", *_query(connection, ORDERS))
    print_table(
        console,
        "Last 30 days",
        *_query(connection, WINDOWS),
        note="orders of customers; guests are not in it",
    )
    print_table(console, "Segments (RFM)", *_query(connection, SEGMENTS))
    print_table(console, "Checks", *_query(connection, CHECKS))
    _, warnings = _query(connection, WARNINGS)
    if warnings:
        console.print("\n[bold]Warnings[/]: nothing stopped the build; this is worth a look")
    for subject, name, message in warnings:
        console.print(escape(f"  {subject}, {name}: {message or ''}"), soft_wrap=True)


def print_table(
    console: Console,
    title: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    note: str = "",
) -> None:
    """Print a titled table, if it has rows; its numbers are never cut."""
    if not rows:
        return
    console.print(f"\n[bold]{title}[/]")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for index, name in enumerate(names):
        is_number = any(isinstance(row[index], int | float | Decimal) for row in rows)
        is_share = any(str(row[index]).endswith("%") for row in rows)
        # A number is never cut: the lines are longer than the screen, if need be.
        longest = max(len(formatted(row[index])) for row in rows) if is_number else None
        table.add_column(
            name, justify="right" if is_number or is_share else "left", min_width=longest
        )
    for row in rows:
        table.add_row(*(escape(formatted(value)) for value in row))
    console.print(table, soft_wrap=True)
    if note:
        console.print(note)


def formatted(value: Any) -> str:
    """A value of a table: counts with thousands, amounts with two decimals."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float() | Decimal():
            return f"{value:,.2f}"
    return str(value)


def _print_stages(
    console: Console, connection: duckdb.DuckDBPyConnection, built: "Built | None"
) -> None:
    _, rows = _query(
        connection, "select land_seconds, dbt_seconds, check_seconds from quality.build_info"
    )
    if built:
        seconds = dict(built.seconds)
    else:
        seconds = dict(zip(("landing", "models", "checks"), rows[0], strict=True))
    known = {name: value for name, value in seconds.items() if value is not None}
    if known:
        parts = [f"{name} {value:.1f} s" for name, value in known.items()]
        if len(known) > 1:
            parts.append(f"together {sum(known.values()):.1f} s")
        console.print(f"\n[bold]Time[/]: {', '.join(parts)}")


def _print_files(console: Console, warehouse: Warehouse, built: "Built | None") -> None:
    folder = escape(shown(warehouse.current))
    console.print(f"\n[bold]Files[/] in {folder}", soft_wrap=True)
    pseudonyms = "for analysts: pseudonyms instead of names, still personal data"
    if built and not built.published.has_lasting_pseudonyms:
        pseudonyms += "; without PORTRAIT_PSEUDONYM_KEY its pseudonyms last one build"
    for name, what in (
        ("portrait.duckdb", "all marts"),
        ("analyst.duckdb", pseudonyms),
        ("report.html", "the figures of this build as one page, for a browser or a printer"),
        ("dictionary.html", "what every table and column means, in English and Chinese"),
        ("data_docs/index.html", "the expectations, to read in a browser"),
    ):
        if (warehouse.current / name).exists():
            console.print(f"  {name}: {what}", soft_wrap=True)
    console.print("\n[bold]Try[/], in any DuckDB client, opened read-only:")
    for line in TO_TRY.splitlines():
        console.print(f"  {escape(line)}", soft_wrap=True)


def print_builds(console: Console, warehouse: Warehouse) -> None:
    """List the kept builds, the current one marked, and the builds that failed after it."""
    current = warehouse.current_build()
    kept = warehouse.kept_builds()
    with warehouse.state.readable(), connect() as connection:
        logged = {
            row[0]: row
            for row in connection.execute(
                "select build_id, as_of_date, raw_folder, passed_count, seconds "
                f"from ({warehouse.state.select('builds')}) as log where event = 'published'"
            ).fetchall()
        }
        failed = connection.execute(
            f"select build_id, message from ({warehouse.state.select('builds')}) as log "
            "where event = 'failed' and build_id > ? order by build_id",
            [current or ""],
        ).fetchall()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("build", "as of", "raw folder", "checks passed", "seconds", ""):
        table.add_column(name, justify="right" if name in ("checks passed", "seconds") else "left")
    for build in reversed(kept):
        _, as_of, raw, passed, seconds = logged.get(build, (build, None, None, None, None))
        mark = "current" if build == current else ""
        values = (formatted(value) for value in (as_of, raw, passed, seconds))
        table.add_row(build, *(escape(value) for value in values), mark)
    if kept:
        console.print(table)
    else:
        console.print(
            f"Nothing is published in {escape(shown(warehouse.root))} yet.", soft_wrap=True
        )
    for build, message in failed[-KEPT_BUILDS:]:
        console.print(f"{build} failed: {escape(message or '')}", soft_wrap=True)


def shown(path: Path) -> str:
    """A path as short as it can be written from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
