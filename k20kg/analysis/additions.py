"""The least statements that would change a shape's answer for a case, read off the shape itself.

What is on record is used before anything is made up; of several ways the one that asks least is
taken. What a made-up record must have is read off the record check in the same way. Where a shape
cannot say what to add it has a template (``k20:whatIf``). That an addition settles anything is
found by judging the case with it, never assumed. No condition stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache, partial
from itertools import islice
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.analysis.drafted_case import Draft, members
from k20kg.analysis.paths import Addable, CasePaths
from k20kg.analysis.templates import Addition, Templates
from k20kg.definition.loader import LoadedDefinition
from k20kg.definition.record_shapes import record_check
from k20kg.judging.cases import Case
from k20kg.rdf.graph import Graph, Term, read_turtle, str_of
from k20kg.sources.published import read_published
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH, packaged

Step = Callable[[Term, Draft], Draft | None]
"""A function that gives the least draft by which something holds for a node; None: nothing does.

The draft comes back as it was where it holds already.
"""


class _Ends(NamedTuple):
    """The ends of a path that meet something, of some choices only if there are any."""

    path: Term
    meets: Step
    choices: Sequence[Term] | None = None


_WHAT_IF = K20 + "whatIf"


def sensitivity_quads(loaded: LoadedDefinition) -> list[ox.Quad]:
    """Return what `sensitivity` asks of a definition beyond its shapes: templates and questions."""
    shared = loaded.graph.values(loaded.definition, K20 + "sharesBlocksOf")
    return [quad for name in (loaded.definition, *shared) for quad in _sensitivity_quads(name)]


@cache
def _sensitivity_quads(definition: str) -> tuple[ox.Quad, ...]:
    folder = packaged("shapes", definition.rstrip("/").rsplit("/", 1)[-1], "sensitivity")
    return tuple(read_turtle(*sorted(folder.glob("*.ttl")))) if folder.is_dir() else ()


@cache
def _vocabulary() -> tuple[ox.Quad, ...]:
    """Return what is stated of classes and properties, and the record check."""
    wanted = {RDF_TYPE, OWL + "unionOf", *(RDF_TYPE[:-4] + n for n in ("first", "rest"))}
    wanted |= {RDFS + n for n in ("domain", "range", "subClassOf")}
    quads = read_published(*sorted(packaged("ontology").glob("*.ttl")))
    kept = (q for q in quads if q.predicate.value in wanted)
    return (*kept, *ox.parse(record_check().shapes, ox.RdfFormat.N_TRIPLES))


@lru_cache(maxsize=8)
def _shapes_of(loaded: LoadedDefinition) -> Graph:
    return Graph([*_vocabulary(), *sensitivity_quads(loaded), *loaded.shapes])


class AdditionFinder:
    """One case, and what could be added to it so that shapes of a definition answer otherwise."""

    def __init__(self, loaded: LoadedDefinition, case: Case) -> None:
        self._shapes = _shapes_of(loaded)
        self._paths = CasePaths(case, self._shapes)
        self._templates = Templates(case)
        self._group = ox.NamedNode(case.group)

    def addition(
        self,
        shape: str,
        added: Iterable[Addition] = (),
        *,
        against: bool = False,
        beside_records: bool = False,
    ) -> Addition | None:
        """Return what to add so that a shape holds for the group, or `against` it fails.

        It comes on top of `added`. With `beside_records` no record on file is added to. None where
        the shape answers so already, and where nothing that could be added would make it.
        """
        before: Draft = tuple(sorted({t for a in added for t in a.triples}, key=str))
        wanted = self._fail if against else self._meet
        with self._paths.allowing(Addable.BESIDE_RECORDS if beside_records else Addable.ANYTHING):
            draft = wanted(shape, self._group, before)
        if draft is None or draft == before:
            return None
        with self._paths.allowing(Addable.NEW_NODES):
            draft = self._complete(draft)
        return Addition(shape, frozenset({*draft} - {*before}).union(self._paths.evidence))

    def _complete(self, draft: Draft) -> Draft:
        """Return the draft with what the record check asks of each made-up node."""
        done: set[Term] = set()
        while waiting := {t.subject for t in draft if self._paths.is_made_up(t.subject)} - done:
            done |= waiting
            for node in sorted(waiting, key=str_of):
                kinds = sorted(self._paths.classes(node, draft))
                with self._paths.allowing(to=[node]):
                    for check in (c for kind in kinds for c in self._paths.checks(kind)):
                        draft = self._meet(check, node, draft) or draft
        return draft

    # ------------------------------------------------------------ to make a shape hold

    def _meet(self, shape: str, node: Term, draft: Draft) -> Draft | None:
        """Return the draft with the least by which a shape holds for a node, if there is any."""
        if templates := self._shapes.values(shape, _WHAT_IF):
            return self._filled(shape, templates[0], node, draft)
        return self._read(shape, node, draft)

    def _read(self, shape: str, node: Term, draft: Draft) -> Draft | None:
        """Return the same, read off the shape itself."""
        steps = self._steps(shape)
        if not (path := next(iter(self._shapes.terms(shape, SH + "path")), None)):
            return _chain(steps, node, draft)

        each = partial(_chain, steps)
        now: Draft | None = draft
        for end in self._paths.ends(path, node, draft):
            now = now if now is None else each(end, now)
        said = self._shapes
        for value in said.terms(shape, SH + "hasValue"):
            now = self._reach(_Ends(path, each, [value]), node, now, 1)
        for least in said.values(shape, SH + "minCount"):
            now = self._reach(_Ends(path, each, self._choices(shape)), node, now, int(least))
        for block in said.values(shape, SH + "qualifiedValueShape"):
            count = int(said.value(shape, SH + "qualifiedMinCount", "0"))
            ends = _Ends(path, partial(self._meet, block), self._choices(block))
            now = self._reach(ends, node, now, count)
        if now is None or not self._within(shape, path, node, now):
            return None
        return now if now is draft or not self._is_gainsaid(shape, node, draft) else None

    def _is_gainsaid(self, shape: str, node: Term, draft: Draft) -> bool:
        """Tell whether what would rule a block out goes against what is on record."""
        ruled_out = self._shapes.subjects(K20 + "ruledOutBy", shape)
        if any(self._holds(block, node, draft) for block in ruled_out):
            return True
        return bool(ruled_out) and self._paths.may_add_nodes and self._paths.is_vouched_for(node)

    def _filled(self, shape: str, template: str, node: Term, draft: Draft) -> Draft | None:
        """Return the draft with what a template gives, and with evidence for it.

        Whether that does is read off the shape, if it can be told.
        """
        query = self._shapes.value(shape, SH + "select")
        if not query:
            with self._paths.allowing(Addable.NOTHING):
                held = self._read(shape, node, draft)
            if held is not None or not template or not self._paths.may_add_nodes:
                return held
        given = self._templates.fill(template, node, draft, query)
        if not given:
            return draft if query else None
        if not self._paths.may_add_nodes:
            return None
        draft = (*draft, *given)
        for new in dict.fromkeys(t.subject for t in given if self._paths.is_made_up(t.subject)):
            if self._paths.is_record(new, draft):
                draft = self._paths.evidenced(new, draft)
        return draft if query or self._holds(shape, node, draft) else None

    def _steps(self, shape: str) -> list[Step]:
        """Return what a shape asks of each value node."""
        said = self._shapes
        steps: list[Step] = []
        if said.terms(shape, SH + "in"):
            steps.append(partial(_among, self._choices(shape) or []))
        if not said.terms(shape, SH + "path"):
            steps += [partial(_among, [v]) for v in said.terms(shape, SH + "hasValue")]
        steps += [partial(self._paths.typed, c) for c in said.values(shape, SH + "class")]
        for link in ("property", "node"):
            steps += [partial(self._meet, s) for s in said.values(shape, SH + link)]
        for cell in said.terms(shape, SH + "and"):
            steps += [partial(self._meet, str_of(s)) for s in members(said, cell)]
        for link in ("or", "xone"):
            steps += [partial(self._meet_any, cell) for cell in said.terms(shape, SH + link)]
        steps += [partial(self._fail, s) for s in said.values(shape, SH + "not")]
        for query in said.values(shape, SH + "sparql"):
            told = said.values(query, _WHAT_IF)
            steps.append(partial(self._meet, query) if told else _cannot_tell)
        return steps

    def _meet_any(self, cell: Term, node: Term, draft: Draft) -> Draft | None:
        others = members(self._shapes, cell)
        return self._least((self._meet(str_of(s), node, draft) for s in others), draft)

    def _reach(self, ends: _Ends, node: Term, draft: Draft | None, count: int) -> Draft | None:
        """Return the draft with so many ends of a path that meet something."""
        for _ in range(count):
            if draft is None:
                break
            there = self._meeting(ends, node, draft, count)
            if len(there) == count:
                break
            if not self._paths.may_add_any:
                return None
            draft = self._next(ends, node, draft, there)
        return draft

    def _meeting(
        self, ends: _Ends, node: Term, draft: Draft, enough: int | None = None
    ) -> list[Term]:
        """Return the ends of a path that meet something, no more of them than are enough."""
        there = self._paths.ends(ends.path, node, draft)
        if ends.choices is not None:
            there = [end for end in there if end in ends.choices]
        with self._paths.allowing(Addable.NOTHING):
            return list(islice((e for e in there if ends.meets(e, draft) is not None), enough))

    def _holds(self, shape: str, node: Term, draft: Draft) -> bool:
        with self._paths.allowing(Addable.NOTHING):
            return self._meet(shape, node, draft) is not None

    def _next(
        self, ends: _Ends, node: Term, draft: Draft, there: Sequence[Term] = ()
    ) -> Draft | None:
        """Return the least draft by which one more end, not one of those there, meets something."""
        best: Draft | None = None
        for end, longer in self._paths.possible_ends(ends.path, node, draft, ends.choices):
            if end not in there and (
                best is None or self._paths.cost(longer) < self._paths.cost(best)
            ):
                with self._paths.allowing(to=self._paths.new_in(longer, draft)):
                    best = self._least([best, ends.meets(end, longer)])
        return best

    def _within(self, shape: str, path: Term, node: Term, draft: Draft) -> bool:
        """Tell whether nothing is too many or too late, for nothing can be taken away."""
        said, ends = self._shapes, self._paths.ends(path, node, draft)
        for name in said.values(shape, SH + "lessThan"):
            others = self._paths.values(node, name, draft)
            if not all(str_of(end) < str_of(other) for end in ends for other in others):
                return False
        if (most := said.value(shape, SH + "maxCount")) and len(ends) > int(most):
            return False
        most = said.value(shape, SH + "qualifiedMaxCount")
        meets = partial(self._meet, said.value(shape, SH + "qualifiedValueShape"))
        return not most or len(self._meeting(_Ends(path, meets), node, draft)) <= int(most)

    def _choices(self, shape: str) -> list[Term] | None:
        """Return the values that a shape allows, where it lists them."""
        said = self._shapes
        either = (s for cell in said.terms(shape, SH + "or") for s in members(said, cell))
        for one in (shape, *map(str_of, either)):
            for cell in said.terms(one, SH + "in"):
                return list(members(said, cell))
        if said.terms(shape, SH + "path"):
            return None
        parts = (self._choices(s) for s in said.values(shape, SH + "node"))
        return [*said.terms(shape, SH + "hasValue")] or next(filter(None, parts), None)

    # ------------------------------------------------------------ to make a shape fail

    def _fail(self, shape: str, node: Term, draft: Draft) -> Draft | None:
        """Return the draft with the least by which a shape fails for a node, if there is any.

        What a record surely says is not denied of it: where a shape holds, the form of it that
        only asks whether it may hold is not made to fail. A shape of which it cannot be told what
        would meet it is taken to fail: judging tells.
        """
        if not self._holds(shape, node, draft):
            return draft
        sure = self._shapes.subjects(K20 + "perhaps", shape)
        if not self._paths.may_add_nodes and any(self._holds(s, node, draft) for s in sure):
            return None
        return self._least(self._failures(shape, node, draft))

    def _failures(self, shape: str, node: Term, draft: Draft) -> Iterator[Draft | None]:
        """Yield the ways in which one of a shape's conditions would fail."""
        said = self._shapes
        if path := next(iter(said.terms(shape, SH + "path")), None):
            for block in said.values(shape, SH + "qualifiedValueShape"):
                count = int(said.value(shape, SH + "qualifiedMinCount", "0"))
                there = self._meeting(_Ends(path, partial(self._meet, block)), node, draft)
                if count:
                    steps = [partial(self._deny, block, path, end) for end in there[count - 1 :]]
                    yield _chain(steps, node, draft)
            for against in said.values(shape, SH + "not"):
                yield self._next(_Ends(path, partial(self._meet, against)), node, draft)
            return
        parts = [*said.values(shape, SH + "property"), *said.values(shape, SH + "node")]
        parts += [str_of(s) for cell in said.terms(shape, SH + "and") for s in members(said, cell)]
        yield from (self._fail(part, node, draft) for part in parts)
        for cell in said.terms(shape, SH + "or"):
            yield _chain([partial(self._fail, str_of(s)) for s in members(said, cell)], node, draft)
        yield from (self._meet(against, node, draft) for against in said.values(shape, SH + "not"))

    def _deny(self, block: str, path: Term, end: Term, _: Term, draft: Draft) -> Draft | None:
        """Make a block fail at the end of a path, unless another record builds on that end."""
        if self._paths.is_vouched_for(end, path):
            return None
        with self._paths.allowing(Addable.LISTED_VALUES):
            return self._fail(block, end, draft)

    # ------------------------------------------------------------ what asks least

    def _least(self, drafts: Iterable[Draft | None], now: Draft | None = None) -> Draft | None:
        """Return the draft that asks least, the first of several: at best that of now."""
        found = []
        for draft in drafts:
            if draft is not None and draft is now:
                return draft
            found += [draft] if draft is not None else []
        return min(found, key=self._paths.cost, default=None)


def _chain(steps: Iterable[Step], node: Term, draft: Draft) -> Draft | None:
    """Return the draft with what each of the steps adds for a node."""
    for step in steps:
        if (more := step(node, draft)) is None:
            return None
        draft = more
    return draft


def _among(values: Sequence[Term], node: Term, draft: Draft) -> Draft | None:
    return draft if node in values else None


def _cannot_tell(_node: Term, _draft: Draft) -> Draft | None:
    return None
