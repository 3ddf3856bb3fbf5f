"""How good the data are, what was not used of them, and where everything went."""

from portrait.reading import markup
from portrait.reading.queries import quality
from portrait.report.teller import MOST_ROWS, Teller


def html(teller: Teller) -> str:
    """Write the section."""
    figures, words = teller.figures, teller.words
    if not figures.grades:
        return teller.said("no_quality")
    known = figures.summary.figures
    checks = {
        name: sum(row[f"{name}_count"] for row in figures.checks)
        for name in ("passed", "warned", "failed")
    }
    parts = [
        markup.tiles([
            markup.Tile(words("rows_landed"), teller.shown(known["rows_landed_count"], "count")),
            markup.Tile(words("rows_rejected"),
                        teller.shown(known["rows_rejected_count"], "count"),
                        teller.part(known["rows_rejected_count"], known["rows_landed_count"])),
            markup.Tile(words("checks_passed"), teller.shown(checks["passed"], "count")),
            markup.Tile(words("checks_warned"), teller.shown(checks["warned"], "count")),
            markup.Tile(words("checks_failed"), teller.shown(checks["failed"], "count")),
        ]),
        teller.heading("grades"),
        _grades(teller),
        teller.heading("checks_to_look_at"),
        _warnings(teller),
        teller.heading("rejected"),
        _rejected(teller),
        teller.heading("doubtful"),
        _doubtful(teller),
        _reconciliation(teller),
    ]  # fmt: skip
    return "".join(parts)


def _grades(teller: Teller) -> str:
    words, found = teller.words, teller.figures.grades
    names = [*(grade for grade, _ in quality.GRADES), quality.LAST_GRADE]
    tiles = markup.tiles(
        markup.Tile(
            words("grade", grade=grade),
            words("tables", count=sum(one.grade == grade for one in found)),
        )
        for grade in names
    )
    table = teller.table(
        words("grades"),
        [(words("system"), ""), (words("table"), ""), (words("grade_heading"), ""),
         (words("bad_share"), "right"), (words("rows_landed"), "right"),
         (words("rows_rejected"), "right"), (words("values_unreadable"), "right")],
        [
            [
                words.value(one.system),
                one.table,
                one.grade,
                f"{one.bad_pct:.2f} %",
                teller.shown(one.landed, "count"),
                teller.shown(one.rejected, "count"),
                teller.shown(one.unreadable, "count"),
            ]
            for one in found[:MOST_ROWS]
        ],
    )  # fmt: skip
    return markup.note(words("grades_note")) + tiles + table + teller.more(len(found))


def _warnings(teller: Teller) -> str:
    words, found = teller.words, teller.figures.warnings
    if not found:
        return teller.said("all_checks_passed")
    return teller.table(
        words("checks_to_look_at"),
        [(words("check"), "wide"), (words("table"), ""), (words("severity"), ""),
         (words("rows"), "right")],
        [
            [
                str(row["test_name"]),
                str(row["subject"]),
                words.value(row["severity"]),
                teller.shown(row["failures_count"], "count"),
            ]
            for row in found[:MOST_ROWS]
        ],
    ) + teller.more(len(found))  # fmt: skip


def _rejected(teller: Teller) -> str:
    words, found = teller.words, teller.figures.rejected
    if not found:
        return teller.said("nothing_rejected")
    return teller.table(
        words("rejected"),
        [(words("system"), ""), (words("table"), ""), (words("reason"), "wide"),
         (words("rows"), "right"), (words("last_file"), "tight")],
        [
            [
                words.value(row["system"]),
                str(row["table_name"]),
                words.reason(row["reason"]),
                teller.shown(row["rows_count"], "count"),
                teller.shown(row["last_load_date"]),
            ]
            for row in found[:MOST_ROWS]
        ],
    ) + teller.more(len(found))  # fmt: skip


def _doubtful(teller: Teller) -> str:
    """Doubtful rows, words without a map, and values that could not be read."""
    words, figures = teller.words, teller.figures
    found = [
        *((row["system"], row["table_name"], words.reason(row["doubt"]), row["rows_count"])
          for row in figures.doubtful),
        *((row["system"], row["table_name"],
           words("unknown_words_in", count=row["words_count"], column=row["column_name"]),
           row["rows_count"]) for row in figures.unknown_words),
        *((row["system"], row["table_name"],
           words("unreadable_in", column=row["column_name"],
                 reason=words.value(row["reason"])),
           row["rows_count"]) for row in figures.unreadable),
    ]  # fmt: skip
    if not found:
        return teller.said("nothing_doubtful")
    found.sort(key=lambda row: -row[-1])
    return teller.table(
        words("doubtful"),
        [(words("system"), ""), (words("table"), ""), (words("doubt"), "wide"),
         (words("rows"), "right")],
        [
            [words.value(system), table, doubt, teller.shown(count, "count")]
            for system, table, doubt, count in found[:MOST_ROWS]
        ],
    ) + teller.more(len(found))  # fmt: skip


def _reconciliation(teller: Teller) -> str:
    words, figures = teller.words, teller.figures
    counts = ("landed", "accepted", "superseded", "deleted", "rejected", "later", "lost")
    amounts = (
        "net", "realised", "cancelled", "open", "refunded", "applied_to_earlier_orders", "lost",
    )  # fmt: skip
    parts = [
        teller.heading("where_rows_went"),
        markup.note(words("reconciliation_note")),
        teller.table(
            words("where_rows_went"),
            [(words("system"), ""), *((words(f"went_{name}"), "right") for name in counts)],
            [
                [
                    words.value(row["system"]),
                    *(teller.shown(row[f"{name}_count"], "count") for name in counts),
                ]
                for row in figures.records
            ],
        ),
    ]
    if figures.money:
        parts.append(teller.heading("where_money_went"))
        parts.append(
            teller.table(
                words("where_money_went"),
                [(words("system"), ""),
                 *((words(f"went_{name}"), "right") for name in amounts)],
                [
                    [
                        words.value(row["system"]),
                        *(f"{row[f'{name}_amount']:z,.2f}" for name in amounts),
                    ]
                    for row in figures.money
                ],
            )
        )  # fmt: skip
    return "".join(parts)
