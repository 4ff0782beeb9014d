"""A case as a patch: the case that it is based on, and what differs from it.

A patch is a Turtle file whose group is `k20:basedOn` another. It stands for the record of that
other group, with every address of it and below it read as the patch's own, and changed so:

- what the patch says of a node by a property takes the place of what the base says of it by that
  property; the empty list ``()`` puts nothing in its place
- `k20:without` takes a record out, and every link to it

The base of ``…/NAME`` is the file NAME.ttl beside the patch, or one that comes with the tool. It
may be a patch itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

import pyoxigraph as ox

from k20kg.errors import InputError, RecordError
from k20kg.rdf.syntax import parse_text
from k20kg.rdf.text import decode, escape_controls, line_of
from k20kg.sources.folders import unreadable
from k20kg.vocabulary import K20, RDF_TYPE, packaged, shorten

BASED_ON: Final = ox.NamedNode(K20 + "basedOn")
_WITHOUT: Final = ox.NamedNode(K20 + "without")
_NOTHING: Final = f"<{RDF_TYPE.removesuffix('type')}nil>"
_SIGNS: Final = (":basedOn", "#basedOn", ":without", "#without", "\\u")
"""A text without any of these is no patch, and need not be parsed to tell."""

Lines = dict[tuple[str, str], list[str]]
"""Subject and predicate → lines of N-Triples: quicker than terms.

IRIs of the group and below it begin with a mark in its place, so that what is said of one group is
what is said of another. N-Triples itself never holds that character.
"""
_GROUP: Final = "\0"


class Expanded(NamedTuple):
    """Meaning of a patch."""

    text: str
    """All statements as N-Triples, in the order of the base; what it does not have comes last."""
    bases: tuple[Path, ...]
    """The files that it is based on, the nearest first."""

    @property
    def quads(self) -> list[ox.Quad]:
        """The same statements, parsed."""
        return list(ox.parse(self.text, ox.RdfFormat.N_TRIPLES))


class _Patch(NamedTuple):
    """A patch as it was read."""

    where: str
    text: str
    own: str
    """The group that it is about."""
    base: str
    """The group that it is based on."""
    said: Lines

    def place(self, term: str) -> str:
        """Return the file, and the line on which an IRI stands."""
        line = line_of(self.text, self.bare(term))
        return f"{self.where}:{line}" if line else self.where

    def shown(self, term: str) -> str:
        """Return a term the way people write it."""
        return escape_controls(shorten(self.bare(term)))

    def bare(self, term: str) -> str:
        """Return the IRI of a term."""
        return term.strip("<>").replace(_GROUP, self.own)


def refuse_patch(text: str, syntax: str, where: str) -> None:
    """Raise if a text that came as a stream is a patch: nothing lies beside it."""
    if _read(text, syntax, where):
        raise InputError(
            "this is a patch, and what it is based on is no part of it",
            where=where,
            remedy="give the file itself, or a record that says everything",
        )


def expand(text: str, syntax: str, path: Path) -> Expanded | None:
    """Return what the text of a file stands for if it is a patch, else None."""
    patch = _read(text, syntax, escape_controls(str(path)))
    if patch is None:
        return None
    lines, bases = _expand(patch, path.parent, ())
    marked = "".join(chain.from_iterable(lines.values())).encode()  # bytes are replaced faster
    return Expanded(marked.replace(_GROUP.encode(), patch.own.encode()).decode(), bases)


def _read(text: str, syntax: str, where: str) -> _Patch | None:
    """Return a text as a patch; None if it states no word of a patch."""
    signs = _SIGNS if syntax in ("turtle", "trig") else ("basedOn", "\\u")
    if not any(sign in text for sign in signs):
        return None
    said = parse_text(text, syntax, where)
    bases = {(q.subject, q.object) for q in said if q.predicate == BASED_ON}
    if not bases and not any(q.predicate == _WITHOUT for q in said):
        return None
    if len(bases) != 1:
        raise RecordError(
            "the patch is based on two cases"
            if bases
            else "the patch does not say what it is based on",
            where=where,
            remedy="say it once, from group to group: <…> k20:basedOn <…>",
        )
    ((own, base),) = bases
    if not isinstance(own, ox.NamedNode) or not isinstance(base, ox.NamedNode):
        raise RecordError(
            "k20:basedOn does not lead from one group to another",
            where=where,
            remedy="name both by IRI",
        )
    return _Patch(where, text, own.value, base.value, _lines(said, own.value))


def _lines(quads: Iterable[ox.Quad], group: str) -> Lines:
    """Return statements by subject and property; blank nodes of different groups stay apart."""
    head = f"<{group}"
    end = len(head)
    apart = f"-{crc32(group.encode()):x}"

    def term(written: str) -> str:
        if written.startswith(head) and written[end] in ">/#":
            return f"<{_GROUP}{written[end:]}"
        return written + apart if written.startswith("_:") else written

    text = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES) or b""
    lines: Lines = {}
    for line in text.decode().split("\n")[:-1]:
        s, p, o = line[:-2].split(" ", 2)
        s = term(s)
        lines.setdefault((s, p), []).append(f"{s} {p} {term(o)} .\n")
    return lines


def _object(key: tuple[str, str], line: str) -> str:
    return line[len(key[0]) + len(key[1]) + 2 : -3]


# ---------------------------------------------------------------- the base


def _expand(
    patch: _Patch, folder: Path, trail: tuple[_Patch, ...]
) -> tuple[Lines, tuple[Path, ...]]:
    """Return what a patch stands for, and its bases; the patches of a trail rest on it."""
    trail = (*trail, patch)
    if patch.base in {one.own for one in trail}:
        way = f": {' → '.join(one.where for one in trail)}" if len(trail) > 1 else ""
        raise RecordError(
            f"the patch is based on itself{way}",
            where=patch.place(patch.base),
            remedy="base one of them on a whole case",
        )
    for path in _places(patch.base, folder):
        stamp = path.stat()
        base = _base(path, patch.base, (stamp.st_mtime_ns, stamp.st_size))
        if isinstance(base, _Patch):
            lines, further = _expand(base, path.parent, trail)
            return _applied(patch, lines), (path, *further)
        if base:
            return _applied(patch, base), (path,)
    raise InputError(
        f"the base {escape_controls(shorten(patch.base))} is not here",
        where=patch.place(patch.base),
        remedy=f"put it beside the patch as {escape_controls(_name(patch.base))}.ttl, "
        "or name a shipped case of one file",
    )


@lru_cache(maxsize=16)
def _base(path: Path, group: str, stamp: object) -> _Patch | Lines | None:
    """Return what a file says of a group, as a patch or in full; None if it is about others.

    The base of many patches is read once, as long as its stamp stays the same.
    """
    where = escape_controls(str(path))
    try:
        text = decode(path.read_bytes(), where)
    except OSError as fault:
        raise unreadable(path, fault) from None
    if patch := _read(text, "turtle", where):
        return patch if patch.own == group else None
    lines = _lines(parse_text(text, "turtle", where), group)
    return lines if any(node == f"<{_GROUP}>" for node, _ in lines) else None


def _places(group: str, folder: Path) -> Iterator[Path]:
    """Yield the files in which a base may be."""
    name = _name(group)
    for path in (folder / f"{name}.ttl", packaged("data", "bases", f"{name}.ttl")):
        if path.is_file():
            yield path
    from k20kg.sources.shipped_cases import shipped_cases

    shipped = shipped_cases().get(name)
    if shipped and shipped.is_file():
        yield shipped


def _name(group: str) -> str:
    return group.rstrip("/#").replace("#", "/").rpartition("/")[2]


# ---------------------------------------------------------------- the change


def _applied(patch: _Patch, base: Lines) -> Lines:
    """Return what the base says as the patch changes it."""
    gone = {
        _object(key, line)
        for key, found in patch.said.items()
        if key[1] == str(_WITHOUT)
        for line in found
    }
    changed = dict(base)
    if gone:
        known = {node for node, _ in base}
        for node in sorted(gone - known):
            raise _unknown(patch, node, known)
        links = tuple(f" {node} .\n" for node in gone)
        changed = {
            key: [line for line in found if not line.endswith(links)]
            for key, found in base.items()
            if key[0] not in gone
        }
    for key, found in patch.said.items():
        if key[1] in (str(BASED_ON), str(_WITHOUT)):
            continue
        empty = any(_object(key, line) == _NOTHING for line in found)
        if empty and (len(found) > 1 or key not in base):
            raise _no_value(patch, *key, beside=len(found) > 1)
        changed[key] = [] if empty else found
    return changed


def _unknown(patch: _Patch, node: str, known: set[str]) -> RecordError:
    """Return the error for a record that cannot be taken out."""
    import difflib

    near = difflib.get_close_matches(node, known, n=1, cutoff=0.6)
    return RecordError(
        f"k20:without names {patch.shown(node)}, which the base does not have",
        where=patch.place(node),
        remedy=f"did you mean {patch.shown(near[0])}?" if near else "leave it out",
    )


def _no_value(patch: _Patch, node: str, name: str, *, beside: bool) -> RecordError:
    """Return the error for an empty list that takes the place of nothing."""
    said = f"says () for {patch.shown(name)} of {patch.shown(node)}"
    return RecordError(
        f"the patch {said} and a value beside it"
        if beside
        else f"the patch {said}, and the base has no value there",
        where=patch.place(node),
        remedy="keep one of them" if beside else "leave it out",
    )
