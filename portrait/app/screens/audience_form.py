"""The fields that ask for the conditions of an audience: of columns, rows, measures, relations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from portrait.app.audience_conditions import (
    LISTED,
    AnyOf,
    AudienceCondition,
    ColumnCondition,
    Condition,
    MeasureCondition,
    Not,
    RelationCondition,
    Rows,
    RowsCondition,
    TagCondition,
    comparisons,
)
from portrait.app.audience_draft import Grammar
from portrait.app.queries import audiences
from portrait.app.view import View
from portrait.dictionary.catalogue import chinese
from portrait.landing.audience_rules import (
    FACTS,
    LONGEST_TEXT,
    LONGEST_WINDOW,
    MEASURES,
    OPERATORS,
    QUANTIFIERS,
    RELATIONS,
)
from portrait.reading import markup
from portrait.reading.words import texts

MOST_CONDITIONS, MOST_OF_OTHERS, MOST_OF_ROWS = 8, 3, 4
WIDTHS = [3, 2, 2]


@dataclass(frozen=True)
class ConditionForm:
    """The form: what conditions may name, and the titles of the published audiences."""

    view: View
    grammar: Grammar
    titles: Mapping[str, str]

    def conditions(self) -> list[Condition]:
        """Ask how many conditions there are, and for each."""
        return self._several(
            "", self.view.words("conditions"), (0, MOST_CONDITIONS),
            lambda at: self._condition(at, RELATIONS),
        )  # fmt: skip

    def _several(
        self, path: str, label: str, bounds: tuple[int, int], ask: Callable[[str], Condition | None]
    ) -> list[Condition]:
        """Ask how many conditions there are, whether all must hold or one, and for each."""
        words, (least, most) = self.view.words, bounds
        left, right = st.columns(2)
        with left:
            number = st.number_input(label, least, most, least, key=f"conditions_{path}")
        hold = "all"
        if number > 1:
            with right:
                hold = st.selectbox(
                    words("hold"), ["all", "any"], format_func=lambda one: words(f"hold_{one}"),
                    key=f"hold_{path}",
                )  # fmt: skip
        found = []
        for place in range(int(number)):
            with st.container(border=True):
                at = f"{path}_{place}" if path else f"{place}"
                condition = ask(at)
                turned = st.checkbox(words("turned"), key=f"not_{at}")
                if condition is None:
                    st.html(markup.note(words("not_complete")))
                else:
                    found.append(Not(condition) if turned else condition)
        return [AnyOf(found)] if hold == "any" and len(found) > 1 else found

    def _condition(self, at: str, relations: tuple[str, ...] = ()) -> Condition | None:
        """The fields of one condition; None as long as a value is missing."""
        words, kinds = self.view.words, self.grammar.words.portrait
        named = [name for name in texts()["columns"] if kinds.get(name) in OPERATORS]
        others = sorted(
            name for name, kind in kinds.items() if kind in OPERATORS and name not in named
        )
        tables = [table for table in FACTS if table in self.grammar.words.facts]
        special = [*tables, *relations, "tag", "audience"]
        first, second, third = st.columns(WIDTHS)
        with first:
            subject = st.selectbox(
                words("condition", number=_number(at)), [*named, *special, *others],
                format_func=lambda one: words(f"about_{one}") if one in special
                else self._column_name(one),
                key=f"subject_{at}",
            )  # fmt: skip
        if subject in tables:
            return self._of_rows(subject, at, second, third)
        if subject in relations:
            found = self._several(
                at, words("number_of_others"), (1, MOST_OF_OTHERS), self._condition
            )
            return RelationCondition(subject, found) if found else None
        with second:
            if subject == "tag":
                tags = sorted(self.grammar.words.tags, key=self.view.tag)
                tag = st.selectbox(
                    words("tag"), tags, format_func=self.view.tag, key=f"tag_{at}"
                )  # fmt: skip
                return TagCondition(tag)
            if subject == "audience":
                audience = st.selectbox(
                    words("audience"), list(self.titles), format_func=self.titles.__getitem__,
                    key=f"audience_{at}",
                )  # fmt: skip
                return AudienceCondition(audience)
            comparison = self._comparison(kinds[subject], at)
        with third:
            value = self._value(
                kinds[subject], comparison, f"{at}_{subject}",
                lambda: self.view.ask(audiences.values_of, subject),
            )  # fmt: skip
        return None if value is None else ColumnCondition(subject, comparison, value)

    def _of_rows(self, table: str, at: str, second: Any, third: Any) -> Condition | None:
        """The fields of a condition on the rows of a table."""
        words, columns = self.view.words, self.grammar.words.facts[table]
        with second:
            asked = st.selectbox(
                words("what_of_rows"), [*QUANTIFIERS, *MEASURES],
                format_func=lambda one: words(f"rows_{one}"), key=f"rows_{at}",
            )  # fmt: skip
        with third:
            days = st.number_input(words("in_days"), 0, LONGEST_WINDOW, 90, key=f"days_{at}")
        of, comparison, value = None, "", None
        if asked in MEASURES:
            kind, fields = "number", st.columns(2 if asked == "count" else WIDTHS)
            if asked != "count":
                kinds = ("number", "date") if asked in ("least", "most") else ("number",)
                with fields[0]:
                    of = st.selectbox(
                        words("measure_of"),
                        [name for name, one in columns.items() if one in kinds],
                        format_func=self._column_name, key=f"of_{at}_{table}_{len(kinds)}",
                    )  # fmt: skip
                kind = columns[of]
            with fields[-2]:
                comparison = self._comparison(kind, at, usual="at_least")
            with fields[-1]:
                value = self._value(kind, comparison, f"{at}_{table}", list)
        where = self._several(
            f"{at}_{table}", words("rows_where"), (0, MOST_OF_ROWS),
            lambda place: self._of_row(table, place),
        )  # fmt: skip
        rows = Rows(table, int(days) or None, where)
        if asked in QUANTIFIERS:
            return RowsCondition(rows, asked)
        return None if value is None else MeasureCondition(rows, asked, of, comparison, value)

    def _of_row(self, table: str, at: str) -> Condition | None:
        """The fields of a condition on a row of a table."""
        words, kinds = self.view.words, self.grammar.words.facts[table]
        first, second, third = st.columns(WIDTHS)
        with first:
            column = st.selectbox(
                words("row_condition", number=_number(at)),
                sorted(kinds, key=lambda one: one.endswith("_id")),
                format_func=self._column_name, key=f"subject_{at}",
            )  # fmt: skip
        with second:
            comparison = self._comparison(kinds[column], at)
        with third:
            value = self._value(
                kinds[column], comparison, f"{at}_{column}", lambda: self._row_values(table, column)
            )
        return None if value is None else ColumnCondition(column, comparison, value)

    def _row_values(self, table: str, column: str) -> list[str]:
        """What may be chosen of a column of rows; not of what people wrote, nor of ids."""
        if column in self.view.masks.personal(FACTS[table].mart) or column.endswith("_id"):
            return []
        return self.view.ask(audiences.values_of_rows, table, column)

    def _comparison(self, kind: str, at: str, usual: str = "is") -> str:
        words, known = self.view.words, comparisons(kind)
        return st.selectbox(
            words("comparison"), known, index=known.index(usual) if usual in known else 0,
            format_func=lambda one: words(f"is_{one}"), key=f"comparison_{at}_{kind}",
        )  # fmt: skip

    def _value(self, kind: str, comparison: str, at: str, known: Callable[[], list[str]]) -> Any:
        """The field of a value to compare with, of its kind; None where nothing is chosen."""
        words, key = self.view.words, f"value_{at}_{comparison}"
        if comparison == "within_days":
            return int(st.number_input(words("days_number"), 1, LONGEST_WINDOW, 30, key=key))
        if kind == "boolean" or comparison == "is_known":
            return st.selectbox(words("value"), [True, False], format_func=words.value, key=key)
        if comparison in LISTED:
            chosen = st.multiselect(
                words("values"), known() if kind == "text" else [], format_func=words.value,
                accept_new_options=True, key=key, placeholder=words("choose_or_write"),
            )  # fmt: skip
            return (_decimals(chosen) if kind == "number" else chosen) or None
        if kind == "number":
            return st.number_input(words("value"), value=1.0, step=1.0, format="%g", key=key)
        if kind == "date":
            day = st.date_input(words("value"), value=self.view.build.as_of_date, key=key)
            return day if isinstance(day, date) else None
        values = known()
        if not values:
            return st.text_input(words("value"), max_chars=LONGEST_TEXT, key=key).strip() or None
        return st.selectbox(
            words("value"), values, format_func=words.value, accept_new_options=True, key=key,
            placeholder=words("choose_or_write"),
        )  # fmt: skip

    def _column_name(self, name: str) -> str:
        """What a column is called: in Chinese the dictionary has more names than the app."""
        words = self.view.words
        if words.language == "zh" and name not in texts()["columns"]:
            return str(chinese()["columns"].get(name, name))
        return words.column(name)


def _number(at: str) -> str:
    """The place of a condition as it is shown: 2.1 is the first within the second."""
    return ".".join(str(int(part) + 1) for part in at.split("_") if part.isdigit())


def _decimals(written: list[str]) -> list[Decimal]:
    """The numbers that were written; nothing where one is none."""
    try:
        return [Decimal(one) for one in written]
    except InvalidOperation:
        return []
