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
from k20kg.rdf.text import escape_controls

_LOST: Final = (
    *(bytes([code]) for code in range(0x20) if code not in b"\t\n\r"),
    *(b"\xef\xbf\xbe", b"\xef\xbf\xbf"),
)
"""Characters that XML 1.0 cannot hold, in UTF-8."""
_UNNAMED: Final = re.compile(rb"<([A-Za-z][\w.-]*):[ >/]")
"""The element of a property without a local name."""
_SUSPECT: Final = bytes(set(range(0x20)) - {*b"\t\n"})
_RDF: Final = b"<rdf:RDF"
_HEAD: Final = 500
_SHOWN: Final = 60


class UnwritableError(UsageError):
    """Text that cannot be written in XML; another format can hold it."""

    status = 406


def well_formed(data: bytes, *, replace: bool = False) -> bytes:
    """Return XML as the engine wrote it, mended; `UnwritableError` where it cannot be.

    With `replace` there is U+FFFD in the place of each character that XML cannot hold.
    """
    if _RDF in data[:_HEAD] and (found := _UNNAMED.search(data)):
        raise _unwritable_property(data, found)
    if len(data.translate(None, _SUSPECT)) == len(data) and b"\xef\xbf" not in data:
        return data
    lost = {data.find(character): character for character in _LOST if character in data}
    if lost and not replace:
        first = min(lost)
        raise _unwritable_text(data, first, lost[first])
    mended = data.replace(b"\r", b"&#13;")
    for character in lost.values():
        mended = mended.replace(character, "\ufffd".encode())
    if lost:
        said = ", ".join(sorted(map(_code, lost.values())))
        head, mark, rest = mended.partition(b"?>\n")
        remark = f"<!-- U+FFFD stands for {said}: other formats hold it -->\n"
        mended = head + mark + remark.encode() + rest
    return mended


def _code(character: bytes) -> str:
    return f"U+{ord(character.decode()):04X}"


def _unwritable_property(data: bytes, found: re.Match[bytes]) -> UnwritableError:
    name = re.compile(rb'xmlns:%s="([^"]*)"' % re.escape(found[1]))
    space = name.search(data, found.start()) or name.search(data)
    iri = unescape(space[1].decode()) if space else ""
    return UnwritableError(
        f"RDF/XML has no way to write the property <{escape_controls(iri)}>: it ends in no name",
        remedy="ask for Turtle, N-Triples or JSON-LD",
    )


def _unwritable_text(data: bytes, place: int, character: bytes) -> UnwritableError:
    start, end = data.rfind(b">", 0, place) + 1, data.find(b"<", place)
    text = unescape(data[start:end].decode("utf-8", "replace"))
    shown = " ".join(escape_controls(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…").split())
    return UnwritableError(
        f"the text “{shown}” has the character {_code(character)} in it, which XML cannot hold",
        remedy="ask for JSON, CSV or TSV; of triples for Turtle, N-Triples or JSON-LD",
    )
