"""What goes wrong with names, dates and addresses when people write them down: one seeded die."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("ie", "y"), ("ee", "ea"), ("ai", "ay"), ("th", "t"), ("ll", "l"),
    ("nn", "n"), ("tt", "t"), ("ou", "u"), ("c", "k"), ("y", "i"), ("z", "s"), ("v", "w"),
    ("e", "a"), ("o", "u"), ("i", "e"),
)  # fmt: skip
# Written for this file: some of these forms are in the seed match_nicknames, some are not.
SHORT_FORMS = {
    "Abigail": "Abbie", "Albert": "Bert", "Alexander": "Sandy", "Alexandra": "Sasha",
    "Andrew": "Drew", "Ann": "Nan", "Anthony": "Tony", "Barbara": "Babs", "Benjamin": "Ben",
    "Catherine": "Kitty", "Charles": "Charlie", "Charlotte": "Lottie", "Christine": "Chris",
    "Christopher": "Kit", "Daniel": "Danny", "David": "Davy", "Deborah": "Debbie",
    "Donald": "Don", "Dorothy": "Dolly", "Edward": "Ned", "Eleanor": "Nell",
    "Elizabeth": "Betsy", "Frances": "Fanny", "Francis": "Frank", "Frederick": "Fred",
    "Geoffrey": "Geoff", "George": "Georgie", "Gerald": "Gerry", "Graham": "Gray",
    "Gregory": "Greg", "Harold": "Harry", "Helen": "Nellie", "Henry": "Hal", "Jacqueline": "Jackie",
    "James": "Jim", "Janet": "Jan", "Jeffrey": "Jeff", "Jennifer": "Jenny", "Jessica": "Jess",
    "John": "Jack", "Jonathan": "Jon", "Joseph": "Joe", "Joshua": "Josh", "Judith": "Judy",
    "Katherine": "Kate", "Kathleen": "Kathy", "Kenneth": "Ken", "Kimberly": "Kim",
    "Lawrence": "Larry", "Leonard": "Len", "Margaret": "Peggy", "Martha": "Patty",
    "Martin": "Marty", "Mary": "Polly", "Matthew": "Matt", "Melissa": "Missy", "Michael": "Mick",
    "Nicholas": "Nick", "Nicola": "Nicky", "Pamela": "Pam", "Patricia": "Pat", "Patrick": "Pat",
    "Peter": "Pete", "Philip": "Phil", "Rebecca": "Becky", "Richard": "Dick", "Robert": "Bob",
    "Roger": "Rog", "Ronald": "Ron", "Samuel": "Sam", "Sandra": "Sandy", "Sarah": "Sally",
    "Stephen": "Steve", "Steven": "Steve", "Stuart": "Stu", "Susan": "Sue", "Teresa": "Tess",
    "Theodore": "Ted", "Thomas": "Tom", "Timothy": "Tim", "Valerie": "Val", "Victoria": "Vicky",
    "Walter": "Wat", "William": "Bill",
}  # fmt: skip


class Damage:
    """Writes values as people mistype, mishear and shorten them."""

    def __init__(self, dice: random.Random) -> None:
        """Take the die that all choices come from."""
        self.dice = dice

    def happens(self, share: float) -> bool:
        """Whether something happens that happens in this share of cases."""
        return self.dice.random() < share

    def slips(self, word: str, times: int = 1) -> str:
        """The word with some slips of a letter, one after the other."""
        for _ in range(times):
            word = self._slip(word)
        return word

    def name(self, word: str, one: float, two: float) -> str:
        """The word, in these shares of cases with one slip or with two."""
        drawn = self.dice.random()
        return self.slips(word, 2 if drawn < two else 1 if drawn < one + two else 0)

    def short_form(self, name: str) -> str:
        """A short form, or the first syllable of a name that has none."""
        return SHORT_FORMS.get(name, name[: 3 + self.dice.randrange(2)])

    def birth_date(self, day: date, times: int = 1) -> date:
        """The date with some slips: day and month swapped, one digit, or the year."""
        for _ in range(times):
            day = self._date_slip(day)
        return day

    def digits(self, number: str) -> str:
        """The number with one digit changed, or two neighbours swapped."""
        places = [place for place, sign in enumerate(number) if sign.isdigit()]
        place = self.dice.choice(places)
        after = number[place + 1 : place + 2]
        if after.isdigit() and after != number[place] and self.happens(0.4):
            return number[:place] + after + number[place] + number[place + 2 :]
        other = self.dice.choice([sign for sign in "0123456789" if sign != number[place]])
        return number[:place] + other + number[place + 1 :]

    def _slip(self, word: str) -> str:
        dice = self.dice
        if len(word) < 3:
            return word + word[-1:]
        place = dice.randrange(len(word))
        letter = word[place].lower()
        kind = dice.randrange(5)
        if kind == 0:
            return word[:place] + word[place + 1 :]
        if kind == 1:
            return word[: place + 1] + letter + word[place + 1 :]
        if kind == 2:
            place = max(place, 1)
            return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
        if kind == 3:
            heard = [pair for pair in SOUNDS if pair[0] in word.lower()[1:]]
            if heard:
                sound, written = dice.choice(heard)
                start = word.lower().index(sound, 1)
                return word[:start] + written + word[start + len(sound) :]
        return word[:place] + self._near_key(letter) + word[place + 1 :]

    def _near_key(self, letter: str) -> str:
        for row in KEYS:
            if letter in row:
                place = row.index(letter)
                return self.dice.choice(row[max(place - 1, 0) : place] + row[place + 1 : place + 2])
        return "e"

    def _date_slip(self, day: date) -> date:
        dice = self.dice
        kind = dice.random()
        if kind < 0.25 and day.day <= 12 and day.day != day.month:
            return day.replace(month=day.day, day=day.month)
        if kind < 0.4:
            return _with_year(day, day.year + dice.choice([-10, -2, -1, 1, 2, 10]))
        if kind < 0.5:
            return day + timedelta(days=dice.choice([-1, 1]))
        while True:
            text = self.digits(day.isoformat())
            try:
                slipped = date.fromisoformat(text)
            except ValueError:
                continue
            if abs(slipped.year - day.year) <= 90 and 1915 <= slipped.year <= 2020:
                return slipped


def _with_year(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, 28))


def ranked(words: Sequence[str], dice: random.Random, steepness: float = 0.7) -> str:
    """A word of a list, the first ones more often, as names are."""
    weights = _weights(len(words), steepness)
    return dice.choices(words, cum_weights=weights)[0]


_KNOWN_WEIGHTS: dict[tuple[int, float], list[float]] = {}


def _weights(size: int, steepness: float) -> list[float]:
    known = _KNOWN_WEIGHTS.get((size, steepness))
    if known is None:
        total, known = 0.0, []
        for rank in range(size):
            total += (rank + 1) ** -steepness
            known.append(total)
        _KNOWN_WEIGHTS[size, steepness] = known
    return known
