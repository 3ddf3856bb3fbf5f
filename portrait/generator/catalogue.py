"""What the company sells and where: products, stores, coupons and exchange rates."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from portrait.generator.calendar import Calendar
from portrait.generator.facts import FOR_ALL, FOR_MEN, FOR_WOMEN
from portrait.generator.profile import Profile
from portrait.generator.random_streams import Floats, Ints, choose, stream
from portrait.generator.vocabulary import TABLES, Vocabulary

CURRENCIES = ("CNY", "USD", "GBP", "EUR")
RATES = (1.0, 7.16, 9.62, 8.31)  # CNY for one unit, around which the rates move
BRANDS = (
    "Yun", "Lanxi", "青禾", "Northfield", "素心", "Maison Lune", "Haoyi", "木石", "Alder & Co",
    "Qingshan", "Brightwater", "小满",
)  # fmt: skip
BRANDS_PER_GOODS = 3
# For whom an article is, in words; the first three are those of people (facts.py).
FOR_CHILDREN = 3
AUDIENCE_WORDS = (("女士", "women"), ("男士", "men"), ("通用", "unisex"), ("儿童", "kids"))
ONE_SIDED = 6.0  # so many times more often bought by one gender


@dataclass(frozen=True)
class Catalogue:
    """Arrays with one value per product, and tables of the company's other reference data.

    `price` is in hundredths of each currency (one column each).
    """

    names: list[str]
    kinds: list[str]
    categories: list[str]
    subcategories: list[str]
    details: list[str]
    audiences: list[str]
    brands: list[str]
    category: Ints
    audience: Ints
    brand: Ints
    price: Ints
    weight: Floats
    female: Floats
    male: Floats
    peak_month: Ints
    category_names: list[str]
    store_place: Ints
    coupons: list[dict[str, str]]
    coupon_percent: Ints
    coupon_amount: Ints
    coupon_minimum: Ints
    coupon_from: Ints
    coupon_to: Ints
    rates: list[tuple[str, str, str]]
    missing_rates: int

    def product_ids(self) -> list[str]:
        """The company's own ids of the products."""
        return [f"P{number + 1:04d}" for number in range(len(self.names))]

    def of_category(self, category: int) -> Ints:
        """The goods of a category."""
        return np.flatnonzero((self.category == category) & (self.weight > 0))


def make_catalogue(seed: int, calendar: Calendar, profile: Profile, words: Vocabulary) -> Catalogue:
    """Draw the products, stores, coupons and rates that all people share."""
    dice = stream(seed, -1, "catalogue")
    with (TABLES / "goods.csv").open(encoding="utf-8", newline="") as file:
        goods = list(csv.DictReader(file))
    category_names = sorted({row["category"] for row in goods})
    rows = []
    for place, row in enumerate(goods):
        for brand in range(BRANDS_PER_GOODS):
            number = (place * 5 + brand * 4) % len(BRANDS)
            asked = (
                float(row["price"]) * (0.8, 1.0, 1.35)[brand] * (1 + 0.1 * (dice.random() - 0.5))
            )
            rows.append((row, number, round(asked, 1) if asked < 200 else float(round(asked))))
    weight = dice.pareto(2.0, len(rows)) + 0.3
    # Not goods: a repair and the postage, which are sold now and then.
    extra = [("衣物修补", "service", 100.0), ("运费", "fee", 12.0)]
    yuan = np.array([row[2] for row in rows] + [price for _, _, price in extra])
    price = np.stack([np.rint(yuan * 100 / rate) for rate in RATES], axis=1).astype(np.int64)
    none = np.full(len(extra), -1)
    home = np.array([place.weight * (place.country == "CN") for place in words.places])
    stores = choose(dice, home, profile["size"]["stores"])
    # One store in eight is abroad.
    abroad = np.array([place.weight * (place.country != "CN") for place in words.places])
    far = np.arange(len(stores)) % 8 == 7
    stores = np.where(far, choose(dice, abroad, len(stores)), stores)
    coupons = _coupons(dice, calendar)
    rates, missing = _rates(dice, calendar, profile["order_dirt"]["missing_rate"])
    return Catalogue(
        names=[f"{BRANDS[brand]} {row['goods']}" for row, brand, _ in rows]
        + [name for name, _, _ in extra],
        kinds=["goods"] * len(rows) + [kind for _, kind, _ in extra],
        categories=[row["category"] for row, _, _ in rows] + ["服务"] * len(extra),
        subcategories=[row["subcategory"] for row, _, _ in rows] + [name for name, _, _ in extra],
        details=[row["goods"] for row, _, _ in rows] + [""] * len(extra),
        audiences=[AUDIENCE_WORDS[_audience(row)][brand % 2] for row, brand, _ in rows]
        + [""] * len(extra),
        brands=[BRANDS[brand] for _, brand, _ in rows] + [""] * len(extra),
        category=np.append([category_names.index(row["category"]) for row, _, _ in rows], none),
        audience=np.append([_audience(row) for row, _, _ in rows], np.full(len(extra), FOR_ALL)),
        brand=np.append([brand for _, brand, _ in rows], none),
        price=price,
        weight=np.append(weight, [0.0] * len(extra)),
        female=np.append([float(row["female_weight"]) for row, _, _ in rows], [0.0] * len(extra)),
        male=np.append([float(row["male_weight"]) for row, _, _ in rows], [0.0] * len(extra)),
        peak_month=np.append([int(row["peak_month"]) for row, _, _ in rows], none),
        category_names=category_names,
        store_place=stores,
        coupons=coupons,
        coupon_percent=np.array([int(coupon["discount_pct"] or 0) for coupon in coupons]),
        coupon_amount=np.array([int(coupon["discount_amount"] or 0) * 100 for coupon in coupons]),
        coupon_minimum=np.array([int(coupon["minimum_amount"] or 0) * 100 for coupon in coupons]),
        coupon_from=_days(coupons, "valid_from", calendar.first_day),
        coupon_to=_days(coupons, "valid_to", calendar.first_day),
        rates=rates,
        missing_rates=missing,
    )


def _audience(row: dict[str, str]) -> int:
    """For whom an article is, by who buys it and by what it is."""
    if row["category"] == "母婴" or row["subcategory"] == "童书":
        return FOR_CHILDREN
    ratio = float(row["female_weight"]) / float(row["male_weight"])
    if ratio >= ONE_SIDED:
        return FOR_WOMEN
    return FOR_MEN if ratio <= 1 / ONE_SIDED else FOR_ALL


def category_weights(catalogue: Catalogue) -> tuple[Floats, Floats]:
    """How much women and men like each category."""
    size = len(catalogue.category_names)
    goods = catalogue.category >= 0
    category = catalogue.category[goods]
    return (
        np.bincount(category, catalogue.female[goods], size).astype(np.float64),
        np.bincount(category, catalogue.male[goods], size).astype(np.float64),
    )


def _days(coupons: list[dict[str, str]], column: str, first_day: date) -> Ints:
    return np.array([(date.fromisoformat(coupon[column]) - first_day).days for coupon in coupons])


def _coupons(dice: np.random.Generator, calendar: Calendar) -> list[dict[str, str]]:
    """A coupon of each kind for every quarter of the period, and one that is always valid."""
    coupons = []
    for start in range(0, calendar.days, 91):
        begins = calendar.first_day + timedelta(days=start)
        ends = calendar.first_day + timedelta(days=min(start + 90, calendar.days - 1))
        label = f"{begins:%y%m}"
        percent = int(dice.choice([10, 15, 20]))
        coupons += [
            _coupon(f"SAVE{percent}-{label}", "季度折扣", "percent", percent, 0, begins, ends),
            _coupon(f"MINUS30-{label}", "满 200 减 30", "amount", 30, 200, begins, ends),
        ]
    last = calendar.first_day + timedelta(days=calendar.days - 1)
    return [*coupons, _coupon("WELCOME5", "新客礼", "percent", 5, 0, calendar.first_day, last)]


def _coupon(
    code: str, name: str, kind: str, value: int, minimum: int, begins: date, ends: date
) -> dict[str, str]:
    return {
        "coupon_code": code,
        "coupon_name": name,
        "coupon_type": kind,
        "discount_pct": str(value) if kind == "percent" else "",
        "discount_amount": str(value) if kind == "amount" else "",
        "minimum_amount": str(minimum) if minimum else "",
        "valid_from": begins.isoformat(),
        "valid_to": ends.isoformat(),
    }


def _rates(
    dice: np.random.Generator, calendar: Calendar, missing: float
) -> tuple[list[tuple[str, str, str]], int]:
    """Rates of working days from a week before the period, and how many of them are left out."""
    rates, left_out = [], 0
    for currency, start in zip(CURRENCIES[1:], RATES[1:], strict=True):
        walk = start * np.exp(np.cumsum(dice.normal(0, 0.0015, calendar.days + 7)))
        absent = dice.random(calendar.days + 7) < missing
        for number in range(calendar.days + 7):
            day = calendar.first_day + timedelta(days=number - 7)
            if day.weekday() >= 5:
                continue
            if absent[number]:
                left_out += 1
            else:
                rates.append((day.isoformat(), currency, f"{walk[number]:.4f}"))
    return rates, left_out
