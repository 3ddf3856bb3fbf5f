"""What customers ask and complain of: tickets after refunds and late parcels, and contacts."""

import duckdb
import numpy as np

from portrait.generator.accounts import POS, SYSTEMS, Accounts
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.profile import Profile
from portrait.generator.purchases import (
    CANCELLED_PAID,
    EXCHANGED,
    HOUR,
    PARTLY,
    REFUNDED,
    RETURNED,
    SALE,
    UNPAID,
    Frame,
    take,
)
from portrait.generator.random_streams import Flags, Ints, choose, stream
from portrait.generator.surveys import LATE_DAYS, NOT_ANSWERED
from portrait.sql import sql_text

PRODUCT, INFORMATION, SERVICE, DELIVERY, PRICE, OTHER = range(6)
KINDS = ("product", "information", "service", "delivery", "price", "other")
# Why somebody turns to the company, and what the ticket is about then.
QUESTION, LATE, TOOK_BACK, DISAPPOINTED = range(4)
CAUSES = ("question", "late", "took_back", "disappointed")
KIND_SHARES = np.array([
    [0.1, 0.5, 0.05, 0.1, 0.2, 0.05],
    [0.02, 0.05, 0.08, 0.83, 0.01, 0.01],
    [0.68, 0.04, 0.06, 0.05, 0.16, 0.01],
    [0.35, 0.05, 0.45, 0.1, 0.04, 0.01],
])  # fmt: skip
CATEGORY_WORDS = (
    ("质量问题", "product", "退换货", "尺码"),
    ("咨询", "question", "售前咨询", "stock"),
    ("服务态度", "complaint", "客服", "service"),
    ("物流", "late delivery", "配送", "delivery"),
    ("价格", "refund", "优惠券", "invoice"),
    ("其他", "other", "建议", "feedback"),
)
SUBJECTS = (
    ("收到的商品有问题", "Broken on arrival"), ("想了解一下", "A question"),
    ("没有人回复我", "Nobody answers"), ("还没收到货", "Where is my parcel?"),
    ("退款和优惠", "About the price"), ("一点建议", "A remark"),
)  # fmt: skip
TEXTS = (
    ("打开就发现坏了，想换一件。", "The seam is open, please exchange it."),
    ("这款还有货吗？怎么使用？", "Is it in stock, and how is it used?"),
    ("打了两次电话，态度很差。", "I called twice and was cut off."),
    ("已经两周了，物流没有更新。", "It was promised two weeks ago."),
    ("刚买就降价了，可以补差价吗？", "The coupon was not taken off."),
    ("希望增加更多颜色。", "More colours would be nice."),
)
CHANNELS = ("phone", "mail", "chat", "social")
CHANNEL_SHARES = np.array([0.3, 0.25, 0.35, 0.1])
CHANNEL_WORDS = (("电话", "phone"), ("邮件", "email"), ("在线客服", "chat"), ("微博", "social"))
PRIORITIES = ("high", "normal", "low")
OPEN_WORDS = ("处理中", "open", "pending")
CLOSED_WORDS = ("已解决", "closed", "solved")
DIRECTIONS = (("呼入", "in"), ("呼出", "out"))


def make_tickets(
    seed: int,
    chunk: int,
    accounts: Accounts,
    documents: Frame,
    lines: Frame,
    answers: Frame,
    calendar: Calendar,
    profile: Profile,
) -> Frame:
    """Draw who turns to the company because of which order, and what comes of it.

    Columns: document (position), product, cause, kind, channel, opened, answered and closed
    (seconds, NOT_ANSWERED: never), satisfaction (-1: not told), is_stranger, is_orphan, is_outside,
    noise. `answers` are those to the surveys.
    """
    shares = profile["service"]
    dice = stream(seed, chunk, "tickets")
    size = len(documents["person"])
    cause = _causes(documents, answers)
    troubled = cause != QUESTION
    wanted = np.where(troubled, shares["ticket_after_trouble"], shares["ticket_with_question"])
    # Most parcels that come late come in the end.
    wanted = wanted * np.where(cause == LATE, 0.3, 1.0)
    wait = np.where(cause == DISAPPOINTED, 5 * DAY, HOUR)
    opened = np.where(troubled, documents["settled"], documents["moment"]) + wait
    opened = opened + (dice.random(size) * 2 * DAY).astype(np.int64)
    some = (dice.random(size) < wanted) & (opened < calendar.end) & _can_ask(accounts, documents)
    kind = np.zeros(size, dtype=np.int64)
    for number in range(len(CAUSES)):
        of_cause = np.flatnonzero(cause == number)
        kind[of_cause] = choose(dice, KIND_SHARES[number], len(of_cause))
    hours = dice.exponential(9, size)
    answered = opened + 300 + (hours * HOUR).astype(np.int64)
    is_answered = (dice.random(size) < shares["answered"]) & (answered < calendar.end)
    closed = answered + HOUR + (dice.exponential(30, size) * HOUR).astype(np.int64)
    is_closed = is_answered & (dice.random(size) < shares["closed"]) & (closed < calendar.end)
    # Who waits long, and who complains of service, is the least satisfied.
    content = 0.85 - 0.015 * np.minimum(hours, 40) - 0.3 * (kind == SERVICE) - 0.15 * troubled
    content = np.clip(content + dice.normal(0, 0.12, size), 0, 1)
    tells = is_closed & (dice.random(size) < shares["satisfaction"])
    outside = tells & (dice.random(size) < shares["outside_scale"])
    score = 1 + np.rint(content * 4).astype(np.int64)
    first = np.flatnonzero(np.append(True, lines["document"][1:] != lines["document"][:-1]))
    tickets = {
        "document": np.arange(size),
        "product": lines["product"][first[:size]] if size else np.zeros(0, dtype=np.int64),
        "cause": cause,
        "kind": kind,
        "channel": choose(dice, CHANNEL_SHARES, size),
        "opened": opened,
        "answered": np.where(is_answered, answered, NOT_ANSWERED),
        "closed": np.where(is_closed, closed, NOT_ANSWERED),
        "satisfaction": np.where(tells, np.where(outside, score + 20, score), -1),
        "content": content,
        "is_stranger": dice.random(size) < shares["stranger"],
        "is_orphan": dice.random(size) < shares["orphan"],
        "is_outside": outside,
        "noise": dice.integers(0, 1 << 30, size),
    }
    tickets["is_orphan"] &= ~tickets["is_stranger"] & ~outside
    return take(tickets, np.flatnonzero(some))


def _causes(documents: Frame, answers: Frame) -> Ints:
    fate = documents["fate"]
    took_back = np.isin(fate, [REFUNDED, PARTLY, RETURNED, EXCHANGED, CANCELLED_PAID])
    waited = documents["settled"] - documents["moment"] > LATE_DAYS * DAY
    late = waited & (documents["channel"] != POS) & ~took_back
    low = np.zeros(len(fate), dtype=bool)
    low[answers["document"][(answers["mood"] == 2) & (answers["answered"] != NOT_ANSWERED)]] = True
    return np.select([took_back, low, late], [TOOK_BACK, DISAPPOINTED, LATE], QUESTION)


def _can_ask(accounts: Accounts, documents: Frame) -> Flags:
    account = documents["account"]
    some = (account >= 0) & (documents["kind"] == SALE) & (documents["fate"] != UNPAID)
    some[some] = accounts.is_delivered[account[some]]
    return some


def make_interactions(
    seed: int, chunk: int, tickets: Frame, calendar: Calendar, profile: Profile
) -> Frame:
    """Draw the contacts of each ticket: the first one, the answer, and some more.

    Columns: ticket (position), turn, is_in, started, seconds, sentiment (hundredths), is_outside,
    noise.
    """
    shares = profile["service"]
    dice = stream(seed, chunk, "interactions")
    size = len(tickets["document"])
    position = np.arange(size)
    again = tickets["opened"] + DAY + (dice.random(size) * 2 * DAY).astype(np.int64)
    asks_again = (dice.random(size) < shares["asks_again"]) & (again < calendar.end)
    is_answered = tickets["answered"] != NOT_ANSWERED
    parts = [
        (position, 0, True, tickets["opened"], -0.35),
        (position[is_answered], 1, False, tickets["answered"][is_answered], 0.05),
        (position[asks_again], 2, True, again[asks_again], -0.5),
    ]
    ticket = np.concatenate([part[0] for part in parts])
    turn = np.concatenate([np.full(len(part[0]), part[1]) for part in parts]).astype(np.int64)
    base = np.concatenate([np.full(len(part[0]), part[4]) for part in parts])
    mood = base + 0.9 * (tickets["content"][ticket] - 0.55) + dice.normal(0, 0.15, len(ticket))
    outside = dice.random(len(ticket)) < shares["outside_scale"]
    hundredths = np.rint(np.clip(mood, -1, 1) * 100).astype(np.int64)
    return {
        "ticket": ticket,
        "turn": turn,
        "is_in": np.concatenate([np.full(len(part[0]), part[2]) for part in parts]),
        "started": np.concatenate([part[3] for part in parts]),
        "seconds": (30 + dice.gamma(2.0, 120.0, len(ticket))).astype(np.int64),
        "sentiment": np.where(outside, 700, hundredths),
        "is_outside": outside,
        "noise": dice.integers(0, 1 << 30, len(ticket)),
    }


def register_service(
    con: duckdb.DuckDBPyConnection,
    tickets: Frame,
    contacts: Frame,
    first_ticket: int,
    first_contact: int,
) -> None:
    """Make the tables of a chunk's tickets and contacts, of `documents` and `accounts`."""
    con.register("tickets_in", {"ticket": np.arange(len(tickets["document"])), **tickets})
    con.execute(f"""
        create or replace temp table tickets as
        select
            'Q' || lpad(cast({first_ticket} + ticket as varchar), 9, '0') as ticket_id,
            tickets_in.*, documents.document_id, documents.person_number,
            accounts.system, accounts.native_id
        from tickets_in
        inner join documents using (document)
        inner join accounts on documents.account = accounts.account
    """)
    con.unregister("tickets_in")
    con.register("contacts_in", {"contact": np.arange(len(contacts["ticket"])), **contacts})
    con.execute(f"""
        create or replace temp table contacts as
        select
            'I' || lpad(cast({first_contact} + contact as varchar), 9, '0') as interaction_id,
            contacts_in.*, tickets.ticket_id, tickets.kind, tickets.channel, tickets.is_stranger,
            tickets.is_orphan, tickets.system, tickets.native_id, tickets.noise as ticket_noise
        from contacts_in inner join tickets using (ticket)
    """)
    con.unregister("contacts_in")


def word_of(texts: tuple[tuple[str, ...], ...], place: str, noise: str) -> str:
    """SQL of a word: of the texts of a place, one by the noise."""
    cases = " ".join(
        f"when {number} then [{', '.join(sql_text(text) for text in options)}]"
        f"[1 + {noise} % {len(options)}]"
        for number, options in enumerate(texts)
    )
    return f"case {place} {cases} end"


def one_of(texts: tuple[str, ...], noise: str) -> str:
    """SQL of one of some words by the noise."""
    return f"[{', '.join(sql_text(text) for text in texts)}][1 + {noise} % {len(texts)}]"


def customer_of() -> str:
    """The columns that name the customer of a ticket or contact, if it names one."""
    systems = "[" + ", ".join(sql_text(system) for system in SYSTEMS) + "]"
    return f"""
        case when not is_stranger then {systems}[system + 1] end as system,
        case when is_stranger then null when is_orphan then 'X' || native_id else native_id end
            as native_id
    """


def tickets() -> str:
    """Rows of crm.tickets: some as they were opened, most as they were closed."""
    return f"""
        with versions as (
            select tickets.*, opened as written, false as is_final from tickets
            where noise % 3 = 0 or closed = {NOT_ANSWERED}
            union all
            select tickets.*, closed as written, true as is_final from tickets
            where closed <> {NOT_ANSWERED}
        )
        select
            ticket_id, {customer_of()},
            case when not is_stranger then document_id end as order_id,
            case when kind in ({PRODUCT}, {INFORMATION}) and noise % 4 > 0
                then 'P' || lpad(cast(product + 1 as varchar), 4, '0') end as product_id,
            {word_of(CATEGORY_WORDS, "kind", "noise // 8")} as category,
            {word_of(CHANNEL_WORDS, "channel", "noise // 16")} as channel,
            {one_of(PRIORITIES, "noise // 32")} as priority,
            case when is_final then {one_of(CLOSED_WORDS, "noise // 64")}
                else {one_of(OPEN_WORDS, "noise // 64")} end as status,
            {word_of(SUBJECTS, "kind", "noise // 128")} as subject,
            {word_of(TEXTS, "kind", "noise // 128")} as text,
            moment_text(opened) as opened_at,
            case when is_final then moment_text(answered) end as first_answered_at,
            case when is_final then moment_text(closed) end as closed_at,
            case when is_final and satisfaction >= 0 then cast(satisfaction as varchar) end
                as satisfaction,
            moment_text(written) as updated_at, written as _written,
            written * 134217728 + ticket as _order,
            case when is_orphan then 'orphan_ticket'
                when is_final and is_outside then 'score_outside_scale' end as _dirt
        from versions
    """


def interactions() -> str:
    """Rows of crm.interactions."""
    return f"""
        select
            interaction_id, {customer_of()}, ticket_id,
            {word_of(CHANNEL_WORDS, "channel", "ticket_noise // 16")} as channel,
            case when is_in then {one_of(DIRECTIONS[0], "noise // 8")}
                else {one_of(DIRECTIONS[1], "noise // 8")} end as direction,
            {word_of(CATEGORY_WORDS, "kind", "ticket_noise // 8")} as topic,
            case when noise % 5 > 0 or is_outside
                then cast(cast(sentiment as decimal(9, 2)) / 100 as decimal(9, 2))::varchar end
                as sentiment,
            case when channel = 0 or noise % 3 = 0 then cast(seconds as varchar) end
                as duration_seconds,
            moment_text(started) as started_at, moment_text(started) as updated_at,
            started as _written, started * 134217728 + contact as _order,
            case when is_orphan then 'orphan_interaction'
                when is_outside then 'score_outside_scale' end as _dirt
        from contacts
    """


def truth_tickets() -> str:
    """The person behind each ticket, why it was opened and what it is about."""
    return f"""
        select
            ticket_id, person_number as person_id, document_id as native_order_id,
            {one_of(CAUSES, "cause")} as cause, {one_of(KINDS, "kind")} as pain_point_kind
        from tickets order by ticket_id
    """
