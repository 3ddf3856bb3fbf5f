"""Identity told in stories: a few records each, with the right answer and why it is right.

    python -m benchmarks.identity_stories [--topic NAME ...] [--all]

tests/cases/identity/README.md says how a story is written. The stories of one kind of company are
delivered together, among the records of a generated company, so that one build shows all of them.
Prints each story that comes out otherwise than it should, with what the tables say of its pairs.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from benchmarks.identity_quality import FEW_FACTS, PROJECT, Companies
from portrait.contract import load_contract
from portrait.identity.registry import propose_identity
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse

FOLDER = PROJECT / "tests" / "cases" / "identity"
# Kinds of companies, with how many people are generated beside the stories.
PEOPLE = {"large": 1500, "small": 150}
SEED = 1119
# As many people have names of the Western stories as of the Chinese ones.
BACKGROUND = FEW_FACTS | {"people": {"abroad": 0.6}}
# Which files of the generated company tell who is who.
RECORD_FILES = {
    "shop": "customers",
    "pos": "members",
    "marketplace": "buyers",
    "crm": "contacts",
}
OTHER_FILES = (("crm", "identifiers"), ("crm", "organisations"))
KEYS = {"shop": "customer_id", "pos": "member_id", "marketplace": "buyer_id", "crm": "contact_id"}
SINCE = {
    "shop": "registered_at",
    "pos": "joined_at",
    "marketplace": "registered_at",
    "crm": "created_at",
}
RULES = (
    *("rule", "system", "native_customer_id", "other_system", "other_native_customer_id"),
    *("reason", "steward", "decided_on"),
)
LOADS = (1, 2, 3, 4)
FIRST_LOAD = date(2026, 7, 1)
DELIVERED = "stories.csv"
# Only what the stories read.
TABLES = ("int_records_clustered", "identity_edges", "identity_review", "identity_log")
ALIASES = "customer_id_aliases"
MARTS_OF_IDS = ("bridge_customer_identities", ALIASES)
# Fields of a record in a story that are no columns of its table.
OWN_FIELDS = ("system", "load", "since", "identifiers")


@dataclass(frozen=True)
class Story:
    """One story. `records` has the versions of each record by its letter, the first one first.

    `right` are the people, each with the letters of the records; `review` are pairs that a steward
    has to be shown; `log` are the words of events that four loads bring about. `fails` says what
    comes out today where that is something else, and `fails_in_loads` what four loads do.
    """

    name: str
    topic: str
    why: str
    company: str
    records: Mapping[str, tuple[Mapping[str, Any], ...]]
    right: frozenset[frozenset[str]]
    review: tuple[tuple[str, str], ...] = ()
    organisations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rules: tuple[Mapping[str, Any], ...] = ()
    log: tuple[str, ...] = ()
    fails: str | None = None
    fails_in_loads: str | None = None

    @property
    def kind(self) -> str:
        """What should become of it: `merge`, `apart`, `both`, or `review` for what is unsure."""
        if self.review:
            return "review"
        sizes = {len(person) for person in self.right}
        return "apart" if sizes == {1} else "merge" if len(self.right) == 1 else "both"

    def record_id(self, letter: str) -> str:
        """The id of a record as the tables name it: the system, a colon, its number there."""
        return f"{self.records[letter][0]['system']}:{self.native_id(letter)}"

    def native_id(self, letter: str) -> str:
        """The number of a record in its system."""
        return f"{re.sub('[^a-z0-9]+', '-', self.name.lower())}-{letter}"

    def load(self, letter: str) -> int:
        """The load with which a record comes first; a story that says nothing spreads them."""
        spread = LOADS[list(self.records).index(letter) % len(LOADS)]
        return int(self.records[letter][0].get("load", spread))


@dataclass(frozen=True)
class Outcome:
    """What a build says: the customer of each record, pairs for review, events of the log.

    `own_ids` has the record whose own id an id is, and `aliases` the customer that has it now.
    """

    customers: dict[str, str]
    review: set[frozenset[str]]
    log: list[tuple[str, ...]]
    own_ids: dict[str, str]
    aliases: dict[str, str]

    def people(self, story: Story) -> frozenset[frozenset[str]]:
        """The records of a story by customer; what is not of the story stands for itself."""
        letters = {story.record_id(letter): letter for letter in story.records}
        mine = {self.customers[record] for record in letters if record in self.customers}
        people: dict[str, set[str]] = {}
        for record, customer in self.customers.items():
            if customer in mine:
                people.setdefault(customer, set()).add(letters.get(record, record))
        return frozenset(frozenset(members) for members in people.values())

    def events(self, story: Story) -> list[str]:
        """The words of the events that the log has of a story's customers."""
        records = {story.record_id(letter) for letter in story.records}
        return [event for event, _, to, *_ in self.log if self.own_ids.get(to) in records]

    def faults(self, story: Story) -> list[str]:
        """What is not as the story says, in words."""
        faults = []
        people = self.people(story)
        if people != story.right:
            faults.append(f"right is {said(story.right)}, built is {said(people)}")
        for pair in story.review:
            if frozenset(story.record_id(letter) for letter in pair) not in self.review:
                faults.append(f"{''.join(pair)} is not in the review")
        return faults


def said(people: Iterable[Iterable[str]]) -> str:
    """Return people as a story writes them: `ab c`."""
    return " ".join(sorted("".join(sorted(person)) for person in people))


def read_stories(folder: Path = FOLDER) -> list[Story]:
    """Read the stories of all topics.

    Raises:
        ValueError: a record has a field that its table does not have, an answer names not every
            record once, or the name of a story is used twice.
    """
    columns = {
        (table.system, table.name): {column.name for column in table.columns}
        for table in load_contract(PROJECT)
    }
    stories = []
    for file in sorted(folder.glob("*.yml")):
        for written in yaml.safe_load(file.read_text("utf-8")):
            stories.append(_story(file.stem, written))
    for story in stories:
        letters = sorted(letter for person in story.right for letter in person)
        if letters != sorted(story.records):
            raise ValueError(f"{story.name}: the answer does not name each record once")
        for version in (version for versions in story.records.values() for version in versions):
            system = version["system"]
            unknown = set(version) - set(OWN_FIELDS) - columns[system, RECORD_FILES[system]]
            if unknown:
                raise ValueError(f"{story.name}: {system} has no {', '.join(sorted(unknown))}")
    names = [story.native_id("") for story in stories]
    if len(set(names)) < len(names):
        raise ValueError(f"used twice: {sorted({one for one in names if names.count(one) > 1})}")
    return stories


def _story(topic: str, written: Mapping[str, Any]) -> Story:
    records = {}
    for letter, versions in written["records"].items():
        versions = versions if isinstance(versions, list) else [versions]
        # A later version names only what has changed.
        for number, version in enumerate(versions[1:], 1):
            versions[number] = {**versions[number - 1], **version}
        records[letter] = tuple(versions)
    return Story(
        **{
            **written,
            "topic": topic,
            "company": written.get("company", "large"),
            "records": records,
            "right": frozenset(frozenset(person) for person in written["right"].split()),
            "review": tuple((one, other) for one, other in written.get("review", ())),
            "rules": tuple(written.get("rules", ())),
            "log": tuple(written.get("log", ())),
        }
    )


class StoryCompany:
    """A company of one kind, whose stories are delivered and built."""

    def __init__(self, companies: Companies, company: str, stories: Iterable[Story]) -> None:
        """Generate the company; its stories are those of its kind."""
        self.companies = companies
        self.stories = [story for story in stories if story.company == company]
        generated = companies.generate(SEED, PEOPLE[company], company, BACKGROUND)
        self.raw = generated.with_name(f"stories-{company}")
        shutil.rmtree(self.raw, ignore_errors=True)
        for system, table in (*RECORD_FILES.items(), *OTHER_FILES):
            # A small company has no organisations.
            if (generated / system / table).exists():
                shutil.copytree(generated / system / table, self.raw / system / table)
        shutil.rmtree(generated)

    def deliver(self, loads: Iterable[int] = LOADS, as_one: bool = False) -> None:
        """Write what the stories deliver with these loads; `as_one`: with the first load date.

        The rules of stewards are those of the last of these loads.
        """
        for earlier in self.raw.rglob(DELIVERED):
            earlier.unlink()
        loads = tuple(loads)
        rows: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
        rules = []
        for story in self.stories:
            for load, system, table, row in _rows(story):
                if load in loads:
                    rows.setdefault((1 if as_one else load, system, table), []).append(row)
            rules += [
                _rule(story, rule) for rule in story.rules if max(loads) in rule.get("loads", LOADS)
            ]
        for (load, system, table), content in rows.items():
            folder = self.raw / system / table / f"load_date={FIRST_LOAD + timedelta(load - 1)}"
            _write(folder / DELIVERED, content)
        _write(self.raw / "config" / "seeds" / "identity_rules.csv", rules, RULES)

    def build(self, state: StateStore | None = None) -> Outcome:
        """Build what is delivered, in a warehouse that holds nothing but what was published.

        `state` has what earlier builds published, and takes what this one does.
        """
        query: Callable[[str], list[tuple[Any, ...]]] = self.companies.query
        tables = TABLES + (MARTS_OF_IDS if state else ())
        selected = [f"+{table}" for table in tables]
        self.companies.build(self.raw, *selected, state=state.folder if state else None)
        if state:
            self._publish(state)
        return Outcome(
            dict(query("select record_id, customer_id from intermediate.int_records_clustered")),
            {
                frozenset(pair)
                for pair in query(
                    "select record_id, other_record_id from portrait.marts.identity_review"
                    " where other_record_id is not null"
                )
            },
            query(
                "select event, from_customer_id, to_customer_id, event_number, reason,"
                " records_count from portrait.marts.identity_log order by all"
            ),
            dict(
                query(
                    "select potential_customer_id, record_id"
                    " from intermediate.int_source_records_unioned"
                )
            ),
            dict(query(f"select alias_customer_id, customer_id from portrait.marts.{ALIASES}"))
            if state
            else {},
        )

    def _publish(self, state: StateStore) -> None:
        """Let what the build at hand proposes of ids take effect, as publishing it does."""
        work = Warehouse(self.companies.warehouse)
        query: Callable[[str], list[tuple[Any, ...]]] = self.companies.query
        ((as_of_date,),) = query("select as_of_date from intermediate.int_as_of")
        published = len(list((state.folder / "identity_registry").glob("*.parquet")))
        build_id = f"{FIRST_LOAD + timedelta(published):%Y%m%d}T000000Z-0000"
        proposals = StateStore(work.root / "proposals")
        propose_identity(
            work.work_portrait, state, proposals, build_id, as_of_date, datetime.now(UTC)
        )
        state.absorb(proposals.folder)

    def report(self, story: Story) -> list[str]:
        """What the tables say of the pairs of a story, in words."""
        letters = {story.record_id(letter): letter for letter in story.records}
        names = ", ".join(f"'{record}'" for record in letters)
        found = {
            frozenset((letters.get(one, one), letters.get(other, other))): (*values,)
            for one, other, *values in self.companies.query(
                "select one.record_id, other.record_id, edges.verdict, edges.match_rule,"
                " edges.evidence, explained.verdict, explained.match_weight,"
                " explained.match_probability, explained.score_levels"
                " from intermediate.int_source_records_unioned as one"
                " cross join intermediate.int_source_records_unioned as other"
                " left join portrait.marts.identity_edges as edges"
                " on edges.record_id = one.record_id and edges.other_record_id = other.record_id"
                " left join intermediate.int_match_pairs_explained as explained"
                " on explained.record_key = one.record_key"
                " and explained.other_record_key = other.record_key"
                f" where (one.record_id in ({names}) or other.record_id in ({names}))"
                " and (edges.verdict is not null or explained.verdict is not null)"
            )
        }
        lines = []
        for pair in combinations(letters.values(), 2):
            if frozenset(pair) not in found:
                lines.append(f"{'~'.join(pair)}: never compared, shares no identifier")
        for key in sorted(found, key=sorted):
            verdict, rule, evidence, scored, weight, probability, levels = found[key]
            if len(key & set(letters.values())) == 2 or verdict == "joins":
                line = f"{'~'.join(sorted(key))}:"
                if verdict:
                    line += f" edge {verdict} by {rule}: {evidence}"
                if scored:
                    line += f" | score {scored}, {weight:+.1f}, p={probability:.3f}: {levels}"
                lines.append(line)
        return lines


def _rows(story: Story) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """The rows that a story delivers: the load, the system, the table, and the row."""
    for number, (letter, columns) in enumerate(story.organisations.items()):
        row = {"organisation_id": story.native_id(letter), "created_at": _moment(number), **columns}
        yield 1, "crm", "organisations", row
    for number, (letter, versions) in enumerate(story.records.items()):
        first = story.load(letter)
        since = versions[0].get("since", _moment(number))
        for place, version in enumerate(versions):
            system = version["system"]
            load = int(version.get("load", first)) if place else first
            row = {
                name: story.native_id(value) if name == "organisation_id" else value
                for name, value in version.items()
                if name not in OWN_FIELDS
            }
            yield (
                load,
                system,
                RECORD_FILES[system],
                {
                    KEYS[system]: story.native_id(letter),
                    **row,
                    SINCE[system]: since,
                    "updated_at": version.get(
                        "updated_at",
                        f"{FIRST_LOAD + timedelta(load - 2)} 0{place}:00:00" if place else since,
                    ),
                },
            )
        for kind, written in versions[0].get("identifiers", {}).items():
            value, issuer = written if isinstance(written, list) else (written, "")
            if kind == "record":
                issuer, named = value.split(":")
                value = story.native_id(named)
            yield (
                first,
                "crm",
                "identifiers",
                {
                    "system": versions[0]["system"],
                    "native_id": story.native_id(letter),
                    "identifier_type": kind,
                    "identifier_value": value,
                    "issuer": issuer,
                    "updated_at": since,
                },
            )


def _moment(number: int) -> str:
    return str(datetime(2026, 3, 1, 10) + timedelta(days=number))


def _rule(story: Story, rule: Mapping[str, Any]) -> dict[str, Any]:
    one, other = rule["pair"]
    return {
        "rule": rule["rule"],
        "system": story.records[one][0]["system"],
        "native_customer_id": story.native_id(one),
        "other_system": story.records[other][0]["system"],
        "other_native_customer_id": story.native_id(other),
        "reason": story.name,
        "steward": "steward",
        "decided_on": "2026-07-01",
    }


def _write(file: Path, rows: list[dict[str, Any]], columns: Iterable[str] = ()) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    names = tuple(columns) or tuple(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Print the stories that come out otherwise than they should."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topic", nargs="+", help="only these")
    parser.add_argument("--all", action="store_true", help="also those that come out right")
    options = parser.parse_args()
    stories = read_stories()
    with tempfile.TemporaryDirectory() as folder, Companies(Path(folder)) as companies:
        for kind in PEOPLE:
            company = StoryCompany(companies, kind, stories)
            company.deliver(as_one=True)
            outcome = company.build()
            shown = [one for one in company.stories if one.topic in (options.topic or [one.topic])]
            wrong = [story for story in shown if outcome.faults(story)]
            print(f"# A {kind} company: {len(wrong)} of {len(shown)} stories come out wrong")
            for story in shown if options.all else wrong:
                faults = outcome.faults(story)
                print(f"\n## {story.topic}: {story.name} ({story.kind})")
                print(f"{'; '.join(faults) or 'as it should'}. {story.why}")
                for letter, versions in story.records.items():
                    print(f"  {letter} {' -> '.join(str(dict(one)) for one in versions)}")
                print("\n".join(f"  {line}" for line in company.report(story)), flush=True)


if __name__ == "__main__":
    main()
