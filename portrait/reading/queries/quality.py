"""How good the data of the build are: grades, and what was rejected or is doubtful."""

from dataclasses import dataclass

import duckdb

from portrait.reading.published import Row, has_mart, rows

MOST = 200
# quality.test_results holds the earlier builds too.
OF_THIS_BUILD = "build_id = (select build_id from quality.build_info)"
# A grade is the worst share, in percent, that it bears. docs/app.md explains it.
GRADES = (("A", 0.5), ("B", 2.0), ("C", 5.0))
LAST_GRADE = "D"


@dataclass(frozen=True)
class Grade:
    """The rows of a delivered table, what was not used of them, and the grade."""

    system: str
    table: str
    landed: int
    rejected: int
    unreadable: int

    @property
    def bad_pct(self) -> float:
        """Rejected rows and unreadable values per row, in percent."""
        return 100 * (self.rejected + self.unreadable) / self.landed if self.landed else 0.0

    @property
    def grade(self) -> str:
        """A to D."""
        return next((grade for grade, most in GRADES if self.bad_pct <= most), LAST_GRADE)


def grades(connection: duckdb.DuckDBPyConnection) -> list[Grade]:
    """The delivered tables, the worst first."""
    found = connection.execute(
        "with landed as (select system, subject as table_name, sum(rows_count) as rows_count"
        " from quality.reconciliation where topic = 'rows_of_files' group by all),"
        " rejected as (select system, table_name, count(*) as rows_count"
        " from quality.rejected_rows group by all),"
        " unreadable as (select system, table_name, sum(rows_count) as rows_count"
        " from quality.unreadable_values group by all)"
        " select system, table_name, landed.rows_count, coalesce(rejected.rows_count, 0),"
        " coalesce(unreadable.rows_count, 0) from landed"
        " left join rejected using (system, table_name)"
        " left join unreadable using (system, table_name) where landed.rows_count > 0"
    ).fetchall()
    return sorted(
        (Grade(system, table, *map(int, counts)) for system, table, *counts in found),
        key=lambda one: (-one.bad_pct, one.system, one.table),
    )


def tests(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The checks of the build by layer, kind and severity."""
    return rows(
        connection,
        "select layer, kind, severity, count(*) filter (where status = 'pass') as passed_count,"
        " count(*) filter (where status = 'warn') as warned_count,"
        " count(*) filter (where status in ('fail', 'error')) as failed_count,"
        " count(*) filter (where status = 'skipped') as skipped_count"
        f" from quality.test_results where {OF_THIS_BUILD}"
        " group by layer, kind, severity order by layer, kind, severity",
    )


def warnings(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The checks that did not pass."""
    return rows(
        connection,
        "select layer, subject, test_name, severity, status, failures_count"
        f" from quality.test_results where {OF_THIS_BUILD} and status not in ('pass', 'skipped')"
        " order by severity, layer, subject, test_name limit ?",
        [MOST],
    )


def rejected(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Rejected rows by system, table and reason, the most frequent first."""
    return rows(
        connection,
        "select system, table_name, rejected_as, split_part(reason, ':', 1) as reason,"
        " count(*) as rows_count, max(load_date) as last_load_date from quality.rejected_rows"
        " group by all order by rows_count desc, system, table_name, reason limit ?",
        [MOST],
    )


def rejected_examples(connection: duckdb.DuckDBPyConnection, system: str, table: str) -> list[Row]:
    """The latest rejected rows of a table, with where they stand."""
    return rows(
        connection,
        "select file, position_number, reason, raw_row from quality.rejected_rows"
        " where system = ? and table_name = ?"
        " order by load_date desc nulls last, file, position_number limit 20",
        [system, table],
    )


def records(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Where the records of the raw files went, by system; `lost_count` must be 0."""
    buckets = ("accepted", "superseded", "deleted", "rejected", "later")
    sums = ", ".join(
        f"coalesce(sum(rows_count) filter (where bucket = '{name}'), 0) as {name}_count"
        for name in ("landed", "broken", *buckets)
    )
    return rows(
        connection,
        f"with systems as (select system, {sums} from quality.reconciliation"
        " where topic in ('rows_of_files', 'rows_of_landing') group by system)"
        f" select *, landed_count - {' - '.join(f'{name}_count' for name in buckets)} as lost_count"
        " from systems order by system",
    )


def money(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What became of the net amount of all orders, by system; `lost_amount` must be 0.

    The net amount is added up from the orders, the rest from what became of them. Each order is
    rounded to four decimals, so that sums may differ in the last of them.
    """
    outcomes = ("realised", "cancelled", "open", "refunded", "applied_to_earlier_orders")
    sums = ", ".join(
        f"coalesce(sum(amount) filter (where bucket = '{name}'), 0) as {name}_amount"
        for name in outcomes
    )
    return rows(
        connection,
        "with systems as (select system,"
        " coalesce(sum(amount) filter (where topic = 'net_by_customer_kind'), 0) as net_amount,"
        f" {sums} from quality.reconciliation"
        " where topic in ('net_by_customer_kind', 'net_by_outcome') group by system)"
        f" select *, net_amount - {' - '.join(f'{name}_amount' for name in outcomes)}"
        " as lost_amount from systems order by system",
    )


def doubtful(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What was used and is doubtful, by topic: versions set aside, and odd values."""
    found = rows(
        connection,
        "select system, subject as table_name, bucket as doubt, rows_count, amount_local as amount"
        " from quality.reconciliation where topic = 'doubtful' and rows_count > 0"
        " order by rows_count desc, system, table_name, doubt limit ?",
        [MOST],
    )
    if has_mart(connection, "doubtful_versions", "quality"):
        found += rows(
            connection,
            "select system, table_name, doubt, count(*) as rows_count,"
            " sum(abs(set_aside_amount_local - used_amount_local)) as amount"
            " from quality.doubtful_versions group by all"
            " order by rows_count desc, system, table_name, doubt limit ?",
            [MOST],
        )
    return found


def unknown_words(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Words that no map knows, with the money that they hold."""
    if not has_mart(connection, "unknown_words", "quality"):
        return []
    return rows(
        connection,
        "select system, table_name, column_name, word, seed_name, rows_count, amount"
        " from quality.unknown_words order by rows_count desc, system, word limit ?",
        [MOST],
    )


def unreadable(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Values that could not be read, by column."""
    return rows(
        connection,
        "select system, table_name, column_name, reason, sum(rows_count) as rows_count,"
        " arg_max(written_value, rows_count) as written_value"
        " from quality.unreadable_values group by system, table_name, column_name, reason"
        " order by rows_count desc, system, table_name, column_name limit ?",
        [MOST],
    )


def doubts(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What is doubtful by kind, without the words that rows hold."""
    return rows(
        connection,
        "select system, subject as table_name, split_part(bucket, ':', 1) as doubt,"
        " sum(rows_count) as rows_count from quality.reconciliation"
        " where topic = 'doubtful' and rows_count > 0 group by all"
        " order by rows_count desc, system, table_name, doubt",
    )


def unknown_word_columns(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many words of a column no map knows, without the words."""
    return rows(
        connection,
        "select system, table_name, column_name, count(*) as words_count,"
        " sum(rows_count) as rows_count from quality.unknown_words group by all"
        " order by rows_count desc, system, table_name, column_name",
    )


def unreadable_columns(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many values of a column could not be read, without the values."""
    return rows(
        connection,
        "select system, table_name, column_name, reason, sum(rows_count) as rows_count"
        " from quality.unreadable_values group by all"
        " order by rows_count desc, system, table_name, column_name, reason",
    )


def tags_to_look_at(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Tags that cover more or fewer customers than expected."""
    if not has_mart(connection, "tag_health", "quality"):
        return []
    return rows(
        connection,
        "select tag_code, name_en, coverage_pct, coverage_from_pct, coverage_to_pct, swing_pct"
        " from quality.tag_health where not is_covered_as_expected or needs_reason"
        " order by tag_code limit ?",
        [MOST],
    )
