"""What customers write about what they bought in the shop."""

import duckdb
import numpy as np

from portrait.generator.accounts import SHOP, Accounts
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.profile import Profile
from portrait.generator.purchases import CANCELLED, CANCELLED_PAID, DONE, SALE, UNPAID, Frame, take
from portrait.generator.random_streams import stream
from portrait.generator.service import one_of, word_of

# By mood: content, neither, disappointed.
MOODS = ("content", "neither", "disappointed")
TITLES = (("很喜欢", "Love it"), ("还行", "It is fine"), ("失望", "Not again"))
TEXTS = (
    ("质量很好，会再买。", "Just as described, and quick."),
    ("一般，价格还可以。", "Fine for the price."),
    ("和图片不一样，退了。", "It broke in the first week."),
)


def make_reviews(
    seed: int, chunk: int, accounts: Accounts, documents: Frame, lines: Frame, calendar: Calendar,
    profile: Profile,
) -> Frame:  # fmt: skip
    """Draw who reviews which order of the shop, by its first article.

    Columns: document (position), product, rating, mood, written (seconds), is_stranger, is_orphan,
    is_outside, noise.
    """
    shares = profile["reviews"]
    dice = stream(seed, chunk, "reviews")
    size = len(documents["person"])
    account, fate = documents["account"], documents["fate"]
    some = (documents["channel"] == SHOP) & (documents["kind"] == SALE) & (account >= 0)
    some &= ~np.isin(fate, [UNPAID, CANCELLED, CANCELLED_PAID])
    some[some] = accounts.is_delivered[account[some]]
    written = documents["settled"] + DAY + (dice.random(size) * 9 * DAY).astype(np.int64)
    # Who is disappointed writes more often.
    wanted = shares["written"] * np.where(fate == DONE, 1.0, 2.0)
    some &= (dice.random(size) < wanted) & (written < calendar.end)
    content = np.clip(0.85 + dice.normal(0, 0.15, size) - 0.45 * (fate != DONE), 0, 1)
    outside = dice.random(size) < shares["outside_scale"]
    stranger = dice.random(size) < shares["stranger"]
    first = np.flatnonzero(np.append(True, lines["document"][1:] != lines["document"][:-1]))
    reviews = {
        "document": np.arange(size),
        "product": lines["product"][first[:size]] if size else np.zeros(0, dtype=np.int64),
        "rating": np.where(outside, 10, 1 + np.rint(content * 4)).astype(np.int64),
        "mood": np.select([content > 0.7, content > 0.45], [0, 1], 2),
        "written": written,
        "is_stranger": stranger,
        "is_orphan": (dice.random(size) < shares["orphan"]) & ~stranger & ~outside,
        "is_outside": outside,
        "noise": dice.integers(0, 1 << 30, size),
    }
    return take(reviews, np.flatnonzero(some))


def register_reviews(con: duckdb.DuckDBPyConnection, reviews: Frame, first_review: int) -> None:
    """Make the table of a chunk's reviews; `documents` and `accounts` must be there."""
    con.register("reviews_in", {"review": np.arange(len(reviews["document"])), **reviews})
    con.execute(f"""
        create or replace temp table reviews as
        select
            'W' || lpad(cast({first_review} + review as varchar), 9, '0') as review_id,
            reviews_in.*, documents.document_id, documents.person_number, accounts.native_id
        from reviews_in
        inner join documents using (document)
        inner join accounts on documents.account = accounts.account
    """)
    con.unregister("reviews_in")


def reviews() -> str:
    """Rows of shop.reviews."""
    return f"""
        select
            review_id,
            case when is_stranger then null when is_orphan then 'X' || native_id else native_id end
                as customer_id,
            case when not is_stranger then document_id end as order_id,
            'P' || lpad(cast(product + 1 as varchar), 4, '0') as product_id,
            cast(rating as varchar) as rating,
            case when noise % 3 > 0 then {word_of(TITLES, "mood", "noise // 8")} end as title,
            case when noise % 4 > 0 then {word_of(TEXTS, "mood", "noise // 8")} end as text,
            moment_text(written) as written_at, moment_text(written) as updated_at,
            written as _written, written * 134217728 + review as _order,
            case when is_orphan then 'orphan_review'
                when is_outside then 'score_outside_scale' end as _dirt
        from reviews
    """


def truth_reviews() -> str:
    """The person behind each review, also of strangers, and how content the person is."""
    return f"""
        select
            review_id, person_number as person_id, document_id as native_order_id,
            {one_of(MOODS, "mood")} as mood
        from reviews order by review_id
    """
