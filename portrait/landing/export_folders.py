"""Finds the files of an export in a folder, also those within archives and spreadsheets.

An archive is read as if its files lay in a folder of its name, and a sheet as a file of its own.
What is taken out of them lies in a folder for the time of the run.
"""

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb

from portrait.errors import PortraitError
from portrait.landing.export_files import ENDINGS, ending
from portrait.landing.export_sheets import SHEET_ENDINGS, read_sheets

ARCHIVE_ENDINGS = (".zip",)
READ_ENDINGS = ENDINGS + SHEET_ENDINGS + ARCHIVE_ENDINGS
# What a real export never is. A small archive may hold any number of zeros.
LARGEST_ARCHIVE_BYTES = 4_000_000_000
MOST_FILES_OF_ARCHIVE = 10_000
_ENCRYPTED, _NAME_IS_UTF8 = 0x1, 0x800


@dataclass(frozen=True)
class FoundFile:
    """A file that may be an export: where it can be read, and what it is called."""

    path: Path
    name: str


def find_export_files(folder: Path) -> tuple[list[FoundFile], list[str]]:
    """The files of a folder that may be read, and of the others each with why it is not.

    Hidden ones are passed over.

    Raises:
        PortraitError: there is no such folder, or nothing in it.
    """
    if folder.is_file():
        return [FoundFile(folder, folder.name)], []
    if not folder.is_dir():
        raise PortraitError(f"{folder} does not exist: expected a folder of exported files.")
    found = [
        FoundFile(path, name)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _is_hidden(name := path.relative_to(folder).as_posix())
    ]
    if not found:
        raise PortraitError(f"{folder} is empty: expected the files that a system exported.")
    taken = [file for file in found if ending(file.name) in READ_ENDINGS]
    return taken, [why_not(file.name) for file in found if file not in taken]


def _is_hidden(name: str) -> bool:
    """Also what macOS puts into archives, and what Excel puts beside an open file."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or any(part.startswith((".", "~$")) for part in parts)


def why_not(name: str) -> str:
    """Why a file is not read, by its name."""
    kind = ending(name)
    if kind in (".xls", ".xlsb", ".ods", ".numbers"):
        return f"{name}: a spreadsheet of a kind that is not read; save it as .xlsx or CSV"
    if kind in (".rar", ".7z", ".tar", ".tgz"):
        return f"{name}: an archive of a kind that is not read; unpack it first"
    return f"{name}: only {', '.join(READ_ENDINGS)} are read"


def unpacked(
    connection: duckdb.DuckDBPyConnection, file: FoundFile, scratch: Path
) -> tuple[list[FoundFile], list[str]]:
    """The files within an archive or a spreadsheet, or the file itself; and what is not read.

    Raises:
        PortraitError: it is damaged, encrypted, too large, or names places outside of itself.
    """
    kind = ending(file.name)
    if kind in SHEET_ENDINGS:
        sheets = read_sheets(connection, file.path, file.name, _new_folder(scratch))
        return [FoundFile(path, name) for path, name in sheets.files], sheets.remarks
    if kind not in ARCHIVE_ENDINGS:
        return [file], []
    found: list[FoundFile] = []
    others: list[str] = []
    for inner in _members(file, _new_folder(scratch), others):
        more, remarks = unpacked(connection, inner, scratch)
        found += more
        others += remarks
    return found, others


def _new_folder(scratch: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=scratch))


def _members(archive: FoundFile, target: Path, others: list[str]) -> Iterator[FoundFile]:
    """Take the files out of an archive, each under a number: no name in it becomes a path."""
    try:
        with zipfile.ZipFile(archive.path) as opened:
            for number, (inner, member) in enumerate(_sound_members(opened, archive.name).items()):
                name, kind = f"{archive.name}/{inner}", ending(inner)
                if kind in ARCHIVE_ENDINGS:
                    others.append(f"{name}: an archive within an archive; unpack it first")
                elif kind not in READ_ENDINGS:
                    others.append(why_not(name))
                else:
                    packed = ".gz" if inner.lower().endswith(".gz") else ""
                    path = target / f"{number}{kind}{packed}"
                    with opened.open(member) as source, path.open("wb") as copy:
                        shutil.copyfileobj(source, copy)
                    yield FoundFile(path, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise PortraitError(
            f"{archive.name}: this archive could not be read ({error}); unpack it, and give the "
            "folder."
        ) from error


def _sound_members(opened: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """The files of an archive by their names, in their order; folders and hidden ones left out.

    Raises:
        PortraitError: the archive is not one that an export would be.
    """
    infos = opened.infolist()
    # A member never gives more than it says it has.
    size = sum(info.file_size for info in infos)
    if size > LARGEST_ARCHIVE_BYTES or len(infos) > MOST_FILES_OF_ARCHIVE:
        raise PortraitError(
            f"{name}: unpacked, this archive would have {size / 1e9:,.1f} GB in {len(infos):,} "
            f"files, and {LARGEST_ARCHIVE_BYTES / 1e9:,.1f} GB in {MOST_FILES_OF_ARCHIVE:,} files "
            "are read at most. If it is an export, unpack it, and give the folder."
        )
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        inner = _name_of(info)
        path = PurePosixPath(inner)
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise PortraitError(f"{name}: {inner!r} would lie outside the folder; nothing is read.")
        if info.is_dir() or _is_hidden(inner) or stat.S_ISLNK(info.external_attr >> 16):
            continue
        if info.flag_bits & _ENCRYPTED:
            raise PortraitError(
                f"{name}: {inner} is encrypted. Unpack it with its password, and give the folder."
            )
        if inner in found:
            raise PortraitError(f"{name}: {inner} is in it twice; nobody knows which one counts.")
        found[inner] = info
    return dict(sorted(found.items()))


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name of a member: archives of Chinese programs often have it in GB18030."""
    name = info.filename
    if not info.flag_bits & _NAME_IS_UTF8 and not name.isascii():
        for encoding in ("utf-8", "gb18030"):
            try:
                name = name.encode("cp437").decode(encoding)
                break
            except UnicodeError:
                continue
    return name.replace("\\", "/") or "?"
