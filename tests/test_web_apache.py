"""The rules for Apache, read by a real one: those of w3id.org, and those of a small site."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from served import free_port

from k20kg.web.http.formats import FORMATS, HTML, Format
from k20kg.web.site.w3id import htaccess, site_rules

APACHE = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MODULES = Path("/usr/lib/apache2/modules")
NAMES = ("mpm_event", "authz_core", "rewrite", "headers", "mime", "negotiation", "filter")
NAMES += ("deflate", "dir", "alias", "autoindex")
pytestmark = pytest.mark.skipif(
    APACHE is None or not MODULES.is_dir(), reason="apache2 is not installed"
)
ROOT = "/at/k20kg"
PAGES = ("index", "404", "cases", "query/which")
DOCUMENTS = ("void", "ontology", "ontology/0.2.0", "doc/case/one", "doc/case/é b")
FOLDERS = ("void", "ontology", "ontology/0.2.0", "case/one", "case/é b", "cases", "query/which")
FILES = (".well-known/void", "linkset.json", "query/which.json", "query/which.csv")
FILES += ("dump/index.html", "dump/SHA256SUMS", "dump/all.nq.gz", "data/context.ttl")


class Got(NamedTuple):
    """An answer."""

    status: int
    head: HTTPMessage
    body: str

    @property
    def kind(self) -> str:
        return self.head["Content-Type"]


class Apache:
    """A server on a free port, with the site below `ROOT` and w3id.org below ``/k20kg``."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}{ROOT}/"
        make_site(folder / "www" / ROOT.strip("/"), self.base)
        names = folder / "www" / "k20kg"
        names.mkdir()
        (names / ".htaccess").write_text(htaccess(self.base))
        (folder / "types").write_text("text/html html\ntext/csv csv\napplication/json json\n")
        (folder / "conf").write_text(self._configuration(folder))
        self._log = folder / "log"
        self._process = subprocess.Popen(
            [str(APACHE), "-f", str(folder / "conf"), "-DFOREGROUND"], stderr=subprocess.DEVNULL
        )

    def _configuration(self, folder: Path) -> str:
        loaded = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in NAMES]
        whose = ["User nobody", "Group #65534"] if os.getuid() == 0 else []
        return "\n".join([*loaded, *whose, *self._settings(folder)])

    def _settings(self, folder: Path) -> Iterator[str]:
        yield from ("ServerName 127.0.0.1", f"Listen 127.0.0.1:{self.port}", "StartServers 1")
        yield from (f"ServerRoot {folder}", f"DefaultRuntimeDir {folder}", f"PidFile {folder}/pid")
        yield from (f"ErrorLog {folder}/log", f"TypesConfig {folder}/types")
        yield from (f"DocumentRoot {folder}/www", f"<Directory {folder}/www>")
        yield from ("Options All MultiViews", "AllowOverride All", "Require all granted")
        # What a host may have set, and the rules have to undo or to bear.
        yield from ("Header set Access-Control-Allow-Origin x", "AddDefaultCharset latin1")
        yield from ("AddOutputFilterByType DEFLATE text/html text/turtle", "AddEncoding x-gzip .gz")
        yield "</Directory>"

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + 20
        while True:
            try:
                self.get("/")
                return
            except OSError:
                said = self._log.read_text() if self._log.exists() else ""
                assert self._process.poll() is None, said
                assert time.monotonic() < until, said
                time.sleep(0.02)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def get(self, path: str, accept: str | None = None) -> Got:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {} if accept is None else {"Accept": accept}
            connection.request("GET", quote(path, safe="/%?"), headers=headers)
            found = connection.getresponse()
            return Got(found.status, found.headers, found.read().decode("latin-1"))
        finally:
            connection.close()

    def follow(self, path: str, accept: str | None = None) -> list[Got]:
        """Return all answers on the way; each may be had by a script of another site."""
        way: list[Got] = []
        while not way or way[-1].status in (301, 302, 303):
            assert len(way) < 4, [one.head["Location"] for one in way]
            if way:
                origin = f"http://127.0.0.1:{self.port}"
                assert way[-1].head["Location"].startswith(f"{origin}/")
                path = way[-1].head["Location"].removeprefix(origin)
            way.append(self.get(path, accept))
            assert way[-1].head.get_all("Access-Control-Allow-Origin") == ["*"], path
        return way


def make_site(folder: Path, base: str) -> None:
    """Write as much of a site as the rules tell apart; each file says what it is called."""
    data = [f"{name}.{form.suffix}" for name in DOCUMENTS for form in (HTML, *FORMATS)]
    pages = [f"{name}.html" for name in PAGES] + [f"{name}/index.html" for name in FOLDERS]
    for name in (*data, *pages, *FILES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="latin-1")
    (folder / ".htaccess").write_text(site_rules(base, ROOT))


@pytest.fixture(scope="module")
def apache() -> Iterator[Apache]:
    with tempfile.TemporaryDirectory() as name:  # not below a folder that only root may read
        folder = Path(name)
        folder.chmod(0o755)
        server = Apache(folder)
        try:
            server.wait()
            yield server
        finally:
            server.stop()


@pytest.mark.parametrize("start", ["/k20kg", ROOT])
@pytest.mark.parametrize("path", ["case/one", "case/é b", "ontology", "ontology/0.2.0", "void"])
def test_each_format_is_reached_by_a_redirect(apache: Apache, start: str, path: str) -> None:
    document = path if path in DOCUMENTS else f"doc/{path}"
    asked: list[tuple[str | None, Format]] = [(f.media_type, f) for f in (HTML, *FORMATS)]
    asked += [("*/*", FORMATS[0]), (None, FORMATS[0])]
    asked += [("text/html;q=0, application/ld+json", FORMATS[2]), ("a/b, */*;q=0.1", FORMATS[0])]
    for accept, form in asked:
        for slash in ("", "/"):
            *way, last = apache.follow(f"{start}/{path}{slash}", accept)
            assert (last.status, last.body) == (200, f"{document}.{form.suffix}")
            assert last.kind.partition(";")[0] == form.media_type
            if form.media_type.startswith("text/"):
                assert last.kind.endswith("; charset=utf-8")
            assert [one.status for one in way][-1] == 303
            assert way[-1].head["Vary"] == "Accept"


@pytest.mark.parametrize("start", ["/k20kg", "/k20kg/", ROOT, f"{ROOT}/"])
def test_front_is_a_page_and_for_programs_a_description(apache: Apache, start: str) -> None:
    for accept in ("text/html", "*/*", None, "text/html,application/xml;q=0.9"):
        *_, last = apache.follow(start, accept)
        assert (last.status, last.body) == (200, "index.html")
        assert "Accept" in last.head["Vary"].split(",")
    for form in FORMATS:
        *_, last = apache.follow(start, form.media_type)
        assert (last.status, last.body) == (200, f"void.{form.suffix}")


@pytest.mark.parametrize("start", ["/k20kg", ROOT])
@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        (".well-known/void", "text/turtle; charset=utf-8", ""),
        ("linkset.json", "application/linkset+json", ""),
        ("query/which.json", "application/sparql-results+json", ""),
        ("query/which.csv", "text/csv; charset=utf-8", ""),
        ("query/which", "text/html; charset=utf-8", "query/which.html"),
        ("cases", "text/html; charset=utf-8", "cases.html"),
        ("cases/", "text/html; charset=utf-8", "cases.html"),
        ("dump", "text/html; charset=utf-8", "dump/index.html"),
        ("dump/", "text/html; charset=utf-8", "dump/index.html"),
        ("dump/SHA256SUMS", "text/plain; charset=utf-8", ""),
        ("dump/all.nq.gz", "application/gzip", ""),
        ("data/context.ttl", "text/turtle; charset=utf-8", ""),
    ],
)
def test_what_is_not_negotiated_is_what_it_is(
    apache: Apache, start: str, path: str, kind: str, body: str
) -> None:
    for accept in ("text/html", "text/turtle", None):
        *_, last = apache.follow(f"{start}/{path}", accept)
        assert (last.status, last.kind, last.body) == (200, kind, body or path)
        assert "Content-Encoding" not in last.head


@pytest.mark.parametrize("path", ["none", "case/none", "doc/none", "none.ttl", "404/x", "a/b/c/"])
def test_what_is_not_there_is_the_page_that_says_so(apache: Apache, path: str) -> None:
    for start in ("/k20kg", ROOT):
        for accept in ("text/html", "text/turtle", None):
            *_, last = apache.follow(f"{start}/{path}", accept)
            assert (last.status, last.body) == (404, "404.html")
            assert last.head["Content-Security-Policy"].startswith("default-src 'none'")
    assert apache.get(f"{ROOT}/case/none").status == 404  # at once


def test_no_folder_is_listed(apache: Apache) -> None:
    for path in ("case", "case/", "doc", "doc/case/", "query/", "data/", ".well-known/"):
        assert apache.follow(f"{ROOT}/{path}")[-1].status == 404, path
