"""Explanations: Pellet is told the opposite of a conclusion, and says which axioms clash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from k20kg.reasoning.premises import Premises
from k20kg.reasoning.reasoner import ASSUMED, Answer, InconsistentError, load, local, opposite, run
from k20kg.vocabulary import K20, RDFS, shorten

_TOKEN: Final = "urn:k20kg:n"
_NUMBERED: Final = re.compile(r"(?:urn:k20kg:)?\bn(\d+)\b")
_SCHEMA: Final = re.compile(
    r"\b(equivalentTo|subClassOf|disjointWith|disjointClasses|domain|range|Functional|inverseOf|"
    r"subPropertyOf)\b"
)


@dataclass(frozen=True, slots=True)
class Axiom:
    """One axiom of an explanation."""

    words: str
    kind: str
    """``fact`` of the case, ``closed list``, ``ontology``, or ``conclusion`` drawn before."""


def explain(given: Premises, class_iri: str, answer: Answer) -> tuple[Axiom, ...]:
    """Return axioms from which a conclusion follows, none of them superfluous.

    Empty if it does not follow. owlready2 talks to the terminal unless the caller keeps it `quiet`.
    """
    return tuple(clash(given, opposite(given, class_iri, answer)))


def clash(given: Premises, further: Iterable[ox.Triple] = ()) -> list[Axiom]:
    """Return a smallest set of axioms that cannot all hold, the assumed opposite left out.

    Pellet names things by the last part of their address only, so each individual gets a number
    for the run. Of a conclusion the telling axioms are wanted, where they do; a contradiction in
    the record may lie anywhere.
    """
    names = {iri: f"{_TOKEN}{at}" for at, iri in enumerate(given.labels)}
    assumed = list(further)
    everything = [*given.logic.triples, *given.triples]
    telling = [t for t in everything if _is_telling(t, given)]
    for told in (telling, everything) if assumed else (everything,):
        world = load(_renamed(t, names) for t in (*told, *assumed))
        try:
            run(world, "pellet", debug=2)
        except InconsistentError as error:
            word = _words(given, names)
            found = [text for text in _listed(error.what) if ASSUMED not in text]
            return [Axiom(word(text), _kind(text, given)) for text in found]
    return []


def _is_telling(triple: ox.Triple, given: Premises) -> bool:
    """Tell whether an axiom is one that people would name: types are said, not inferred."""
    predicate = triple.predicate.value
    if predicate in (RDFS + "domain", RDFS + "range"):
        return False
    return not predicate.startswith(K20) or predicate in given.logic.decisive


def _renamed(triple: ox.Triple, names: dict[str, str]) -> ox.Triple:
    def new(term: Any) -> Any:
        found = isinstance(term, ox.NamedNode) and names.get(term.value)
        return ox.NamedNode(found) if found else term

    return ox.Triple(new(triple.subject), triple.predicate, new(triple.object))


def _words(given: Premises, names: dict[str, str]) -> Callable[[str], str]:
    """Return what turns Pellet's words into ours: numbers into individuals, and tidy values."""
    shown = {new: _shown(iri, given) for iri, new in names.items()}
    repeated = {local(c): f"{local(c).rpartition('_')[0]}[{_shown(of, given)}]"
                for c, of in given.about.items()}  # fmt: skip

    def words(text: str) -> str:
        text = _NUMBERED.sub(lambda m: shown.get(_TOKEN + m[1], m[0]), text)
        text = re.sub(r"\b\w+_\d+\b", lambda m: repeated.get(m[0], m[0]), text)
        return text.replace('"^^boolean', "").replace('"true', "true").replace('"false', "false")

    return words


def _shown(iri: str, given: Premises) -> str:
    if iri == given.group:
        return "the group"
    return iri.removeprefix(given.group + "/") if iri.startswith(given.group) else shorten(iri)


def _listed(text: str) -> list[str]:
    """Return the axioms of Pellet's first explanation, each on one line."""
    _, _, rest = text.partition("Explanation(s):")
    found: list[str] = []
    for line in rest.splitlines():
        if not line.strip():
            if found:
                break
            continue
        body = line.removeprefix("1)").rjust(len(line)) if line.startswith("1)") else line
        indent = len(body) - len(body.lstrip())
        if indent <= 5 and not body.lstrip().startswith(("and ", "or ")):
            found.append(body.strip())
        elif found:
            found[-1] += " " + body.strip()
    return found


def _kind(text: str, given: Premises) -> str:
    about_case = bool(_NUMBERED.match(text))
    if about_case and " type " in text and (" not " in text or " only " in text):
        found = any(text.endswith(f" not {local(kind)}") for kind in given.logic.queried)
        return "fact" if found else "closed list"
    return "fact" if about_case or not _SCHEMA.search(text) else "ontology"
