"""The static site: what is in it, where it may be written, and that a rebuild changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from zlib import crc32

import pyoxigraph as ox
import pytest
from in_process import dataset
from scale import PROVE, tries
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from k20kg.cli import main
from k20kg.errors import K20Error, UsageError
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.sparql.named_queries import list_queries
from k20kg.vocabulary import BASE
from k20kg.web.site import export as exporting
from k20kg.web.site import paths
from k20kg.web.site.export import Exported, export
from k20kg.web.site.paths import is_safe

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
LABEL = RDFS + "label"
UNWRITABLE = b"the text has U+0007 in it"
ADDRESS = "https://example.org/at/k20kg/"
EACH = tries(sample=20, prove=1)
"""Of so many files one is made again."""
EVIL = f"""
<{BASE}note/../../../escaped> <{LABEL}> "out" .
<{BASE}note/a:b> <{LABEL}> "colon" .
<{BASE}note/{"x" * 300}> <{LABEL}> "long" .
<{BASE}note/plain> <{LABEL}> "<script>alert(1)</script> \\u202E \\u001B[31m" ;
    <http://www.w3.org/2000/01/rdf-schema#seeAlso> <javascript:alert(1)>, <{BASE}note/a:b> .
"""


@dataclass(frozen=True)
class Site:
    """The site, made once for all tests."""

    folder: Path
    data: Path
    said: Exported

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")


def in_sample(address: str) -> bool:
    """Tell whether `make test` makes an address too: of things, terms and shapes a twentieth."""
    kinds = ("doc/", "term/", "shape/", "picture/")
    if PROVE or not address.startswith(kinds) or address.startswith("doc/note/"):
        return True
    thing = address.rpartition(".")[0]
    return (thing.count("/") == 2 and "/case/" in thing) or crc32(thing.encode()) % 20 == 0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    def verify(made: paths.Made, root: str) -> None:
        if not PROVE:  # a link to an IRI may be to a thing that is not made
            made.links = {a: page for a, page in made.links.items() if not a.startswith(BASE)}
        paths.verify(made, root)

    def local(address: str, root: str) -> str:
        found = paths.local(address, root)
        return found if in_sample(found) else ""

    root = tmp_path_factory.mktemp("site")
    data, folder = root / "evil.ttl", root / "a" / "out"
    data.write_text(EVIL, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "addresses", lambda site: filter(in_sample, paths.addresses(site)))
        patch.setattr(exporting, "local", local)
        patch.setattr(exporting, "verify", verify)
        said = export(folder, ADDRESS, paths=[data])
    yield Site(folder, data, said)
    assert sorted(p.name for p in root.iterdir()) == ["a", "evil.ttl"]
    assert [p.name for p in (root / "a").iterdir()] == ["out"]


def test_all_that_a_server_has_is_there(site: Site) -> None:
    for path in (
        *("index.html", "cases.html", "cases/index.html", "cases/literal.html", "literature.html"),
        *("queries.html", "about.html", "judge.html", "404.html", "void.ttl", ".well-known/void"),
        *("ontology.html", "ontology.ttl", "ontology/index.html", "ontology/0.2.0.ttl"),
        *("shapes.html", "shapes.ttl", "dump/index.html", "dump/SHA256SUMS", "sitemap.xml"),
        *("linkset.json", "context.jsonld", "robots.txt", ".htaccess", "w3id.htaccess"),
        *("static/style.css", "data/verdicts.ttl", "data/context.ttl", "site.json"),
    ):
        assert (site.folder / path).is_file(), path
    for name in shipped_cases():
        for suffix in ("html", "ttl", "nt", "jsonld", "rdf", "trig", "nq"):
            assert (site.folder / f"doc/case/{name}.{suffix}").is_file()
    for query in list_queries():
        assert (site.folder / f"query/{query.name}.html").is_file()
        assert (site.folder / f"query/{query.name}.rq").is_file()
    mark = json.loads(site.text("site.json"))
    found = [path for path in site.folder.rglob("*") if path.is_file()]
    assert len(found) == mark["files"] == site.said.files
    assert sum(path.stat().st_size for path in found) == site.said.bytes


def test_data_are_readable_and_say_the_same_in_each_format(site: Site) -> None:
    case = site.folder / "doc" / "case"
    turtle = {
        str(q.triple) for q in ox.parse((case / "lamsig.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    }
    lines = (case / "lamsig.nt").read_bytes()
    assert turtle == {str(q.triple) for q in ox.parse(lines, ox.RdfFormat.N_TRIPLES)}
    assert len(turtle) > 50


def test_every_thing_has_a_page_that_leads_to_its_document(site: Site) -> None:
    page = site.text("case/lamsig/index.html")
    assert 'content="0; url=/at/k20kg/doc/case/lamsig.html"' in page
    assert f'rel="canonical" href="{BASE}case/lamsig"' in page


def test_no_page_needs_a_server(site: Site) -> None:
    pages = sorted(site.folder.glob("*.html")) + sorted(site.folder.glob("doc/case/*.html"))
    assert len(pages) > 30
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<form" not in text, page
        assert "/sparql" not in re.sub(r"<code>.*?</code>", "", text), page
    assert "k20kg validate" in site.text("judge.html")
    for place in ("search.html", "search/index.html"):  # of an address to cite, on any host
        assert "cannot search" in site.text(place)


def test_links_stay_below_the_root(site: Site) -> None:
    for name in ("index.html", "404.html", "doc/case/lamsig.html"):
        local = re.findall(r'(?:href|src)="(/[^"]*)"', site.text(name))
        assert local
        assert all(address.startswith("/at/k20kg/") for address in local)


def test_dumps_are_what_their_checksums_say(site: Site) -> None:
    lines = site.text("dump/SHA256SUMS").splitlines()
    assert len(lines) >= 3
    for line in lines:
        digest, name = line.split()
        data = (site.folder / "dump" / name.lstrip("*")).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert gzip.decompress(data)


def test_what_cannot_be_a_file_is_left_out_and_said(site: Site) -> None:
    assert not list(site.folder.rglob("*escaped*"))
    assert not (site.folder.parent / "escaped").exists()
    assert any("a:b" in path for path in site.said.left_out)
    assert any("escaped" in path for path in site.said.left_out)
    assert all("note/" in path for path in site.said.left_out)


def test_hostile_strings_are_text_and_nothing_else(site: Site) -> None:
    for name in ("doc/note/plain.html", "note/plain/index.html"):
        text = site.text(name)
        assert "<script>alert" not in text
        assert "javascript:" not in re.sub(r">[^<]*<", "><", text)
        assert "\u202e" not in text
        assert "\x1b" not in text


def test_characters_that_xml_cannot_hold_are_replaced_with_a_remark(site: Site) -> None:
    text = site.text("doc/note/plain.rdf")
    assert "U+001B" in text.splitlines()[1]
    labels = [e.text or "" for e in ElementTree.fromstring(text).iter(f"{{{RDFS}}}label")]
    assert any("\u202e \ufffd[31m" in label for label in labels)


def test_a_rebuild_is_the_same_byte_for_byte(site: Site) -> None:
    found = (site.folder / "query").iterdir()
    pages = sorted(f"query/{path.name}" for path in found if path.is_file())
    code = f"""
import asyncio, hashlib, json, sys
from pathlib import Path
from k20kg.web.dataset import open_dataset
from k20kg.web.site.export import _Writer
from k20kg.web.site.paths import addresses, file_of, is_safe
dataset = open_dataset([Path({str(site.data)!r})])
writer, made = _Writer(Path("."), "/at/k20kg", dataset), {{}}
router = writer.router

async def walk():
    async with router.lifespan_context(router):
        for number, address in enumerate([*addresses(writer.site), *{pages!r}]):
            path = file_of(address)
            if path.startswith("doc/") and path.endswith(".nq"):
                continue
            if not {PROVE} and not (is_safe(path) and Path(path).exists()):
                continue
            each = 97 if path.startswith("doc/") else {EACH}
            if number % each == 0 or "lamsig." in path:
                if path not in made:
                    status, body = await writer.read(address)
                    if status == 200:
                        made[path] = hashlib.sha256(body).hexdigest()

asyncio.run(walk())
json.dump(made, sys.stdout)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "271", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        cwd=site.folder,
    )
    made = json.loads(done.stdout)
    assert len(made) > 1500 // EACH
    for path, digest in made.items():
        if is_safe(path):
            data = (site.folder / path).read_bytes()
            assert hashlib.sha256(data).hexdigest() == digest, path


def test_rules_for_apache_name_types_and_lead_on(site: Site) -> None:
    rules = site.text(".htaccess")
    assert "AddType text/turtle .ttl" in rules
    assert "ErrorDocument 404 /at/k20kg/404.html" in rules
    assert f"{ADDRESS}doc/$1.ttl [R=303,L]" in rules
    assert f"{ADDRESS}void.ttl [R=303,L]" in rules
    assert f"RedirectMatch 301 ^/at/k20kg$ {ADDRESS}" in rules
    assert 'Header always set Access-Control-Allow-Origin "*"' in rules
    assert f"{ADDRESS}doc/$1.ttl" in site.text("w3id.htaccess")


# ---------------------------------------------------------------- where it may be written


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Make sites of these files only."""
    bodies = {
        "index.html": b'<p id="top"><a href="/b.html#there">b</a></p>',
        "b.html": b'<p id="there"><a href="/#top">a</a></p>',
    }

    async def answer(request: Request) -> Response:
        body = bodies.get(request.path_params["path"] or "index.html")
        if body is None:
            raise HTTPException(404)
        return Response(body, status_code=406 if body is UNWRITABLE else 200)

    router = Router([Route("/{path:path}", answer)])
    monkeypatch.setattr(exporting, "open_dataset", lambda paths: dataset())
    monkeypatch.setattr(exporting, "create_router", lambda site, settings: router)
    monkeypatch.setattr(exporting, "addresses", lambda site: list(bodies))
    return bodies


def _export(folder: Path) -> Exported:
    return export(folder, "https://example.org", jobs=1)


def test_a_former_site_is_replaced_as_a_whole(small: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _export(folder)
    (folder / "stale.html").write_text("old")
    del small["b.html"]
    small["index.html"] = b"<p>new</p>"
    _export(folder)
    assert sorted(p.name for p in folder.iterdir()) == [
        ".htaccess",
        "index.html",
        "site.json",
        "w3id.htaccess",
    ]
    assert (folder / "index.html").read_bytes() == b"<p>new</p>"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "link",
    [
        "/c.html",
        "/b.html#nowhere",
        "#nowhere",
        "/b.html/",
        "c.html",
        "javascript:alert(1)",
        f"{BASE}case/none",
        "/../etc/passwd",
    ],
)
def test_a_dead_link_is_an_error_and_nothing_is_written(
    link: str, small: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    _export(folder)
    before = (folder / "index.html").read_bytes()
    small["d.html"] = f'<a href="{link}">x</a>'.encode()
    with pytest.raises(K20Error, match=r"1 dead links in the site"):
        _export(folder)
    assert (folder / "index.html").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_a_format_cannot_hold_is_left_out(small: dict[str, bytes], tmp_path: Path) -> None:
    small.update({"c.rdf": UNWRITABLE, "d.html": b'<a href="/c.rdf">x</a>'})
    done = _export(tmp_path / "out")
    assert done.left_out == ("c.rdf",)
    assert done.files == 8
    assert not (tmp_path / "out" / "c.rdf").exists()


def test_a_folder_of_somebody_else_is_left_alone(small: dict[str, bytes], tmp_path: Path) -> None:
    for number, (name, text) in enumerate(
        [("notes.txt", "mine"), ("site.json", "{}"), ("site.json", "[1]"), ("site.json", "\xff")]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_text(text, encoding="latin-1")
        with pytest.raises(UsageError, match="no site of ours"):
            _export(folder)
        assert [p.name for p in folder.iterdir()] == [name]
    (tmp_path / "link").symlink_to(tmp_path / "0")
    (tmp_path / "file").write_text("x")
    for name in ("link", "file"):
        with pytest.raises(UsageError, match="no folder"):
            _export(tmp_path / name)
    (tmp_path / "empty").mkdir()
    assert _export(tmp_path / "empty").files == 6


def test_a_file_and_a_folder_of_one_name_do_not_meet(
    small: dict[str, bytes], tmp_path: Path
) -> None:
    small.update({"b.html/c/index.html": b"", "x/y.html": b"", "x": b""})
    assert _export(tmp_path / "out").left_out == ("b.html/c/index.html", "x")


@pytest.mark.parametrize("base", ["example.org", "ftp://example.org/", "https://a/?b", "file:///x"])
def test_an_address_that_is_none_is_refused(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["site", "--out", str(tmp_path / "out"), "--base", base]) == 2
    assert "--base" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("doc/case/lamsig.html", True),
        ("doc/work/é.html", True),
        ("", False),
        ("/etc/passwd", False),
        ("a/../b", False),
        ("a/./b", False),
        ("a//b", False),
        ("a\\b", False),
        ("a\x00b", False),
        ("c:", False),
        ("a/CON", False),
        ("a/nul.txt", False),
        ("a/b.", False),
        ("a/b ", False),
        ("x" * 300, False),
        ("/".join(["x"] * 600), False),
    ],
)
def test_paths_that_leave_the_folder_are_known(path: str, safe: bool) -> None:
    assert is_safe(path) is safe
