"""Writes accented_letters.sql: the letters that strip_accents changes, from Python's Unicode data.

Run by hand when a newer Unicode is wanted: `python macros/cross_db/make_accented_letters.py`,
with the newest Python that the project runs on. Source: Unicode Standard Annex #15, through
`unicodedata`.
"""

import unicodedata
from pathlib import Path

from make_unicode_compatibility import lines

OUTPUT = Path(__file__).with_name("accented_letters.sql")
# The scripts up to Arabic, and the blocks of precomposed Latin and Greek.
RANGES = (range(0x80, 0x900), range(0x1E00, 0x2000))


def bare(character: str) -> str:
    """Return the character without its marks: nothing where it is a mark itself."""
    letters = (
        letter
        for letter in unicodedata.normalize("NFD", character)
        if not unicodedata.category(letter).startswith("M")
    )
    return unicodedata.normalize("NFC", "".join(letters))


def main() -> None:
    """Write the macro file: letters with a bare form first, then the marks, which vanish."""
    changed = {
        character: bare(character)
        for codes in RANGES
        for character in map(chr, codes)
        if bare(character) != character
    }
    letters = [character for character in changed if changed[character]]
    marks = [character for character in changed if not changed[character]]
    if any(len(changed[character]) != 1 for character in letters):
        raise ValueError("a bare form of several letters: translate() cannot write it")
    OUTPUT.write_text(
        "{#- Written by make_accented_letters.py from Unicode "
        f"{unicodedata.unidata_version}: do not edit. -#}}\n"
        "{% macro accented_letters() %}\n"
        "    {#- The letters that lose their marks, then the marks; and what the letters become."
        " -#}\n"
        "    {{ return({\n"
        f"        'accented':\n        {lines(''.join([*letters, *marks]))},\n"
        f"        'bare':\n        {lines(''.join(changed[letter] for letter in letters))},\n"
        "    }) }}\n"
        "{% endmacro %}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
