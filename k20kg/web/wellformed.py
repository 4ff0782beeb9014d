"""XML that the engine wrote, made well formed.

XML 1.0 has no way to hold most control characters, and RDF/XML none to write a property whose IRI
does not end in a name. Such an answer is refused, as Jena does, rather than changed in silence; the
other formats hold everything. A file that nobody can refuse any more gets U+FFFD for each such
character, and a remark at its head. A carriage return becomes a reference, since readers of XML
would take it for a line feed.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from k20kg.errors import UsageError
from k20kg.text import neutralise

__all__ = ["UnwritableError", "well_formed"]

_ANY: Final = re.compile(
    rb"[\x00-\x08\x0b-\x1f]|\xef\xbf[\xbe\xbf]|<([^\s<>:/?!]+):[ >/]",
)
_SHOWN: Final = 60


class UnwritableError(UsageError):
    """What cannot be written in XML; another format can hold it."""


def well_formed(data: bytes | memoryview, *, replace: bool = False) -> bytes | memoryview:
    """Return XML as the engine wrote it, mended; `UnwritableError` where it cannot be.

    With `replace` there is U+FFFD in the place of each character that XML cannot hold.
    """
    seen = {found[0]: found for found in _ANY.finditer(data)}
    if not seen:
        return data
    mended = bytes(data)
    lost = sorted(_code(said) for said, found in seen.items() if said != b"\r" and not found[1])
    for said, found in seen.items():
        if said != b"\r" and (found[1] or not replace):
            raise _unwritable(mended, found)
        mended = mended.replace(said, b"&#13;" if said == b"\r" else "\ufffd".encode())
    if lost:
        remark = f"<!-- U+FFFD stands for {', '.join(lost)}: other formats hold it -->\n"
        head, mark, rest = mended.partition(b"?>\n")
        mended = head + mark + remark.encode() + rest
    return mended


def _code(character: bytes) -> str:
    return f"U+{ord(character.decode()):04X}"


def _unwritable(data: bytes, found: re.Match[bytes]) -> UnwritableError:
    if found[1]:
        whole = re.compile(rb'xmlns:%s="([^"]*)"' % re.escape(found[1]))
        name = whole.search(data, found.start()) or whole.search(data)
        iri = unescape(name[1].decode()) if name else ""
        return UnwritableError(
            f"RDF/XML has no way to write the property <{neutralise(iri)}>: it ends in no name",
            remedy="ask for Turtle, N-Triples or JSON-LD",
        )
    start, end = data.rfind(b">", 0, found.start()) + 1, data.find(b"<", found.end())
    text = unescape(data[start:end].decode("utf-8", "replace"))
    shown = " ".join(neutralise(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…").split())
    return UnwritableError(
        f"the text “{shown}” has the character {_code(found[0])} in it, which XML cannot hold",
        remedy="ask for JSON, CSV or TSV; of triples for Turtle, N-Triples or JSON-LD",
    )
