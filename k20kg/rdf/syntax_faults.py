"""Fault where a parser of Turtle or its kin stopped: the character, the cause, the cure.

The parser says what it could not read. What its writer did is mostly something else: a curly
quote mark, a no-break space, a semicolon left out. That is looked for in the text around.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from k20kg.rdf.characters import QUOTES, described, fault_of, is_odd
from k20kg.vocabulary import PREFIXES

_TOKEN: Final = re.compile(
    r"""\#[^\n]*
    | \"{3}(?:[^"\\]|\\.|"(?!""))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
    | \"{3} | '{3} | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'
    | <[^<>"{}|^`\\\s]*> | ["'<] | [;,()\[\]{}]
    | \.(?=[\s#]|$)
    | [^\s;,()\[\]{}"'<\#]+?(?=\.?(?:[\s;,()\[\]{}"'<\#]|$))
    """,
    re.X | re.S | re.A,
)
_REACH: Final = 1_000_000  # characters on either side of a place that are looked at
_CLOSING: Final = {"[": "]", "(": ")", "{": "}"}
_OPENING: Final = {closing: opening for opening, closing in _CLOSING.items()}
_NO_VALUES: Final = {
    **dict.fromkeys(("true", "yes"), "write true, in small letters"),
    **dict.fromkeys(("false", "no"), "write false, in small letters"),
    **dict.fromkeys(
        ("null", "none", "nil", "n/a", "na", "unknown"),
        "leave the property out where nothing is known",
    ),
}


_DATE: Final = "a date stands here without quotes"
_SIGNS: Final = (
    ("", ">", "the > closes no address", "put < before the address, or take the > out"),
    ("", r"\^", "one ^ stands here", 'write ^^ before the datatype: "2.5"^^xsd:decimal'),
    (r"\b\d{4}-\d\d$", r"-\d\d", _DATE, 'write it as "2004-09-01"^^xsd:date'),
    (r"\b\d{4}$", r"-\d\d-\d\d", _DATE, 'write it as "2004-09-01"^^xsd:date'),
    (r"\b\d{4}$", r"-\d\d", _DATE, 'write it as "2004-09"^^xsd:gYearMonth'),
    ("", r"&(?:lt|gt|amp|quot|#\d+);", "{} is a sign of HTML", "write the character itself"),
    (
        *(r"(?:^|[\W_])$", r"[=:|]?[=>|](?=\s)|:(?=\s)", "{} is no sign of Turtle"),
        "write a blank after a property, ; between properties",
    ),
    (r"\d$", "%", "a number and % are no value", "leave the % out, or write it in quotes"),
    (
        *(r"[^\W_]$", r"[&/(%=!?$*+~|]", "a {} stands in a name, where none may stand"),
        r"write \{}, or the whole address in <…>",
    ),
)
"""Text before, text here, fault, and remedy."""

_Words = tuple[str, str]
"""Fault at the place, which a rule may move, and remedy."""


class Explained(NamedTuple):
    """A fault in words; `line` and `column` begin at 1."""

    line: int
    column: int
    what: str
    remedy: str


def explain(text: str, syntax: str, line: int, column: int, error: str) -> Explained | None:
    """Return what is wrong in Turtle, TriG, N-Triples or N-Quads; None if nobody can say.

    `line` and `column` are where the parser stopped, and `error` is what it says.
    """
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    at = min(start + column - 1, len(text))
    begin = text.rfind("\n", 0, max(0, at - _REACH)) + 1
    found = _Place(text[begin : at + _REACH], syntax, at - begin, error).explained()
    return found and found._replace(line=found.line + text.count("\n", 0, begin))


class _Place:
    """A place in a text, with the tokens around it."""

    def __init__(self, text: str, syntax: str, at: int, error: str) -> None:
        self.text, self.syntax, self.at, self.error = text, syntax, at, error
        tokens = [m for m in _TOKEN.finditer(text) if not m[0].startswith("#")]
        self.before = [m for m in tokens if m.end() <= self.at]
        self.after = [m for m in tokens if m.end() > self.at][:12]
        self.last = self.before[-1][0] if self.before else ""
        self.token = self.after[0][0] if self.after else ""
        self.unclosed = next((m for m in tokens if m[0] in ('"', "'", '"""', "'''")), None)

    def explained(self) -> Explained | None:
        for rule in (
            self._comment, self._unclosed, self._odd, self._prefix, self._bracket, self._plain,
            self._sign, self._early_dot, self._dot, self._nothing, self._word, self._cut_off,
        ):  # fmt: skip
            if found := rule():
                column = self.at - self.text.rfind("\n", 0, self.at)
                return Explained(self._line(self.at), column, *found)
        return None

    def _line(self, where: int) -> int:
        return self.text.count("\n", 0, where) + 1

    def _unclosed(self) -> _Words | None:
        """A text or an address that is opened and not closed."""
        char = re.search(r"Invalid IRI code point '(.)'", self.error, re.S)
        cut = "Unexpected end of file" in self.error and self.token.startswith("<")
        if cut or (char and char[1] in "\n\r<"):
            return "the address that begins here is not closed", "put a > after it, without a blank"
        if char:
            self.at = self.text.index(char[1], self.at)
            remedy = "no blanks, quotes, braces or control characters may stand in one"
            return f"{described(char[1])} stands in the address", f"mend the IRI: {remedy}"
        if not self.unclosed or not re.search("end of file|Line jump", self.error):
            return None
        mark, self.at = self.unclosed[0], self.unclosed.start()
        start = self.at
        rest = self.text[start + len(mark) :].partition("\n")[0]
        what = f"the text that begins here with {mark} is not closed"
        if curly := next((c for c in rest if c in QUOTES), ""):
            what += f": {described(curly)} does not close it"
            return what, 'write straight quote marks, " (U+0022), before it and after it'
        if mark == "'" and self.text[start - 1 : start].isalnum():
            what = "a ' stands in a name, where none may stand"
            return what, "leave it out, or write the whole address in <…>"
        if not self.text[start:].partition("\n")[2].strip():
            what = f"unexpected end: {what}"
            return what, f"the file seems to be cut off: get all of it, or put {mark} at the end"
        lines = "" if len(mark) == 3 else '; a text of several lines stands between """ and """'
        return what, f"put {mark} after its last word{lines}"

    def _odd(self) -> _Words | None:
        """A character that no keyboard for Turtle has: at the place, in its token, or before it."""
        ahead = [m for m in self.after[:1] if m.start() >= self.at]
        words = [m for m in (*ahead, *self.before[-1:]) if m[0][0] not in "\"'<"]
        gap = self.before[-1].end() if self.before else 0
        here = (self.at, min(self.at + 1, len(self.text)))
        for start, end in (here, *(m.span() for m in words), (gap, self.at)):
            for where in range(start, end):
                if is_odd(self.text[where]):
                    return self._odd_at(where)
        return None

    def _odd_at(self, where: int) -> _Words:
        self.at, char = where, self.text[where]
        bare = _TOKEN.sub(lambda m: "" if m[0][0] in "#\"'<" else m[0], self.text)
        what, remedy = fault_of(self.text, where)
        if others := bare.count(char) - 1:
            what += f", and at {others} other place{'s' if others > 1 else ''}"
            remedy += ", and everywhere in the file"
        return what, remedy

    def _comment(self) -> _Words | None:
        for mark in ("//", "/*", "<!--", "--", "%%", "*/", "-->"):
            if (
                self.text.startswith(mark, self.at)
                and not self.text[self.at - 1 : self.at].isalnum()
            ):
                what = f"{mark} begins no comment here"
                return what, "begin each line of a comment with #"
        return None

    def _prefix(self) -> _Words | None:
        if "PREFIX declaration should" in self.error or "BASE declaration should" in self.error:
            what = "this declares no prefix"
            return what, "write it as in @prefix k20: <https://w3id.org/k20kg/ontology#> ."
        if not (match := re.search(r"The prefix (\S*): has not been declared", self.error)):
            return None
        name = match[1]
        if name.lower() in ("http", "https", "urn", "mailto", "ftp", "doi", "file"):
            address = re.match(r"[^\s;,<>]*[^\s;,<>.]", self.text[self.at :])
            shown = address[0] if address else name
            return f"the address {shown} stands without < and >", f"write <{shown}>"
        what = f"the prefix {name}: has not been declared"
        known = set(re.findall(r"(?i)\bprefix\s+([^\s:]*):", self.text))
        near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
        line = f"@prefix {name}: <{PREFIXES.get(name, '…')}> ."
        meant = f" (did you mean {near[0]}:?)" if near and name not in PREFIXES else ""
        return what, f"declare the prefix at the top of the file: {line}{meant}"

    def _bracket(self) -> _Words | None:
        """A bracket that is not closed, or closes nothing."""
        opened = []
        for match in self.before:
            if match[0] in _CLOSING:
                opened.append(match)
            elif match[0] in _OPENING and opened:
                opened.pop()
        closing, inner = self.token, opened[-1] if opened else None
        if closing in _OPENING and (not inner or inner[0] != _OPENING[closing]):
            if not inner or (inner[0] == "{" and self.token != "}"):
                return f"the {closing} closes nothing", "take it out, or open it before"
            what = f"the {inner[0]} of line {self._line(inner.start())} is not closed before this"
            return what, f"close it, or take the {closing} out"
        ends = closing == "." or "nexpected end" in self.error or "should end with" in self.error
        if inner and ends and (inner[0] != "{" or not closing):
            what = f"the {inner[0]} of line {self._line(inner.start())} is not closed"
            return what, f"put a {_CLOSING[inner[0]]} before this; or the file is cut off"
        return None

    def _plain(self) -> _Words | None:
        """Return the fault of Turtle syntax in N-Triples or N-Quads."""
        if self.syntax not in ("ntriples", "nquads") or "must be an IRI" not in self.error:
            return None
        if self.token in (";", ",", "[", "(") or re.match(r"[\w.-]*:|[\w+-]", self.token):
            name = "N-Triples" if self.syntax == "ntriples" else "N-Quads"
            remedy = 'write each statement in full, <…> <…> <…> . or <…> <…> "…" . on a line'
            remedy += "; if it is Turtle, name the file *.ttl"
            return f"{name} does not have {self.token}", remedy
        return None

    def _sign(self) -> _Words | None:
        """A wrong sign in or after a name, a text or a number."""
        left, here = self.text[max(0, self.at - 20) : self.at], self.text[self.at :][:20]
        if "escape" in self.error:
            what = "a \\ stands here, and what follows it is no escape"
            return what, r"write \\ for the character \, or / in a path"
        if re.search("language|subtag", self.error) or re.search(r"@[A-Za-z]+_$", left + here[:1]):
            what = "the language of a text is not written so"
            return what, "write it as in @en or @en-US"
        for before, sign, what, remedy in _SIGNS:
            if re.search(before, left) and (found := re.match(sign, here)):
                return what.format(found[0]), remedy.format(found[0])
        return None

    def _early_dot(self) -> _Words | None:
        """A value where a property has to stand, after a dot and a name on a line that goes on."""
        if "not a valid predicate" not in self.error or [m[0] for m in self.before[-2:-1]] != ["."]:
            return None
        dot, name = self.before[-2:]
        if not re.fullmatch(r"[ \t]*\n[ \t]+", self.text[dot.end() : name.start()]):
            return None
        line = self._line(dot.start())
        what = f"the dot in line {line} ended the statement that goes on with {_short(name[0])}"
        return what, f"write ; in place of the dot in line {line}"

    def _dot(self) -> _Words | None:
        """A statement that goes on where it should end."""
        value = "subject" in self.error and re.match(r"[\"'\d+-]", self.token)
        ends = re.search("dot is exp|by a dot|'.' is exp", self.error)
        if not self.before or not (ends or (value and self.last not in (".", "{", "}"))):
            return None
        term = self.last
        if term.startswith(("@", "^^")) and len(self.before) > 1:
            term = self.before[-2][0] + term
        end = f"after {_short(term)} in line {self._line(self.before[-1].end())}"
        words = list(self._words_ahead())
        heads = [m[0].lower() for m in self.before[-3:]]
        if any(h in ("@prefix", "@base") for h in heads):
            return f"a dot is expected {end}", "end the declaration with a dot"
        turned, line = self.before[-2:][0], self._line(self.before[-1].start())
        if turned[0] == "," and line == self._line(self.at):
            place = self._line(turned.start())
            what = f"{_short(self.token)} stands where the value has ended"
            return what, f"write ; in place of the comma in line {place}"
        starts = self.token.lower() in ("", "@prefix", "@base", "prefix", "base", "graph")
        if starts or len(words) > 2 or self.syntax in ("ntriples", "nquads"):
            return f"a dot is expected {end}", "end the statement before it with a dot"
        missing = ";" if len(words) == 2 else ","
        what = f"a {missing} is missing {end}, or a dot is expected there"
        between = "properties" if missing == ";" else "values"
        return what, f"put {missing} between {between}, and a dot at the end"

    def _words_ahead(self) -> Iterator[str]:
        """Yield the terms from the place to the next sign between terms."""
        for match in self.after:
            if match[0] in (";", ",", ".", "]", ")", "}", "{"):
                return
            if not match[0].startswith(("@", "^^")) or match[0].lower() in ("@prefix", "@base"):
                yield match[0]
            if match[0] in ("[", "("):
                return

    def _nothing(self) -> _Words | None:
        """A ; , . or ] where a term should stand."""
        if self.token not in (";", ",", ".", "]", ")"):
            return None
        terms: list[str] = []
        mark: re.Match[str] | None = None
        for match in reversed(self.before):
            if match[0] in (";", ",", ".", "[", "(", "{", "}"):
                mark = match
                break
            if not match[0].startswith(("@", "^^")):
                terms.append(match[0])
        if self.token == "." and terms and "prefix" in (t.lower() for t in terms):
            return "PREFIX without @ takes no dot", "write @prefix, or take the dot out"
        if "subject" in self.error and mark and mark[0] == "." and not terms:
            line = self._line(mark.start())
            what = f"a {self.token} follows the dot that ended the statement in line {line}"
            return what, "take that dot out; a number is written 4.0 or 4, not “4.”"
        if "object" in self.error and mark and mark[0] == "." and len(terms) == 2:
            line = self._line(mark.start())
            what = f"a statement of two terms only, {' '.join(map(_short, reversed(terms)))}"
            return what, f"write ; in place of the dot in line {line}, or add what is missing"
        if "object" in self.error and terms:
            what = f"the property {_short(terms[0])} has no value"
            return what, "write a value before this, or take the property out"
        if "object" in self.error and mark and mark[0] == ",":
            return "no value follows the comma", "take the comma out, or add a value"
        if "predicate" in self.error and terms:
            return f"nothing is said of {_short(terms[0])}", "add a property and a value"
        return None

    def _word(self) -> _Words | None:
        """A bare word where a name, a text or a number should stand."""
        word = self.token
        if "not a valid" not in self.error and "must be" not in self.error:
            return None
        if "subject" in self.error and word[:1] in ('"', "'"):
            return "a text stands where a statement begins", "begin it with a name"
        if word.lower() in ("@prefix", "@base"):
            return f"{word} is not written so", f"write {word.lower()}, in small letters"
        if not re.fullmatch(r"[\w.+-]+", word) or not re.search("[A-Za-z]", word):
            return None
        if self.last[:1] in ('"', "'") and self.before[-1].end() == self.at:
            mark = self.last[0]
            what = f"a text has ended here, at the {mark} before {word}"
            remedy = f"write \\{mark} within a text, and one {mark} at its end"
            return what, f"{remedy}; is a quote mark missing in line {self._line(self.at)}?"
        mark = self.text[self.after[0].end()] if self.after[0].end() < len(self.text) else ""
        if mark in ('"', "'"):
            return f"the text {word}{mark} has no {mark} before it", f"put {mark} before it"
        if word == "a" and "subject" in self.error:
            what = "a statement begins with a, and does not say of what"
            return what, "write the name of what is described before it"
        if cure := _NO_VALUES.get(word.lower()):
            return f"{word} is no value", cure
        what = f"the word {word} has neither a prefix nor quotes"
        remedy = (
            f'write it as a name with its prefix, k20:{word} or :{word}, or as a text, "{word}"'
        )
        return what, remedy + "; no blank may stand in a name"

    def _cut_off(self) -> _Words | None:
        what = "unexpected end: the last statement has no dot"
        remedy = "the file seems to be cut off: get all of it, or end it with a dot"
        return (what, remedy) if "nexpected end" in self.error else None


def _short(token: str) -> str:
    return token if len(token) <= 40 else f"{token[:37]}…"
