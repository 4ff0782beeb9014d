"""A timeline as Turtle: each verdict with the stretch of time in which it held, and PROV.

For each reading one `k20:Assessment` for each stretch with one verdict on the whole group, and one
`k20:CriterionVerdict` for each stretch with one verdict on a criterion. The bounds are those of
any record; a stretch without end lasts as far as the record goes. Where there was no group, nothing
is said. When a criterion, or the whole, may have been met, a note on the collection says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from k20kg.dates import after
from k20kg.report.nodes import OVERALL, VERDICTS, Writer, agent, extend, instant, iri, listed, text
from k20kg.report.timeline import may_be_words, name_of, span_words, words
from k20kg.timeline import Span, Timeline, Track

__all__ = ["render"]


def render(timelines: Sequence[Timeline], *, version: str) -> str:
    """Return the graph, cases as given; the program comes last."""
    graph = Writer("dcterms", "k20", "prov", "rdfs", "skos", "xsd")
    tool = f"k20kg {version}"
    for one in timelines:
        _add(graph, one, tool)
    return graph.text([tool])


def _add(graph: Writer, one: Timeline, tool: str) -> None:
    node = graph.node(one.case, "timeline", one.definition.id)
    found = [
        (extend(extend(extend(node, t.reading.id), name), str(number)), t, span)
        for t in one.tracks
        for name in [t.criterion.id if t.criterion else "overall"]
        for number, span in enumerate((s for s in t.spans if s.verdict), start=1)
    ]
    graph.add(
        node,
        "a prov:Collection",
        f"rdfs:label {text(f'{one.label}: when each criterion was met')}",
        *listed("skos:note", map(text, _notes(one))),
        *listed("prov:hadMember", [n for n, _, _ in found]),
        f"prov:wasDerivedFrom {iri(one.case)}",
        f"prov:wasAttributedTo {agent(tool)}",
    )
    for name, track, span in found:
        graph.add(name, *_said(track, span, one))


def _notes(one: Timeline) -> Iterator[str]:
    for track in one.tracks:
        if track.may_be:
            spans = "; ".join(span_words(span) for span in track.may_be)
            name = name_of(track, one) if track.criterion else "whole group"
            yield f"{name}, {track.reading.id}: {may_be_words(track, one)}, {spans}"


def _said(track: Track, span: Span, one: Timeline) -> Iterator[str]:
    assert span.verdict
    kind = "k20:CriterionVerdict" if track.criterion else "k20:Assessment"
    label = f"{name_of(track, one)}, {track.reading.id}: {words(span, track, one)}"
    yield f"a {kind}, prov:Entity"
    yield f"rdfs:label {text(f'{label}, {span_words(span)}')}"
    yield f"k20:byDefinition {iri(one.definition.iri)}"
    yield from listed("k20:onCriterion", [iri(track.criterion.iri)] if track.criterion else [])
    yield f"k20:onReading {iri(track.reading.iri)}"
    verdict = VERDICTS[span.verdict]
    yield f"k20:verdict {verdict if track.criterion else OVERALL.get(span.verdict, verdict)}"
    if span.begin:
        yield f"k20:earliestBegin {instant(span.begin)}"
        yield f"k20:latestBegin {instant(span.begin)}"
    if span.end:
        yield f"k20:earliestEnd {instant(after(span.end, -1))}"
        yield f"k20:latestEnd {instant(after(span.end, -1))}"
