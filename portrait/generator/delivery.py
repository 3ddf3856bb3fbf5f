"""The delivery: rows of text become files by load, with the dirt of whole rows and the truth of it.

A query of rows has the columns of the contract's table as text (one that it lacks is empty), and
beside them `_order` (what the rows are put in order by), `_written` (seconds since the first day)
and `_dirt` (the kind of dirt in its meaning, or null). A row with such dirt gets no other.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from portrait.contract import Column, Table
from portrait.generator.calendar import Calendar
from portrait.generator.profile import Profile
from portrait.generator.random_streams import alternatives, stream
from portrait.sql import one_value, sql_name, sql_text

ROW_DIRT = (
    "duplicate", "late", "missing_required", "bad_date", "bad_number", "future_date",
    "full_width", "other_notation", "padded",
)  # fmt: skip
REJECTED = {
    "missing_required": "missing_",
    "bad_date": "invalid_",
    "bad_number": "invalid_",
    "future_date": "future_",
}
REPAIRED = ("full_width", "other_notation", "padded")
# What becomes of a row with dirt in its meaning; of all others it is `accepted`.
SUPERSEDED = ("corrected",)
# Hardly any row fills these: a few faults would make the column look broken as a whole.
SPARSE = {
    ("shop/payments", "quantity"),
    *(("pos/members", name) for name in ("occupation", "education", "income_band")),
    ("app/devices", "brand"),
    *((f"{system}/orders", "payment_method") for system in ("shop", "marketplace")),
    ("app/events", "campaign_id"),
    *(("shop/order_events", name) for name in ("place", "note")),
    *(("crm/campaign_contacts", name) for name in ("failure", "bounced_at", "unsubscribed_at")),
}
# What only some companies have: without dirt.
OPTIONAL = {
    "shipping_amount", "tax_amount", "prices_include_tax", "tip_amount", "is_test", "seller_id",
    "approved_at", "shipped_at", "delivered_at", "promised_at", "line_amount", "line_type",
    "goods_amount", "installments_count", "refund_goods_amount", "refund_shipping_amount",
    "refund_tax_amount",
    "marital_status", "children_count", "household_size", "home", "registration_source",
    "category_level_3", "audience", "price_class", "last_ip", "is_emulator", "results_count",
    "referrer", "delivery_country", "delivery_region", "delivery_city", "delivery_address",
    "delivery_postcode", "birth_place", "aliases",
}  # fmt: skip
BAD_DATES = ("2026-02-30 10:00:00", "0000-00-00", "unknown", "2025-13-01")
BAD_NUMBERS = ("abc", "12.3.4", "1O.00", "--")
# Of these, the words that stand for nothing: a value that is missing, not a bad one.
NOTHING = ("0000-00-00", "--")
FUTURE = "2062-05-17 10:00:00"
NARROW = "0123456789.-:+ "
WIDE = "０１２３４５６７８９．－：＋　"
DATES, NUMBERS = ("date", "timestamp"), ("decimal", "rate")
BROKEN_LINE = "cut off,{number}\n"


@dataclass
class Delivery:
    """Writes the rows of each table of one company; keeps what was planted."""

    connection: duckdb.DuckDBPyConnection
    calendar: Calendar
    profile: Profile
    seed: int
    out: Path
    file_format: str
    chunks: int
    contract: dict[tuple[str, str], Table]

    def __post_init__(self) -> None:
        """Make the tables of the truth."""
        self.connection.execute(
            "create table planted (system text, table_name text, kind text, column_name text, "
            "outcome text, reason text, load_date date, row_key text, clean_value text)"
        )
        self.connection.execute(
            "create table landed (system text, table_name text, outcome text, reason text, "
            "row_count bigint)"
        )

    def deliver(
        self, chunk: int, system: str, name: str, query: str, is_ordered: bool = False
    ) -> int:
        """Write the rows of a query; returns how many were written, broken lines apart.

        A query whose rows come in order already is not sorted again.
        """
        table = self.contract[system, name]
        con = self.connection
        con.execute(f"""
            create or replace temp table sorted_rows as
            select *, {self.calendar.load_sql("_written")} as _load from ({query})
            {"" if is_ordered else "order by _order"}
        """)
        known = {name for name, *_ in con.execute("describe sorted_rows").fetchall()}
        for column in table.column_names:
            if column not in known:
                con.execute(f"alter table sorted_rows add column {sql_name(column)} text")
        con.execute(
            "create or replace temp view clean_rows as select *, rowid as _row from sorted_rows"
        )
        per_load = dict(
            con.execute("select _load, count(*) from clean_rows group by all").fetchall()
        )
        size = sum(per_load.values())
        if not size:
            return 0
        self._plant(chunk, table, size)
        self._note_truth(table, size)
        moved = con.execute("select _load, count(*) from faulty_rows group by all").fetchall()
        written = 0
        for load in sorted({*per_load, *(load for load, _ in moved)}):
            written += self._copy(chunk, table, load)
        con.execute("drop view clean_rows")
        con.execute("drop table sorted_rows")
        return written

    def _plant(self, chunk: int, table: Table, size: int) -> None:
        """Draw the rows with a fault; `faulty_rows` has what is delivered instead of them."""
        dice = stream(self.seed, chunk, f"rows of {table.label}")
        shares = self.profile["row_dirt"]
        fault = alternatives(dice, [shares[kind] for kind in ROW_DIRT], size)
        some = np.flatnonzero(fault)
        pick = dice.integers(0, 1 << 30, len(some))
        con = self.connection
        con.register("row_faults", {"_row": some, "fault": fault[some], "pick": pick})
        con.execute(self._faulty_rows(table))
        con.unregister("row_faults")

    def _faulty_rows(self, table: Table) -> str:
        columns = table.columns
        touched = {kind: _columns_of(kind, table) for kind in ROW_DIRT[2:]}
        faulty = {column.name: _faulty(column, touched) for column in columns}
        chosen = " ".join(
            f"when {ROW_DIRT.index(kind) + 1} then "
            f"{_list(column.name for column in some)}[1 + pick % {len(some)}]"
            for kind, some in touched.items()
            if some
        )
        was = " ".join(
            f"when {ROW_DIRT.index(kind) + 1} then "
            f"[{', '.join(column.name for column in some)}][1 + pick % {len(some)}]"
            for kind, some in touched.items()
            if some
        )
        # The generator writes no other amount of a line, so that its price is required.
        required = _tuple(
            ("", *(c.name for c in columns if c.required or c.meta.get("required_without")))
        )
        deciding = _tuple(("", *(c.name for c in columns if decides(table, c))))
        # A clock that runs ahead gives way to the time of receipt.
        received = _tuple(("", *(c.name for c in columns if c.meta.get("received"))))
        given = " ".join(f"when '{name}' then new_{name}" for name in faulty)
        reasons = " ".join(
            f"when {ROW_DIRT.index(kind) + 1} then case "
            f"when '{prefix}' <> 'missing_' and column_name not in {deciding} then null "
            f"when '{prefix}' = 'future_' and column_name in {received} then null "
            f"when '{prefix}' = 'invalid_' and case column_name {given} end in {_tuple(NOTHING)} "
            f"then case when column_name in {required} then 'missing_' || column_name end "
            f"else '{prefix}' || column_name end"
            for kind, prefix in REJECTED.items()
        )
        changed = " or ".join(f"new_{name} is distinct from {name}" for name in faulty)
        last = len(self.calendar.loads) - 1
        duplicate, late = ROW_DIRT.index("duplicate") + 1, ROW_DIRT.index("late") + 1
        return f"""
            create or replace temp table faulty_rows as
            with faulty as (
                select
                    clean_rows.*, fault, pick,
                    {f"case fault {chosen} end" if chosen else "cast(null as text)"} as column_name,
                    {f"case fault {was} end" if was else "cast(null as text)"} as clean_value
                from clean_rows inner join row_faults using (_row)
                where _dirt is null
            ),
            planted_rows as (
                select *, {", ".join(f"{text} as new_{name}" for name, text in faulty.items())}
                from faulty
            ),
            judged as (
                select
                    *,
                    case
                        when fault = {duplicate} then true
                        when fault = {late} then _load < {last}
                        else {changed}
                    end as is_planted,
                    case fault {reasons} end as reason,
                    case when fault = {late} then least(_load + 1 + pick % 2, {last}) else _load end
                        as new_load
                from planted_rows
            ),
            twice as (
                select *, 0 as copy from judged where is_planted
                union all
                select * replace (least(_load + pick % 2, {last}) as new_load), 1 as copy
                from judged where fault = {duplicate}
            )
            select
                {", ".join(f"twice.new_{name} as {name}" for name in faulty)},
                {_key(table, "twice.")} as _key, twice.new_load as _load, _row, copy, fault,
                column_name, clean_value, reason
            from twice
        """

    def _note_truth(self, table: Table, size: int) -> None:
        """Add what was planted, and what becomes of all rows by the contract."""
        kinds = _list(ROW_DIRT)
        days = _list(str(self.calendar.load_date(load)) for load in range(len(self.calendar.loads)))
        con = self.connection
        con.execute(f"""
            insert into planted
            select
                '{table.system}', '{table.name}', kind, column_name,
                case
                    when reason is not null then 'rejected'
                    when kind in {_tuple((*SUPERSEDED, "duplicate"))} then 'superseded'
                    when kind in {_tuple(REPAIRED)} then 'repaired'
                    else 'accepted'
                end,
                reason, cast({days}[_load + 1] as date), _key, clean_value
            from (
                select {kinds}[fault] as kind, case when fault > 2 then column_name end
                    as column_name, reason, _load, _key, clean_value
                from faulty_rows where copy = 1 or fault <> 1
                union all
                select _dirt, null, null, _load, {_key(table)}, null
                from clean_rows where _dirt is not null
            )
        """)
        copies = one_value(con, "select count(*) from faulty_rows where copy = 1")
        con.execute(
            "insert into landed select ?, ?, 'rejected', reason, count(*) from faulty_rows "
            "where reason is not null group by reason",
            [table.system, table.name],
        )
        rejected = one_value(con, "select count(*) from faulty_rows where reason is not null")
        keys = ", ".join(f"coalesce({name}, '')" for name in table.key)
        accepted = one_value(
            con,
            f"""
            select count(distinct hash({keys})) from clean_rows
            where _row not in (select _row from faulty_rows where reason is not null)
            """,
        )
        for outcome, rows in (
            ("accepted", accepted),
            ("superseded", size + copies - rejected - accepted),
        ):
            con.execute(
                "insert into landed values (?, ?, ?, null, ?)",
                [table.system, table.name, outcome, rows],
            )

    def _copy(self, chunk: int, table: Table, load: int) -> int:
        """Write one load of a table: the sound rows, and behind them what was planted."""
        folder = self.out / table.system / table.name
        folder = folder / f"load_date={self.calendar.load_date(load)}"
        folder.mkdir(parents=True, exist_ok=True)
        number = f"-{chunk + 1:04d}" if self.chunks > 1 and chunk >= 0 else ""
        path = folder / f"{table.name}{number}.{self.file_format}"
        columns = ", ".join(sql_name(name) for name in table.column_names)
        options = "format csv, header" if self.file_format == "csv" else "format parquet"
        rows: int = one_value(
            self.connection,
            f"""
            copy (
                select {columns} from (
                    select {columns}, _row, 0 as copy, false as is_faulty from clean_rows
                    where _load = {load} and _row not in (select _row from faulty_rows)
                    union all
                    select {columns}, _row, copy, true from faulty_rows where _load = {load}
                )
                order by is_faulty, _row, copy
            ) to {sql_text(path)} ({options})
            """,
        )
        if self.file_format == "csv":
            self._break_lines(chunk, table, load, rows, path)
        return rows

    def _break_lines(self, chunk: int, table: Table, load: int, rows: int, path: Path) -> None:
        dice = stream(self.seed, chunk, f"broken lines of {table.label} {load}")
        broken = int(dice.binomial(rows, self.profile["row_dirt"]["broken_line"]))
        if not broken:
            return
        with path.open("a", encoding="utf-8") as file:
            file.writelines(BROKEN_LINE.format(number=number + 1) for number in range(broken))
        self.connection.execute(
            "insert into planted select ?, ?, 'broken_line', null, 'broken', null, ?, null, null "
            "from range(?)",
            [table.system, table.name, self.calendar.load_date(load), broken],
        )
        self.connection.execute(
            "insert into landed values (?, ?, 'broken', null, ?)",
            [table.system, table.name, broken],
        )


def decides(table: Table, column: Column) -> bool:
    """Whether a value that cannot be read rejects its row (macros/staging/must_be_readable.sql)."""
    has_numbers = any(other.data_type in NUMBERS for other in table.columns)
    return (
        column.required
        or bool(column.meta.get("decides"))
        or column.name in table.key
        or (column.data_type in (*NUMBERS, "currency") and column.meta.get("decides", True))
        or (column.name == table.version_column and has_numbers)
    )


def _columns_of(kind: str, table: Table) -> list[Column]:
    """The columns of a table that a kind of dirt may touch."""
    columns = [
        column
        for column in table.columns
        if (table.label, column.name) not in SPARSE and column.name not in OPTIONAL
    ]
    typed = [column for column in columns if column.data_type in DATES + NUMBERS]
    return {
        "missing_required": [
            column for column in columns if column.required or column.meta.get("required_without")
        ],
        "bad_date": [column for column in columns if column.data_type in DATES],
        "bad_number": [column for column in columns if column.data_type in NUMBERS],
        "future_date": [column for column in columns if column.meta.get("event_time")],
        "full_width": typed,
        "other_notation": typed,
        "padded": list(columns),
    }[kind]


def _faulty(column: Column, touched: dict[str, list[Column]]) -> str:
    """The value of a column in a row with a fault of any kind."""
    cases = [
        f"when fault = {ROW_DIRT.index(kind) + 1} and pick % {len(some)} = {some.index(column)} "
        f"then {_spoilt(kind, column)}"
        for kind, some in touched.items()
        if column in some
    ]
    return f"case {' '.join(cases)} else {column.name} end" if cases else column.name


def _spoilt(kind: str, column: Column) -> str:
    name = column.name
    some = "1 + (pick // 64) % 4"
    return {
        "missing_required": "null",
        "bad_date": f"{_list(BAD_DATES)}[{some}]",
        "bad_number": f"{_list(BAD_NUMBERS)}[{some}]",
        "future_date": sql_text(FUTURE),
        "full_width": f"translate({name}, {sql_text(NARROW)}, {sql_text(WIDE)})",
        "other_notation": _other_notation(column),
        "padded": f"'  ' || {name} || '　'",
    }[kind]


def _other_notation(column: Column) -> str:
    name = column.name
    if column.data_type in NUMBERS:
        whole = f"split_part({name}, '.', 1)"
        return (
            f"case when abs(try_cast({name} as double)) >= 1000 then "
            f"format('{{:,}}', cast({whole} as bigint)) || "
            f"coalesce(nullif(substr({name}, length({whole}) + 1), ''), '.00') "
            f"when {name} not like '-%' then '+' || {name} else {name} end"
        )
    day = f"substr({name}, 1, 10)"
    rest = f"substr({name}, 11)"
    slashes = f"replace({day}, '-', '/') || {rest}"
    in_words = (
        f"substr({name}, 1, 4) || '年' || ltrim(substr({name}, 6, 2), '0') || '月' || "
        f"ltrim(substr({name}, 9, 2), '0') || '日' || {rest}"
    )
    if column.data_type == "date":
        return f"case when (pick // 64) % 2 = 0 then {slashes} else {in_words} end"
    offset = "Z" if column.meta.get("timezone") == "UTC" else "+08:00"
    with_zone = f"{day} || 'T' || ltrim({rest}) || '{offset}'"
    return (
        f"case (pick // 64) % 3 when 0 then {slashes} when 1 then {in_words} else {with_zone} end"
    )


def _key(table: Table, prefix: str = "") -> str:
    """The key of a row as one text."""
    return " || '|' || ".join(f"coalesce({prefix}{name}, '')" for name in table.key)


def _list(texts: Any) -> str:
    return "[" + ", ".join(sql_text(text) for text in texts) + "]"


def _tuple(texts: tuple[str, ...]) -> str:
    return "(" + ", ".join(sql_text(text) for text in texts) + ")"
