"""Writes unicode_compatibility.sql: the characters that NFKC changes, from Python's Unicode data.

Run by hand when a newer Unicode is wanted: `python macros/cross_db/make_unicode_compatibility.py`,
with the newest Python that the project runs on.
Source: Unicode Standard Annex #15 through `unicodedata`.
"""

import unicodedata
from pathlib import Path

OUTPUT = Path(__file__).with_name("unicode_compatibility.sql")
SEPARATOR = "\u241e"  # SYMBOL FOR RECORD SEPARATOR: NFKC leaves it alone


def compatibility_characters() -> dict[str, str]:
    """Return each character whose NFKC form differs from its NFC form, with that form."""
    surrogates = range(0xD800, 0xE000)
    characters = (chr(code) for code in range(0x80, 0x110000) if code not in surrogates)
    return {
        character: unicodedata.normalize("NFKC", character)
        for character in characters
        if unicodedata.normalize("NFKC", character) != unicodedata.normalize("NFC", character)
    }


def ranges(codes: list[int]) -> str:
    """Return the codes as the inside of a regular expression's character class."""
    spans: list[list[int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(
        f"\\x{{{first:X}}}" if first == last else f"\\x{{{first:X}}}-\\x{{{last:X}}}"
        for first, last in spans
    )


def lines(text: str, width: int = 64) -> str:
    """Return the text as Jinja string literals joined by `~`, one per line."""
    escape = str.maketrans({"\\": "\\\\", "'": "\\'"})
    parts = [text[start : start + width].translate(escape) for start in range(0, len(text), width)]
    return " ~\n        ".join(f"'{part}'" for part in parts)


def main() -> None:
    """Write the macro file."""
    mapping = compatibility_characters()
    characters = sorted(mapping)
    replacements = SEPARATOR.join(mapping[character] for character in characters)
    OUTPUT.write_text(
        "{#- Written by make_unicode_compatibility.py from Unicode "
        f"{unicodedata.unidata_version}: do not edit. -#}}\n"
        "{% macro unicode_compatibility() %}\n"
        "    {#- The characters that NFKC changes, what they become, and the class that finds"
        " them. -#}\n"
        "    {{ return({\n"
        f"        'characters':\n        {lines(''.join(characters))},\n"
        f"        'replacements': (\n        {lines(replacements)}\n"
        f"        ).split('{SEPARATOR}'),\n"
        f"        'class':\n        {lines(ranges([ord(c) for c in characters]))},\n"
        "    }) }}\n"
        "{% endmacro %}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
