"""Damaged files: judged as what a strict parser of its own reads in them, else refused.

A byte is flipped, a line is dropped, or the file gets the name of another syntax. Where rdflib,
strict, reads a graph, the verdict is that on the graph written cleanly; where it does not, there
is none. `make test` damages a sample of them.

rdflib takes more for legal than the standards do; where it does, and we refuse, `LENIENT` says so.
"""

from __future__ import annotations

import io
import json
import logging
import random
import warnings
from functools import cache
from pathlib import Path

import pytest
import rdflib
from records import RIVER, quads_of, written
from scale import tries

from k20kg.errors import K20Error
from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge

COUNT = tries(sample=60, prove=2000)
KINDS = {
    "ttl": "turtle",
    "nt": "nt",
    "nq": "nquads",
    "trig": "trig",
    "rdf": "xml",
    "jsonld": "json-ld",
}
LENIENT = {
    "jsonld": {
        "part of the JSON-LD says nothing": "drops what no context maps, and what is relative",
        "objects with @value cannot contain": "drops what looks like a keyword",
    },
    "rdf": {
        "unexpected text event": "passes over text between elements",
        "XML namespaces are required": "takes an element that is in no namespace",
    },
    "ttl": {
        "it looks like binary data": "takes a NUL for a blank",
        "a control character": "takes one in an IRI",
        ". is not a valid RDF object": "takes a local name that begins with a dot",
        "; is not a valid predicate": "takes a semicolon where a property has to stand",
        "unexpected escape character": "takes an escape that there is none of",
        "nothing is said of": "takes a name of which nothing is said",
    },
    "nt": {"unexpected escape character": "takes an escape that there is none of"},
}
LENIENT |= {"trig": LENIENT["ttl"], "nq": LENIENT["nt"]}


@cache
def judge() -> Judge:
    return Judge(["as-applied"], evidence=False)


@cache
def whole(ending: str) -> bytes:
    """Return the sound record in the syntax of an ending, a statement or so a line."""
    if ending in ("ttl", "trig"):
        return RIVER.encode()
    data = written(quads_of(RIVER), ending)
    return json.dumps(json.loads(data), indent=1).encode() if ending == "jsonld" else data


def damaged(number: int) -> tuple[str, str, bytes]:
    """Return ending, ending that a syntax has, and bytes of a damaged file, the same each time."""
    chance = random.Random(number)
    kind = chance.choice(list(KINDS))
    ending = kind
    data = bytearray(whole(kind))
    how = chance.choice(["byte", "byte", "sign", "line", "name"])
    at = chance.randrange(len(data))
    if how == "byte":
        data[at] ^= 1 << chance.randrange(8)
    elif how == "sign":
        sign = chance.choice([b"", b'"', b"<", b">", b".", b";", b"\\", b" ", b"#", b"e", b"1"])
        data[at : at + 1] = sign
    elif how == "line":
        lines = bytes(data).splitlines(keepends=True)
        del lines[chance.randrange(len(lines))]
        data = bytearray(b"".join(lines))
    else:
        ending = chance.choice([*KINDS, "txt", "ttl.bak"])
        kind = ending if ending in KINDS else kind
    return ending, kind, bytes(data)


def outcome(path: Path) -> tuple[list[str], str]:
    """Return the verdicts on the cases of a file; or none, and why it is refused."""
    try:
        found = [a for case in read_cases([path]) for a in judge().assess(case)]
    except K20Error as fault:
        return [], str(fault)
    return [f"{a.case} {f.criterion.code} {f.verdict.value}" for a in found for f in a.findings], ""


def independently(kind: str, data: bytes, folder: Path) -> list[str]:
    """Return the verdicts on the graph that rdflib reads, written cleanly; none if it does not."""
    named = rdflib.Dataset(default_union=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = data.decode("utf-8")
            named.parse(io.BytesIO(text.encode()), format=KINDS[kind], publicID="x-relative:/")
            lines = sorted({f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o, _ in named.quads()})
    except Exception:
        return []  # rdflib has a fault of its own kind for everything
    clean = folder / "clean.ttl"
    clean.write_text("\n".join(lines), encoding="utf-8")
    return [] if "x-relative:" in "".join(lines) else outcome(clean)[0]


def difference(number: int, folder: Path) -> tuple[bool, str]:
    """Return whether a damaged file is judged, and in what its verdicts are not the right ones."""
    ending, kind, data = damaged(number)
    path = folder / f"case.{ending}"
    path.write_bytes(data)
    (ours, why), theirs = outcome(path), independently(kind, data, folder)
    if ours == theirs or any(said.lower() in why.lower() for said in LENIENT.get(kind, ())):
        return bool(ours), ""
    return bool(ours), f"{number} {ending}: {ours or why} and not {theirs}"


def test_a_damaged_file_is_judged_as_what_it_says_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # it makes false of what is no boolean
    logging.getLogger("rdflib").setLevel(logging.CRITICAL)
    found = [difference(number, tmp_path) for number in range(COUNT)]
    assert [told for _, told in found if told] == []
    assert {judged for judged, _ in found} == {True, False}
