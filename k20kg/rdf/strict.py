"""Faults that parsers pass over in silence: JSON-LD that they would drop, XML that is none.

Nothing beyond the text is ever read: a JSON-LD context or an entity that lies elsewhere is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

import pyoxigraph as ox

from k20kg.errors import InputError, RemoteError
from k20kg.rdf.text import escape_controls

_LONGEST_ENTITY: Final = 1000
_REFERENCE: Final = re.compile(r"[&%]\w+;")
_UNMAPPED, _RELATIVE = "x-unmapped:", "x-relative://here/"
_NOT_IN_IRIS: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`\[\]]|%(?![0-9A-Fa-f]{2})")
_KEYWORDS: Final = re.compile(
    "@(?:base|container|context|default|direction|embed|explicit|graph|id|import|included|index|"
    "json|language|list|nest|none|omitDefault|prefix|preserve|propagate|protected|requireAll|"
    "reverse|set|type|value|version|vocab)"
)
_ABSOLUTE: Final = re.compile(r"(?!_:)[^/?#]*:")
_KEYWORD: Final = re.compile(r"@[A-Za-z]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


# ---------------------------------------------------------------- XML


def refuse_ill_formed_xml(text: str, where: str) -> None:
    """Raise if XML asks for what lies outside it, hides a bomb inside, or is not well formed."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def doctype(_name: str, system: str | None, public: str | None, _inside: bool) -> None:
        if outside := system or public:
            raise RemoteError(
                f"the document needs {escape_controls(outside)[:200]}, and nothing is fetched",
                where=f"{where}:{parser.CurrentLineNumber}",
                remedy="take the external DTD or entity out and write its content in full",
            )

    def entity(name: str, of_dtd: bool, value: str | None, _: object, *outside: str | None) -> None:
        doctype(name, outside[0], outside[1], True)
        if of_dtd or len(value or "") > _LONGEST_ENTITY or _REFERENCE.search(value or ""):
            raise InputError(
                f"the entity {escape_controls(name)} is nested or long and may grow without bound",
                where=f"{where}:{parser.CurrentLineNumber}",
                remedy="write what it stands for in full",
            )

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(text, True)
    except expat.ExpatError as fault:
        raise InputError(
            f"this is no RDF/XML: {expat.ErrorString(fault.code)}",
            where=f"{where}:{fault.lineno}:{fault.offset + 1}",
            remedy="mend the XML at that place",
        ) from None


# ---------------------------------------------------------------- JSON-LD


def refuse_dropped_json(text: str, where: str) -> None:
    """Raise if a parser would drop part of a JSON-LD document, or fetch a context.

    The document is parsed once more with a vocabulary and a base that nobody has, which take up
    what no context maps and what is relative: what then comes out beside the statements is lost
    without them. A text that is no JSON is left to the parser, which says it better.
    """
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice.append(next(key for key in keys if keys.count(key) > 1))
        return found

    try:
        document = json.loads(text, object_pairs_hook=unique)
        if (context := _remote_context(document)) is not None:
            raise RemoteError(
                f"the JSON-LD context {escape_controls(context)} would have to be fetched, "
                "and nothing is",
                where=where,
                remedy="write that context into the file, or convert the file to Turtle",
            )
        lost = [f"the key {_shown(key)} stands twice in one object" for key in twice]
        lost += dict.fromkeys([*_loose(document), *_unheard(document)])
        revealed = json.dumps([_revealed(item, top=True) for item in _listed(document)])
    except (ValueError, RecursionError):
        return
    try:
        stated = sum(1 for _ in ox.parse(text, ox.RdfFormat.JSON_LD))
        quads = list(ox.parse(revealed, ox.RdfFormat.JSON_LD, base_iri=_RELATIVE))
    except (SyntaxError, ValueError):
        if not lost:
            return
        quads, stated = [], 0
    lost += dict.fromkeys(_taken_up(quads))
    if not lost and len(quads) > stated:
        lost = [_unwritable(document)]
    if lost:
        more = f", and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise InputError(
            f"part of the JSON-LD says nothing: {'; '.join(lost[:3])}{more}",
            where=where,
            remedy="map each key by @context, write each address in full or give @base, "
            "or take out what is not meant",
        )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shown(word: object) -> str:
    return escape_controls(json.dumps(word, ensure_ascii=False))[:100]


def _members(value: Any, *, inside: bool = False) -> Iterator[tuple[dict[str, Any], str, bool]]:
    """Yield each object of a document with each of its keys; and whether it is in a context."""
    for item in value if isinstance(value, list) else ():
        yield from _members(item, inside=inside)
    for key, item in value.items() if isinstance(value, dict) else ():
        yield value, key, inside
        if not (key == "@value" and value.get("@type") == "@json"):
            yield from _members(item, inside=key == "@context")


def _remote_context(document: Any) -> str | None:
    """Return the first context given as an IRI."""
    contexts = (o[key] for o, key, _ in _members(document) if key in ("@context", "@import"))
    return next((c for one in contexts for c in _listed(one) if isinstance(c, str)), None)


def _loose(document: Any) -> Iterator[str]:
    """Yield what stands where nodes are asked for and is none."""
    for item in _listed(document):
        if not isinstance(item, dict):
            yield f"{_shown(item)} belongs to no node"
        else:
            for part in _listed(item.get("@graph", [])):
                if not isinstance(part, dict):
                    yield f"{_shown(part)} belongs to no node"


def _unheard(document: Any) -> Iterator[str]:
    """Yield the keys that no context could map, and languages that are none."""
    for value, key, inside in _members(document):
        item = value[key]
        named = item.get("@id") if isinstance(item, dict) else item
        if _KEYWORD.fullmatch(key) and not _KEYWORDS.fullmatch(key):
            yield f"{_shown(key)} is no keyword"
        elif key.startswith("_:") or (inside and str(named).startswith("_:")):
            yield f"{_shown(key)} is a property without an address"
        elif key == "@language" and isinstance(item, str) and not _LANGUAGE.fullmatch(item):
            yield f"{_shown(item)} is no language"
        elif key in ("@id", "@type") and any(
            isinstance(one, str) and _KEYWORD.fullmatch(one) and not _KEYWORDS.fullmatch(one)
            for one in _listed(item)
        ):
            yield f"{_shown(item)} is no address"


def _revealed(value: Any, *, top: bool = False) -> Any:
    """Return JSON-LD under a vocabulary that maps every key, in IRIs that may be written."""
    if isinstance(value, str):
        return _writable(value)
    if isinstance(value, list):
        return [_revealed(item, top=top) for item in value]
    if not isinstance(value, dict):
        return value
    found = {
        key if key.startswith("@") else _writable(key): (
            _context(item) if key == "@context" else _revealed(item)
        )
        for key, item in value.items()
    }
    if top:
        found["@context"] = [{"@vocab": _UNMAPPED}, *found.get("@context", ())]
    return found


def _writable(word: str) -> str:
    """Return a string in which nothing stands that may not stand in an IRI."""
    found = _NOT_IN_IRIS.sub("-", word)
    if _ABSOLUTE.match(found):
        try:
            ox.NamedNode(found)
        except ValueError:
            return f"x-unwritable:{re.sub('[^A-Za-z0-9]', '-', found)}"
    return found


def _context(value: Any) -> list[Any]:
    """Return a context as a list in which nothing is mapped to null."""
    found: list[Any] = []
    for item in _listed(value):
        if item is None:
            found += [None, {"@vocab": _UNMAPPED}]
        elif isinstance(item, dict):
            found.append({_revealed(key): _meaning(key, one) for key, one in item.items()})
        else:
            found.append(item)
    return found


def _meaning(key: str, value: Any) -> Any:
    """Return what a context says of a key."""
    if key in ("@vocab", "@base") and value is None:
        return _UNMAPPED if key == "@vocab" else _RELATIVE
    if key.startswith("@"):
        return _revealed(value)
    if value is None or (isinstance(value, dict) and value.get("@id", "") is None):
        return {"@id": _UNMAPPED + _revealed(key)}
    return _revealed(value)


def _taken_up(quads: list[ox.Quad]) -> Iterator[str]:
    """Yield what the vocabulary and the base took up."""
    for quad in quads:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            iri = getattr(getattr(term, "datatype", term), "value", "")
            if iri.startswith(_UNMAPPED):
                yield f"{_shown(iri.removeprefix(_UNMAPPED))} is mapped by no context"
            elif iri.startswith(_RELATIVE):
                yield f"the address {_shown(iri.removeprefix(_RELATIVE))} is relative"


def _unwritable(document: Any) -> str:
    """Return what is wrong with a document of which a parser drops more than can be named."""
    words = (w for o, key, _ in _members(document) for w in (key, *_listed(o[key])))
    bad = (w for w in words if isinstance(w, str) and w != _writable(w) and (":" in w or "/" in w))
    found = next((w for w in bad if w.count(" ") < 3), "")
    return f"an address holds what none may, such as a blank{f': {_shown(found)}' if found else ''}"
