"""Fault, and its place, of a query that the engine cannot parse.

The engine's place is the farthest that it came to, often behind the fault. So the tokens before
that place are looked at for what can only be a fault: a quote or bracket that is not closed, a word
that SPARQL does not know, a prefix that is not declared. Where there is none, the engine's own
reason is told, at the engine's place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from k20kg.errors import UsageError
from k20kg.rdf.characters import fault_of
from k20kg.rdf.text import escape_controls
from k20kg.sparql.tokens import KEYWORDS, WORDS, tokens
from k20kg.vocabulary import BASE, PREFIXES

_AT: Final = re.compile(r"^error at (\d+):(\d+): expected (?:one of )?(.*)$", re.DOTALL)
_REASON: Final = re.compile(r"(?:^|, )((?:[A-Z]\w*) [a-zA-Z*][^,\[]*[a-z][^,\[]*)")
"""A sentence among the tokens that the engine expected."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BROKEN_IRI: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^<>\n]*>?")
_GLUED: Final = {"ORDERBY", "GROUPBY", "FROMNAMED", "NOTEXISTS", "NOTIN"}
"""Spellings that the engine takes against the grammar."""
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_PAIRS: Final = {closing: opening for opening, closing in _CLOSING.items()}
_FOLLOWS: Final = {
    "ORDER": ("BY", "BY"),
    "GROUP": ("BY", "BY"),
    "LIMIT": ("number", "a number"),
    "OFFSET": ("number", "a number"),
    "ASC": ("(", "an expression in parentheses"),
    "DESC": ("(", "an expression in parentheses"),
    "UNION": ("{", "a group in braces"),
    "AS": ("variable", "a new variable"),
}
"""Keyword → kind or text of the token that must follow, and what that is called."""
_SHOWN: Final = 30
_MOST_EXPECTED: Final = 6

Tokens = Sequence[re.Match[str]]


class _Found(NamedTuple):
    """A fault: the place in the text, what is wrong there, and what to do."""

    at: int
    what: str
    remedy: str


def syntax_error(fault: Exception, text: str, *, where: str) -> UsageError:
    """Return the error for a query that the engine cannot parse, with line and column."""
    said = _AT.match(str(fault))
    stop = _offset(text, int(said[1]), int(said[2])) if said else len(text)
    expected = said[3] if said else str(fault)
    known = list(tokens(text))
    # A parser that says nothing of what it expected stops where a construct begins.
    seen = stop if expected else len(text)
    certain = [one for one in _certain(text, known) if one.at <= seen]
    found = (
        min(certain, key=lambda one: one.at, default=None)
        or _by_reason(expected, known, stop)
        or _unbalanced(text, known, seen)
        or _bound_twice(known, stop)
        or _anywhere(text, known, stop, expected)
    )
    line, column = place_of(text, found.at)
    return UsageError(found.what, where=f"{where}:{line}:{column}", remedy=found.remedy)


def nearest_word(word: str, among: Collection[str] = WORDS) -> str:
    """Return the word of SPARQL that one is closest to; empty if none is close."""
    return next(iter(difflib.get_close_matches(word.upper(), sorted(among), n=1, cutoff=0.76)), "")


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return min(sum(len(one) + 1 for one in lines[: line - 1]) + column - 1, len(text))


def place_of(text: str, at: int) -> tuple[int, int]:
    """Return line and column of a place in a text, both from 1 on."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


# ---------------------------------------------------------------- what can only be a fault


def _certain(text: str, known: Tokens) -> Iterator[_Found]:
    pairs = list(pairwise([None, *known]))
    declared = {one[0][:-1] for before, one in pairs if one and _is(before, "PREFIX")}
    inside = 0  # where a broken IRI ends: the words in it are none
    for before, token in pairs:
        assert token
        at, said, kind = token.start(), token[0], token.lastgroup
        if at < inside:
            continue
        if before is not None and (missing := _missing(before, token)):
            yield _Found(at, *missing)
        if said == "<" and (iri := _BROKEN_IRI.match(text, at)):
            inside = iri.end()
            yield _broken_iri(at, iri[0])
        elif kind == "name":
            prefix = said.partition(":")[0]
            if not _is(before, "PREFIX") and prefix not in declared and prefix not in PREFIXES:
                yield _Found(
                    at,
                    f"the prefix {prefix}: is not declared",
                    f"begin the query with PREFIX {prefix}: <…>",
                )
        elif said in ('"', "'"):
            long = said * 3 if before and before[0] == said * 2 and before.end() == at else said
            line, lines = " on its line", f"; {said * 3} goes round a text of several lines"
            line, lines = ("", "") if len(long) > 1 else (line, lines)
            what = f"the quote {long} that opens here is not closed{line}"
            yield _Found(at - len(long) + 1, what, f"close it with {long}{lines}")
            return  # from here on texts and what is between them have changed places
        elif kind == "mark" and not said.isascii():
            yield _Found(at, *fault_of(text, at))
        elif kind == "word" and (unknown := _unknown(before, token, text)):
            yield unknown


def _is(token: re.Match[str] | None, word: str) -> bool:
    return token is not None and token.lastgroup == "word" and token[0].upper() == word


def _broken_iri(at: int, iri: str) -> _Found:
    wrong = re.search(r'[<"{}|^`\\\x00-\x20]', iri[1:])
    if not iri.endswith(">"):
        return _Found(at, f"the IRI {_shown(iri)} is not closed", "end it with >")
    assert wrong
    name = "a blank" if wrong[0] == " " else escape_controls(wrong[0])
    return _Found(
        at,
        f"the IRI {_shown(iri)} has {name} in it, which no IRI may",
        f"write %{ord(wrong[0]):02X} in its place",
    )


def _missing(before: re.Match[str], token: re.Match[str]) -> tuple[str, str] | None:
    """Return what is wrong with two tokens in a row, and what to do."""
    first, said = before[0].upper(), token[0]
    if before.lastgroup == "word" and first in _FOLLOWS:
        kind, name = _FOLLOWS[first]
        if kind not in (token.lastgroup, said.upper()):
            return f"after {first} stands {_shown(said)}", f"write {name} after {first}"
    if before.lastgroup == "mark" and first in "&|,=/!^" and said in (")", "}"):
        return f"after {first} something is missing", f"write what {first} joins, or take it out"
    if first == said == "=":
        return "SPARQL has no ==", "compare by ="
    return None


def _unknown(before: re.Match[str] | None, token: re.Match[str], text: str) -> _Found | None:
    word = token[0]
    if word.startswith("@"):
        if before is not None and before.lastgroup == "string" and before.end() == token.start():
            return None  # a language
        return _Found(
            token.start(),
            f"{_shown(word)} is how Turtle says it, not SPARQL",
            f"write {escape_controls(word[1:].upper())}, without a dot at the end",
        )
    if word.upper() in WORDS | _GLUED:
        return None
    called, near = text[token.end() :].lstrip().startswith("("), nearest_word(word)
    kind = "function" if called and near not in KEYWORDS else "word"
    remedy = "a variable starts with ?, a term has a prefix, a text stands in quotes"
    if near or called:
        remedy = f"did you mean {near}?" if near else "take one that SPARQL 1.1 has"
    return _Found(token.start(), f"SPARQL has no {kind} {_shown(word)}", remedy)


# ---------------------------------------------------------------- what the engine says


def _by_reason(expected: str, known: Tokens, stop: int) -> _Found | None:
    """Return the engine's own words, and what they are about."""
    found = _REASON.search(expected)
    if not found:
        return None
    reason = found[1].strip()
    if reason == "IRI parsing failed":
        return _wrong_iri(known, stop)
    reason = reason[0].lower() + reason[1:] if reason.startswith("The ") else reason
    loose = ", ".join(_not_grouped(known)) if "unbound" in reason else ""
    remedy = next((do for sign, do in _REMEDIES.items() if sign in reason), "mend the query")
    reason = escape_controls(reason) + (f": {loose}" if loose else "")
    return _Found(stop, reason, remedy.format(loose or "it"))


_REMEDIES: Final = {
    "unbound": "group by {}, or count or sample it",
    "overrides": "take a name after AS that the query does not have yet",
    "GROUP BY": "name the variables after SELECT",
}


def _wrong_iri(known: Tokens, stop: int) -> _Found | None:
    terms = [t for t in known if t.lastgroup in ("iri", "name") and t.start() < stop]
    if not terms:
        return None
    last, said = terms[-1].start(), _shown(terms[-1][0])
    based = any(_is(token, "BASE") for token in known)
    if said.startswith("<") and not based and not _SCHEME.match(said, 1):
        remedy = f"begin the query with BASE <{BASE}>, or write the IRI in full"
        return _Found(last, f"{said} is a relative IRI, and there is no base", remedy)
    return _Found(last, f"{said} is no valid IRI", "mend the IRI")


def _not_grouped(known: Tokens) -> list[str]:
    """Return the variables that SELECT names by themselves and GROUP BY does not."""
    depth, alone, grouped, words = 0, [], set(), [""]
    for token in known:
        depth += (token[0] in ("(", "{")) - (token[0] in (")", "}"))
        if token.lastgroup == "word" and depth == 0:
            words.append(token[0].upper())
        elif token.lastgroup == "variable" and depth == 0:
            if words[-1] == "BY" and words[-2] == "GROUP":
                grouped.add(token[0])
            elif words[-1] in ("SELECT", "DISTINCT", "REDUCED"):
                alone.append(token[0])
    return [one for one in dict.fromkeys(alone) if one not in grouped]


# ---------------------------------------------------------------- brackets and names


def _unbalanced(text: str, known: Tokens, stop: int) -> _Found | None:
    """Return a bracket that is not closed, or closes nothing, as far as the engine came."""
    opened: list[re.Match[str]] = []
    for token in known:
        mark = token[0] if token.lastgroup == "mark" else ""
        if mark in ("(", "[", "{"):
            opened.append(token)
        elif opened and opened[-1][0] == _PAIRS.get(mark):
            opened.pop()
        elif mark in _PAIRS:
            if token.start() > stop:
                return None
            what, remedy = f"this {mark} closes nothing", "take it out"
            if any(one[0] == _PAIRS[mark] for one in opened):
                what = f"the {_opening(text, opened[-1])} is not closed before this {mark}"
                remedy = f"add a {_CLOSING[opened[-1][0]]}"
            return _Found(token.start(), f"{_from(text, token.start())}: {what}", remedy)
    if not opened or any(token.start() >= stop for token in known):
        return None
    return _Found(
        stop,
        f"the query breaks off: the {_opening(text, opened[-1])} is not closed",
        f"end it; a {_CLOSING[opened[-1][0]]} is missing",
    )


def _opening(text: str, token: re.Match[str]) -> str:
    line, column = place_of(text, token.start())
    return f"{token[0]} of {line}:{column}"


def _bound_twice(known: Tokens, stop: int) -> _Found | None:
    """Return a BIND that names a variable which its group has already."""
    groups: list[set[str]] = [set()]
    for n, token in enumerate(known):
        if token.start() >= stop:
            break
        if token[0] == "{":
            groups.append(set())
        elif token[0] == "}" and len(groups) > 1:
            inner = groups.pop()
            groups[-1] |= inner
        elif token.lastgroup == "variable":
            name = token[0][1:]
            named = n > 0 and _is(known[n - 1], "AS")
            if named and len(groups) > 1 and name in groups[-1]:
                return _Found(
                    token.start(),
                    f"BIND sets {token[0]}, which this group has already",
                    "take another name after AS",
                )
            groups[-1].add(name)
    return None


# ---------------------------------------------------------------- anything else


def _anywhere(text: str, known: Tokens, stop: int, expected: str) -> _Found:
    words = [one for one in re.split(r", (?![^\[]*\])", expected.replace("\n", " ")) if one]
    words = [one.replace('\\"', '"') for one in words if not one.startswith("[")]
    short = 0 < len(words) <= _MOST_EXPECTED
    hint = f" (the engine expected {' or '.join(words)})" if short else ""
    form = next((t.start() for t in known if t.lastgroup == "word" and t[0].upper() == "SELECT"), 0)
    brace = next((t.start() for t in known if t[0] == "{" and t.start() > form), len(text))
    if form < stop <= brace:
        remedy = "after SELECT stand variables and (expression AS ?name), with blanks between"
    else:
        remedy = "mend the query there or just before"
    if any(token.end() > stop for token in known):
        return _Found(stop, f"{_from(text, stop)}{hint}", remedy)
    if known and known[-1][0] in ("}", ")"):
        return _Found(
            stop,
            f"this is not SPARQL, though its brackets match{hint}",
            "look before this place: a pattern needs a subject, a property and a value, "
            "an operator both its sides",
        )
    return _Found(stop, "the query breaks off", "end it")


def _from(text: str, at: int) -> str:
    rest = text[at:].partition("\n")[0].strip() or text[at:].split()[0]
    return f"this is not SPARQL, from {escape_controls(rest)[:_SHOWN]!r} on"


def _shown(text: str) -> str:
    return escape_controls(text)[:100]
