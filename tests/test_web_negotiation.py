"""Formats that Accept headers get: RFC 9110, sections 12.4 and 12.5.1."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scale import tries

from k20kg.web.http.formats import FORMATS, HTML, OFFERS, Format, choose, format_of

ALL = (HTML, *FORMATS)

TABLE = [
    # nothing asked for: our first offer
    (None, "html"),
    ("", "html"),
    (" , ,", "html"),
    ("*/*", "html"),
    # named
    ("text/turtle", "ttl"),
    ("application/ld+json", "jsonld"),
    ("TEXT/Turtle", "ttl"),
    ("  text/turtle  ", "ttl"),
    ("image/png, text/turtle", "ttl"),
    # weights
    ("text/html;q=0.5, text/turtle;q=0.6", "ttl"),
    ("text/html;q=0.5,text/turtle;q=0.499", "html"),
    ("text/html;Q=0.2, application/n-quads ; q=0.3", "nq"),
    ("text/html;q=0.001, text/turtle;q=0.000", "html"),
    ("text/html;q=1.000, text/turtle;q=1.", "html"),
    # q=0 refuses
    ("text/html;q=0", None),
    ("text/html;q=0, */*", "ttl"),
    ("*/*;q=0", None),
    ("*/*;q=0, application/trig", "trig"),
    ("text/*;q=0, */*;q=0.1", "nt"),
    ("*/*, application/*;q=0, text/html;q=0.0", "ttl"),
    # wildcards and how specific they are
    ("application/*", "nt"),
    ("text/*, text/html;q=0.1", "ttl"),
    ("*/*;q=0.9, text/*;q=0.1, text/turtle;q=0.5", "nt"),
    ("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "html"),
    # of equal weight: the one that is named, then our order
    ("*/*, application/rdf+xml", "rdf"),
    ("application/trig, application/n-triples", "nt"),
    ("text/turtle, text/html", "html"),
    ("text/*, application/*", "html"),
    # parameters
    ("text/turtle;charset=utf-8", "ttl"),
    ('text/turtle; charset="UTF-8" ;q=0.9', "ttl"),
    ("text/turtle;charset=latin-1", None),
    ("text/html;level=1", None),
    ("text/html;level=1, text/html;q=0.4, text/turtle;q=0.5", "ttl"),
    ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
    ("text/turtle;version=1.1", "ttl"),
    ("text/turtle;charset=utf-8;q=0.2, text/turtle;q=0.9, text/html;q=0.5", "html"),
    ("text/turtle;q=0.7;ext=1, text/html;q=0.6", "ttl"),
    ("text/turtle;;q=0.4", "ttl"),
    ('text/turtle;note="a, text/html;q=0.9, b", application/trig;q=0.1', "trig"),
    # malformed parts are passed over
    ("text", "html"),
    ("text/, text/turtle", "ttl"),
    ("/turtle, application/trig", "trig"),
    ("*/turtle, application/trig", "trig"),
    ("text/turtle;q=2, application/trig;q=0.1", "trig"),
    ("text/turtle;q=-1, application/trig;q=0.1", "trig"),
    ("text/turtle;q=0.1234, application/trig;q=0.1", "trig"),
    ("text/turtle;q=high, application/trig;q=0.1", "trig"),
    ("text/turtle;q, application/trig;q=0.1", "trig"),
    ("text/turtle;q = 1, application/trig;q=0.1", "trig"),
    ("text/tur tle, application/trig;q=0.1", "trig"),
    ('text/turtle;a="open, application/trig;q=0.1', "trig"),
    ("text/turtle\x00, application/trig;q=0.1", "trig"),
    ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "html"),
    ("\x00\xff", "html"),
    # nothing that we have
    ("image/png", None),
    ("image/*, audio/ogg;q=0.3", None),
    # what browsers and libraries send
    ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "html"),
    ("text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,*/*;q=0.3", "ttl"),
    ("application/ld+json, application/json;q=0.9, */*;q=0.1", "jsonld"),
    ("application/rdf+xml, application/xml; q=0.7, text/plain; q=0.1, */*; q=0.09", "rdf"),
]


@pytest.mark.parametrize(("accept", "key"), TABLE, ids=lambda value: repr(value)[:60])
def test_a_header_gets_the_format_that_it_likes_best(accept: str | None, key: str | None) -> None:
    found = choose(accept, ALL)
    assert (found and found.key) == key


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.key)
def test_each_format_is_had_by_its_name_alone(form: Format) -> None:
    assert choose(form.media_type, ALL) is form
    assert choose(f"*/*;q=0.1, {form.media_type}", ALL) is form
    assert choose(f"{form.media_type};q=0, image/png", ALL) is None


@pytest.mark.parametrize("alias", OFFERS[len(ALL) :], ids=lambda form: form.media_type)
def test_other_names_of_a_format_lead_to_it(alias: Format) -> None:
    found = choose(alias.media_type, OFFERS)
    assert found is not None
    assert format_of(found.key) in ALL


def test_who_takes_anything_gets_turtle() -> None:
    for accept in (None, "*/*", "text/*"):
        found = choose(accept, OFFERS)
        assert found is FORMATS[0]


def test_a_browser_gets_a_page() -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert choose(accept, OFFERS) is HTML


# ---------------------------------------------------------------- a generated matrix


@dataclass(frozen=True)
class Part:
    """One part of a header, and what it means; `mess` is one that means nothing."""

    kind: str
    subtype: str
    thousandths: int | None
    before: str
    after: str
    mess: str = ""

    def __str__(self) -> str:
        if self.mess:
            return self.mess
        weight = ""
        if self.thousandths is not None:
            number = f"{self.thousandths / 1000:.3f}"
            weight = f"{self.after};{self.before}q={number}"
        return f"{self.before}{self.kind}/{self.subtype}{weight}{self.after}"


KINDS = st.sampled_from([tuple(form.media_type.split("/")) for form in ALL])
RANGES = st.one_of(
    KINDS,
    st.sampled_from([("*", "*"), ("text", "*"), ("application", "*"), ("image", "*")]),
    st.sampled_from([("image", "png"), ("text", "plain"), ("Text", "HTML"), ("TEXT", "*")]),
)
SPACE = st.sampled_from(["", " ", "\t", "  "])
WEIGHTS = st.one_of(st.none(), st.sampled_from([0, 1000, 500]), st.integers(0, 1000))
MESS = [
    "",
    " ",
    "text",
    "*/html",
    "text/turtle;q=1.5",
    "text/html;q=0.5555",
    "a b/c",
    "/",
    "text/html;=1",
]
GOOD = st.builds(
    lambda range_, q, before, after: Part(range_[0], range_[1], q, before, after),
    RANGES,
    WEIGHTS,
    SPACE,
    SPACE,
)
PARTS = st.one_of(
    GOOD, st.builds(lambda mess: Part("", "", None, "", "", mess or " "), st.sampled_from(MESS))
)


def expected(parts: list[Part], offers: tuple[Format, ...]) -> Format | None:
    """Return the format that RFC 9110 asks for, worked out from the meaning of the parts."""
    meant = [part for part in parts if not part.mess]
    if not meant:
        return offers[0]
    scores = []
    for place, offer in enumerate(offers):
        kind, subtype = offer.media_type.split("/")
        fits = []
        for part in meant:
            wanted = (part.kind.lower(), part.subtype.lower())
            rank = {(kind, subtype): 2, (kind, "*"): 1, ("*", "*"): 0}.get(wanted)
            if rank is not None:
                fits.append((rank, 1000 if part.thousandths is None else part.thousandths))
        if fits and max(fits)[1] > 0:
            rank, weight = max(fits)
            scores.append((-weight, -rank, place, offer))
    return min(scores)[3] if scores else None


@settings(max_examples=tries(sample=150, prove=1500), deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=6), st.permutations(ALL))
def test_a_generated_header_gets_what_the_standard_says(
    parts: list[Part], offers: list[Format]
) -> None:
    header = ",".join(map(str, parts))
    assert choose(header, offers) is expected(parts, tuple(offers)), header


@settings(max_examples=tries(sample=100, prove=500), deadline=None)
@given(st.text(max_size=200))
def test_no_text_at_all_is_too_much(header: str) -> None:
    found = choose(header, ALL)
    assert found is None or found in ALL


@settings(max_examples=tries(sample=100, prove=300), deadline=None)
@given(st.lists(GOOD, min_size=1, max_size=4), st.text(alphabet='",;=/*q01. \\a', max_size=30))
def test_what_is_malformed_at_the_end_takes_nothing_from_the_start(
    parts: list[Part], tail: str
) -> None:
    """A refused format stays refused unless the tail names it."""
    header = ",".join(map(str, parts))
    if "/" not in tail:
        assert choose(f"{header},{tail}", ALL) is choose(header, ALL)


def test_a_long_header_is_read_in_no_time() -> None:
    import time

    begin = time.perf_counter()
    for header in ('"' * 30_000, "a/b;" * 8_000, "*/*;q=0.1," * 3_000, 'a/b;c="' * 4_000):
        choose(header, ALL)
    assert time.perf_counter() - begin < 2
