"""Title page of a case record, and the points on which its sources disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from k20kg.judging.cases import Case
from k20kg.judging.evidence import CaseFile
from k20kg.model import Disagreement, Finding, RecordHead
from k20kg.rdf.graph import str_of
from k20kg.vocabulary import BASE, DCTERMS, K20, RDFS, shorten

_CONFLICT: Final = BASE + "note-kind/conflict"


def head_of(case: Case, file: CaseFile | None) -> RecordHead:
    """Return what a record says of itself, and the files that it was read from."""
    if not file:
        return RecordHead()
    graph = file.graph
    records = graph.subjects(K20 + "recordOf", case.group)

    def said(name: str) -> Iterator[str]:
        for term in (t for r in records for t in graph.terms(r, DCTERMS + name)):
            yield term.value if isinstance(term, ox.Literal) else graph.label(str_of(term))

    sources = {}
    for item in graph.having(K20 + "source"):
        source, name = graph.value(item, K20 + "source"), file.source_name(item)
        label = graph.label(source)
        sources[name] = name if label == shorten(source) else label
    return RecordHead(
        comment=graph.value(case.group, RDFS + "comment"),
        by=tuple(sorted(set(said("creator")))),
        created="; ".join(sorted(set(said("created")))),
        period="; ".join(sorted(set(said("temporal")))),
        sources=tuple(sorted(sources.items())),
        data=tuple(_data(case)),
    )


def _data(case: Case) -> Iterator[tuple[str, str]]:
    """Yield each file's name with the hash of its text; without files that of the statements."""
    for one in case.documents:
        yield Path(one.where).name, sha256((one.patch or one.text).encode()).hexdigest()
    if not case.documents:
        lines = "".join(sorted(f"{quad.triple} .\n" for quad in case.quads))
        yield "statements", sha256(lines.encode()).hexdigest()


def disagreements_in(
    file: CaseFile | None, findings: Iterable[Finding]
) -> tuple[Disagreement, ...]:
    """Return the conflicts on record that are about what a finding rests on.

    A conflict bears on a criterion if it regards the criterion, a record or person behind its
    verdict, or a figure from the same evidence item.
    """
    if not file:
        return ()
    behind = {
        f.criterion.code: {
            f.criterion.iri,
            *(c.iri for c in (*f.carried_by, *f.near)),
            *(node for e in f.evidence for node in (e.iri, e.record)),
        }
        for f in findings
    }
    graph, found = file.graph, []
    for note in graph.subjects(K20 + "noteKind", _CONFLICT):
        about = set(graph.values(note, K20 + "regards"))
        for figure in sorted(about):
            if graph.values(figure, K20 + "figureTopic"):
                about.update(graph.values(figure, K20 + "evidencedBy"))
        if codes := tuple(code for code, nodes in behind.items() if nodes & about):
            comment = graph.value(note, RDFS + "comment")
            found.append(Disagreement(graph.label(note), comment, codes, tuple(file.items(note))))
    return tuple(found)
