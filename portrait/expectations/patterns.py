"""What a trimmed raw text of each contract type looks like, as patterns (RE2) over all of it.

They follow what staging reads (macros/staging/parse_*.sql) after it has brought the text to NFKC,
so full-width characters (０-９ ， ．) are in. Where in doubt a pattern lets a text through: one
that cannot be read after all ends as a rejected row, and many of them fail the staging suite, while
a false alarm would stop a good build.
"""

_DIGIT = "[0-9０-９]"
_POINT = "[.．]"
_COLON = "[:：]"
_BLANK = r"[ \x{00A0}\x{3000}]"

_DECIMALS = rf"{_POINT}{_DIGIT}"
_NUMBER = (
    rf"[-+－﹣＋]?("
    rf"{_DIGIT}{{1,3}}([,，]{_DIGIT}{{3}})+({_DECIMALS}+)?"
    rf"|({_DIGIT}+({_DECIMALS}*)?|{_DECIMALS}+)([eEｅＥ][-+－﹣＋]?{_DIGIT}+)?"
    rf")"
)
_YEAR_TO_DAY = (
    rf"{_DIGIT}{{4}}{_BLANK}?[-－﹣/／.．年]{_BLANK}?{_DIGIT}{{1,2}}"
    rf"{_BLANK}?[-－﹣/／.．月]{_BLANK}?{_DIGIT}{{1,2}}({_BLANK}?日)?"
)
_TIME = rf"({_BLANK}|[TＴ])({_DIGIT}|{_COLON}|{_POINT})+"
_ZONE = rf"{_BLANK}?([ZＺ]|[-+－﹣＋]{_DIGIT}{{2}}({_COLON}?{_DIGIT}{{2}})?)"
_MIDNIGHT = rf"({_BLANK}|[TＴ])[0０]?[0０]{_COLON}[0０]{{2}}({_COLON}[0０]{{2}}({_POINT}[0０]+)?)?"

PATTERNS = {
    "decimal": f"^{_NUMBER}$",
    "rate": f"^{_NUMBER}$",
    "date": f"^({_YEAR_TO_DAY}({_MIDNIGHT})?|{_DIGIT}{{8}})$",
    "timestamp": f"^({_YEAR_TO_DAY}({_TIME}({_ZONE})?)?|{_DIGIT}{{8}})$",
    "boolean": "^(?i:true|t|yes|y|1|１|是|false|f|no|n|0|０|否)$",
    "currency": "^[A-Za-zＡ-Ｚａ-ｚ]{3}$",
}

EXAMPLES = {
    "decimal": "1234.50 or 1,234.50",
    "rate": "7.1234",
    "date": "2026-06-30, 2026/6/30 or 2026年6月30日",
    "timestamp": "2026-06-30 12:00:00 or 2026-06-30T12:00:00+08:00",
    "boolean": "true, false, 1 or 0",
    "currency": "CNY",
}
