"""Turtle by hand: nodes below a case, each a block of statements, and literals.

Node IRIs lie below the case's, or are name-based UUIDs where that cannot be; no clock, no host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from k20kg.model import Verdict
from k20kg.report.escape import is_web_address
from k20kg.vocabulary import BASE, PREFIXES

__all__ = [
    "OVERALL",
    "VERDICTS",
    "agent",
    "below",
    "block",
    "extend",
    "instant",
    "iri",
    "listed",
    "programs",
    "prologue",
    "text",
]

OVERALL = {Verdict.MET: "k20:IsK20Partnership", Verdict.NOT_MET: "k20:IsNotK20Partnership"}
"""Verdicts on a whole group that have names of their own."""
VERDICTS = {
    Verdict.MET: "k20:Met",
    Verdict.NOT_MET: "k20:NotMet",
    Verdict.NOT_ESTABLISHED: "k20:NotEstablished",
    Verdict.CONTESTED: "k20:Contested",
}
# RFC 3987, somewhat narrower: what passes here, any parser takes.
_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?://[A-Za-z0-9._~\u00a0-\ud7ff-]*(?::[0-9]{0,5})?(?=[/?#]|\Z)|(?!//))"
    r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|[\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef]"
    r"|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|[\u00a0-\ud7ff]|%[0-9A-Fa-f]{2})*)?"
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def block(subject: str, statements: Sequence[str]) -> str:
    """Return a node with its statements, one a line."""
    return f"{subject}\n    " + " ;\n    ".join(statements) + " ."


def listed(predicate: str, objects: Iterable[str]) -> list[str]:
    """Return one statement with all its objects, or none."""
    joined = ",\n        ".join(objects)
    return [f"{predicate} {joined}"] if joined else []


def below(case: str, *parts: str) -> str:
    """Return the IRI of a node below the case's IRI, or a UUID made of both names."""
    path = "/".join(_slug(part) for part in parts)
    if is_web_address(case) and _IRI.fullmatch(case) and not {"#", "?"} & set(case):
        return f"<{case.rstrip('/')}/{path}>"
    return f"<{uuid5(NAMESPACE_URL, f'{case} {path}').urn}>"


def extend(node: str, part: str) -> str:
    """Return the IRI of a node below another one."""
    if node.startswith("<urn:"):
        return f"<{uuid5(NAMESPACE_URL, f'{node} {part}').urn}>"
    return f"{node[:-1]}/{_slug(part)}>"


def agent(name: str) -> str:
    """Return the IRI of a program: ``k20kg 0.2.0``."""
    return f"<{BASE}agent/{_slug(name)}>"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "unnamed"


def iri(iri: str) -> str:
    """Return an IRI for Turtle; what is none becomes a UUID made of it."""
    return f"<{iri if _IRI.fullmatch(iri) else uuid5(NAMESPACE_URL, iri).urn}>"


def text(words: str) -> str:
    """Return English words as a literal."""
    return f'"{words.translate(_ESCAPES)}"@en'


def instant(at: datetime) -> str:
    """Return an instant as a literal."""
    written = at.isoformat().replace("+00:00", "Z")
    return f'"{written}"^^xsd:dateTime'


def prologue(*prefixes: str) -> str:
    """Return the declarations of some prefixes of ours."""
    return "\n".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in prefixes)


def programs(names: Iterable[str]) -> list[str]:
    """Return each program by name, once."""
    return [
        block(agent(name), ["a prov:SoftwareAgent", f"rdfs:label {text(name)}"])
        for name in dict.fromkeys(names)
    ]
