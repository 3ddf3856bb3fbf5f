"""A generated company is the same by seed, has the structure it promises, and tells its truth."""

import csv
import filecmp
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml
from click.testing import CliRunner

import portrait.generator.generate as generating
from portrait.cli import cli
from portrait.contract import load_contract
from portrait.errors import PortraitError
from portrait.generator.calendar import make_calendar
from portrait.generator.generate import generate
from portrait.generator.profile import DEFAULT_PROFILE, Profile, load_profile
from portrait.generator.random_streams import alternatives, places_within, scattered, stream
from portrait.generator.vocabulary import NAMES_OF_THE_WORLD, vocabulary

PROJECT = Path(__file__).parents[3]
PROFILES = DEFAULT_PROFILE.parent
PEOPLE = 1200
# Fewer rows and files than by default: the tests read every one.
SIZE = "{size: {orders_per_person: 6, events_per_person: 15}, period: {load_every_days: 91}}"
# Of rows that are few by default, enough with each fault.
FAULTS = ", ".join(
    f"{section}: {{orphan: 0.05, outside_scale: 0.05}}"
    for section in ("service", "reviews", "social")
)
FEW = "{size: {orders_per_person: 2, events_per_person: 4}, period: {load_every_days: 182}}"
# All that the contract names is generated.
CONTRACT = {(table.system, table.name): table for table in load_contract(PROJECT)}


class Made:
    """A generated company with its raw rows and its truth as lists of dictionaries."""

    def __init__(self, folder: Path, profile: Profile, **options) -> None:
        self.raw, self.truth = folder / "raw", folder / "truth"
        numbers = {"people": PEOPLE, "seed": 11, "days": 365} | options
        self.company = generate(PROJECT, **numbers, profile=profile, out=self.raw, truth=self.truth)

    def rows(self, system: str, table: str) -> list[dict[str, str]]:
        return [
            row
            for path in sorted((self.raw / system / table).rglob("*.csv"))
            for row in read_csv(path)
        ]

    def facts(self, name: str) -> list[dict[str, str]]:
        return read_csv(self.truth / f"{name}.csv")


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def profile_of(folder: Path, text: str, base: Path | None = None) -> Profile:
    content = yaml.safe_load(text)
    if base is not None:
        merged = yaml.safe_load(base.read_text(encoding="utf-8"))
        for section, values in content.items():
            merged.setdefault(section, {}).update(values)
        content = merged
    path = folder / "profile.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_profile(path)


@pytest.fixture(scope="module")
def usual(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("usual")
    return Made(folder, profile_of(folder, f"{SIZE[:-1]}, {FAULTS}}}", DEFAULT_PROFILE))


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("clean")
    return Made(folder, profile_of(folder, SIZE, PROFILES / "clean.yml"))


def relative_files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    profile = profile_of(tmp_path, FEW, DEFAULT_PROFILE)
    one, two, other = (
        Made(tmp_path / name, profile, people=300, seed=seed)
        for name, seed in (("one", 5), ("two", 5), ("other", 6))
    )
    for first, second in ((one.raw, two.raw), (one.truth, two.truth)):
        names = relative_files(first)
        assert names == relative_files(second)
        assert filecmp.cmpfiles(first, second, names, shallow=False)[1:] == ([], [])
    people = "people.csv"
    assert (one.truth / people).read_bytes() != (other.truth / people).read_bytes()


def test_the_committed_sample_is_what_its_command_writes(tmp_path):
    sample = PROJECT / "data" / "sample"
    profile = load_profile(PROFILES / "sample.yml")
    made = Made(tmp_path, profile, people=2000, seed=20260630, days=365)
    names = relative_files(made.raw)
    assert relative_files(sample) == sorted([Path("README.md"), *names])
    assert filecmp.cmpfiles(sample, made.raw, names, shallow=False)[1:] == ([], [])
    # It stays small, and the build of it fast.
    assert sum((sample / name).stat().st_size for name in names) < 8_000_000
    assert len(made.rows("app", "events")) < 30_000


def test_chunks_share_no_id_and_lose_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(generating, "PEOPLE_PER_CHUNK", 100)
    made = Made(tmp_path, profile_of(tmp_path, FEW, PROFILES / "clean.yml"), people=250)
    numbers = {row["person_id"] for part in "123" for row in made.facts(f"people-000{part}")}
    assert numbers == {str(number) for number in range(250)}
    for (system, name), table in CONTRACT.items():
        has_version = "updated_at" in table.column_names
        version = "updated_at" if has_version else table.version_column
        keys = [
            tuple(row[column] for column in (*table.key, *([version] if version else [])))
            for row in made.rows(system, name)
        ]
        assert len(keys) == len(set(keys)), f"{system}/{name}"


def test_every_table_and_column_of_the_contract_is_filled(usual):
    for (system, name), table in CONTRACT.items():
        rows = usual.rows(system, name)
        assert rows, f"{system}/{name} has no rows"
        assert list(rows[0]) == list(table.column_names)
        for column in table.column_names:
            # The platform knows no documents of goods that come back.
            if (system, name, column) == ("marketplace", "orders", "original_order_id"):
                continue
            # Campaigns of the default cause no orders; redeemed coupons have a test of their own.
            if (name, column) == ("coupon_redemptions", "coupon_issue_id"):
                continue
            assert any(row[column] for row in rows), f"{system}/{name}.{column} is always empty"


def test_payments_are_what_the_truth_says_of_goods_and_charges(clean):
    told = {row["native_order_id"]: row for row in clean.facts("orders") if row["system"] == "shop"}
    beside = {"shipping": 0, "tax": 0, "tip": 0, "gift_card": 0}
    refunds = Counter()
    for row in clean.rows("shop", "payments"):
        if not row["order_id"] or row["status"] in ("failed", "失败"):
            continue
        order, amount = told[row["order_id"]], Decimal(row["amount"])
        parts = {name: Decimal(order[f"{name}_amount"]) for name in beside}
        for name, part in parts.items():
            beside[name] += part > 0
        included = parts["tax"] if order["prices_include_tax"] == "true" else 0
        total = Decimal(order["net_amount"]) + sum(parts.values()) - included
        if row["payment_type"] != "refund" and amount > 0:
            assert amount == total, row
        elif order["fate"] == "refunded":
            assert abs(amount) == total, row
            if row["goods_amount"]:
                assert Decimal(row["goods_amount"]) == Decimal(order["net_amount"]) - included
            refunds[bool(row["goods_amount"])] += 1
    assert all(beside.values()), beside
    assert refunds[True] and refunds[False], refunds


def test_a_test_order_is_told_in_its_file_and_in_the_truth(usual):
    for system, table, key in (
        ("shop", "orders", "order_id"),
        ("pos", "receipts", "receipt_id"),
        ("marketplace", "orders", "order_id"),
    ):
        told = {
            row["native_order_id"]
            for row in usual.facts("orders")
            if row["system"] == system and row["is_test"] == "true"
        }
        marked = {row[key] for row in usual.rows(system, table) if row["is_test"] and row[key]}
        # A row without its number, or not delivered, is in the truth alone.
        assert marked and marked <= told


def test_raw_files_hold_tables_of_the_contract_and_nothing_of_the_truth(usual):
    for path in relative_files(usual.raw):
        system, table, load, file = path.parts
        assert (system, table) in CONTRACT
        assert load.startswith("load_date=")
        assert file == f"{table}.csv"


def test_counts_of_the_truth_are_those_of_the_files(usual):
    told: Counter[tuple[str, str]] = Counter()
    for row in usual.facts("landed_counts"):
        told[row["system"], row["table_name"]] += int(row["row_count"])
    for system, table in CONTRACT:
        assert told[system, table] == len(usual.rows(system, table)), f"{system}/{table}"


def test_planted_counts_are_those_of_the_planted_rows(usual):
    counted = Counter(
        (row["system"], row["table_name"], row["kind"], row["outcome"], row["reason"])
        for row in usual.facts("planted")
    )
    told = {
        (row["system"], row["table_name"], row["kind"], row["outcome"], row["reason"]): int(
            row["row_count"]
        )
        for row in usual.facts("planted_counts")
    }
    assert counted == told


def test_every_kind_of_row_dirt_of_the_profile_is_planted(usual):
    planted = {row["kind"] for row in usual.facts("planted")}
    profile = load_profile()
    assert {*profile["row_dirt"], *profile["order_dirt"]} <= planted
    assert {"orphan_points", "overdrawn_points"} <= planted
    assert {"orphan_survey", "score_outside_scale"} <= planted
    orphans = {"ticket", "interaction", "review", "social_profile"}
    assert {f"orphan_{name}" for name in orphans} <= planted


def test_every_kind_of_text_dirt_of_the_profile_is_on_some_record(tmp_path):
    profile = profile_of(
        tmp_path, FEW[:-1] + ", text_dirt: {phone_of_store: 0.05, name_full_width: 0.2}}"
    )
    made = Made(tmp_path, profile, people=1200)
    seen = {kind for row in made.facts("records") for kind in row["dirt"].split()}
    assert {
        kind if kind != "masked_name" else "name_masked" for kind in profile["text_dirt"]
    } <= seen


def test_a_clean_company_has_no_planted_row(clean):
    assert clean.facts("planted") == []
    outcomes = {row["outcome"] for row in clean.facts("landed_counts")}
    assert outcomes <= {"accepted", "superseded"}
    kinds = {kind for row in clean.facts("records") for kind in row["dirt"].split()}
    assert kinds <= {"name_masked", "masked_phone"}


def test_dirt_of_rows_changes_nothing_else(tmp_path):
    rows_of = {}
    for name, text in (("without", FEW), ("with", FEW[:-1] + ", row_dirt: {duplicate: 0.2}}")):
        (tmp_path / name).mkdir()
        profile = profile_of(tmp_path / name, text, PROFILES / "clean.yml")
        rows_of[name] = Made(tmp_path / name, profile, people=200, seed=3)
    for system, table in CONTRACT:
        rows, again = (rows_of[name].rows(system, table) for name in ("without", "with"))
        assert {tuple(row.values()) for row in rows} == {tuple(row.values()) for row in again}
        assert len(again) > len(rows) or len(rows) < 30


def test_means_are_those_of_the_profile(clean):
    wanted = yaml.safe_load(SIZE)["size"]
    assert len(clean.facts("orders")) / PEOPLE == pytest.approx(
        wanted["orders_per_person"], rel=0.08
    )
    assert len(clean.rows("app", "events")) / PEOPLE == pytest.approx(
        wanted["events_per_person"], rel=0.12
    )


def test_every_record_is_one_person_and_every_order_too(usual):
    people = {row["person_id"] for row in usual.facts("people")}
    records = usual.facts("records")
    assert len({(row["system"], row["native_id"]) for row in records}) == len(records)
    assert {row["person_id"] for row in records} <= people
    whose = {(row["system"], row["native_id"]): row["person_id"] for row in records}
    orders = usual.facts("orders")
    assert len({(row["system"], row["native_order_id"]) for row in orders}) == len(orders)
    for row in orders:
        if row["native_customer_id"]:
            assert whose[row["system"], row["native_customer_id"]] == row["person_id"]
    assert any(not row["native_customer_id"] for row in orders)


def test_families_share_a_phone_but_no_given_name(clean):
    families = defaultdict(list)
    for row in clean.facts("people"):
        if row["household_id"]:
            families[row["household_id"]].append(row)
    assert len(families) > 30
    assert all(2 <= len(family) <= 4 for family in families.values())
    for family in families.values():
        assert len({row["first_name"] for row in family}) == len(family)
        assert len({row["shares_phone"] for row in family}) == 1
    person_of = {
        (row["system"], row["native_id"]): row["person_id"] for row in clean.facts("records")
    }
    phones = defaultdict(set)
    for row in clean.rows("shop", "customers"):
        if row["phone"]:
            phones[row["phone"]].add(person_of["shop", row["customer_id"]])
    sharing = {row["person_id"]: row for row in clean.facts("people")}
    shared = [people for people in phones.values() if len(people) > 1]
    assert shared
    for people in shared:
        assert len({sharing[person]["household_id"] for person in people}) == 1
        assert all(sharing[person]["shares_phone"] == "true" for person in people)


def test_staff_share_the_switchboard_and_the_domain_of_their_organisation(usual):
    organisations = {row["organisation_id"]: row for row in usual.facts("organisations")}
    whose = {(row["system"], row["native_id"]): row for row in usual.facts("records")}
    employer = {row["person_id"]: row["organisation_id"] for row in usual.facts("people")}
    assert len(organisations) > 4
    by_organisation = Counter(filter(None, employer.values()))
    for number, organisation in organisations.items():
        assert by_organisation[number] == int(organisation["staff_count"]) >= 3
        assert organisation["parent_organisation_id"] in {"", *organisations}
    marked = Counter()
    for system, table, key in (
        ("shop", "customers", "customer_id"), ("pos", "members", "member_id"),
        ("crm", "contacts", "contact_id"),
    ):  # fmt: skip
        for row in usual.rows(system, table):
            record = whose.get((system, (row[key] or "").strip()))
            if record is None or not employer[record["person_id"]]:
                continue
            organisation = organisations[employer[record["person_id"]]]
            if system == "crm":
                assert row["organisation_id"].strip() == organisation["organisation_id"]
                marked["domain"] += row["email"].endswith(
                    organisation["general_email"].split("@")[1]
                )
            if "phone_of_organisation" in record["dirt"]:
                digits = "".join(letter for letter in row["phone"] if letter.isdecimal())
                assert organisation["switchboard"].endswith(digits.lstrip("0"))
                marked[system] += 1
            if "email_of_organisation" in record["dirt"]:
                assert row["email"].strip() == organisation["general_email"]
                marked["general_email"] += 1
    assert set(marked) == {"shop", "pos", "crm", "domain", "general_email"}


def test_relationships_are_those_of_the_people(clean):
    whose = {(row["system"], row["native_id"]): row["person_id"] for row in clean.facts("records")}
    people = {row["person_id"]: row for row in clean.facts("people")}
    kinds = Counter()
    for row in clean.rows("crm", "relationships"):
        one, other = (
            people[whose[row[f"{side}system"], row[f"{side}native_id"]]]
            for side in ("", "related_")
        )
        assert one["person_id"] != other["person_id"]
        kinds[row["kind"]] += 1
        if row["kind"] == "family":
            assert one["household_id"] == other["household_id"] != ""
        if row["kind"] == "colleague":
            assert one["organisation_id"] == other["organisation_id"] != ""
    assert set(kinds) == {"family", "friend", "colleague"}


def test_points_are_kept_as_the_truth_says(clean):
    """Each account kept lot by lot: what has a date goes first, the oldest before the newer."""
    told = {(row["system"], row["native_id"]): row for row in clean.facts("points")}
    entries = defaultdict(list)
    for row in clean.rows("crm", "loyalty_points"):
        entries[row["system"], row["native_id"]].append(row)
    assert set(entries) <= set(told)
    end, lapsed, seen = "2026-07-01 00:00:00", Counter(), Counter()
    for account, rows in entries.items():
        moments = [(row["occurred_at"], int(row["points"]) <= 0 or row["kind"] == "spend", row)
                   for row in rows if row["kind"] != "expire"]  # fmt: skip
        expiries = {row["expires_at"] for row in rows if row["expires_at"]}
        moments += [(moment, False, None) for moment in expiries if moment < end]
        lots = []
        for moment, is_taken, row in sorted(moments, key=lambda step: (step[0], step[1])):
            for lot in lots:
                if lot["expires_at"] and lot["expires_at"] <= moment:
                    lapsed[account] += lot["left"]
                    lot["left"] = 0
            if is_taken:
                asked = abs(int(row["points"]))
                seen["taken back"] += row["kind"] == "adjust"
                for lot in sorted(lots, key=lambda lot: lot["expires_at"] or "never"):
                    part = min(asked, lot["left"])
                    lot["left"] -= part
                    asked -= part
                assert asked == 0 or row["kind"] == "adjust"
            elif row:
                lots.append({"left": int(row["points"]), "expires_at": row["expires_at"]})
        balance = sum(lot["left"] for lot in lots)
        assert balance == int(told[account]["points_balance"])
        assert lapsed[account] == int(told[account]["expired_points"])
        written = -sum(int(row["points"]) for row in rows if row["kind"] == "expire")
        assert written <= lapsed[account]
        seen.update(row["kind"] for row in rows)
    assert set(seen) == {"earn", "spend", "adjust", "expire", "taken back"}
    assert all(seen.values())
    orders = {row["native_order_id"]: row for row in clean.facts("orders")}
    for row in clean.rows("crm", "loyalty_points"):
        if row["order_id"]:
            order = orders[row["order_id"]]
            assert (order["system"], order["document_kind"]) == (row["system"], "sale")
            assert order["native_customer_id"] == row["native_id"]


def test_those_who_were_disappointed_say_so(clean):
    orders = {row["native_order_id"]: row for row in clean.facts("orders")}
    scores = defaultdict(list)
    for row in clean.rows("crm", "surveys"):
        assert bool(row["score"]) == bool(row["answered_at"])
        if row["score"]:
            kind = row["kind"].lower()
            lowest, highest = {"nps": (0, 10), "csat": (1, 5)}[kind]
            assert lowest <= int(row["score"]) <= highest
            done = orders[row["order_id"]]["fate"] == "done"
            scores[kind, done].append((int(row["score"]) - lowest) / (highest - lowest))
    for kind in ("nps", "csat"):
        assert np.mean(scores[kind, True]) > np.mean(scores[kind, False]) + 0.15


def test_tickets_and_reviews_follow_what_became_of_the_order(clean):
    orders = {row["native_order_id"]: row for row in clean.facts("orders")}
    told = {row["ticket_id"]: row for row in clean.facts("tickets")}
    asked = Counter(row["cause"] for row in told.values())
    assert set(asked) == {"question", "late", "took_back", "disappointed"}
    whose = {(row["system"], row["native_id"]): row["person_id"] for row in clean.facts("records")}
    for row in clean.rows("crm", "tickets"):
        fact = told[row["ticket_id"]]
        if fact["cause"] == "took_back":
            assert orders[fact["native_order_id"]]["fate"] not in ("done", "unpaid", "cancelled")
        if row["native_id"]:
            assert whose[row["system"], row["native_id"]] == fact["person_id"]
        moments = [row[name] for name in ("opened_at", "first_answered_at", "closed_at")]
        assert (there := [moment for moment in moments if moment]) == sorted(there)
    tickets = {row["ticket_id"] for row in clean.rows("crm", "tickets")}
    assert {row["ticket_id"] for row in clean.rows("crm", "interactions")} == tickets == set(told)
    ratings = defaultdict(list)
    moods = {row["review_id"]: row for row in clean.facts("reviews")}
    for row in clean.rows("shop", "reviews"):
        assert 1 <= int(row["rating"]) <= 5
        ratings[moods[row["review_id"]]["mood"]].append(int(row["rating"]))
    means = [np.mean(ratings[mood]) for mood in ("content", "neither", "disappointed")]
    assert means[0] > means[1] + 0.8 > means[2] + 1.6


@pytest.mark.parametrize(
    ("system", "table", "column", "seed"),
    [
        ("crm", "tickets", "category", "pain_point_words"),
        ("crm", "tickets", "channel", "contact_channel_words"),
        ("crm", "tickets", "status", "ticket_status_words"),
        ("crm", "interactions", "topic", "pain_point_words"),
        ("crm", "interactions", "direction", "contact_direction_words"),
        ("app", "devices", "price_class", "device_price_words"),
        ("app", "events", "referrer", "referrer_words"),
        ("shop", "customers", "registration_source", "referrer_words"),
        ("shop", "customers", "marital_status", "marital_status_words"),
        ("shop", "customers", "education", "education_words"),
        ("shop", "customers", "home", "home_words"),
        ("shop", "products", "audience", "audience_words"),
    ],
)
def test_words_are_those_that_a_seed_knows(clean, system, table, column, seed):
    known = {
        next(iter(row.values())) for row in read_csv(PROJECT / "seeds" / "staging" / f"{seed}.csv")
    }
    written = {row[column].replace("-", " ") for row in clean.rows(system, table) if row[column]}
    assert len(written) > 1
    assert written <= known


def test_interests_are_near_to_the_tastes(clean):
    people = {row["person_id"]: row for row in clean.facts("people")}
    whose = {row["social_profile_id"]: row["person_id"] for row in clean.facts("social_profiles")}
    rows = clean.rows("crm", "social_profiles")
    hits = [
        people[whose[row["social_profile_id"]]]["favourite_category"] in row["interests"]
        for row in rows
    ]
    assert len(hits) > 80
    assert 0.65 < np.mean(hits) < 0.95


def test_families_tell_facts_that_fit(clean):
    families = defaultdict(list)
    for row in clean.facts("people"):
        if row["household_id"]:
            families[row["household_id"]].append(row)
    for family in families.values():
        assert {row["household_size"] for row in family} == {str(len(family))}
        assert [row["marital_status"] for row in family[:2]] == ["married", "married"]
        assert {row["children_count"] for row in family[:2]} == {str(len(family) - 2)}
    people = {row["person_id"]: row for row in clean.facts("people")}
    whose = {(row["system"], row["native_id"]): row["person_id"] for row in clean.facts("records")}
    told = Counter()
    for system, table, key in (
        ("shop", "customers", "customer_id"), ("pos", "members", "member_id"),
        ("crm", "contacts", "contact_id"),
    ):  # fmt: skip
        for row in clean.rows(system, table):
            if row["children_count"]:
                told[system] += 1
                fact = people[whose[system, row[key]]]
                assert row["children_count"] == fact["children_count"]
    assert min(told.values()) > 30


def test_searches_for_what_is_not_sold_find_nothing(clean):
    found = defaultdict(list)
    for row in clean.rows("app", "events"):
        assert bool(row["results_count"]) == (row["event_type"] == "search")
        if row["results_count"]:
            found[row["search_text"]].append(row["results_count"] == "0")
    in_vain = {text: np.mean(zeros) for text, zeros in found.items()}
    assert sum(share > 0.6 for share in in_vain.values()) == 2
    assert sum(share < 0.2 for share in in_vain.values()) == len(in_vain) - 2


@pytest.fixture(scope="module")
def abused(tmp_path_factory) -> Made:
    """A company of the profile `portrait`, without dirt, with more of those who take advantage."""
    folder = tmp_path_factory.mktemp("abused")
    text = SIZE[:-1] + ", abuse: {coupon_abuser: 0.03, refund_abuser: 0.03, order_brusher: 0.03}}"
    base = yaml.safe_load((PROFILES / "clean.yml").read_text("utf-8"))
    for section, values in yaml.safe_load((PROFILES / "portrait.yml").read_text("utf-8")).items():
        base.setdefault(section, {}).update(values)
    (folder / "base.yml").write_text(yaml.safe_dump(base), "utf-8")
    return Made(folder, profile_of(folder, text, folder / "base.yml"), people=600)


def test_abusers_do_what_the_truth_says(abused):
    orders = defaultdict(list)
    for row in abused.facts("orders"):
        if row["document_kind"] == "sale":
            orders[row["person_id"]].append(row)
    coupons = {row["order_id"]: row["coupon_code"] for row in abused.rows("shop", "orders")}
    placed = {row["order_id"]: row["ordered_at"] for row in abused.rows("shop", "orders")}
    seen = Counter()
    for row in abused.facts("people"):
        mine = orders[row["person_id"]]
        lost = [order["fate"] not in ("done", "unpaid") for order in mine]
        numbers = [order["native_order_id"] for order in mine]
        if row["is_coupon_abuser"] == "true":
            seen["coupon"] += 1
            assert len({order["native_customer_id"] for order in mine}) >= 4
            assert np.mean([bool(coupons[number]) for number in numbers]) > 0.6
        if row["is_refund_abuser"] == "true":
            seen["refund"] += 1
            assert len(mine) >= 8
            assert np.mean(lost) > 0.5
        if row["is_order_brusher"] == "true":
            seen["brush"] += 1
            assert len(mine) >= 12 and all(lost)
            moments = sorted(placed[number] for number in numbers)
            assert len({moment[:13] for moment in moments}) <= 10
    assert min(seen[kind] for kind in ("coupon", "refund", "brush")) >= 8


def test_the_accounts_of_an_abuser_share_one_device_and_one_address(abused):
    abusers = {
        row["person_id"] for row in abused.facts("people") if row["is_coupon_abuser"] == "true"
    }
    devices, accounts = defaultdict(set), defaultdict(set)
    for row in abused.facts("visits"):
        if row["person_id"] in abusers and row["native_customer_id"]:
            devices[row["person_id"]].add(row["device_id"])
            accounts[row["person_id"]].add(row["native_customer_id"])
    assert all(len(devices[person]) <= 2 < len(accounts[person]) for person in abusers)
    whose = {row["native_id"]: row["person_id"] for row in abused.facts("records")}
    addresses, mails = defaultdict(set), defaultdict(set)
    for row in abused.rows("shop", "customers"):
        person = whose[row["customer_id"]]
        if person in abusers and row["address"]:
            addresses[person, row["city"]].add(row["address"])
            mails[person].add(row["email"])
    assert all(len(one) == 1 for one in addresses.values())
    assert np.mean([len(one) for one in mails.values()]) > 2


def test_large_families_and_shopping_genders_are_those_of_the_profile(abused):
    people = {row["person_id"]: row for row in abused.facts("people")}
    families = Counter(row["household_id"] for row in people.values() if row["household_id"])
    assert 4 < max(families.values()) <= 8
    audience = {row["product_id"]: row["audience"] for row in abused.rows("shop", "products")}
    genders = {"女士": "female", "women": "female", "男士": "male", "men": "male"}
    owner = {row["native_order_id"]: row["person_id"] for row in abused.facts("orders")}
    fits = [
        genders[audience[row["product_id"]]] == people[owner[row["order_id"]]]["shopping_gender"]
        for row in abused.rows("shop", "order_items")
        if audience.get(row["product_id"]) in genders
        and people[owner[row["order_id"]]]["shopping_gender"] != "neutral"
    ]
    assert len(fits) > 100
    assert np.mean(fits) > 0.8


def test_families_of_one_initial_and_names_of_the_world_are_those_of_the_profile(tmp_path):
    shares = "{people: {in_family: 0.6, equal_initials: 1, name_of_the_world: 0.5}}"
    made = Made(tmp_path, profile_of(tmp_path, shares, PROFILES / "clean.yml"), people=300)
    families = defaultdict(list)
    for row in made.facts("people"):
        if row["household_id"]:
            families[row["household_id"]].append(row["first_name"])
    assert len(families) > 40
    # There may be no other name of that letter, as often in Chinese.
    alike = [
        len({name[0] for name in names}) == 1
        for names in families.values()
        if names[0][0].isascii()
    ]
    assert len(alike) > 20
    assert np.mean(alike) > 0.8
    assert all(len(set(names)) == len(names) for names in families.values())
    words = vocabulary().family
    abroad = {
        name
        for locale in NAMES_OF_THE_WORLD
        for name in words.texts[words.first_of[locale] :][: words.count_of[locale]]
    }
    assert 0.4 < np.mean([row["last_name"] in abroad for row in made.facts("people")]) < 0.65


def test_without_abusers_their_profile_changes_no_order(tmp_path):
    """The shares are 0 by default, and then nothing is drawn for them."""
    assert set(load_profile()["abuse"].values()) == {0}
    for name in ("large_family", "equal_initials", "name_of_the_world"):
        assert load_profile()["people"][name] == 0
    assert load_profile()["behavior"]["suits_shopping_gender"] == 0


def test_ids_of_one_person_say_nothing_in_another_system(clean):
    digits = defaultdict(set)
    for row in clean.facts("records"):
        digits[row["native_id"][1:]].add(row["person_id"])
    by_person = defaultdict(list)
    for row in clean.facts("records"):
        by_person[row["person_id"]].append(row["native_id"][1:])
    equal = sum(len(ids) - len(set(ids)) for ids in by_person.values())
    assert equal <= 1


def test_life_events_make_versions(clean):
    updated = defaultdict(set)
    for row in clean.rows("shop", "customers"):
        updated[row["customer_id"]].add((row["email"], row["phone"], row["city"], row["full_name"]))
    assert sum(1 for versions in updated.values() if len(versions) > 1) > 20


def test_lovers_of_promotions_buy_on_promotion_days(clean):
    lovers = {
        row["person_id"] for row in clean.facts("people") if row["loves_promotions"] == "true"
    }
    owner = {
        (row["system"], row["native_order_id"]): row["person_id"] for row in clean.facts("orders")
    }
    share = {}
    for label, wanted in (("lovers", True), ("others", False)):
        dates = [
            row["ordered_at"][5:10]
            for row in clean.rows("shop", "orders")
            if (owner["shop", row["order_id"]] in lovers) == wanted
        ]
        share[label] = sum(day in ("11-11", "06-18") for day in dates) / len(dates)
    assert share["lovers"] > 1.8 * share["others"]


def test_people_buy_what_they_like(clean):
    favourite = {row["person_id"]: row["favourite_category"] for row in clean.facts("people")}
    owner = {row["native_order_id"]: row["person_id"] for row in clean.facts("orders")}
    category = {row["product_id"]: row["category"] for row in clean.rows("shop", "products")}
    hits = [
        category[row["product_id"]] == favourite[owner[row["order_id"]]]
        for row in clean.rows("shop", "order_items")
        if row["product_id"]  # charges name none
    ]
    assert np.mean(hits) > 0.4


def test_nobody_buys_after_the_company_has_lost_them(clean):
    lost = {row["person_id"]: row["lost_at"] for row in clean.facts("people")}
    owner = {row["native_order_id"]: row for row in clean.facts("orders")}
    late = 0
    for row in clean.rows("pos", "receipts"):
        fact = owner[row["receipt_id"]]
        if fact["document_kind"] == "sale" and row["issued_at"] > lost[fact["person_id"]]:
            late += 1
    # The day of a purchase is drawn first and its hour after it.
    assert late < 0.02 * len(owner)


def test_amounts_add_up(clean):
    lines = defaultdict(int)
    for row in clean.rows("shop", "order_items"):
        if not row["product_id"]:  # a charge, beside the goods
            continue
        price = row["unit_price"]
        net = int(row["quantity"]) * hundredths(price) if price else hundredths(row["line_amount"])
        lines[row["order_id"]] += net - hundredths(row["discount_amount"] or "0.00")
    coupons = 0
    for row in clean.rows("shop", "orders"):
        if row["gross_amount"]:
            net = hundredths(row["gross_amount"]) - hundredths(row["discount_amount"])
            assert hundredths(row["net_amount"]) == net
        if row["coupon_code"]:
            coupons += 1
            assert hundredths(row["net_amount"]) <= lines[row["order_id"]]
        else:
            assert hundredths(row["net_amount"]) == lines[row["order_id"]]
    assert coupons > 100


def hundredths(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(".")
    return sign * (int(whole) * 100 + int(part or 0))


def test_visits_lie_within_the_gap_and_log_in_as_their_person(clean):
    visits = clean.facts("visits")
    person_of = {row["native_id"]: row["person_id"] for row in clean.facts("records")
                 if row["system"] == "shop"}  # fmt: skip
    for row in visits:
        if row["native_customer_id"]:
            assert person_of[row["native_customer_id"]] == row["person_id"]
        assert int(row["logged_in_event_count"]) <= int(row["event_count"])
    assert any(0 < int(row["logged_in_event_count"]) < int(row["event_count"]) for row in visits)
    assert sum(int(row["event_count"]) for row in visits) == len(clean.rows("app", "events"))


def test_no_row_is_newer_than_its_load(usual):
    table_times = {
        ("app", "events"): "received_at", ("shop", "orders"): "updated_at",
        ("crm", "contacts"): "updated_at", ("pos", "receipts"): "updated_at",
    }  # fmt: skip
    touched = {(row["system"], row["table_name"], row["row_key"]) for row in usual.facts("planted")}
    for (system, table), column in table_times.items():
        key = CONTRACT[system, table].key[0]
        for path in (usual.raw / system / table).rglob("*.csv"):
            load = path.parent.name.removeprefix("load_date=")
            for row in read_csv(path):
                if row[column] and (system, table, row[key]) not in touched:
                    assert row[column][:10] <= load


def test_parquet_holds_the_same_rows(tmp_path, clean):
    raw, truth = tmp_path / "raw", tmp_path / "truth"
    profile = profile_of(tmp_path, SIZE, PROFILES / "clean.yml")
    generate(PROJECT, PEOPLE, 11, 365, profile, raw, truth, "parquet")
    for system, table in (("shop", "customers"), ("shop", "payments"), ("app", "devices")):
        found = duckdb.sql(f"from '{raw}/{system}/{table}/*/*.parquet'").fetchall()
        expected = [tuple(value or None for value in row.values())
                    for row in clean.rows(system, table)]  # fmt: skip
        columns = len(CONTRACT[system, table].column_names)
        assert Counter(row[:columns] for row in found) == Counter(expected)


def test_the_command_says_what_it_made(tmp_path):
    out = tmp_path / "raw"
    arguments = ["generate", "--people", "40", "--seed", "1", "--days", "30", "--out", str(out)]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "40 people" in result.output
    assert "shop/customers" in result.output
    assert (tmp_path / "raw_truth" / "records.csv").exists()
    assert not (out / ".scratch").exists()
    again = CliRunner().invoke(cli, arguments)
    assert isinstance(again.exception, PortraitError)
    assert "is not empty" in str(again.exception)


@pytest.mark.parametrize("options", [{"people": 0}, {"people": 10**8}, {"days": 1}, {"seed": -1}])
def test_numbers_that_make_no_company_are_refused(tmp_path, options):
    with pytest.raises(PortraitError, match="expected"):
        Made(tmp_path, load_profile(), **options)


def test_a_signal_stops_it_and_leaves_no_scratch_files(tmp_path, monkeypatch):
    def interrupted(*_arguments) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(generating._Chunks, "make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Made(tmp_path, load_profile(), people=5)
    assert not (tmp_path / "raw" / ".scratch").exists()


@pytest.mark.parametrize("people", [1, 2, 7])
def test_the_smallest_companies_are_made_too(tmp_path, people):
    made = Made(tmp_path, load_profile(), people=people, days=3)
    assert len(made.facts("people")) == people


def test_a_company_without_orders_or_events_is_made(tmp_path):
    profile = profile_of(tmp_path, "size: {orders_per_person: 0, events_per_person: 0}")
    made = Made(tmp_path, profile, people=50)
    assert made.facts("orders") == []
    assert made.rows("shop", "customers")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense: {a: 1}", "no section is called 'nonsense'"),
        ("people: {nobody: 0.1}", "people has no 'nobody'"),
        ("people: {moves: 1.2}", "expected a share from 0 to 1"),
        ("people: {moves: -0.1}", "expected 0 or more"),
        ("people: {moves: often}", "expected a number"),
        ("people: {moves: true}", "expected a number"),
        ("people: {moves: .nan}", "expected 0 or more"),
        ("people: [moves]", "holds no names with values"),
        ("size: {stores: 2.5}", "expected a whole number"),
        ("size: {stores: 0}", "expected 1 or more"),
        ("period: {last_day: soon}", "expected a date"),
        ("placeholders: {emails: []}", "is no list of texts"),
        ("placeholders: {phones: [13800000000]}", "write phone numbers in quotes"),
        ("text_dirt: {name_typo: 0.6, name_missing: 0.6}", "add up to"),
        ("just text", "expected sections"),
        ("a: [", "no readable profile"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(tmp_path, text, message):
    path = tmp_path / "profile.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PortraitError) as error:
        load_profile(path)
    assert message in str(error.value)
    assert "profile.yml" in str(error.value)


def test_an_absent_profile_is_refused(tmp_path):
    with pytest.raises(PortraitError, match="no readable profile"):
        load_profile(tmp_path / "none.yml")


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.yml")), ids=lambda path: path.stem)
def test_shipped_profiles_are_sound(path):
    load_profile(path)


@pytest.mark.parametrize(
    ("days", "every"), [(365, 30), (365, 91), (2, 1), (30, 30), (31, 30), (5, 9)]
)
def test_load_in_sql_is_that_of_numpy(days, every):
    calendar = make_calendar(date(2026, 6, 30), days, every, 0.5)
    moments = np.arange(-3, days) * 86_400 + 5
    in_sql = duckdb.sql(
        f"select {calendar.load_sql('moment')} from (select unnest({moments.tolist()}) as moment)"
    ).fetchall()
    assert [load for (load,) in in_sql] == calendar.load_of(moments).tolist()
    assert calendar.load_date(len(calendar.loads) - 1) == date(2026, 6, 30)


def test_scattered_numbers_are_all_different():
    numbers = scattered(np.arange(200_000) * 8, 99_999_989, 48_271_003)
    assert len(np.unique(numbers)) == 200_000
    with pytest.raises(ValueError, match="all that this id holds"):
        scattered(np.array([99_999_989]), 99_999_989, 3)


def test_alternatives_come_in_their_shares():
    drawn = alternatives(stream(1, 0, "test"), [0.1, 0.0, 0.3], 100_000)
    shares = np.bincount(drawn, minlength=4) / 100_000
    assert shares == pytest.approx([0.6, 0.1, 0.0, 0.3], abs=0.01)


def test_streams_differ_by_seed_chunk_and_purpose():
    def first(*words) -> float:
        return stream(*words).random()

    draw: Callable[..., float] = first
    values = [draw(1, 0, "a"), draw(2, 0, "a"), draw(1, 1, "a"), draw(1, 0, "b"), draw(1, -1, "a")]
    assert len(set(values)) == len(values)
    assert draw(1, 0, "a") == values[0]


def test_places_within_groups():
    assert places_within(np.array([2, 0, 3])).tolist() == [0, 1, 0, 1, 2]
    assert places_within(np.array([], dtype=np.int64)).tolist() == []


@pytest.fixture(scope="module")
def acting(tmp_path_factory):
    """A company whose campaigns cause orders, and with orders that a check should stop."""
    folder = tmp_path_factory.mktemp("acting")
    clean = yaml.safe_load((PROFILES / "clean.yml").read_text(encoding="utf-8"))
    profile = yaml.safe_load((PROFILES / "campaigns.yml").read_text(encoding="utf-8"))
    for section, values in (*clean.items(), *yaml.safe_load(SIZE).items()):
        profile[section] = {**values, **profile.get(section, {})}
    (folder / "profile.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    return Made(folder, load_profile(folder / "profile.yml"))


def test_campaigns_cause_the_orders_that_the_truth_tells(acting):
    contacts = {row["campaign_contact_id"]: row for row in acting.rows("crm", "campaign_contacts")}
    told = acting.facts("campaign_contacts")
    assert {row["campaign_contact_id"] for row in told} == set(contacts)
    orders = {row["order_id"]: row for row in acting.rows("shop", "orders")}
    orders |= {row["receipt_id"]: row for row in acting.rows("pos", "receipts")}
    caused = [row for row in told if row["is_caused"] == "true"]
    # As many come as the probabilities add up to, in five standard deviations.
    expected = sum(float(row["uplift"]) for row in told)
    assert len(caused) > 30
    assert abs(len(caused) - expected) < 5 * expected**0.5
    for row in caused:
        contact, order = contacts[row["campaign_contact_id"]], orders[row["native_order_id"]]
        assert row["arm"] != "0" and contact["clicked_at"] >= contact["opened_at"] > ""
        assert contact["clicked_at"] < (order.get("ordered_at") or order["issued_at"])


def test_who_is_held_out_is_not_told_and_some_are_chosen_twice(acting):
    rows = acting.rows("crm", "campaign_contacts")
    held_out = [row for row in rows if row["arm"] in ("holdout", "对照组")]
    assert held_out and not any(
        row[f"{name}_at"] for row in held_out for name in ("sent", "opened", "clicked")
    )
    told = acting.facts("campaign_contacts")
    arms = defaultdict(set)
    for row in told:
        arms[row["campaign_id"], row["person_id"]].add(row["arm"] == "0")
    assert sum(len(groups) == 2 for groups in arms.values()) > 3
    # A contact soon after others has less effect than one after none.
    assert {row["customer_kind"] for row in told} == {
        "new", "gone", "promotion_lover", "steady", "casual"
    }  # fmt: skip


def test_the_uplift_of_an_action_depends_on_the_kind_of_customer(acting):
    by_kind = {
        row["customer_kind"]: row for row in acting.facts("uplifts") if row["promotion"] != "0.0"
    }
    assert float(by_kind["promotion_lover"]["promotion"]) == 0.16
    best = defaultdict(float)
    for row in acting.facts("uplifts"):
        for action in ("promotion", "newsletter", "win_back", "welcome", "cross_sell"):
            best[action, row["customer_kind"]] = max(
                best[action, row["customer_kind"]], float(row[action])
            )
    assert best["promotion", "promotion_lover"] == 0.16
    assert best["win_back", "gone"] > best["promotion", "gone"]
    assert best["cross_sell", "steady"] > best["promotion", "steady"] == 0


def test_bad_orders_are_of_every_kind_and_show_it(acting):
    kinds = {row["native_order_id"]: row["kind"] for row in acting.facts("bad_orders")}
    assert set(kinds.values()) == {
        "amount", "quantity", "address", "payment", "slow_to_pay", "slow_to_ship", "risky_account"
    }  # fmt: skip
    largest = defaultdict(float)
    for line in acting.rows("shop", "order_items"):
        largest[line["order_id"]] = max(largest[line["order_id"]], float(line["quantity"]))
    orders = {row["order_id"]: row for row in acting.rows("shop", "orders")}
    paid = {
        row["order_id"]: row
        for row in acting.rows("shop", "payments")
        if row["payment_type"] != "refund" and row["status"] not in ("failed", "失败")
    }
    for order_id, kind in kinds.items():
        order = orders[order_id]
        if kind == "quantity":
            assert largest[order_id] >= 60
        if kind == "slow_to_pay" and order_id in paid:
            waited = date.fromisoformat(paid[order_id]["paid_at"][:10]) - date.fromisoformat(
                order["ordered_at"][:10]
            )
            assert waited.days >= 6
        if kind == "slow_to_ship" and order["shipped_at"]:
            waited = date.fromisoformat(order["shipped_at"][:10]) - date.fromisoformat(
                order["ordered_at"][:10]
            )
            assert waited.days >= 12
    # A parcel to a strange address is the only one of its customer that goes there.
    addresses = defaultdict(set)
    for row in orders.values():
        if row["delivery_address"] and kinds.get(row["order_id"]) != "address":
            addresses[row["customer_id"]].add(row["delivery_address"])
    strange = [order_id for order_id, kind in kinds.items() if kind == "address"]
    assert all(
        orders[order_id]["delivery_address"] not in addresses[orders[order_id]["customer_id"]]
        for order_id in strange
    )


def test_costs_and_logs_of_orders_are_those_of_the_truth(acting):
    told = Counter()
    for row in acting.facts("order_costs"):
        told[row["system"], row["native_order_id"], row["currency"]] += Decimal(row["amount"])
    written = Counter()
    for row in acting.rows("ops", "order_costs"):
        written[row["system"], row["order_id"], row["currency"]] += Decimal(row["amount"])
    assert written and written == told
    steps = acting.facts("order_steps")
    noted = [row for row in steps if row["is_forgotten"] == "false"]
    assert 0 < len(steps) - len(noted) < 0.1 * len(steps)
    events = Counter(row["order_id"] for row in acting.rows("shop", "order_events"))
    assert events == Counter(row["native_order_id"] for row in noted)


def test_words_of_actions_are_those_of_the_seeds(acting):
    for system, table, column, seed in (
        ("shop", "order_events", "event", "order_event_words"),
        ("ops", "order_costs", "cost_type", "order_cost_words"),
        ("ops", "marketing_costs", "channel", "referrer_words"),
        ("crm", "campaigns", "channel", "campaign_channel_words"),
        ("crm", "campaigns", "kind", "campaign_kind_words"),
    ):
        path = PROJECT / "seeds" / "staging" / f"{seed}.csv"
        known = {next(iter(row.values())) for row in read_csv(path)}
        written = {row[column] for row in acting.rows(system, table)}
        assert {word.replace("_", " ").replace("-", " ") for word in written} <= known


def test_redeemed_coupons_are_what_orders_name(acting):
    orders = {row["order_id"]: row for row in acting.rows("shop", "orders")}
    issues = {row["coupon_issue_id"]: row for row in acting.rows("shop", "coupon_issues")}
    rows = acting.rows("shop", "coupon_redemptions")
    abused = {
        row["native_order_id"]: row
        for row in acting.facts("coupon_abuse")
        if row["kind"] == "of_somebody_else"
    }
    assert abused
    for row in rows:
        if row["order_id"] in abused:
            issue = issues[row["coupon_issue_id"]]
            assert row["coupon_issue_id"] == abused[row["order_id"]]["coupon_issue_id"]
            assert issue["coupon_code"] == row["coupon_code"]
            assert issue["issued_at"] <= row["redeemed_at"]
    used = [row for row in rows if row["coupon_issue_id"] and row["order_id"] not in abused]
    assert used
    assert all(row["coupon_code"] in orders[row["order_id"]]["coupon_code"] for row in rows)
    for row in used:
        issue = issues[row["coupon_issue_id"]]
        assert issue["coupon_code"] == row["coupon_code"] and issue["system"] == "shop"
        assert issue["native_id"] == orders[row["order_id"]]["customer_id"]
