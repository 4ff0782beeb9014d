"""Bytes from outside and words for people: decode the first, make the second safe to show.

Standard library only, so that reports may import it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from k20kg.errors import InputError

UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of writing
    "\u2028\u2029\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"  # invisible tags
)

_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document (xlsx, docx)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (xls, doc)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
_ENCODINGS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"<\x00?\x00", "UTF-16-LE"),
    (b"\x00<\x00?", "UTF-16-BE"),
)
_XML: Final = re.compile(
    r"(\s*<\?xml\s[^>]*?)\sencoding\s*=\s*(?:\"([A-Za-z][\w.-]*)\"|'([A-Za-z][\w.-]*)')"
)
_NO_CHARSETS: Final = ("utf_7", "utf_16", "utf_32", "idna", "punycode", "unicode_escape", "raw_")

_MARKUP = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(r"^([0-9]{0,9})([-+#=.)])(?=\s|\d|$|[-+#=])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")

T = TypeVar("T")


def escape_controls(text: str) -> str:
    """Return text that cannot steer a terminal: each control becomes a visible mark.

    Tabs and newlines stay. C0 controls become their control pictures, all else U+FFFD.

    >>> escape_controls("\\x1b[31mred")
    '␛[31mred'
    """
    return UNSAFE.sub(_mark, text)


def _mark(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"


def escape_formula(cell: str) -> str:
    """Return a cell of a table as no spreadsheet takes it for a formula; a number stays a number.

    >>> escape_formula("=1+1"), escape_formula(" @sum"), escape_formula("-5")
    ("'=1+1", "' @sum", '-5')
    """
    looks = cell.startswith(("\t", "\r")) or cell.lstrip().startswith(_FORMULA)
    return f"'{cell}" if looks and not _NUMBER.fullmatch(cell) else cell


def is_web_address(iri: str) -> bool:
    """Tell whether an IRI may become a link: ``http`` or ``https`` and nothing else."""
    return iri.startswith(("http://", "https://"))


def escape_strings(
    value: T, seen: dict[int, Any] | None = None, each: Callable[[str], str] | None = None
) -> T:
    """Return a model value with every string escaped and on one line, or as `each` makes it.

    What is clean comes back as the same object. `seen` remembers what many assessments share,
    such as their definition.
    """
    result: T = _escape_strings(value, {} if seen is None else seen, each or _on_one_line)
    return result


def _on_one_line(text: str) -> str:
    if text.isprintable():
        return text
    clean = escape_controls(text)
    return " ".join(clean.split()) if "\n" in clean or "\t" in clean else clean


def _escape_strings(value: Any, seen: dict[int, Any], each: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return each(value)
    kind = type(value)
    if kind is tuple:
        parts = [_escape_strings(part, seen, each) for part in value]
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else tuple(parts)
    if isinstance(value, tuple):
        old = list(value)
    elif hasattr(kind, "__dataclass_fields__"):
        old = [getattr(value, name) for name in kind.__dataclass_fields__]
    else:
        return value
    key = id(value)
    if key not in seen:
        new = [_escape_strings(part, seen, each) for part in old]
        same = all(a is b for a, b in zip(new, old, strict=True))
        seen[key] = value if same else kind(*new)
    return seen[key]


def markdown_address(iri: str) -> str:
    """Return a link if the IRI is a web address that Markdown takes as it stands, else text."""
    plain = is_web_address(iri) and re.fullmatch(r"[A-Za-z0-9:/?#@!$&'()*+,;=._~%-]+", iri)
    return f"<{iri}>" if plain else markdown(iri)


def markdown(text: str) -> str:
    """Return a text in which GitHub's Markdown sees no markup, mention, formula or link."""
    safe = _MARKUP.sub(r"\\\1", text.strip()).translate(_ENTITIES)
    safe = _LINK.sub(lambda m: f"{m[1] or m[3]}{'&#58;' if m[2] else '&#46;'}", safe)
    return _AT_START.sub(r"\1\\\2", safe)


def decode(data: bytes, where: str) -> str:
    """Return the text of bytes without a byte order mark; `InputError` if they are not in UTF-8.

    XML may be in UTF-16 or in what its declaration says, which is left out of the text then.
    """
    if not data.strip():
        raise InputError(
            "the file is empty" if not data else "the file holds nothing but blanks",
            where=where,
            remedy="give a file that describes a case in RDF",
        )
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            text = "" if encoding == "UTF-32" else data.decode(encoding, "replace").lstrip("\ufeff")
            if not text.startswith("<") or "\ufffd" in text or not _is_xml(text):
                raise InputError(
                    f"the text is in {encoding[:6]}", where=where, remedy="save it as UTF-8"
                )
            return _XML.sub(r"\1", text, count=1)
    if kind := _binary_kind(data):
        raise not_rdf(kind, where)
    declared = _XML.match(data[:1024].removeprefix(b"\xef\xbb\xbf").decode("latin-1"))
    name = (declared[2] or declared[3]) if declared else "UTF-8"
    if data.startswith(b"\xef\xbb\xbf"):
        name = "UTF-8"  # the mark is stronger than the declaration
    try:
        text = data.decode(_charset(name, where))
    except UnicodeDecodeError as fault:
        if data[fault.start : fault.start + 1] == b"\x00" or b"\x00" in data[:512]:
            raise not_rdf("binary data", where) from None
        line = data.count(b"\n", 0, fault.start) + 1
        raise InputError(
            f"byte {fault.start} (0x{data[fault.start]:02x}) is not {name}",
            where=f"{where}:{line}",
            remedy=f"save the file as {name} or mend that character",
        ) from None
    text = text.removeprefix("\ufeff")
    return _XML.sub(r"\1", text, count=1) if declared else text


def _is_xml(text: str) -> bool:
    return re.match(r"\s*<(?:\?xml\s|!DOCTYPE\s|!--|(?:\w+:)?RDF[\s>])", text) is not None


def _charset(name: str, where: str) -> str:
    """Return Python's name of a declared encoding."""
    import codecs

    try:
        found = codecs.lookup(name)
        "<".encode(found.name)
    except (LookupError, ValueError):
        found = None
    # UTF-16 shows by its first bytes: what got here is in UTF-8, whatever it declares.
    if found is None or found.name.replace("-", "_").startswith(_NO_CHARSETS):
        raise InputError(
            f"the XML declares the encoding {escape_controls(name)}, which it is not in, or which "
            "nobody knows",
            where=where,
            remedy="save it as UTF-8, and declare that",
        )
    return found.name


def _binary_kind(data: bytes) -> str:
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    head = data[:512]
    if b"\x00" in head:
        # UTF-16 without a mark shows as a zero in every other byte.
        zeros = head.count(b"\x00") * 2
        return "text in UTF-16" if len(head) - 2 <= zeros <= len(head) + 2 else "binary data"
    return ""


def not_rdf(kind: str, where: str) -> InputError:
    """Return the error for a text that is plainly something else."""
    return InputError(
        f"this is not RDF; it looks like {kind}",
        where=where,
        remedy="give Turtle, TriG, N-Triples, N-Quads, JSON-LD or RDF/XML",
    )


def guess_kind(text: str) -> str:
    """Return what a text that is not RDF seems to be, in words; empty if nobody can say."""
    head = text[:4096].lstrip().lower()
    if head.startswith(("<!doctype html", "<html")):
        return "an HTML page"
    if head.startswith("<?xml") or re.match(r"<[a-z][\w.-]*(\s|>)", head):
        return "XML that is not RDF/XML"
    if head.startswith(("%yaml", "---\n")):
        return "YAML"
    lines = [line for line in text[:4096].splitlines() if line.strip()][:5]
    for mark, kind in ((",", "comma"), (";", "semicolon"), ("\t", "tab")):
        counts = {line.count(mark) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts.pop() > 0 and not head.startswith("@"):
            return f"a table with {kind}-separated values (CSV)"
    return ""


def line_of(text: str, iri: str) -> int | None:
    """Return the line on which an IRI first stands as a subject, else first stands at all.

    Best effort: it looks for the IRI written out, or relative to a base, and for prefixed names.
    """
    forms = [re.escape(iri)]
    for prefix, namespace in re.findall(r"(?i)prefix\s+([\w.-]*:)\s*<([^<>\s]*)>", text):
        if namespace and iri.startswith(namespace):
            local = re.escape(iri[len(namespace) :]).replace("/", r"\\?/")
            forms.append(rf"(?<![\w.:<-]){re.escape(prefix)}{local}")
    for base in re.findall(r"(?i)\bbase\s+<([^<>\s]*/)[^<>/\s]*>", text):
        if iri.startswith(base):
            forms.append(rf"(?<=<){re.escape(iri[len(base) :])}(?=>)")
    anywhere = rf"(?:{'|'.join(forms)})(?![\w/:-]|\.\w)"
    for pattern in (rf"(?m)^[ \t]*<?{anywhere}>?(?=\s)", anywhere):
        if found := re.search(pattern, text):
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            return text.count("\n", 0, start) + 1
    return None


def plural(noun: str) -> str:
    """Return the plural of the name of a kind.

    >>> plural("university"), plural("part of an organization"), plural("completeness statement")
    ('universities', 'parts of an organization', 'completeness statements')
    """
    if " or " in noun:
        return " or ".join(map(plural, noun.split(" or ")))
    head, of, rest = noun.partition(" of ")
    if head == "person":
        head = "people"
    elif head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ies"
    else:
        head += "es" if head.endswith(("s", "x", "ch", "sh")) else "s"
    return head + of + rest
