"""Identity in stories of a few records: each comes out as it should, in one load and in four.

tests/cases/identity holds the stories, with the right answer and why it is right. What comes out
otherwise today says so there, in the field `fails`, and the test fails once it comes out right.
`python -m benchmarks.identity_stories` prints what the tables say of the pairs of such a story.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from benchmarks.identity_quality import Companies
from benchmarks.identity_stories import LOADS, PEOPLE, Outcome, Story, StoryCompany, read_stories
from portrait.state.store import StateStore

STORIES = read_stories()
# Fields whose values are one person's, one house's or one organisation's, and so one story's.
OWN_VALUES = ("email", "phone", "loyalty_number", "platform_id", "address")


@dataclass
class Told:
    """The stories of one kind of company, built as one load and as four."""

    company: StoryCompany
    folder: Path

    @cached_property
    def at_once(self) -> Outcome:
        """One load, in a warehouse of its own."""
        self.company.deliver(as_one=True)
        return self.company.build()

    @cached_property
    def one_by_one(self) -> list[Outcome]:
        """A build after each of four loads; a last one when all comes once more, as one load."""
        state = StateStore(self.folder / "state")
        outcomes = []
        for load in LOADS:
            self.company.deliver(range(1, load + 1))
            outcomes.append(self.company.build(state))
        self.company.deliver(as_one=True)
        return [*outcomes, self.company.build(state)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    folder = tmp_path_factory.mktemp("stories")
    with Companies(folder) as companies:
        yield {kind: Told(StoryCompany(companies, kind, STORIES), folder / kind) for kind in PEOPLE}


def of_story(story: Story) -> object:
    """Return the story as a parameter: one that fails today has to be marked, and no other."""
    marks = [pytest.mark.xfail(reason=story.fails, strict=True)] if story.fails else []
    return pytest.param(story, id=f"{story.topic}: {story.name}", marks=marks)


@pytest.mark.parametrize(
    "story", [of_story(story) for kind in PEOPLE for story in STORIES if story.company == kind]
)
def test_a_story_comes_out_right(story: Story, told: dict[str, Told]) -> None:
    faults = told[story.company].at_once.faults(story)
    assert not faults, f"{'; '.join(faults)}. {story.why}"


@pytest.mark.slow(reason="each company is built five times")
@pytest.mark.parametrize("kind", PEOPLE)
def test_four_loads_say_the_same_as_one(kind: str, told: dict[str, Told]) -> None:
    at_once, (*built, once_more) = told[kind].at_once, told[kind].one_by_one
    stories = told[kind].company.stories
    faults = {story.name: list(_faults_in_loads(story, at_once, built)) for story in stories}
    assert at_once.log == []
    # With what is published, the same records in another delivery change nothing.
    last = built[-1]
    assert once_more.customers == last.customers
    assert once_more.log == last.log
    assert once_more.review == last.review
    # What fails in four loads has to be marked, and nothing else.
    marked = {story.name: story.fails_in_loads for story in stories if story.fails_in_loads}
    found = {name: said for name, said in faults.items() if said}
    assert set(found) == set(marked), {n: found.get(n) for n in set(found) ^ set(marked)}


def _faults_in_loads(story: Story, at_once: Outcome, built: list[Outcome]) -> Iterator[str]:
    """Say what four loads do otherwise than one, and otherwise than the log should say."""
    last = built[-1]
    if last.people(story) != at_once.people(story):
        yield f"one load {at_once.people(story)}, four {last.people(story)}"
    # What comes out wrong brings about events that nobody expects.
    if not story.fails and sorted(last.events(story)) != sorted(story.log):
        yield f"the log has {last.events(story)}, should have {story.log}"
    for letter in story.records:
        record = story.record_id(letter)
        customer = last.customers[record]
        if last.aliases[at_once.customers[record]] != customer:
            yield f"the id that {letter} has in one load leads to another customer"
        # Builds before its load do not know the record.
        ids = [one.customers[record] for one in built[story.load(letter) - 1 :]]
        if any(last.aliases[one] != last.customers[last.own_ids[one]] for one in ids):
            yield f"an id that {letter} had leads to another customer"
        if not last.events(story) and set(ids) != {customer}:
            yield f"the id of {letter} changes without a word in the log"


def test_the_stories_are_of_many_kinds() -> None:
    kinds = Counter(story.kind for story in STORIES)
    assert len(STORIES) >= 60
    assert kinds["apart"] + kinds["both"] >= kinds["merge"] > 0.7 * kinds["apart"]
    assert kinds["review"] >= 10
    assert all(2 <= len(story.records) <= 8 and story.why.endswith(".") for story in STORIES)


def test_stories_share_no_values() -> None:
    """Else the records of one story could change another's answer."""
    holders: dict[str, set[str]] = {}
    for story in STORIES:
        for versions in story.records.values():
            for version in versions:
                values = [str(version[name]) for name in OWN_VALUES if name in version]
                values += [str(value) for value in version.get("identifiers", {}).values()]
                for value in values:
                    # Masked numbers and account references are not values of their own.
                    if not re.search(r"[*:]", value) or "@" in value:
                        plain = value.lower().strip(" <>").replace(" ", "")
                        holders.setdefault(plain, set()).add(story.name)
    assert not {value: names for value, names in holders.items() if len(names) > 1}
