"""An export writes whom it may, for its owner alone, and accounts for everybody else."""

from __future__ import annotations

import csv
import hashlib
import stat
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import yaml
from builds import PROJECT
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portrait.cli import cli
from portrait.errors import PortraitError
from portrait.publishing.audience_export import (
    CHANNELS,
    CONTACT_HEADER,
    REASONS,
    Cap,
    Export,
    Person,
    chosen,
    export_audience,
    usual_cap,
)
from portrait.publishing.audience_size import listed
from portrait.state.audiences import propose_audiences
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse

BUILD = "20260630T101500Z-3f2a"
CUSTOMERS = """
create schema marts; create schema quality;
create table quality.build_info as select date '2026-06-30' as as_of_date;
create table marts.audiences as select * from (values
    ('all', 'Everybody', 'h1', true, 'crm', null, 100, 8, 1, date '2026-06-30'),
    ('all', 'Before', 'h0', false, 'crm', null, 100, 3, 0, date '2026-06-01'),
    ('none', 'Nobody', 'h2', true, 'crm', 'g', 1, 0, 0, date '2026-06-30')
) as audiences(audience, title, definition_hash, is_current, owner, exclusive_group, priority,
    members_count, holdout_members_count, first_date);
create table marts.dim_customers as select * from (values
    ('ann', 'Ann@Example.com ', '+4915112345678', 'Ann Li', 'Ann', 'Li', true, true),
    ('bob', 'bob@example.com', null, '=1+1', 'Bob', null, true, null),
    ('eve', 'eve@example.com', '+4915112345679', 'Eve', null, null, false, true),
    ('joe', null, '+4915112345670', 'Joe', null, null, true, true),
    ('kim', 'kim@example.com', '+4915112345671', 'Kim', null, null, null, null),
    ('lou', 'lou@example.com', '+4915112345672', 'Lou', null, null, true, true),
    ('max', 'ann@example.com', '+4915112345678', 'Max', null, null, true, true),
    ('pia', 'pia.example.com', '0151', 'Pia', null, null, true, true),
    ('zoe', 'zoe@example.com', '+4915112345673', 'Zoe', null, null, true, true)
) as customers(customer_id, email, phone, full_name, first_name, last_name, has_email_consent,
    has_sms_consent);
create table marts.audience_members as
select 'all' as audience, customer_id, if(customer_id = 'lou', 'holdout', 'treated') as arm
from marts.dim_customers;
create table marts.audience_exclusions as select 'zoe' as customer_id;
create table marts.bridge_customer_identities as
select 'shop:' || upper(customer_id) as record_id, customer_id, 'shop' as system,
    upper(customer_id) as native_customer_id
from marts.dim_customers;
alter table marts.dim_customers add column anchor_record_id varchar;
update marts.dim_customers set anchor_record_id = 'shop:' || upper(customer_id);
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    root = Warehouse(tmp_path / "warehouse")
    (root.builds / BUILD).mkdir(parents=True)
    root.current.symlink_to(Path("builds") / BUILD)
    with duckdb.connect(str(root.current / "portrait.duckdb")) as connection:
        connection.execute(CUSTOMERS)
    return root


def lines(export: Export) -> list[list[str]]:
    with export.file.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def logged(warehouse: Warehouse, columns: str = "*") -> list[tuple]:
    return duckdb.sql(
        f"select {columns} from ({warehouse.state.select('audience_exports')}) order by export_id"
    ).fetchall()


def test_a_file_for_mail_holds_whom_one_may_write_to(warehouse: Warehouse) -> None:
    export = export_audience(warehouse, "all", "mail")
    assert lines(export) == [
        ["customer_id", "email", "full_name", "first_name", "last_name"],
        ["ann", "ann@example.com", "Ann Li", "Ann", "Li"],
        # A name that is a formula is none.
        ["bob", "bob@example.com", "", "Bob", ""],
    ]
    # eve refused and kim was never asked; joe has no address; max has ann's, and pia's is none.
    assert export.suppressed == {"erased": 1, "holdout": 1, "no_consent": 2, "no_address": 1}
    assert (export.candidates, export.sent, export.failed) == (9, 2, 2)


def test_a_file_for_text_messages_holds_numbers(warehouse: Warehouse) -> None:
    export = export_audience(warehouse, "all", "sms")
    assert [row[:2] for row in lines(export)[1:]] == [
        ["ann", "+4915112345678"], ["eve", "+4915112345679"], ["joe", "+4915112345670"]
    ]  # fmt: skip
    assert export.suppressed == {"erased": 1, "holdout": 1, "no_consent": 2}
    assert export.failed == 2


def test_a_file_for_advertising_holds_hashes_and_no_id(warehouse: Warehouse) -> None:
    export = export_audience(warehouse, "all", "ads")

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    header, *rows = lines(export)
    assert header == ["email_sha256", "phone_sha256", "phone_digits_sha256"]
    assert [sha256("ann@example.com"), sha256("+4915112345678"), sha256("4915112345678")] in rows
    # Of bob the mail address alone is known, of eve the number alone is allowed.
    assert [sha256("bob@example.com"), "", ""] in rows
    assert ["", sha256("+4915112345679"), sha256("4915112345679")] in rows
    assert rows == sorted(rows)
    assert len(rows) == 4
    text = export.file.read_text("utf-8")
    assert not any(word in text for word in ("@", "ann", "+49", "Li"))


def test_only_the_owner_may_read_the_file_and_the_log_holds_counts(warehouse: Warehouse) -> None:
    export = export_audience(warehouse, "all", "mail", purpose="summer")
    assert stat.S_IMODE(export.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(warehouse.exports.stat().st_mode) == 0o700
    assert logged(
        warehouse,
        "build_id, as_of_date, audience, definition_hash, channel, purpose, candidates_count,"
        " sent_count, erased_count, holdout_count, no_consent_count, no_address_count,"
        " capped_count, holdout_address_count, failed_count",
    ) == [(BUILD, date(2026, 6, 30), "all", "h1", "mail", "summer", 9, 2, 1, 1, 2, 1, 0, 0, 2)]
    (row,) = logged(warehouse)
    assert not any("@" in str(value) or "ann" in str(value) for value in row)
    assert hashlib.sha256(export.file.read_bytes()).hexdigest() in row


def test_whoever_was_written_to_often_enough_is_left_out(warehouse: Warehouse) -> None:
    first = export_audience(warehouse, "all", "sms", cap=Cap(1, 30))
    # Advertising writes to nobody, neither now nor for the cap.
    assert export_audience(warehouse, "all", "ads", cap=Cap(1, 30)).suppressed["capped"] == 0
    second = export_audience(
        warehouse, "all", "sms", cap=Cap(1, 30), target=warehouse.exports / "second.csv"
    )
    # lou, who was held out, counts as the contact that the hold-out stands for.
    assert (first.sent, second.sent, second.suppressed["capped"]) == (3, 0, 5)
    assert (first.suppressed["holdout"], second.suppressed["holdout"]) == (1, 0)
    third = export_audience(
        warehouse, "all", "sms", cap=Cap(0, 30), target=warehouse.exports / "third.csv"
    )
    assert third.sent == 3


def test_deleting_the_addresses_keeps_the_count_and_deleting_the_contacts_ends_it(
    warehouse: Warehouse,
) -> None:
    first = export_audience(warehouse, "all", "sms")
    first.file.unlink()
    # A file of addresses that somebody named like one of contacts is none.
    (warehouse.exports / "mine-sent.csv").write_text("customer_id\njoe\n")
    assert export_audience(warehouse, "all", "sms", cap=Cap(1, 30)).sent == 0
    header, *rows = first.sent_file.read_text().splitlines()
    moved = [f"{row.rpartition(',')[0]},2026-01-01T00:00:00Z" for row in rows]
    first.sent_file.write_text("\n".join([header, *moved]))
    assert export_audience(warehouse, "all", "sms", cap=Cap(1, 30)).sent == 3
    for file in warehouse.exports.glob("*.csv"):
        file.unlink()
    assert export_audience(warehouse, "all", "sms", cap=Cap(1, 30)).sent == 3


def test_both_arms_come_back_as_contacts_of_a_campaign(warehouse: Warehouse) -> None:
    export = export_audience(warehouse, "all", "mail", campaign="CP9")
    files = (export.sent_file, export.held_out_file)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    texts = [file.read_text("utf-8") for file in files]
    assert not any("@" in text or "+49" in text for text in texts)
    sent, held_out = ([*csv.reader(text.splitlines())] for text in texts)
    assert sent[0] == held_out[0] == list(CONTACT_HEADER)
    assert [row[1:7] for row in sent[1:]] == [
        ["CP9", "shop", "ANN", "treatment", "false", "mail"],
        ["CP9", "shop", "BOB", "treatment", "false", "mail"],
    ]
    assert [row[1:7] for row in held_out[1:]] == [["CP9", "shop", "LOU", "holdout", "true", "mail"]]
    rows = [*sent[1:], *held_out[1:]]
    assert len({row[0] for row in rows}) == 3
    (moment,) = {datetime.fromisoformat(row[7]) for row in rows}
    assert moment.tzinfo == UTC
    sources = yaml.safe_load(
        (PROJECT / "models" / "staging" / "crm" / "_crm__sources.yml").read_text("utf-8")
    )
    (table,) = (
        table
        for source in sources["sources"]
        for table in source["tables"]
        if table["name"] == "campaign_contacts"
    )
    columns = {column["name"]: column.get("config", {}) for column in table["columns"]}
    needed = {name for name, told in columns.items() if told.get("meta", {}).get("required")}
    assert needed <= set(CONTACT_HEADER) <= columns.keys()


def test_who_could_not_be_written_to_is_in_no_arm(warehouse: Warehouse) -> None:
    with duckdb.connect(str(warehouse.current / "portrait.duckdb")) as connection:
        connection.execute(
            "update marts.audience_members set arm = 'holdout'"
            " where customer_id in ('eve', 'joe', 'kim', 'pia', 'zoe')"
        )
    export = export_audience(warehouse, "all", "mail")
    assert export.suppressed == {"erased": 1, "holdout": 1, "no_consent": 2, "no_address": 1}
    (held_out,) = export.held_out_file.read_text("utf-8").splitlines()[1:]
    assert ",shop,LOU,holdout," in held_out


def test_whoever_refused_refused_for_the_address(warehouse: Warehouse) -> None:
    with duckdb.connect(str(warehouse.current / "portrait.duckdb")) as connection:
        connection.execute(
            "insert into marts.dim_customers by name select 'ned' as customer_id,"
            " 'BOB@example.com' as email, false as has_email_consent"
        )
    export = export_audience(warehouse, "all", "mail")
    assert [row[0] for row in lines(export)[1:]] == ["ann"]
    assert export.suppressed["no_consent"] == 3


def contacted(warehouse: Warehouse, *contacts: str) -> None:
    """Make the table of contacts: customer, date, whether sent, channel, whether unsubscribed,
    and whether held out."""
    with duckdb.connect(str(warehouse.current / "portrait.duckdb")) as connection:
        connection.execute(
            "create table marts.fct_campaign_contacts as select * from"
            f" (values {', '.join(contacts)})"
            " as contacts(customer_id, assigned_date, is_sent, campaign_channel, is_unsubscribed,"
            " is_holdout)"
        )


def test_contacts_of_campaigns_count_for_the_cap(warehouse: Warehouse) -> None:
    contacted(
        warehouse,
        "('ann', date '2026-06-01', true, 'mail', false, false)",
        "('bob', date '2026-05-31', true, 'mail', false, false)",
        "(null, date '2026-06-30', true, 'mail', false, false)",
        "('bob', date '2026-06-30', false, 'mail', false, false)",
    )
    export = export_audience(warehouse, "all", "mail", cap=Cap(1, 30))
    assert [row[0] for row in lines(export)[1:]] == ["bob"]


def test_a_hold_out_counts_for_the_cap_as_the_contact_that_it_stands_for(
    warehouse: Warehouse,
) -> None:
    contacted(
        warehouse,
        "('ann', date '2026-06-01', true, 'mail', false, false)",
        "('lou', date '2026-06-01', false, 'mail', false, true)",
    )
    export = export_audience(warehouse, "all", "mail", cap=Cap(1, 30))
    # ann, max who has her address, and lou.
    assert (export.suppressed["capped"], export.suppressed["holdout"]) == (3, 0)


def people_of_one_address(arms: dict[str, str | None], **told: object) -> list[Person]:
    """People who share a mailbox and a phone, with their arms; None is no member."""
    return [
        Person(
            name, "shop", name, arm, False, "a@example.com", "+4915112345678", None, None, None,
            True, True, **told,
        )
        for name, arm in sorted(arms.items())
    ]  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("arms", "sent", "held_out", "counted", "failed"),
    [
        ({"a": "treated", "b": "treated"}, ["a"], [], {}, 1),
        ({"a": "holdout", "b": "treated"}, [], ["a"], {"holdout": 1, "holdout_address": 1}, 0),
        # The first stands for the address in both arms, so that neither has more such people.
        ({"a": "treated", "b": "holdout"}, [], [], {"holdout_address": 1}, 1),
        ({"a": "holdout", "b": "holdout"}, [], [], {"holdout_address": 2}, 0),
        ({"a": None, "b": "treated"}, ["b"], [], {}, 0),
    ],
)
def test_who_is_held_out_is_not_reached_by_another(
    channel: str, arms: dict[str, str | None], sent: list[str], held_out: list[str],
    counted: dict[str, int], failed: int,
) -> None:  # fmt: skip
    choice = chosen(people_of_one_address(arms), channel, {}, 0, {})
    assert [person.customer_id for person in choice.sent] == sent
    assert [person.customer_id for person in choice.held_out] == held_out
    assert (choice.counts, choice.failed) == (counted, failed)


def test_a_shared_mailbox_leaves_the_arms_as_large_as_they_were_dealt() -> None:
    """Over all ways to deal two thirds and one third to two people: two sent for each held out."""
    sent = held_out = 0
    for first in ("treated", "treated", "holdout"):
        for second in ("treated", "treated", "holdout"):
            choice = chosen(people_of_one_address({"a": first, "b": second}), "mail", {}, 0, {})
            sent, held_out = sent + len(choice.sent), held_out + len(choice.held_out)
    assert (sent, held_out) == (4, 2)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_address_of_somebody_forgotten_is_nobody_s(channel: str) -> None:
    (erased,) = people_of_one_address({"a": None})
    (member,) = people_of_one_address({"b": "treated"})
    gone = replace(erased, is_erased=True)
    assert chosen([gone, member], channel, {}, 0, {}).counts == {"erased": 1}
    suppressed = {"customer_id": frozenset({"a"})}
    assert chosen([erased, member], channel, {}, 0, suppressed).counts == {"erased": 1}
    # Named by the mail address, which b has not: b has the phone of whom it names.
    other = replace(member, email="b@example.com")
    named = {"email": frozenset({"a@example.com"})}
    assert chosen([erased, other], channel, {}, 0, named).counts == {"erased": 1}


@pytest.mark.parametrize("channel", ["mail", "sms"])
def test_contacts_add_up_over_all_who_have_the_address(channel: str) -> None:
    people = people_of_one_address({"a": "treated", "b": "treated", "c": None})
    assert chosen(people, channel, {"a": 3, "b": 3}, 7, {}).counts == {}
    assert chosen(people, channel, {"a": 3, "b": 3}, 6, {}).counts == {"capped": 2}
    # Somebody outside of the audience reads the mailbox too.
    assert chosen(people, channel, {"c": 9}, 4, {}).counts == {"capped": 2}


def test_the_published_file_tells_who_else_has_an_address(warehouse: Warehouse) -> None:
    """Of all customers: erased, held out and often written to outside of the audience too."""
    with duckdb.connect(str(warehouse.current / "portrait.duckdb")) as connection:
        connection.execute(
            "insert into marts.dim_customers by name select 'old' as customer_id,"
            " 'bob@example.com' as email, '+49 151 12345670' as phone;"
            "insert into marts.audience_exclusions values ('old')"
        )
    assert export_audience(warehouse, "all", "mail").suppressed["erased"] == 3
    contacted(
        warehouse,
        "('out', date '2026-06-30', true, 'mail', false, false)",
        "('out', date '2026-06-30', true, 'mail', false, false)",
    )
    with duckdb.connect(str(warehouse.current / "portrait.duckdb")) as connection:
        connection.execute(
            "update marts.dim_customers set customer_id = 'out' where customer_id = 'old';"
            "delete from marts.audience_exclusions where customer_id = 'old'"
        )
    # bob, by the mailbox of somebody who is in no audience.
    assert export_audience(warehouse, "all", "mail", cap=Cap(2, 30)).suppressed["capped"] == 1


def test_who_unsubscribed_by_a_contact_has_refused_the_channel(warehouse: Warehouse) -> None:
    contacted(
        warehouse,
        "('ann', date '2020-06-01', true, 'mail', true, false)",
        "('bob', date '2020-05-31', true, 'message', true, false)",
    )
    # max has the mailbox of ann; bob left the messages.
    export = export_audience(warehouse, "all", "mail")
    assert [row[0] for row in lines(export)[1:]] == ["bob"]
    assert export.suppressed["no_consent"] == 4
    assert [row[0] for row in lines(export_audience(warehouse, "all", "sms"))[1:]] == [
        "ann", "eve", "joe"
    ]  # fmt: skip


@pytest.mark.parametrize("channel", ["cast(null as varchar)", "'app'"])
def test_who_unsubscribed_from_a_channel_that_nobody_knows_has_refused_all(
    warehouse: Warehouse, channel: str
) -> None:
    contacted(warehouse, f"('ann', date '2020-06-01', true, {channel}, true, false)")
    sent = [
        [row[0] for row in lines(export_audience(warehouse, "all", one))[1:]]
        for one in ("mail", "sms")
    ]
    assert sent == [["bob"], ["eve", "joe"]]


def test_people_who_asked_to_be_forgotten_are_left_out(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "forget.csv"
    path.write_text("email,remark\n ANN@example.com,asked on Monday\n,\n")
    export = export_audience(warehouse, "all", "mail", suppress=path)
    # Whoever has ann's address is left out with her.
    assert export.suppressed["erased"] == 3
    assert [row[0] for row in lines(export)[1:]] == ["bob"]
    path.write_text("remark\nnobody\n")
    with pytest.raises(PortraitError, match="no column customer_id, email or phone"):
        export_audience(warehouse, "all", "mail", suppress=path)


def test_an_audience_without_members_is_a_file_with_a_header(warehouse: Warehouse) -> None:
    export = export_audience(warehouse, "none", "mail")
    assert (export.candidates, export.sent, len(lines(export))) == (0, 0, 1)


def test_what_cannot_be_exported_is_said_and_leaves_nothing(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    with pytest.raises(PortraitError, match=r"no audience some\. There are: all, none"):
        export_audience(warehouse, "some", "mail")
    target = tmp_path / "there.csv"
    target.write_text("mine")
    with pytest.raises(PortraitError, match="is there already"):
        export_audience(warehouse, "all", "mail", target=target)
    assert target.read_text() == "mine"
    assert logged(warehouse) == []
    with pytest.raises(PortraitError, match="run `portrait build` first"):
        export_audience(Warehouse(tmp_path / "nothing"), "all", "mail")


def test_an_export_that_loses_somebody_is_refused() -> None:
    with pytest.raises(PortraitError, match="3 candidates and 2 accounted for"):
        Export(
            "x", "a", "A", "mail", Path("x"), Path("y"), Path("z"), 3, 1, {"erased": 1}, 0
        ).require_reconciled()


PEOPLE = st.builds(
    Person,
    st.text(min_size=1, max_size=3),
    st.just("shop"),
    st.just("1"),
    st.sampled_from(["treated", "holdout", None]),
    st.booleans(),
    st.sampled_from([None, "", "a@b.cc", "A@b.cc", "no address"]) | st.text(max_size=9),
    st.sampled_from([None, "", "+4915112345678", "0151"]) | st.text(max_size=9),
    *(st.none() | st.text(max_size=5) for _ in range(3)),
    *(st.sampled_from([None, True, False]) for _ in range(2)),
)  # fmt: skip


@given(st.lists(PEOPLE, max_size=8), st.sampled_from(CHANNELS), st.integers(0, 2))
def test_everybody_is_counted_once(people: list[Person], channel: str, cap: int) -> None:
    contacts = {person.customer_id: len(person.customer_id) for person in people}
    choice = chosen(people, channel, contacts, cap, {})
    members = sum(person.arm is not None for person in people)
    assert len(choice.rows) + choice.counts.total() + choice.failed == members
    assert choice.counts.keys() <= REASONS.keys()
    assert len({tuple(row) for row in choice.rows}) == len(choice.rows) == len(choice.sent)
    assert len(choice.held_out) == choice.counts["holdout"]


def test_the_list_knows_the_last_export(warehouse: Warehouse) -> None:
    assert [one.last_export for one in listed(warehouse.current / "portrait.duckdb",
                                              warehouse.state)] == [None, None]  # fmt: skip
    export_audience(warehouse, "all", "mail")
    found = {one.audience: one for one in listed(warehouse.current / "portrait.duckdb",
                                                 warehouse.state)}  # fmt: skip
    assert found["all"].last_export
    assert (found["all"].members, found["all"].holdout, found["none"].last_export) == (8, 1, None)


def test_the_commands_say_what_they_did(warehouse: Warehouse) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(
            cli, ["audience", *arguments, "--warehouse", str(warehouse.root)],
            catch_exceptions=False,
        )  # fmt: skip
        assert result.exit_code == 0
        return " ".join(result.output.split())

    assert "all 8 1 100 crm 2026-06-30 never" in run("list")
    said = run("export", "all", "--channel", "mail", "--cap", "0", "--purpose", "summer")
    assert said.startswith(
        "all (Everybody), mail: 9 candidates = 2 sent + 1 erased + 2 without consent"
        " + 1 without an address + 0 written to often enough + 0 at an address of somebody"
        " held out + 1 held out (reachable) + 2 failed File: "
    )
    assert "delete it once the tool has taken it" in said
    assert "Keep them until they are loaded: the cap counts this export by them." in said
    run("export", "all", "--channel", "sms", "--campaign", "CP9")
    (contacts,) = warehouse.exports.glob("all-sms-*-sent.csv")
    assert ",CP9,shop,JOE,treatment," in contacts.read_text("utf-8")
    assert "never" not in run("list").split("none")[0]


# What a build keeps of audiences.

MARTS = """
create schema marts;
create table marts.audience_changes as select * from (values
    ('x', 'ann', 'ann', 'entered', 'customer', date '2026-06-30'),
    ('x', 'bob', 'ann', 'left', 'customer', date '2026-06-30'),
    ('x', 'eve', 'eve', 'entered', 'customer', date '2026-06-29')
) as changes(audience, customer_id_then, customer_id, change, reason, changed_date);
create table marts.audiences as select 'x' as audience, 'h1' as definition_hash, 'X' as title,
    null as description, 'crm' as owner, null as exclusive_group, '[]' as definition,
    1 as priority, 10.0 as holdout_pct, 3 as matches_count, 2 as members_count,
    1 as holdout_members_count, true as is_current
union all by name select 'x' as audience, 'h0' as definition_hash, false as is_current;
"""


def test_a_build_keeps_the_changes_of_its_day_and_that_it_was_there(tmp_path: Path) -> None:
    portrait = tmp_path / "portrait.duckdb"
    with duckdb.connect(str(portrait)) as connection:
        connection.execute(MARTS)
    state, proposals = StateStore(tmp_path / "state"), StateStore(tmp_path / "proposals")
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    day = date(2026, 6, 30)
    assert propose_audiences(portrait, state, proposals, "b1", day, moment)
    rows = duckdb.sql(
        f"select audience, customer_id, change from ({proposals.select('audience_changes')})"
        " order by all"
    ).fetchall()
    assert rows == [("x", "ann", "entered"), ("x", "bob", "left"), (None, None, None)]
    versions = duckdb.sql(
        f"select definition_hash, members_count from ({proposals.select('audience_versions')})"
    ).fetchall()
    assert versions == [("h1", 2)]
    # A build for an earlier day than the last one looks back, and keeps nothing.
    state.append("identity_registry", "b1", [{"build_id": "b1", "as_of_date": date(2026, 7, 1)}])
    assert not propose_audiences(portrait, state, StateStore(tmp_path / "no"), "b2", day, moment)
    assert not (tmp_path / "no").exists()


def test_the_usual_cap_is_that_of_the_project() -> None:
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert usual_cap() == Cap(variables["contact_cap_count"], variables["contact_cap_days"])
