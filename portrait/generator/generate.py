"""Make a company: people in chunks, so that memory stays bounded, and one set of reference data."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np

from portrait.contract import load_contract
from portrait.errors import PortraitError
from portrait.generator import (
    campaigns,
    order_logs,
    order_texts,
    organisations,
    points,
    record_texts,
    reviews,
    service,
    social,
    surveys,
)
from portrait.generator.abusers import make_abuse, with_near_accounts
from portrait.generator.accounts import Accounts, make_accounts
from portrait.generator.bad_orders import truth_bad_orders
from portrait.generator.calendar import Calendar, make_calendar
from portrait.generator.catalogue import BRANDS, Catalogue, category_weights, make_catalogue
from portrait.generator.delivery import Delivery
from portrait.generator.facts import make_facts, register_facts
from portrait.generator.people import HONEST, People, make_people
from portrait.generator.profile import Profile
from portrait.generator.purchases import Frame, joined, make_purchases
from portrait.generator.visits import make_visits
from portrait.generator.vocabulary import vocabulary
from portrait.sql import sql_text

PEOPLE_PER_CHUNK = 50_000
MOST_PEOPLE = 12_000_000  # this many can have ids of their own
FORMATS = ("csv", "parquet")
# The truth about the people, in parts where the company has many.
TRUTH = (
    "people", "records", "organisations", "orders", "points", "tickets", "reviews",
    "social_profiles", "visits", "campaign_contacts", "uplifts", "bad_orders", "order_costs",
    "order_steps", "coupon_abuse",
)  # fmt: skip
MEMORY_LIMIT = "3GB"  # of the engine; the arrays of a chunk take about as much


@dataclass(frozen=True)
class Company:
    """What was made: rows by table, the number of people, and the period."""

    rows: dict[str, int]
    people: int
    calendar: Calendar


def generate(
    project: Path,
    people: int,
    seed: int,
    days: int,
    profile: Profile,
    out: Path,
    truth: Path,
    file_format: str = "csv",
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Company:
    """Write a company's raw files below `out` and the truth about them below `truth`.

    The files depend on people, seed, days and profile alone. `tell` is called after each
    chunk with the number of people who are done.

    Raises:
        PortraitError: a number below what makes sense, or a folder that holds something else.
    """
    for name, value, least in (("people", people, 1), ("seed", seed, 0), ("days", days, 2)):
        if value < least:
            raise PortraitError(f"--{name} is {value}: expected {least} or more.")
    if people > MOST_PEOPLE:
        raise PortraitError(f"--people is {people}: expected at most {MOST_PEOPLE}.")
    _make_empty(out)
    _make_empty(truth)
    calendar = make_calendar(
        profile["period"]["last_day"], days, profile["period"]["load_every_days"],
        profile["behavior"]["season_strength"],
    )  # fmt: skip
    words = vocabulary()
    catalogue = make_catalogue(seed, calendar, profile, words)
    contract = {(table.system, table.name): table for table in load_contract(project)}
    scratch = out / ".scratch"
    try:
        with duckdb.connect() as con:
            con.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
            con.execute(f"set temp_directory = {sql_text(scratch)}")
            chunks = -(-people // PEOPLE_PER_CHUNK)
            delivery = Delivery(con, calendar, profile, seed, out, file_format, chunks, contract)
            company = _Chunks(con, seed, profile, calendar, catalogue, truth, delivery)
            for chunk in range(chunks):
                first = chunk * PEOPLE_PER_CHUNK
                end = min(first + PEOPLE_PER_CHUNK, people)
                company.make(chunk, first, end)
                tell(end, people)
            company.close()
            _write_totals(con, truth, catalogue)
    except RuntimeError as error:
        # The engine's error for a signal that came while it worked.
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _write_note(truth, people, seed, days, profile, calendar)
    return Company(company.rows, people, calendar)


class _Chunks:
    """Makes one chunk of people after the other; numbers of orders and events go on."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        seed: int,
        profile: Profile,
        calendar: Calendar,
        catalogue: Catalogue,
        truth: Path,
        delivery: Delivery,
    ) -> None:
        self.con, self.seed, self.profile, self.calendar = con, seed, profile, calendar
        self.catalogue, self.truth, self.delivery = catalogue, truth, delivery
        self.words = vocabulary()
        self.first_document, self.first_event = 1, 1
        self.first_entry, self.first_survey = 1, 1
        self.first_ticket, self.first_contact = 1, 1
        self.first_review, self.first_profile = 1, 1
        self.first_campaign_contact = 1
        self.rows: dict[str, int] = {}
        record_texts.register_macros(con, calendar, profile)
        record_texts.register_words(con, self.words, catalogue)
        for (system, name), query in order_texts.reference_rows(con, catalogue, calendar).items():
            self.deliver(-1, system, name, query)
        self.campaigns = campaigns.make_campaigns(calendar, catalogue, profile)
        campaigns.register_campaigns(con, self.campaigns, catalogue)
        for (system, name), query in campaigns.reference_rows(calendar, profile).items():
            self.deliver(-1, system, name, query)

    def deliver(
        self, chunk: int, system: str, name: str, query: str, is_ordered: bool = False
    ) -> None:
        """Write the rows of a table and count them."""
        label = f"{system}/{name}"
        written = self.delivery.deliver(chunk, system, name, query, is_ordered)
        self.rows[label] = self.rows.get(label, 0) + written

    def make(self, chunk: int, first: int, end: int) -> None:
        """Make the people from `first` to before `end` with all that they do."""
        con, calendar, catalogue = self.con, self.calendar, self.catalogue
        people = make_people(
            self.seed, chunk, np.arange(first, end), calendar.end, self.profile, self.words,
            category_weights(catalogue), len(BRANDS),
        )  # fmt: skip
        accounts = with_near_accounts(
            self.seed, chunk, people,
            make_accounts(self.seed, chunk, people, calendar, self.profile), calendar,
        )  # fmt: skip
        firms, accounts = organisations.make_organisations(
            self.seed, chunk, people, accounts, calendar.end, self.profile
        )
        organisations.register_organisations(con, firms)
        record_texts.register_people(
            con, self.seed, chunk, people, accounts, firms.of_person, calendar, self.words
        )
        facts = make_facts(self.seed, chunk, people)
        register_facts(con, facts, people)
        con.register("people_facts", record_texts.people_facts(people, facts))
        self._truth(chunk, "people", record_texts.truth_people(catalogue.category_names, BRANDS))
        con.unregister("people_facts")
        self.deliver(chunk, "shop", "customers", record_texts.customers(self.profile))
        self.deliver(chunk, "pos", "members", record_texts.members(self.profile))
        self.deliver(chunk, "marketplace", "buyers", record_texts.buyers())
        self.deliver(chunk, "crm", "contacts", record_texts.contacts(self.profile))
        self.deliver(
            chunk, "crm", "identifiers", record_texts.identifiers(self.profile, calendar.end)
        )
        con.execute("drop table versions")
        self._truth(chunk, "organisations", organisations.truth_organisations())
        self.deliver(chunk, "crm", "organisations", organisations.organisations())
        con.register("relationships_in", organisations.make_relationships(
            self.seed, chunk, people, accounts, firms, calendar.end, self.profile
        ))  # fmt: skip
        self.deliver(
            chunk, "crm", "relationships", organisations.relationships(str(calendar.first_day))
        )
        con.unregister("relationships_in")
        extra = []
        if (people.abuse != HONEST).any():
            extra = [
                make_abuse(self.seed, chunk, people, accounts, calendar, catalogue, self.words)
            ]
        contacts = campaigns.make_contacts(
            self.seed, chunk, people, accounts, self.campaigns, calendar, self.profile
        )
        caused = campaigns.caused_orders(
            self.seed, chunk, people, accounts, contacts, self.campaigns, catalogue, self.words
        )
        extra += [caused] if caused is not None else []
        documents, lines = make_purchases(
            self.seed, chunk, people, accounts, calendar, catalogue, self.profile, self.words,
            facts.shopping_gender, joined(extra) if extra else None,
        )  # fmt: skip
        order_texts.register_documents(
            con, self.seed, chunk, documents, lines, self.first_document, calendar, self.profile
        )
        self.first_document += len(documents["person"])
        self._truth(
            chunk, "records",
            f"from ({record_texts.truth_records()}) union all by name "
            f"from ({order_texts.truth_unknown_customers()})",
        )  # fmt: skip
        self._truth(chunk, "orders", order_texts.truth_orders())
        self.deliver(chunk, "shop", "orders", order_texts.shop_orders(catalogue))
        self.deliver(chunk, "shop", "order_items", order_texts.shop_order_items())
        self.deliver(chunk, "shop", "payments", order_texts.payments(self.profile, calendar.end))
        self.deliver(chunk, "pos", "receipts", order_texts.receipts(catalogue))
        self.deliver(chunk, "pos", "receipt_items", order_texts.receipt_items())
        self.deliver(chunk, "marketplace", "orders", order_texts.marketplace_orders(catalogue))
        self.deliver(chunk, "marketplace", "order_items", order_texts.marketplace_order_items())
        self.deliver(chunk, "marketplace", "fees", order_texts.fees(calendar.end))
        answers = self._loyalty(chunk, accounts, documents)
        self._voices(chunk, people, accounts, documents, lines, answers)
        self._actions(chunk, people, contacts)
        for name in ("documents", "document_lines", "document_versions"):
            con.execute(f"drop table {name}")
        visits, events = make_visits(
            self.seed, chunk, people, accounts, documents, lines, calendar, catalogue, self.profile,
            facts.information_channel, contacts,
        )  # fmt: skip
        del documents, lines
        if not len(events.get("visit", ())):
            return
        order_texts.register_visits(con, visits, events, accounts, self.first_event)
        self.first_event += len(events["visit"])
        del visits, events
        self.deliver(chunk, "app", "events", order_texts.app_events(calendar.end), True)
        self.deliver(chunk, "app", "devices", order_texts.app_devices())
        self._truth(chunk, "visits", order_texts.truth_visits())
        con.unregister("events")
        con.execute("drop table visits")

    def _loyalty(self, chunk: int, accounts: Accounts, documents: Frame) -> Frame:
        """What members earn and spend with their orders, and what they say of them.

        Returns the answers to the surveys.
        """
        con = self.con
        entries = points.make_points(
            self.seed, chunk, accounts, documents, self.calendar, self.profile
        )
        points.register_points(con, entries, self.first_entry)
        self.first_entry += len(entries.entries["account"])
        self.deliver(chunk, "crm", "loyalty_points", points.loyalty_points())
        self._truth(chunk, "points", points.truth_points())
        con.execute("drop table points")
        con.execute("drop table balances")
        answers = surveys.make_surveys(
            self.seed, chunk, accounts, documents, self.calendar, self.profile
        )
        con.register("surveys_in", answers)
        self.deliver(chunk, "crm", "surveys", surveys.surveys(self.first_survey))
        self.first_survey += len(answers["document"])
        con.unregister("surveys_in")
        return answers

    def _voices(
        self, chunk: int, people: People, accounts: Accounts, documents: Frame, lines: Frame,
        answers: Frame,
    ) -> None:  # fmt: skip
        """What customers ask and complain of, write about articles, and show on platforms."""
        con, calendar, profile = self.con, self.calendar, self.profile
        tickets = service.make_tickets(
            self.seed, chunk, accounts, documents, lines, answers, calendar, profile
        )
        contacts = service.make_interactions(self.seed, chunk, tickets, calendar, profile)
        service.register_service(con, tickets, contacts, self.first_ticket, self.first_contact)
        self.first_ticket += len(tickets["document"])
        self.first_contact += len(contacts["ticket"])
        self.deliver(chunk, "crm", "tickets", service.tickets())
        self.deliver(chunk, "crm", "interactions", service.interactions())
        self._truth(chunk, "tickets", service.truth_tickets())
        written = reviews.make_reviews(
            self.seed, chunk, accounts, documents, lines, calendar, profile
        )
        reviews.register_reviews(con, written, self.first_review)
        self.first_review += len(written["document"])
        self.deliver(chunk, "shop", "reviews", reviews.reviews())
        self._truth(chunk, "reviews", reviews.truth_reviews())
        profiles = social.make_profiles(
            self.seed, chunk, people, accounts, calendar, self.catalogue.category_names, profile
        )
        social.register_profiles(con, profiles, self.first_profile, self.catalogue.category_names)
        self.first_profile += len(profiles["account"])
        self.deliver(chunk, "crm", "social_profiles", social.social_profiles())
        self._truth(chunk, "social_profiles", social.truth_profiles())
        for name in ("tickets", "contacts", "reviews", "social_profiles"):
            con.execute(f"drop table {name}")

    def _actions(self, chunk: int, people: People, contacts: Frame) -> None:
        """What orders cost and go through, whom campaigns told, and which coupons were used."""
        con, profile, end = self.con, self.profile, self.calendar.end
        self.deliver(chunk, "ops", "order_costs", order_logs.order_costs(profile, end))
        self._truth(chunk, "order_costs", order_logs.truth_order_costs(profile, end))
        self.deliver(chunk, "shop", "order_events", order_logs.order_events(profile, end))
        self._truth(chunk, "order_steps", order_logs.truth_order_steps(profile, end))
        self._truth(chunk, "bad_orders", truth_bad_orders())
        if not contacts:
            return
        campaigns.register_contacts(
            con, contacts, self.first_campaign_contact, people, self.calendar, profile
        )
        self.first_campaign_contact += len(contacts["person"])
        self.deliver(chunk, "crm", "campaign_contacts", campaigns.campaign_contacts())
        self.deliver(chunk, "shop", "coupon_issues", campaigns.coupon_issues(self.calendar))
        self.deliver(chunk, "shop", "coupon_redemptions", campaigns.coupon_redemptions(profile))
        self._truth(chunk, "coupon_abuse", campaigns.truth_coupon_abuse(profile))
        self._truth(chunk, "campaign_contacts", campaigns.truth_contacts())
        self._truth(chunk, "uplifts", campaigns.truth_uplifts())
        for name in ("campaign_contacts", "uplifts"):
            con.execute(f"drop table {name}")

    def _truth(self, chunk: int, name: str, query: str) -> None:
        _write(self.con, self.truth, f"{name}-{chunk + 1:04d}", query, self.delivery.file_format)

    def close(self) -> None:
        """Give the truth of a single chunk plain names."""
        for name in TRUTH:
            parts = sorted(self.truth.glob(f"{name}-*.{self.delivery.file_format}"))
            if len(parts) == 1:
                parts[0].rename(self.truth / f"{name}.{self.delivery.file_format}")


def _write(
    con: duckdb.DuckDBPyConnection, folder: Path, name: str, query: str, file_format: str
) -> None:
    options = "format csv, header" if file_format == "csv" else "format parquet"
    path = folder / f"{name}.{file_format}"
    con.execute(f"copy ({query}) to {sql_text(path)} ({options})")


def _write_totals(con: duckdb.DuckDBPyConnection, truth: Path, catalogue: Catalogue) -> None:
    """What was planted, and what the contract makes of all rows: always CSV."""
    con.execute(
        "insert into planted select 'ops', 'fx_rates', 'missing_rate', 'rate', 'missing', null, "
        "null, null, null from range(?)",
        [catalogue.missing_rates],
    )
    _write(con, truth, "planted", """
        select * from planted order by all
    """, "csv")  # fmt: skip
    _write(con, truth, "planted_counts", """
        select system, table_name, kind, outcome, reason, count(*) as row_count
        from planted group by all order by all
    """, "csv")  # fmt: skip
    _write(con, truth, "landed_counts", """
        select system, table_name, outcome, reason, cast(sum(row_count) as bigint) as row_count
        from landed group by all having sum(row_count) > 0 order by all
    """, "csv")  # fmt: skip


def _write_note(
    truth: Path, people: int, seed: int, days: int, profile: Profile, calendar: Calendar
) -> None:
    lines = [
        f"people: {people}",
        f"seed: {seed}",
        f"days: {days}",
        f"first_day: {calendar.first_day}",
        f"last_day: {calendar.first_day + timedelta(days=days - 1)}",
        "profile:",
    ]
    for section in sorted(profile.sections):
        lines.append(f"  {section}:")
        lines += [f"    {name}: {value}" for name, value in profile[section].items()]
    (truth / "generated.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _make_empty(folder: Path) -> None:
    """Make a folder; one that holds files is left as it is, so that nothing is lost."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PortraitError(f"{folder} is not empty: name a new folder, or remove it first.")
    folder.mkdir(parents=True, exist_ok=True)
