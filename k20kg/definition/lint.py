"""Faults of a definition or reading that somebody wrote: what, where, what to do.

A SHACL engine passes over most of these in silence, and silence conforms: a shape that is
referred to and not there lets every node pass. So a definition is checked before it judges.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from k20kg.definition.deriving import COUNTER_LINKS, FORM_LINKS
from k20kg.definition.faults import Fault
from k20kg.definition.kinds import kinds
from k20kg.definition.shape_faults import COUNTS, LISTS, PARTS, faults_in_shapes, is_count
from k20kg.definition.variants import read_variants
from k20kg.rdf.addresses import declared_terms
from k20kg.rdf.graph import Graph, key
from k20kg.vocabulary import K20, RDF_TYPE, SH, shorten

_REFERENCES = {
    *PARTS,
    SH + "sparql",
    *(
        K20 + n
        for n in (
            "witnessedBy",
            "coverageOf",
            "missedBy",
            "coverageFoundBy",
            "coverageRequiredBy",
            "setBy",
        )
    ),
    *COUNTER_LINKS,
    *FORM_LINKS,
}
_SHACL = frozenset(
    re.findall(
        r"\w+",
        """
        NodeShape PropertyShape SPARQLConstraint PrefixDeclaration PropertyGroup IRI BlankNode
        Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral Info Warning Violation targetClass
        targetNode targetObjectsOf targetSubjectsOf path inversePath alternativePath zeroOrMorePath
        oneOrMorePath zeroOrOnePath severity message deactivated name description order group
        defaultValue class datatype nodeKind minCount maxCount minExclusive minInclusive
        maxExclusive maxInclusive minLength maxLength pattern flags languageIn uniqueLang equals
        disjoint lessThan lessThanOrEquals not and or xone node property qualifiedValueShape
        qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint closed ignoredProperties
        hasValue in sparql select prefixes declare prefix namespace""",
    )
)
_TARGETS = tuple(
    SH + n for n in ("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf")
)
_ROLES = tuple(K20 + n for n in ("Support", "Counter", "Guard", "Witness", "RecordCheck"))


def faults_in_file(quads: Iterable[ox.Quad], shared: Graph | None = None) -> Iterator[Fault]:
    """Yield the faults of a file by itself: misspelt terms, names that are taken, bad shapes.

    `shared` holds the shipped shapes that it builds on, whose names it may not use anew.
    """
    quads = list(quads)
    terms = declared_terms()
    seen: set[str] = set()
    for quad in quads:
        predicate, value = quad.predicate.value, quad.object
        for iri in (predicate, value.value if isinstance(value, ox.NamedNode) else ""):
            if iri in seen:
                continue
            seen.add(iri)
            for space, known in ((SH, _SHACL), (K20, terms)):
                if iri.startswith(space) and iri.removeprefix(space) not in known:
                    yield _misspelt(key(quad.subject), space, iri.removeprefix(space), known)
        defines = predicate == RDF_TYPE or predicate.startswith(SH)
        if shared and defines and (subject := key(quad.subject)) in shared:
            yield (
                subject,
                "is the name of something shipped",
                "give yours a name of its own, in a namespace of your own",
            )
    yield from faults_in_shapes(Graph(quads), quads, shared)


def faults_in_material(
    quads: Iterable[ox.Quad], graph: Graph, definition: str, own: Graph | None = None
) -> Iterator[Fault]:
    """Yield what would make a definition judge wrongly, of the nodes that `quads` describe.

    `graph` is an index over them and all that they build on, `own` one over `quads`.
    """
    quads = list(quads)
    own = own or Graph(quads)
    yield from _dangling(graph, own, quads)
    criteria = graph.values(definition, K20 + "hasCriterion")
    readings = graph.values(definition, K20 + "usesReading")
    yield from _variants(graph, own, readings)
    if definition in own:
        yield from _words(graph, definition, criteria, readings)
    tests = [s for role in _ROLES[:2] for s in graph.subjects(K20 + "role", role)]
    yield from _criterion_shapes(graph, own, tests, set(criteria), set(readings))
    for reading in readings:
        if reading not in own:
            continue
        under = [s for s in tests if reading in graph.values(s, K20 + "under")]
        if not under:
            yield reading, "has no shapes", "add criterion shapes with k20:under this reading"
            continue
        supported = {
            c
            for s in under
            for c in graph.values(s, K20 + "tests")
            if K20 + "Support" in graph.values(s, K20 + "role")
        }
        for criterion in criteria:
            if criterion not in supported:
                yield (
                    criterion,
                    f"has no support shape under {shorten(reading)}",
                    "add a shape with k20:tests, k20:under and k20:role k20:Support; without "
                    "one the criterion would count as met",
                )


def _words(
    graph: Graph, definition: str, criteria: list[str], readings: list[str]
) -> Iterator[Fault]:
    if not criteria:
        yield definition, "has no criterion", "add k20:hasCriterion"
    if not readings:
        yield definition, "has no reading", "add k20:usesReading"
    for name in ("affirmedAs", "deniedAs"):
        if not graph.values(definition, K20 + name):
            yield definition, f"has no k20:{name}", "say what a group is called then, in words"
    codes: dict[str, str] = {}
    for criterion in criteria:
        code = graph.value(criterion, K20 + "code")
        if not code:
            yield criterion, "has no k20:code", 'add a short code, such as "1a"'
        elif code in codes:
            yield (
                criterion,
                f"has the code {code}, which {shorten(codes[code])} has",
                "give each criterion a code of its own",
            )
        codes.setdefault(code, criterion)
        if not graph.terms(criterion, K20 + "order"):
            yield criterion, "has no k20:order", "say by a whole number which place it takes"
    for node in (*criteria, *readings, *graph.values(definition, K20 + "hasPhrase")):
        for order in graph.terms(node, K20 + "order"):
            if not is_count(order):
                yield node, f"has k20:order {order}", "write one whole number, without quotes"
    for kind, nodes in (("Criterion", criteria), ("Reading", readings)):
        for node in nodes:
            if K20 + kind not in graph.values(node, RDF_TYPE):
                yield (
                    node,
                    f"is referred to and not described as a k20:{kind}",
                    f"describe it, or correct the name{_near(node, graph.of_type(K20 + kind))}",
                )


def _criterion_shapes(
    graph: Graph, own: Graph, tests: list[str], criteria: set[str], readings: set[str]
) -> Iterator[Fault]:
    groups = {K20 + "CandidateGroup", *kinds()[K20 + "CandidateGroup"].above}
    for shape in own.having(K20 + "tests"):
        if shape not in tests:
            yield shape, "has no role", "add k20:role k20:Support or k20:Counter"
    for shape in tests:
        if shape not in own:
            continue
        supports = K20 + "Support" in graph.values(shape, K20 + "role")
        if not any(graph.values(shape, target) for target in _TARGETS):
            yield (
                shape,
                "has no target and would never run",
                "add sh:targetClass k20:CandidateGroup",
            )
        elif supports and not groups & set(graph.values(shape, SH + "targetClass")):
            yield (
                shape,
                "has a target that is not every candidate group, so that others pass",
                "add sh:targetClass k20:CandidateGroup",
            )
        for predicate, known, kind in (
            ("tests", criteria, "criterion"),
            ("under", readings, "reading"),
        ):
            values = graph.values(shape, K20 + predicate)
            if not values:
                yield shape, f"names no {kind}", f"add k20:{predicate}"
            for value in values:
                if value not in known and shape in own:
                    yield (
                        shape,
                        f"names {shorten(value)}, which is no {kind} of this definition",
                        f"correct the name{_near(value, known)}",
                    )
        complete, lacking = (graph.values(shape, K20 + n) for n in ("whereComplete", "lacks"))
        if lacking and not complete:
            yield (
                shape,
                "has k20:lacks and no k20:whereComplete",
                "name a list; else silence counts",
            )
        if complete and not lacking:
            yield shape, "has k20:whereComplete and no k20:lacks", "name what the list is without"
        parts = graph.values(shape, SH + "property")
        if not parts and not graph.values(shape, SH + "message"):
            yield shape, "asks nothing that has a message", "add sh:property, or sh:message"
        for part in parts:
            if part in graph and not graph.values(part, SH + "message"):
                yield part, "has no sh:message", "say in a sentence what is missing when it fails"


def _variants(graph: Graph, own: Graph, readings: list[str]) -> Iterator[Fault]:
    for variant in read_variants(own):
        if variant.base not in readings:
            yield (
                variant.iri,
                f"is k20:variantOf {shorten(variant.base)}, which is no reading of the definition",
                f"correct the name{_near(variant.base, readings)}",
            )
            continue
        if not variant.settings:
            yield variant.iri, "sets nothing", "add k20:sets with a k20:parameter"
        known = graph.subjects(K20 + "ofReading", variant.base)
        for setting in variant.settings:
            name = shorten(setting.parameter)
            if setting.as_in and setting.as_in not in readings:
                yield (
                    variant.iri,
                    f"takes a criterion as in {shorten(setting.as_in)}, which is no reading",
                    f"correct the name{_near(setting.as_in, readings)}",
                )
            for block in (setting.in_place_of, setting.takes):
                if block and block not in graph:
                    near = _near(block, graph.of_type(SH + "NodeShape"))
                    yield (
                        variant.iri,
                        f"swaps {shorten(block)}, which is not there",
                        f"correct the name{near}",
                    )
            whole = graph.subjects(K20 + "undisputed", setting.in_place_of)
            whole += graph.subjects(K20 + "perhaps", setting.in_place_of)
            if setting.takes and (of := [s for s in whole if s != setting.in_place_of]):
                yield (
                    variant.iri,
                    f"swaps {shorten(setting.in_place_of)} alone, which stands in for "
                    f"{shorten(of[0])}",
                    f"swap {shorten(of[0])}; what stands in for it follows",
                )
            if bool(setting.in_place_of) != bool(setting.takes):
                yield variant.iri, "swaps half a block", "give k20:inPlaceOf and k20:takes"
            if not setting.parameter and not setting.takes and not setting.as_in:
                yield variant.iri, "has a k20:sets without k20:parameter", "name the parameter"
            elif setting.parameter and setting.parameter not in known:
                yield (
                    variant.iri,
                    f"sets {name}, which {shorten(variant.base)} does not have",
                    f"correct the name{_near(setting.parameter, known)}",
                )
            elif setting.parameter and not setting.as_in:
                yield from _setting(graph, variant.iri, setting.parameter, setting.value)


def _setting(
    graph: Graph, variant: str, parameter: str, value: ox.Literal | None
) -> Iterator[Fault]:
    name = shorten(parameter)
    if graph.values(parameter, K20 + "choice"):
        yield (
            variant,
            f"sets {name}, which is a choice and no number",
            "write k20:asIn and the reading whose choice it takes",
        )
    elif value is None:
        yield variant, f"sets {name} to nothing", "add k20:value and a number"
    elif graph.value(parameter, K20 + "setThrough") in COUNTS and not is_count(value):
        yield (
            variant,
            f"sets {name} to {value}, which is no whole number",
            "write digits without quotes",
        )


def _dangling(graph: Graph, own: Graph, quads: Iterable[ox.Quad]) -> Iterator[Fault]:
    for quad in quads:
        predicate, subject = quad.predicate.value, key(quad.subject)
        if predicate in _REFERENCES:
            values = [key(quad.object)]
        elif predicate in LISTS:
            values = list(own.items(subject, predicate))
        else:
            continue
        for value in values:
            if value not in graph:
                named = graph.of_type(SH + "NodeShape") + graph.of_type(SH + "PropertyShape")
                name = "a node without a name" if value.startswith("_:") else shorten(value)
                yield (
                    subject,
                    f"refers by {shorten(predicate)} to {name}, which is not there",
                    f"describe it, or correct the name{_near(value, named)}; an engine would let "
                    "every node pass",
                )


def _misspelt(subject: str, space: str, name: str, known: frozenset[str]) -> Fault:
    prefix = "sh" if space == SH else "k20"
    near = difflib.get_close_matches(name, known, n=1)
    return (
        subject,
        f"uses {prefix}:{name}, which {'SHACL' if space == SH else 'the vocabulary'} does not have",
        f"did you mean {prefix}:{near[0]}?" if near else "use a term that is there",
    )


def _near(iri: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(iri, list(known), n=1, cutoff=0.8)
    return f" (did you mean {shorten(found[0])}?)" if found else ""
