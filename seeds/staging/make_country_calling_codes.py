"""Writes country_calling_codes.csv from the metadata of the Python package phonenumbers.

Run by hand when a newer version is wanted: `python seeds/staging/make_country_calling_codes.py`.
Lengths are those of fixed-line and mobile numbers, without what can be dialled locally only.
"""

import csv
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata

OUTPUT = Path(__file__).with_name("country_calling_codes.csv")
# Belarus dials 8, waits for the tone, and goes on with 0; both are written down together.
TRUNK_PREFIXES = {"BY": "80"}


def row(region: str) -> list[str | int]:
    """Return the seed's row of a region (ISO 3166-1 alpha-2)."""
    metadata = PhoneMetadata.metadata_for_region(region)
    kinds = [kind for kind in (metadata.fixed_line, metadata.mobile) if kind]
    lengths = {length for kind in kinds for length in kind.possible_length if length > 0}
    return [
        region,
        metadata.country_code,
        TRUNK_PREFIXES.get(region, metadata.national_prefix or ""),
        min(lengths),
        max(lengths),
    ]


def main() -> None:
    """Write the seed."""
    with OUTPUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        header = "country_code,calling_code,trunk_prefix,shortest_number,longest_number"
        writer.writerow(header.split(","))
        writer.writerows(row(region) for region in sorted(phonenumbers.SUPPORTED_REGIONS))


if __name__ == "__main__":
    main()
