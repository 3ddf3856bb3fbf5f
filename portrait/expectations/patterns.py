"""What a trimmed raw text of each contract type looks like, as patterns (RE2) over all of it.

They follow what staging reads (macros/staging/parse_*.sql) after it has brought the text to NFKC,
so full-width characters (０-９ ， ．) are in. Where in doubt a pattern lets a text through: one
that cannot be read after all ends as a rejected row, and many of them fail the staging suite, while
a false alarm would stop a good build.
"""

import re
from collections.abc import Iterable

_DIGIT = "[0-9０-９]"
_POINT = "[.．]"
_COLON = "[:：]"
_BLANK = r"[ \x{00A0}\x{3000}]"

# Signs, groups and decimal signs in any order, with a currency before or behind.
_UNIT = r"[^0-9０-９.,，．]{0,5}"
_NUMBER = (
    rf"{_UNIT}({_DIGIT}|[.．,，]{_DIGIT})({_DIGIT}|[.．,，' ’\x{{00A0}}\x{{202F}}])*"
    rf"([eEｅＥ][-+－﹣＋]?{_DIGIT}+)?{_UNIT}"
)
_YEAR_TO_DAY = (
    rf"{_DIGIT}{{4}}{_BLANK}?[-－﹣/／.．年]{_BLANK}?{_DIGIT}{{1,2}}"
    rf"{_BLANK}?[-－﹣/／.．月]{_BLANK}?{_DIGIT}{{1,2}}({_BLANK}?日)?"
)
_TIME = rf"({_BLANK}|[TＴ])({_DIGIT}|{_COLON}|{_POINT})+"
_ZONE = (
    rf"{_BLANK}?([ZＺ]|[A-Za-z]{{3,5}}|[-+－﹣＋]{_DIGIT}{{2}}({_COLON}?{_DIGIT}{{2}})?)"
    rf"({_BLANK}?\[[A-Za-z_/+-]+\])?"
)
_COMPACT = rf"{_DIGIT}{{8}}([TＴ]?{_DIGIT}{{6}}({_POINT}{_DIGIT}+)?({_ZONE})?)?"
_EPOCH = rf"1{_DIGIT}{{9}}({_DIGIT}{{3}}|{_DIGIT}{{6}}|{_POINT}{_DIGIT}+)?"
_MAIL = (
    "([A-Z][a-z]{2}, ?)?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:.]+( ?[A-Z]{1,5}| ?[+-][0-9:]{4,5})?"
)
_MIDNIGHT = rf"({_BLANK}|[TＴ])[0０]?[0０]{_COLON}[0０]{{2}}({_COLON}[0０]{{2}}({_POINT}[0０]+)?)?"

PATTERNS = {
    "decimal": f"^{_NUMBER}$",
    "rate": f"^{_NUMBER}$",
    "date": f"^({_YEAR_TO_DAY}({_MIDNIGHT})?|{_DIGIT}{{8}})$",
    "timestamp": f"^({_YEAR_TO_DAY}({_TIME}({_ZONE})?)?|{_COMPACT}|{_EPOCH}|{_MAIL})$",
    "boolean": "^(?i:true|t|yes|y|1|１|是|false|f|no|n|0|０|否{words})$",
    "currency": "^(?i:[A-Za-zＡ-Ｚａ-ｚ]{3}{words})$",
}

# Where the words of a pattern stand: the seed and its column.
WORDS = {
    "boolean": ("boolean_words", "boolean_word"),
    "currency": ("currency_words", "currency_word"),
}
NULL_WORDS = ("null_words", "null_word")

EXAMPLES = {
    "decimal": "1234.50, 1,234.50 or 1.234,50",
    "rate": "7.1234",
    "date": "2026-06-30, 2026/6/30 or 2026年6月30日",
    "timestamp": "2026-06-30 12:00:00 or 2026-06-30T12:00:00+08:00",
    "boolean": "true, no, 1 or subscribed",
    "currency": "CNY",
}


def pattern_of(data_type: str, words: Iterable[str] = ()) -> str:
    """Return the pattern of a type; `words` are those of its seed (WORDS)."""
    listed = "".join(f"|{re.escape(word)}" for word in words)
    return PATTERNS[data_type].replace("{words}", listed)
