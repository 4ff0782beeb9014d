"""A case as a patch: the case that it is based on, and what differs from it.

A patch is a Turtle file whose group is `k20:basedOn` another. It stands for the record of that
other group, with every address of it and below it read as the patch's own, and changed so:

- what the patch says of a node by a property takes the place of what the base says of it by that
  property; the empty list ``()`` takes its place by nothing
- `k20:without` takes a record out, and every link to it

The base of ``…/NAME`` is the file NAME.ttl beside the patch, or one that comes with the tool. It
may be a patch itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from k20kg.errors import InputError, RecordError
from k20kg.shipped import shipped_cases
from k20kg.syntax import parse_text
from k20kg.text import decode, line_of, neutralise
from k20kg.vocabulary import K20, RDF_TYPE, packaged, shorten

__all__ = ["Expanded", "expand", "refuse_patch"]

BASED_ON: Final = ox.NamedNode(K20 + "basedOn")
WITHOUT: Final = ox.NamedNode(K20 + "without")
_NOTHING: Final = ox.NamedNode(RDF_TYPE.removesuffix("type") + "nil")
_SIGNS: Final = (":basedOn", "#basedOn", ":without", "#without")


class Expanded(NamedTuple):
    """What a patch stands for."""

    quads: list[ox.Quad]
    """All statements of the case, in the order of the base; what is new of a node comes last."""
    bases: tuple[Path, ...]
    """The files that it is based on, the nearest first."""


class _Patch(NamedTuple):
    """A patch as it was read."""

    where: str
    text: str
    own: str
    """The group that it is about."""
    base: str
    """The group that it is based on."""
    said: list[ox.Quad]

    def place(self, iri: str) -> str:
        line = line_of(self.text, iri)
        return f"{self.where}:{line}" if line else self.where


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
    patch = _read(text, syntax, neutralise(str(path)))
    return _expand(patch, path.parent, ()) if patch else None


def _read(text: str, syntax: str, where: str) -> _Patch | None:
    """Return a text as a patch; None if it states no word of a patch."""
    if syntax != "turtle" or not any(sign in text for sign in _SIGNS):
        return None
    said = parse_text(text, syntax, where)
    bases = {(q.subject, q.object) for q in said if q.predicate == BASED_ON}
    if not bases and not any(q.predicate == WITHOUT for q in said):
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
    return _Patch(where, text, own.value, base.value, said)


# ---------------------------------------------------------------- the base


def _expand(patch: _Patch, folder: Path, trail: tuple[_Patch, ...]) -> Expanded:
    """Return what a patch stands for; those of the trail are based on it."""
    trail = (*trail, patch)
    if patch.base in {one.own for one in trail}:
        raise RecordError(
            f"the patch is based on itself: {' → '.join(one.where for one in trail)}",
            where=patch.place(patch.base),
            remedy="base one of them on a whole case",
        )
    for path in _places(patch.base, folder):
        text, where = _text_of(path), neutralise(str(path))
        base = _read(text, "turtle", where)
        if base and base.own == patch.base:
            quads, further = _expand(base, path.parent, trail)
            return Expanded(_applied(patch, quads), (path, *further))
        if not base:
            quads = parse_text(text, "turtle", where)
            if any(_iri(quad.subject) == patch.base for quad in quads):
                return Expanded(_applied(patch, quads), (path,))
    raise InputError(
        f"the base {neutralise(shorten(patch.base))} is not here",
        where=patch.place(patch.base),
        remedy=f"put it beside the patch as {neutralise(_name(patch.base))}.ttl, "
        "or name a shipped case of one file",
    )


def _text_of(path: Path) -> str:
    where = neutralise(str(path))
    try:
        return decode(path.read_bytes(), where)
    except OSError as fault:
        raise InputError(
            f"it cannot be read ({fault.strerror})", where=where, remedy="check your rights"
        ) from None


def _places(group: str, folder: Path) -> Iterator[Path]:
    """Yield the files in which a base may be."""
    name = _name(group)
    shipped = shipped_cases().get(name)
    for path in (folder / f"{name}.ttl", packaged("data", "bases", f"{name}.ttl"), shipped):
        if path and path.is_file():
            yield path


def _name(group: str) -> str:
    return group.rstrip("/#").replace("#", "/").rpartition("/")[2]


# ---------------------------------------------------------------- the change


def _applied(patch: _Patch, base: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return the statements of the base as the patch changes them."""
    own = _owner(patch)
    values: dict[tuple[Any, ox.NamedNode], list[Any]] = {}
    for quad in base:
        values.setdefault((own(quad.subject), quad.predicate), []).append(own(quad.object))
    known = {subject for subject, _ in values}
    gone = {q.object for q in patch.said if q.predicate == WITHOUT}
    for node in gone - known:
        raise _unknown(patch, node, known)
    said: dict[tuple[Any, ox.NamedNode], list[Any]] = {}
    for quad in patch.said:
        if quad.predicate not in (BASED_ON, WITHOUT):
            said.setdefault((quad.subject, quad.predicate), []).append(quad.object)
    for (node, name), new in said.items():
        if _NOTHING in new:
            if len(new) > 1 or (node, name) not in values:
                raise _no_such_value(patch, node, name, several=len(new) > 1)
            new = []
        values[node, name] = new
    return [
        ox.Quad(subject, name, value)
        for (subject, name), terms in values.items()
        if subject not in gone
        for value in terms
        if value not in gone
    ]


def _owner(patch: _Patch) -> Callable[[Any], Any]:
    """Return a function that reads terms of the base as the patch's own."""
    known: dict[Any, Any] = {}

    def own(term: Any) -> Any:
        if (found := known.get(term)) is None:
            found = known[term] = owned(term)
        return found

    def owned(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return ox.BlankNode(f"{term.value}-of-base")
        rest = _iri(term).removeprefix(patch.base)
        if isinstance(term, ox.NamedNode) and rest != term.value and rest[:1] in ("", "/", "#"):
            return ox.NamedNode(patch.own + rest)
        return term

    return own


def _unknown(patch: _Patch, node: Any, known: set[Any]) -> RecordError:
    """Return the error for a record that cannot be taken out."""
    iri = _iri(node) or str(node)
    near = difflib.get_close_matches(iri, [_iri(one) for one in known], n=1, cutoff=0.6)
    return RecordError(
        f"k20:without names {neutralise(shorten(iri))}, which the base does not have",
        where=patch.place(iri),
        remedy=f"did you mean {neutralise(shorten(near[0]))}?" if near else "leave it out",
    )


def _no_such_value(patch: _Patch, node: Any, name: ox.NamedNode, *, several: bool) -> RecordError:
    """Return the error for an empty list that takes the place of nothing."""
    what = f"{neutralise(shorten(name.value))} of {neutralise(shorten(_iri(node) or str(node)))}"
    return RecordError(
        f"the patch says both () and a value by {what}"
        if several
        else f"the patch says () by {what}, and the base says nothing by it",
        where=patch.place(_iri(node)),
        remedy="keep one of them" if several else "leave it out",
    )


def _iri(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""
