"""Bad input is refused with file, place and remedy; nothing beyond the machine is touched."""

from __future__ import annotations

import gzip
import io
import os
import re
import socket
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from k20kg import errors
from k20kg.errors import InputError, K20Error, RecordError, RemoteError
from k20kg.judging.cases import Case, read_cases
from k20kg.rdf.syntax import parse_text
from k20kg.vocabulary import K20, RDF_TYPE

SYNTAX = sorted((Path(__file__).parent / "bad-input" / "syntax").iterdir())
GROUP = f"<https://w3id.org/k20kg/case/a> a <{K20}CandidateGroup> .\n"
RDF_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:k="urn:k#">{}</rdf:RDF>'
)
GROUP_XML = (
    f"<rdf:Description rdf:about='urn:a'><rdf:type rdf:resource='{K20}CandidateGroup'/>"
    "{}</rdf:Description>"
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


def refusal(
    *sources: Path | str, stdin: bytes | None = None, syntax: str | None = None
) -> K20Error:
    """Return the error that reading these sources, to the last statement, raises."""
    stream = None if stdin is None else io.BytesIO(stdin)
    with pytest.raises(K20Error) as caught:
        _read_to_the_last_statement(read_cases(sources, stdin=stream, syntax=syntax))
    error = caught.value
    assert error.what
    assert error.where
    assert error.remedy
    assert str(error) == f"{error.where}: {error.what}; {error.remedy}"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]|Traceback|Error\(", str(error))
    return error


def _read_to_the_last_statement(cases: Iterable[Case]) -> None:
    for case in cases:
        assert case.quads is not None


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_there_are_fixtures() -> None:
    assert len(SYNTAX) >= 15


@pytest.mark.parametrize("path", SYNTAX, ids=lambda p: p.stem)
def test_a_faulty_file_is_told_with_place_and_remedy(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    kind, *fragments = first.removeprefix("# expect: ").split(" | ")
    error = refusal(path)
    assert type(error) is getattr(errors, kind)
    assert error.where.startswith(str(path))
    for fragment in fragments:
        assert fragment in str(error)


def test_a_missing_file_is_told_with_what_was_perhaps_meant(tmp_path: Path) -> None:
    write(tmp_path / "lamsig.ttl", GROUP)
    error = refusal(tmp_path / "lamsgi.ttl")
    assert type(error) is InputError
    assert "no such file" in error.what
    assert f"did you mean {tmp_path / 'lamsig.ttl'}?" in error.remedy
    assert "does not exist" in refusal(tmp_path / "nowhere" / "lamsig.ttl").remedy
    assert "check the path" in refusal(tmp_path / "quite-other.trig").remedy


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.ttl", b"", "the file is empty"),
        ("blank.ttl", b" \n\n", "nothing but blanks"),
        ("picture.ttl", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG picture"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG picture"),
        ("sheet.ttl", b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", "Office document"),
        ("paper.ttl", b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        ("page.ttl", b"<!DOCTYPE html>\n<html><body>no</body></html>", "an HTML page"),
        ("page.rdf", b"<html><body>no</body></html>", "an HTML page"),
        ("page.html", b"<!DOCTYPE html><html></html>", "an HTML page"),
        ("table.csv", b"case,verdict\nlamsig,met\nother,met\n", "comma-separated"),
        ("table.ttl", b"case\tverdict\nlamsig\tmet\n", "tab-separated"),
        ("feed.xml", b'<?xml version="1.0"?><feed><entry/></feed>', "XML that is not RDF/XML"),
        ("notes.txt", b"The group met twice a month.", "which RDF syntax"),
        ("random.ttl", bytes(range(256)) * 4, "binary data"),
        ("zeros.ttl", b"\0" * 4096, "binary data"),
    ],
)
def test_what_is_no_rdf_is_told_what_it_looks_like(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    error = refusal(write(tmp_path / name, content))
    assert type(error) is InputError
    assert said in error.what
    assert name in error.where


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_named(encoding: str, tmp_path: Path) -> None:
    error = refusal(write(tmp_path / "case.ttl", GROUP.encode(encoding)))
    assert type(error) is InputError
    assert "UTF-" in error.what or "binary" in error.what
    if encoding == "utf-16":
        assert "save it as UTF-8" in error.remedy


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (case,) = read_cases([write(tmp_path / "case.ttl", b"\xef\xbb\xbf" + GROUP.encode())])
    assert len(case.quads) == 1


def test_broken_utf8_is_told_with_line_and_byte(tmp_path: Path) -> None:
    data = GROUP.encode() + b'<urn:a> <urn:b> "Universit\xe9" .\n'
    error = refusal(write(tmp_path / "case.ttl", data))
    assert type(error) is InputError
    assert error.where == f"{tmp_path / 'case.ttl'}:2"
    assert f"byte {data.index(0xE9)} (0xe9) is not UTF-8" in error.what
    assert "save the file as UTF-8" in error.remedy


@pytest.mark.parametrize("end", range(1, 60, 7))
def test_truncated_turtle_is_never_taken_for_whole(end: int, tmp_path: Path) -> None:
    text = f'{GROUP}<urn:a> <urn:b> "a label", "another" ; <urn:c> [ <urn:d> 1 ] , ( 1 2 ) .'
    path = write(tmp_path / "case.ttl", text[:-end])
    error = refusal(path)
    assert re.match(rf"{re.escape(str(path))}:\d+:\d+$", error.where)
    assert "no Turtle" in error.what


def test_an_unreadable_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "case.ttl", GROUP)

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    error = refusal(path)
    assert "you may not read this" in error.what


def test_a_folder_without_rdf_is_told(tmp_path: Path) -> None:
    write(tmp_path / "README.md", "# nothing")
    error = refusal(tmp_path)
    assert type(error) is InputError
    assert "holds no RDF" in error.what
    assert ".ttl" in error.remedy


def test_a_folder_that_mixes_cases_and_parts_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.ttl", GROUP)
    write(tmp_path / "b.ttl", GROUP.replace("case/a", "case/b"))
    part = write(tmp_path / "part.ttl", "<urn:a> <urn:b> <urn:c> .")
    error = refusal(tmp_path)
    assert type(error) is RecordError
    assert str(part) in error.what
    assert "folder of their own" in error.remedy
    write(part, GROUP + "<urn:a> <urn:b> <urn:c> .")
    assert "both describe case/a" in refusal(tmp_path).what


def test_one_part_of_a_case_is_told_to_come_with_the_others(tmp_path: Path) -> None:
    path = write(tmp_path / "slides.trig", f"<urn:g> <{K20}recordOf> <urn:a> .")
    assert "give the folder with all its files" in refusal(path).remedy


def test_nothing_on_standard_input_is_told() -> None:
    error = refusal("-", stdin=b"")
    assert (error.where, error.what) == ("<stdin>", "nothing came in")


def test_a_broken_gzip_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(GROUP.encode() * 50)
    assert "no whole gzip file" in refusal(write(tmp_path / "a.ttl.gz", whole[:-9])).what
    assert "no whole gzip file" in refusal(write(tmp_path / "b.ttl.gz", GROUP)).what


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k20kg.sources.documents._LARGEST_MIB", 1)
    bomb = gzip.compress(b"# nothing\n" * 300_000)
    assert "larger than 1 MiB" in refusal(write(tmp_path / "bomb.ttl.gz", bomb)).what


# ---------------------------------------------------------------- nothing is fetched


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": "https://example.org/context", "@id": "urn:a", "x": "y"}',
        '{"@context": [{"x": "urn:x"}, "https://example.org/context"], "@id": "urn:a"}',
        '{"@context": {"@import": "https://example.org/context"}, "@id": "urn:a"}',
        '{"@context": {"x": {"@id": "urn:x", "@context": "https://example.org/context"}}}',
        '[{"@graph": [{"@context": "https://example.org/context", "@id": "urn:a"}]}]',
        '{"\\u0040context": "https://example.org/context", "@id": "urn:a", "x": "y"}',
    ],
)
def test_a_json_ld_context_is_never_fetched(text: str, tmp_path: Path) -> None:
    error = refusal(write(tmp_path / "case.jsonld", text))
    assert type(error) is RemoteError
    assert "https://example.org/context" in error.what
    assert "write that context into the file" in error.remedy


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rdf:RDF SYSTEM "https://example.org/rdf.dtd">',
        '<!DOCTYPE rdf:RDF PUBLIC "-//W3C//DTD" "https://example.org/rdf.dtd">',
        '<!DOCTYPE rdf:RDF [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rdf:RDF [<!ENTITY e PUBLIC "x" "https://example.org/e">]>',
        '<!DOCTYPE rdf:RDF [<!ENTITY % e SYSTEM "https://example.org/e"> %e;]>',
        '<!DOCTYPE rdf:RDF\n  [\n<!ENTITY e\n  SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_external_entities_are_never_fetched(doctype: str, tmp_path: Path) -> None:
    text = doctype + RDF_XML.format(GROUP_XML.format("<k:said>&e;</k:said>"))
    error = refusal(write(tmp_path / "case.rdf", text))
    assert type(error) is RemoteError
    assert "nothing is fetched" in error.what
    assert "write its content in full" in error.remedy
    assert "root:" not in str(error)


def test_a_billion_laughs_are_refused_at_once(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE rdf:RDF [<!ENTITY l0 "ha">{laughs}]>'
    text = doctype + RDF_XML.format(GROUP_XML.format("<k:said>&l11;</k:said>"))
    error = refusal(write(tmp_path / "case.rdf", text))
    assert "without bound" in error.what


def test_short_entities_of_a_document_are_welcome(tmp_path: Path) -> None:
    text = f'<!DOCTYPE rdf:RDF [<!ENTITY k "{K20}">]>' + RDF_XML.format(
        "<rdf:Description rdf:about='urn:a'><rdf:type rdf:resource='&k;CandidateGroup'/>"
        "</rdf:Description>"
    )
    (case,) = read_cases([write(tmp_path / "case.rdf", text)])
    assert case.group == "urn:a"


def test_imports_are_never_followed(tmp_path: Path) -> None:
    owl = "http://www.w3.org/2002/07/owl#"
    text = f"{GROUP}<urn:o> <{owl}imports> <https://example.org/ontology> ."
    (case,) = read_cases([write(tmp_path / "case.ttl", text)])
    assert len(case.quads) == 2


# ---------------------------------------------------------------- much too much


def _fifty_mib(line: Callable[[int], str]) -> bytes:
    block = "".join(line(n) for n in range(10_000)).encode()
    return block * (50 * 1024 * 1024 // len(block) + 1)


@pytest.mark.parametrize("name", ["big.nt", "big.ttl", "big.trig", "big.nq"])
def test_fifty_megabytes_of_unrelated_triples_are_refused_fast_in_little_memory(
    name: str, tmp_path: Path
) -> None:
    line = '<https://example.org/{0}> <https://example.org/label> "caf\\u00e9 number {0}" .\n'
    path = write(tmp_path / name, _fifty_mib(line.format))
    assert path.stat().st_size >= 50 * 1024 * 1024
    tracemalloc.start()
    error = refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert type(error) is RecordError
    assert "no candidate group in these 50 MiB" in error.what
    assert "k20:CandidateGroup" in error.remedy
    assert peak < 16 * 1024 * 1024


def test_fifty_megabytes_on_standard_input_are_refused() -> None:
    data = _fifty_mib('<https://example.org/{0}> <https://example.org/p> "x" .\n'.format)
    assert "no candidate group" in refusal("-", stdin=data).what


def test_fifty_megabytes_that_are_no_text_are_told_so(tmp_path: Path) -> None:
    error = refusal(write(tmp_path / "big.ttl", b"\x89PNG\r\n\x1a\n" + os.urandom(1024) * 5000))
    assert "a PNG picture" in error.what


def test_a_large_file_with_a_candidate_is_read(tmp_path: Path) -> None:
    more = "".join(f"<urn:a> <urn:p> <urn:{n}> .\n" for n in range(250_000))
    path = write(tmp_path / "case.nt", more + GROUP.replace(" a ", f" <{RDF_TYPE}> "))
    assert path.stat().st_size > 5 * 1024 * 1024
    (case,) = read_cases([path])
    assert case.group.endswith("case/a")


# ---------------------------------------------------------------- words that would do harm


def test_a_path_or_message_never_carries_controls(tmp_path: Path) -> None:
    path = tmp_path / "red\x1b[31m.ttl"
    assert "␛[31m" in refusal(path).where
    write(path, f"{GROUP}<urn:a> \x1b[31m .")
    assert "␛" in str(refusal(path))


def test_parsing_text_tells_the_place_it_was_given() -> None:
    with pytest.raises(InputError, match=r"^here:1:\d+: this is no Turtle: .*; .*cut off"):
        parse_text("<urn:a> <urn:b> <urn:c>", "turtle", "here")
