"""The tokens of SPARQL and Turtle, and the words that SPARQL knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from k20kg.vocabulary import PREFIXES

TOKEN: Final = re.compile(
    r"""(?P<blank>[ \t\r\n]+|\#[^\r\n]*)
    |(?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<variable>[?$]\w+)
    |(?P<label>_:\w(?:[\w.-]*[\w-])?)
    |(?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:(?:[\w:]|\\.|%[0-9A-Fa-f]{2})
        (?:(?:[\w.:-]|\\.|%[0-9A-Fa-f]{2})*(?:[\w:-]|\\.|%[0-9A-Fa-f]{2}))?)?)
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<word>@?[^\W\d][\w-]*)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
"""Tokens of a query or of Turtle; the group that matched says which kind of token it is."""

FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
KEYWORDS, _FUNCTIONS = (
    frozenset(words.split())
    for words in Path(__file__).with_name("words.txt").read_text("utf-8").split("\n\n")
)
WORDS: Final = KEYWORDS | _FUNCTIONS
"""Keywords and functions of a query, in capitals."""


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a text, without blanks and comments."""
    return (token for token in TOKEN.finditer(text) if token.lastgroup != "blank")


def form_token(text: str) -> re.Match[str] | None:
    """Return the keyword that says which form a query has."""
    words = (token for token in tokens(text) if token.lastgroup == "word")
    return next((word for word in words if word[0].upper() in FORMS), None)


def terms(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the tokens of a query, each with the IRI that it stands for, if it does."""
    prefixes, base = dict(PREFIXES), ""
    before, last = "", ""
    for token in tokens(text):
        said, iri = token[0], ""
        if token.lastgroup == "iri":
            iri = _resolved(base, said[1:-1])
            if before.upper() == "PREFIX":
                prefixes[last[:-1]], iri = iri, ""
            elif last.upper() == "BASE":
                base, iri = iri, ""
        elif token.lastgroup == "name" and last.upper() != "PREFIX":
            prefix, _, local = said.partition(":")
            if prefix in prefixes:
                iri = prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
        yield token, iri
        before, last = last, said


def _resolved(base: str, iri: str) -> str:
    # urljoin drops an empty fragment, which is how namespaces end.
    end = "#" if iri.endswith("#") else ""
    return iri if re.match(r"[A-Za-z][\w+.-]*:", iri) else urljoin(base, iri.rstrip("#")) + end
