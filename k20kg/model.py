"""Classes of the model: definitions, criteria, evidence, verdicts. Frozen, no I/O.

The words follow Clifford and Millar (2007): a *definition* has *criteria*, each of which is
judged under a *reading*; the outcome is a *verdict* per criterion and one for the whole group.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from typing import NamedTuple


class Verdict(Enum):
    """The four outcomes, for one criterion and for the whole group alike."""

    MET = "met"
    NOT_MET = "not met"
    NOT_ESTABLISHED = "not established"
    CONTESTED = "contested"

    @classmethod
    def of(cls, *, support: bool, counter: bool) -> Verdict:
        """Return the verdict on a criterion from its two closed-world questions."""
        if support:
            return cls.CONTESTED if counter else cls.MET
        return cls.NOT_MET if counter else cls.NOT_ESTABLISHED

    @classmethod
    def all_of(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """Return the weakest link: the minimum on the chain not met, contested, open, met.

        It is neither strong Kleene nor Belnap–Dunn: contested with not established is contested.

        >>> Verdict.all_of([Verdict.MET, Verdict.CONTESTED, Verdict.NOT_ESTABLISHED]).value
        'contested'
        """
        seen = set(verdicts)
        for worst in (cls.NOT_MET, cls.CONTESTED, cls.NOT_ESTABLISHED):
            if worst in seen:
                return worst
        return cls.MET


class Criterion(NamedTuple):
    """One necessary condition of a definition, as the ontology words it."""

    iri: str
    id: str
    """Last part of the IRI: ``shared-goal``."""
    code: str
    """Short code that carries the phrase in its digit: ``1a``."""
    label: str
    order: int
    phrase: str
    """The phrase of the definition that it belongs to, in our own words."""
    phrase_order: int
    section: str
    """Section of the source that states it: ``5.0, 6.1``."""
    definition: str
    indicator: str
    """The least that must be shown."""
    shuts_out: str
    counts: tuple[str, ...] = ()
    """Kinds of evidence that count."""
    example: str = ""
    rulings: tuple[str, ...] = ()
    """Decisions where the source is silent."""
    source: str = ""
    """Place in the source that states it: ``paper 5.0, lines 215, 223``."""


class Parameter(NamedTuple):
    """A number or choice that a reading makes, and the shape that holds it."""

    name: str
    value: str
    criterion: str
    """IRI of the criterion it bears on."""
    shape: str
    """IRI of the shape in which the value stands."""
    through: str
    """IRI of the SHACL property that holds the value."""


class Reading(NamedTuple):
    """One way to read a definition's indicators, with its choices stated."""

    iri: str
    id: str
    label: str
    definition: str
    section: str
    order: int
    assumptions: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    words: str = ""
    """Words that announce a verdict by it: ``close to the letter of the indicators``."""
    words_of_own_case: str = ""
    """The same, of the case on which the authors' own verdict is on record."""


class Definition(NamedTuple):
    """A definition with its criteria, all necessary, and its readings, both in order."""

    iri: str
    id: str
    label: str
    affirmed: str
    """Name of a group that meets all criteria: ``K-20 partnership``."""
    denied: str
    criteria: tuple[Criterion, ...]
    readings: tuple[Reading, ...]
    wording: str = ""
    """The whole of it, in our own words."""
    source: str = ""

    @property
    def one_affirmed(self) -> str:
        """Return the name of one such group with its article: ``a K-20 partnership``."""
        return f"{'an' if self.affirmed[:1].lower() in 'aeio' else 'a'} {self.affirmed}"

    def criterion(self, key: str) -> Criterion:
        """Return the criterion with this IRI, id or code; `KeyError` if there is none."""
        for criterion in self.criteria:
            if key in (criterion.iri, criterion.id, criterion.code):
                return criterion
        raise KeyError(key)

    def reading(self, key: str) -> Reading:
        """Return the reading with this IRI or id; `KeyError` if there is none."""
        for reading in self.readings:
            if key in (reading.iri, reading.id):
                return reading
        raise KeyError(key)

    def overall_words(self, verdict: Verdict) -> str:
        """Return what the whole group is under a verdict: ``not a K-20 partnership``."""
        return {Verdict.MET: self.affirmed, Verdict.NOT_MET: self.denied}.get(
            verdict, verdict.value
        )


class Evidence(NamedTuple):
    """One evidence item behind a record that bears on a criterion."""

    iri: str
    record: str
    """IRI of the record it stands behind."""
    record_label: str
    statement: str
    """Statement of the source, in our words; empty where nobody wrote it."""
    source: str
    """Label of the source document: ``paper``."""
    locator: str
    method: str
    direction: str
    """``supports``, ``disputes`` or ``leaves open``."""


class Carrier(NamedTuple):
    """Ground of a verdict: a member, a signer, a goal, a task; named as people name it."""

    kind: str
    """Label of its class: ``school district``."""
    iri: str
    label: str
    told: tuple[str, ...] = ()
    """Words beside its name: the firm that gives, a leader's position, a home."""
    evidence: tuple[Evidence, ...] = ()


class Gap(NamedTuple):
    """One thing that is missing, and what would settle it."""

    statement: str
    about: tuple[str, ...] = ()
    """Labels of those whom it concerns: the role groups that named no benefit."""
    settled_by: str = ""
    supplied_by: str = ""
    """Holders it may be had from."""
    whom: tuple[Carrier, ...] = ()
    """The same as `about`, with what a report tells beside their names."""


class Figure(NamedTuple):
    """A figure as one source reports it; figures that disagree stand side by side."""

    value: str
    source: str


class Coverage(NamedTuple):
    """Share of what a criterion asks for that the record states, in `unit`."""

    unit: str
    required: Decimal | None
    stated: Decimal | None
    asked: tuple[Figure, ...] = ()
    unit_of_one: str = ""
    is_least: bool = False
    """True if `required` is the least that will do, and more may be there."""
    unplaced: Decimal | None = None
    """Number of those that would count, were they tied to those who are counted."""


class Opinion(NamedTuple):
    """A verdict that a source's authors reached themselves."""

    verdict: Verdict
    by: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class Finding(NamedTuple):
    """The verdict on one criterion and what it rests on."""

    criterion: Criterion
    verdict: Verdict
    message: str
    missing: tuple[Gap, ...] = ()
    coverage: Coverage | None = None
    evidence: tuple[Evidence, ...] = ()
    carried_by: tuple[Carrier, ...] = ()
    authors: tuple[Opinion, ...] = ()
    """Conclusions of the sources' authors on it."""
    near: tuple[Carrier, ...] = ()
    """Records of the right kind that the coverage leaves out: they are tied to nobody counted."""


class Assumption(NamedTuple):
    """A statement that the verdict rests on and that no source makes."""

    statement: str
    by: str
    decides: tuple[str, ...] = ()
    """Codes of the criteria that would have another verdict without it."""
    decides_whole: bool = False
    """True if the verdict on the whole would be another without it."""
    evidence: tuple[Evidence, ...] = ()
    tried: bool = True
    """True if it was withdrawn to see: a choice of the reading is not, nor are all of very many."""

    @property
    def is_decisive(self) -> bool:
        """Say whether any verdict would be another without it."""
        return bool(self.decides) or self.decides_whole


class Disagreement(NamedTuple):
    """Accounts that sources give differently."""

    label: str
    comment: str
    criteria: tuple[str, ...]
    """Codes of the criteria whose records it is about."""
    evidence: tuple[Evidence, ...]


class RecordHead(NamedTuple):
    """Title page of a case record: by whom, when, of what, from which files."""

    comment: str = ""
    """Description of the group."""
    by: tuple[str, ...] = ()
    created: str = ""
    period: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    """Short name and title of each source."""
    data: tuple[tuple[str, str], ...] = ()
    """Name and SHA-256 of each file it was read from."""


class Moment(NamedTuple):
    """Time at which a verdict on a changing group holds, in instants: ``2006-05-31T23:59:59Z``."""

    instant: str
    """The instant that is shown: of those with the best overall verdict the one at which most
    criteria are met, the latest of those."""
    begin: str | None
    """From when on the overall verdict held; None: since ever."""
    end: str | None
    """Its last instant; None: to the end of what is recorded."""
    never_at_once: bool
    """True if each criterion is met at some time, though all of them at none."""


class Dating(NamedTuple):
    """A record that dates something: name of its class, its own name, the date as printed."""

    kind: str
    label: str
    printed: str = ""


class MetPeriod(NamedTuple):
    """A stretch of time in which a criterion, or the whole, is met: first and last instant."""

    code: str
    """Code of the criterion; empty: the whole."""
    begin: str | None
    """None: from before the first date on record; empty: since when is not certain."""
    end: str | None
    since: tuple[Dating, ...] = ()
    until: tuple[Dating, ...] = ()


class Assessment(NamedTuple):
    """The verdict on one group under one reading of one definition."""

    case: str
    """IRI of the candidate group."""
    label: str
    definition: Definition
    reading: Reading
    verdict: Verdict
    findings: tuple[Finding, ...]
    assumptions: tuple[Assumption, ...] = ()
    engine: str = ""
    as_of: str | None = None
    synthetic: bool = False
    moment: Moment | None = None
    """Instant of the verdict, if the record changes over time; None: it was judged as a whole."""
    met_periods: tuple[MetPeriod, ...] = ()
    """Periods in which the whole and each criterion were met, as far as dates decide it."""
    authors: tuple[Opinion, ...] = ()
    """Conclusions of the sources' authors on the whole."""
    record: RecordHead = RecordHead()
    disagreements: tuple[Disagreement, ...] = ()
    notes: tuple[str, ...] = ()
    """Parts of the record seldom meant, which may bear on a verdict, with place and remedy."""

    @property
    def announced(self) -> str:
        """Return the announcement: ``as the authors judged this very case (8 …)``."""
        said = self.reading.words_of_own_case if self.authors else ""
        count = len({a.statement for a in self.assumptions if a.decides_whole})
        many = f"({count} assumption{' decides' if count == 1 else 's decide'})" if count else ""
        return " ".join(filter(None, (said or self.reading.words, many)))

    @property
    def words(self) -> str:
        """Return the verdict in words: ``K-20 partnership``, ``not established``…"""
        return self.definition.overall_words(self.verdict)

    def finding(self, key: str) -> Finding:
        """Return the finding on the criterion with this IRI, id or code."""
        criterion = self.definition.criterion(key)
        return next(f for f in self.findings if f.criterion.iri == criterion.iri)
