"""A timeline as Turtle: each verdict with the stretch of time in which it held, and PROV.

For each reading one `k20:Assessment` for each stretch with one verdict on the whole group, and one
`k20:CriterionVerdict` for each stretch with one verdict on a criterion. The bounds are those of
any record; a stretch without end lasts as far as the record goes. Where there was no group, nothing
is said. When a criterion, or the whole, may have been met, a note on the collection says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from k20kg.judging.dates import after
from k20kg.judging.timeline import Span, Timeline, Track
from k20kg.report.rdf import OVERALL, VERDICTS, Graph, Statement, agent, extend, instant, iri, text
from k20kg.report.timeline import may_be_words, name_of, span_words, words


def render(timelines: Sequence[Timeline], *, version: str) -> str:
    """Return the graph, cases as given; the program comes last."""
    graph = Graph()
    tool = f"k20kg {version}"
    for one in timelines:
        _add(graph, one, tool)
    return graph.text([tool])


def _add(graph: Graph, one: Timeline, tool: str) -> None:
    node = graph.node(one.case, "timeline", one.definition.id)
    found = [
        (extend(node, t.reading.id, name, str(number)), t, span)
        for t in one.tracks
        for name in [t.criterion.id if t.criterion else "overall"]
        for number, span in enumerate((s for s in t.spans if s.verdict), start=1)
    ]
    graph.add(
        node,
        ("a", "prov:Collection"),
        ("rdfs:label", text(f"{one.label}: when each criterion was met")),
        ("skos:note", *map(text, _notes(one))),
        ("prov:hadMember", *(n for n, _, _ in found)),
        ("prov:wasDerivedFrom", iri(one.case)),
        ("prov:wasAttributedTo", agent(tool)),
    )
    for name, track, span in found:
        graph.add(name, *_said(track, span, one))


def _notes(one: Timeline) -> Iterator[str]:
    for track in one.tracks:
        if track.may_be:
            spans = "; ".join(span_words(span) for span in track.may_be)
            name = name_of(track, one) if track.criterion else "whole group"
            yield f"{name}, {track.reading.id}: {may_be_words(track, one)}, {spans}"


def _said(track: Track, span: Span, one: Timeline) -> Iterator[Statement]:
    assert span.verdict
    kind = "k20:CriterionVerdict" if track.criterion else "k20:Assessment"
    label = f"{name_of(track, one)}, {track.reading.id}: {words(span, track, one)}"
    verdict = VERDICTS[span.verdict]
    begin = instant(span.begin) if span.begin else None
    end = instant(after(span.end, -1)) if span.end else None
    yield "a", kind, "prov:Entity"
    yield "rdfs:label", text(f"{label}, {span_words(span)}")
    yield "k20:byDefinition", iri(one.definition.iri)
    yield "k20:onCriterion", iri(track.criterion.iri) if track.criterion else None
    yield "k20:onReading", iri(track.reading.iri)
    yield "k20:verdict", verdict if track.criterion else OVERALL.get(span.verdict, verdict)
    yield "k20:earliestBegin", begin
    yield "k20:latestBegin", begin
    yield "k20:earliestEnd", end
    yield "k20:latestEnd", end
