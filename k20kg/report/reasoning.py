"""The report of `reason`: conclusions drawn in OWL, in every format. Pure.

As Turtle: for each case one `k20:Conclusion` about the whole group, with one for each criterion as
a part. It was derived from the case and from the completeness statements that closed its lists,
and is attributed to this version of the tool and to the reasoners.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Unpack

from k20kg.model import Verdict
from k20kg.rdf.text import escape_strings
from k20kg.reasoning.explain import Axiom
from k20kg.reasoning.reason import Conclusion, Reasoning
from k20kg.reasoning.reasoner import Answer
from k20kg.report import Terminal
from k20kg.report.document import Report, Section, tabled, write
from k20kg.report.json_ import Spec, as_tree, same
from k20kg.report.table import Table
from k20kg.report.terminal import signs
from k20kg.report.turtle import VERDICTS, Statement, TurtleGraph, agent, expand, extend, iri, text
from k20kg.report.wording import sentence
from k20kg.vocabulary import shorten

_ORDER: Final = ("conclusion", "closed list", "fact", "ontology")
_MEANING: Final = {
    Answer.PROVED: "follows from what is on record",
    Answer.REFUTED: "its opposite follows, from lists declared complete or from what somebody said",
    Answer.OPEN: "neither follows",
}
_ANSWERS: Final = {
    Answer.PROVED: "k20:Proved",
    Answer.REFUTED: "k20:Refuted",
    Answer.OPEN: "k20:Open",
}
_DISAGREE: Final = (
    "OWL proves what SHACL does not find met, or refutes what it finds met: "
    "one of the two leaves out a condition, or asks for one too many."
)
_COLUMNS: Final = (
    "case", "definition", "reading", "code", "criterion", "class", "owl", "shacl", "contradiction",
    "as_of",
)  # fmt: skip


def render(
    reasonings: Sequence[Reasoning], format: str, *, version: str, **terminal: Unpack[Terminal]
) -> str:
    """Return the report in one of the formats. Raises `UsageError` for an unknown one."""
    clean = [escape_strings(one) for one in reasonings]
    alone = len(clean) == 1
    document = Report(
        title=clean[0].label if alone else f"What OWL proves of {len(clean)} cases",
        sections=lambda: [
            *(
                s
                for one in clean
                for s in _sections(one, signs(terminal), "" if alone else one.label)
            ),
            Section("", tuple(f"{a.value}: {m}." for a, m in _MEANING.items())),
        ],
        tree=lambda: {"k20kg": version, "cases": [as_tree(one, _TREE) for one in clean]},
        rows=lambda: Table("", _COLUMNS, [row for one in clean for row in _rows(one)]),
        turtle=lambda: _turtle(clean, version),
    )
    return write(document, format, **terminal)


def render_lattice(
    pairs: Sequence[tuple[str, str]], format: str = "text", **terminal: Unpack[Terminal]
) -> str:
    """Return which class lies below which other."""
    table = Table("", ("class", "lies below"), pairs)

    def turtle() -> str:
        graph = TurtleGraph()
        for name in dict.fromkeys(a for a, _ in pairs):
            graph.add(expand(name), ("rdfs:subClassOf", *(b for a, b in pairs if a == name)))
        return graph.text([])

    document = Report(
        title="Which class lies below which",
        sections=lambda: [Section("", (), table)],
        tree=lambda: [dict(zip(table.columns, pair, strict=True)) for pair in pairs],
        rows=lambda: table,
        turtle=turtle,
    )
    return write(document, format, **terminal)


# ---------------------------------------------------------------- for people


def _sections(one: Reasoning, sign_of: Mapping[Verdict, str], name: str) -> Iterator[Section]:
    agreed = " and ".join(one.reasoners)
    held = (f"Record as of {one.as_of}.",) if one.as_of else ()
    if not one.consistent:
        said = f"The record contradicts itself, by {agreed}. These axioms clash:"
        yield Section(name, (*held, said), _axioms(one.clash))
        return
    consistent = f"The record does not contradict itself. {agreed} agree on what follows."
    shacl = f"SHACL, {one.reading.id}" if one.reading else "SHACL"
    rows = []
    for c in one.conclusions:
        verdict = f"{sign_of[c.verdict]} {c.verdict.value}" if c.verdict else ""
        disagree = " (they disagree)" if c.contradicts else ""
        rows.append((_name(c, one), c.answer.value, verdict + disagree))
    answers = Table("", ("criterion", "OWL", shacl), rows)
    yield Section(name, (*held, consistent, *_reading(one)), answers)
    if apart := [_apart(c, one) for c in one.conclusions if c.contradicts]:
        yield Section("The two statements of the definition disagree", (_DISAGREE, *apart))
    closed: dict[str, list[str]] = {}
    for closing in one.closings:
        place = closing.licence.removeprefix(one.case + "/")
        closed.setdefault(place, []).append(closing.words.replace(shorten(one.case) + "/", ""))
    lists = [("; ".join(words) + ".", licence) for licence, words in closed.items()]
    nobody = () if lists else ("None: nobody declared a list complete.",)
    table = Table("", ("what is ruled out", "by"), lists) if lists else None
    yield Section("Lists taken as closed", nobody, table)
    for c in one.conclusions:
        if c.explanation:
            title = f"Why {_name(c, one)} is {c.answer.value}"
            yield Section(title, (), _axioms(c.explanation))
    untied = [(_name(c, one), words) for c in one.conclusions for words in c.untied]
    title = "Ties that OWL leaves open, so that nothing is compared there"
    yield from tabled(title, ("criterion", "tie"), untied)
    notes = [(_name(c, one), c.note) for c in one.conclusions if c.note]
    yield from tabled("What OWL can say of each", ("criterion", "note"), notes)


def _apart(c: Conclusion, one: Reasoning) -> str:
    """Return what each of two statements that disagree says, and where it stands."""
    assert c.verdict
    there = f", in {c.shacl_place}" if c.shacl_place else ""
    owl = f"OWL says {c.answer.value}, in {c.owl_place}"
    return f"{_name(c, one)}: {owl}; SHACL says {c.verdict.value}{there}."


def _reading(one: Reasoning) -> Iterator[str]:
    """Yield which reading the classes say, and with what numbers and assumptions."""
    if not one.reading:
        yield "The classes say no reading of the definition, so SHACL is not asked."
        return
    yield f"The classes say the reading {one.reading.id} of {one.definition.label}."
    if one.reading.parameters:
        set_to = "; ".join(f"{p.name}: {p.value}" for p in one.reading.parameters)
        yield f"It sets {set_to}."
    if one.reading.assumptions:
        yield f"It assumes: {' '.join(sentence(a) for a in one.reading.assumptions)}"


def _name(one: Conclusion, whole: Reasoning) -> str:
    if one.criterion is None:
        return whole.definition.affirmed
    return f"{one.criterion.code} {one.criterion.label}"


def _axioms(axioms: Sequence[Axiom]) -> Table:
    return Table("", ("kind", "axiom"), [(a.kind, a.words) for a in _sorted(axioms)])


def _sorted(axioms: Sequence[Axiom]) -> list[Axiom]:
    """Return conclusions first, then closed lists, facts and the ontology, each in order."""
    return sorted(axioms, key=lambda a: (_ORDER.index(a.kind), a.words))


# ---------------------------------------------------------------- for programs


def _rows(one: Reasoning) -> Iterator[tuple[str, ...]]:
    for c in one.conclusions:
        yield (
            one.case,
            one.definition.id,
            one.reading.id if one.reading else "",
            c.criterion.code if c.criterion else "",
            c.criterion.label if c.criterion else one.definition.affirmed,
            c.class_iri,
            c.answer.value,
            c.verdict.value if c.verdict else "",
            "yes" if c.contradicts else "no",
            one.as_of or "",
        )


_AXIOM: Spec = {"kind": "kind", "axiom": "words"}
_TREE: Spec = {
    **same("case", "label"),
    "definition": "definition.id",
    "reading": "reading.id",
    "assumptions": lambda one: list(one.reading.assumptions) if one.reading else [],
    **same("as_of", "reasoners", "consistent"),
    "clash": lambda one: [as_tree(a, _AXIOM) for a in _sorted(one.clash)],
    "conclusions": (
        "conclusions",
        {
            "criterion": "criterion.id",
            "code": "criterion.code",
            "class": "class_iri",
            "answer": "answer",
            "shacl": "verdict",
            "contradiction": "contradicts",
            "owl_place": lambda c: c.owl_place or None,
            "shacl_place": lambda c: c.shacl_place or None,
            **same("contested", "note", "untied"),
            "explanation": lambda c: [as_tree(a, _AXIOM) for a in _sorted(c.explanation)],
        },
    ),
    "closed": ("closings", {"axiom": "words", "licence": "licence"}),
}


def _turtle(reasonings: Sequence[Reasoning], version: str) -> str:
    graph = TurtleGraph()
    tool = f"k20kg {version}"
    for one in reasonings:
        _add(graph, one, [tool, *one.reasoners])
    return graph.text([tool, *(name for one in reasonings for name in one.reasoners)])


def _add(graph: TurtleGraph, one: Reasoning, by: Sequence[str]) -> None:
    node = graph.node(one.case, "reasoning", one.definition.id)
    parts = {extend(node, c.criterion.id): c for c in one.conclusions if c.criterion}
    whole = [c for c in one.conclusions if not c.criterion]
    licences = dict.fromkeys(iri(c.licence) for c in one.closings)
    notes = [f"Record as of {one.as_of}."] if one.as_of else []
    notes += [] if one.consistent else ["The record contradicts itself."]
    notes += list(_reading(one))
    graph.add(
        node,
        ("a", "k20:Conclusion", "prov:Entity"),
        *(_statements(whole[0], one, notes) if whole else [("skos:note", *map(text, notes))]),
        ("k20:byDefinition", iri(one.definition.iri)),
        ("k20:onReading", iri(one.reading.iri) if one.reading else None),
        ("dcterms:hasPart", *parts),
        ("prov:wasDerivedFrom", iri(one.case), *licences),
        ("prov:wasAttributedTo", *map(agent, by)),
    )
    for part, c in parts.items():
        assert c.criterion
        graph.add(
            part,
            ("a", "k20:Conclusion"),
            *_statements(c, one, [n for n in (c.note, *c.untied) if n]),
            ("k20:onCriterion", iri(c.criterion.iri)),
        )


def _statements(c: Conclusion, one: Reasoning, notes: Sequence[str]) -> Iterator[Statement]:
    because = "; ".join(a.words for a in _sorted(c.explanation))
    yield "rdfs:label", text(f"{_name(c, one)}: {c.answer.value}")
    yield "rdfs:comment", text(f"From: {because}.") if because else None
    yield "k20:answer", _ANSWERS[c.answer]
    yield "k20:onClass", iri(c.class_iri) if c.class_iri else None
    yield "k20:verdict", VERDICTS[c.verdict] if c.verdict else None
    yield "skos:note", *map(text, notes)
