"""The calendar of a company: its days, its promotions and the hours of its customers."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from portrait.generator.random_streams import Flags, Floats, Ints

DAY = 86_400
# Month and day of promotions, and how much more is bought then.
PROMOTIONS = {(11, 11): 5.0, (12, 12): 2.5, (6, 18): 4.0, (3, 8): 1.8, (9, 9): 1.6}
MONTHS = (1.15, 0.75, 0.95, 0.95, 1.0, 1.1, 0.9, 0.85, 1.0, 1.0, 1.25, 1.15)
WEEKDAYS = (0.95, 0.95, 0.95, 0.95, 1.0, 1.15, 1.1)
# Share of each hour of the day for early, lunch, evening and night people.
HOURS = np.array([
    [0, 0, 0, 0, 1, 4, 8, 10, 9, 7, 5, 4, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0],
    [0, 0, 0, 0, 0, 0, 1, 2, 3, 5, 6, 8, 12, 10, 5, 4, 3, 3, 3, 3, 2, 2, 1, 0],
    [1, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 3, 2, 2, 3, 4, 6, 9, 12, 12, 8, 4],
    [8, 6, 4, 2, 1, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 6, 9, 12, 11],
], dtype=float)  # fmt: skip


@dataclass(frozen=True)
class Calendar:
    """The days of the period and its deliveries.

    `loads` are day numbers (the first is the day before the period); a row is delivered with the
    first load that is not before it was written.
    """

    first_day: date
    days: int
    every_days: int
    loads: Ints
    calm: Floats
    eager: Floats
    months: Ints

    @property
    def end(self) -> int:
        """Seconds from the first day to the end of the last one."""
        return self.days * DAY

    def load_date(self, load: int) -> date:
        """The date of a load, by its number."""
        return self.first_day + timedelta(days=int(self.loads[load]))

    def load_of(self, written: Ints) -> Ints:
        """The number of the load that brings what was written then."""
        return np.searchsorted(self.loads, np.asarray(written) // DAY, side="left").astype(np.int64)

    def load_sql(self, written: str) -> str:
        """The same as `load_of`, as SQL over a column."""
        day, last = f"{written} // {DAY}", len(self.loads) - 1
        number = f"({day} + {self.every_days - 1}) // {self.every_days}"
        return f"case when {written} < 0 then 0 else least(greatest({number}, 1), {last}) end"

    def position(self, moment: Ints) -> Floats:
        """How much of the year's buying lies before a moment: for `moments_at`."""
        day = np.clip(np.asarray(moment) / DAY, 0, self.days)
        return np.interp(day, np.arange(self.days + 1), self.calm)

    def moments_at(self, position: Floats, loves_promotions: Flags, hours: Floats) -> Ints:
        """The moments at these positions; `hours` (from 0 to 24) say when within the day."""
        calm = np.searchsorted(self.calm, position, side="right") - 1
        eager = np.searchsorted(self.eager, position, side="right") - 1
        day = np.clip(np.where(loves_promotions, eager, calm), 0, self.days - 1)
        return day * DAY + (hours * 3600).astype(np.int64)


def make_calendar(last_day: date, days: int, every_days: int, strength: float) -> Calendar:
    """Lay out a period that ends with its last day."""
    first_day = last_day - timedelta(days=days - 1)
    dates = [first_day + timedelta(days=day) for day in range(days)]
    usual = np.array([MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] for day in dates])
    festive = np.array([PROMOTIONS.get((day.month, day.day), 1.0) for day in dates])
    return Calendar(
        first_day=first_day,
        days=days,
        every_days=every_days,
        loads=np.array([-1, *range(every_days, days - 1, every_days), days - 1]),
        calm=_steps((usual * (1 + 0.5 * (festive - 1))) ** strength),
        eager=_steps((usual * (1 + 30 * (festive - 1))) ** strength),
        months=np.array([day.month for day in dates]),
    )


def _steps(weights: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])


def hours_of(dice: np.random.Generator, kind: Ints) -> Floats:
    """Draw a time of day, in hours, for each person's habit."""
    steps = np.cumsum(HOURS, axis=1) / HOURS.sum(axis=1, keepdims=True)
    drawn = dice.random(len(kind))
    hour = np.zeros(len(kind))
    for habit in range(len(HOURS)):
        some = kind == habit
        hour[some] = np.searchsorted(steps[habit], drawn[some], side="right")
    return hour + dice.random(len(kind)) * 0.9999
