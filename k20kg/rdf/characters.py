"""Characters that no keyboard for Turtle or SPARQL has: told apart, named, and what to write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

QUOTES: Final = frozenset("“”„‟‘’‚‛«»‹›`´″′＂＇")
"""Characters taken for quote marks that are none."""
_COMMA: Final = re.compile(r",(?<=\d,)\d")
_CUT: Final = re.compile(r"(?<=[\s(])[+-]?\d+,\d+(?=\s*(?:[;.,)\]\s]|$))")
_QUIET: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>")


def is_odd(char: str) -> bool:
    """Tell whether a character belongs neither to names nor to the signs of Turtle and SPARQL."""
    if char in "\t\n\r" or " " <= char <= "~":
        return char == "`"
    if unicodedata.category(char)[0] not in "LNM":
        return char not in "·\u200c\u200d"
    return unicodedata.normalize("NFKC", char).isascii()


def described(char: str) -> str:
    """Return a character with its number and name.

    >>> described("“")
    '“ (U+201C, left double quotation mark)'
    >>> described("\\xa0")
    'a no-break space (U+00A0)'
    """
    name = unicodedata.name(char, "control character").lower()
    if unicodedata.category(char)[0] in "LNMPS":
        return f"{char} (U+{ord(char):04X}, {name})"
    return f"a{'n' if name[0] in 'aeiou' else ''} {name} (U+{ord(char):04X})"


def fault_of(text: str, where: int) -> tuple[str, str]:
    """Return what is wrong with the odd character at an index of a text, and what to do."""
    char = text[where]
    kind, plain = unicodedata.category(char), unicodedata.normalize("NFKC", char)
    in_name = text[where - 1 : where].isalnum() and text[where + 1 :][:1].isalnum()
    if kind == "Zs":
        cause, remedy = "which is no ordinary blank", "put an ordinary space in its place"
    elif kind in ("Zl", "Zp", "Cf", "Cc"):
        cause, remedy = "which nobody sees", "take it out"
    elif char in "‹⟨〈" and re.match(r"\w+:", text[where + 1 :]):
        cause, remedy = "which only looks like <", "write < (U+003C) in its place"
    elif char in QUOTES and in_name:
        cause, remedy = "where only letters and digits may stand", "leave it out of the name"
    elif char in QUOTES:
        cause, remedy = "which is no straight quote mark", 'write " (U+0022) in its place'
    elif kind == "Pd" or char == "\u2212":
        cause, remedy = "which is no hyphen or minus sign", "write - (U+002D) in its place"
    elif len(plain) == 1 and "!" <= plain <= "~":
        cause = f"which only looks like {plain}"
        remedy = f"write {plain} (U+{ord(plain):04X}) in its place"
    else:
        cause, remedy = "outside of a text", "take it out, or put the words in quotes"
    return f"{described(char)} stands here, {cause}", remedy


def cut_numbers(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and spelling of each ``4,5`` in Turtle, where it is two numbers, not one.

    >>> list(cut_numbers('<urn:a> <urn:b> 4,5 ; <urn:c> "4,5", 4, 5 .'))
    [(1, '4,5')]
    """
    starts = (text.rfind("\n", 0, match.start()) + 1 for match in _COMMA.finditer(text))
    for start in dict.fromkeys(starts):
        end = text.find("\n", start)
        for match in _CUT.finditer(text, start, end if end >= 0 else len(text)):
            left = _QUIET.sub("", text[start : match.start()])
            if not set(left) & set("\"'#") and text.count('"""', 0, start) % 2 == 0:
                yield text.count("\n", 0, start) + 1, match[0]
