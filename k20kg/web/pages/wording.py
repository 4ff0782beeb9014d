"""Words for templates: capitals, numbers in words, names of readings and licences, cut labels."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime, timedelta
from typing import Final

from k20kg.model import Reading

_NUMBERS: Final = [
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
]  # fmt: skip


def upper_first(text: object) -> str:
    """Return a text with its first letter as a capital."""
    words = str(text)
    return words[:1].upper() + words[1:]


def lower_first(text: str) -> str:
    """Return a text as it goes on in a sentence; an abbreviation keeps its capitals."""
    first = text.partition(" ")[0][1:]
    keep = any(c.isupper() or c.isdigit() for c in first)
    return text if keep else text[:1].lower() + text[1:]


def apart(name: str) -> str:
    """Return a name of several words as words: ``cites as evidence`` of ``citesAsEvidence``."""
    return re.sub("([A-Z])", r" \1", name).strip().lower()


def spelled(number: int) -> str:
    """Return a small number in words.

    >>> spelled(9), spelled(26)
    ('nine', '26')
    """
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, in words up to twelve.

    >>> counted(2, "reading"), counted(41, "person", "people")
    ('two readings', '41 people')
    """
    return f"{spelled(number)} {one if number == 1 else many or one + 's'}"


def reading_words(reading: Reading) -> str:
    """Return the name of a reading as a heading: ``As applied``."""
    return upper_first(reading.label.replace("-", " "))


def years(begin: datetime | None, end: datetime | None) -> str:
    """Return the years between two instants, the second of which is outside, in short.

    >>> years(datetime(2006, 8, 31), datetime(2007, 5, 10)), years(datetime(2007, 1, 1), None)
    ('as of 2006–07', 'since 2007')
    """
    last = end and end - timedelta(seconds=1)
    if begin and last:
        short = f"{last:%y}" if last.year // 100 == begin.year // 100 else f"{last:%Y}"
        return f"as of {begin.year}" + (f"–{short}" if last.year > begin.year else "")
    return f"since {begin.year}" if begin else f"until {last.year}" if last else ""


def licence_words(licence: str) -> str:
    """Return the name of a licence of Creative Commons, else its address.

    >>> licence_words("https://creativecommons.org/licenses/by/4.0/")
    'CC BY 4.0'
    """
    found = re.fullmatch(r"https?://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)/?", licence)
    return f"CC {found[1].upper()} {found[2]}" if found else licence


def px(value: float) -> str:
    """Return a length as short as it can be written.

    >>> px(12.0), px(3.14159)
    ('12', '3.1')
    """
    return f"{value:.1f}".removesuffix(".0")


def wrap(text: str, width: int, lines: int = 2) -> list[str]:
    """Return a text in at most so many lines of at most so many characters; the rest is cut.

    >>> wrap("Instructional materials development", 16)
    ['Instructional', 'materials…']
    """
    return textwrap.wrap(text, width, max_lines=lines, placeholder="…") or [""]
