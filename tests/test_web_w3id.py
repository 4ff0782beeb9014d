"""The redirects of w3id.org lead every address to the format asked for."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from in_process import ALL, dataset, fetch, sample
from scale import some

from k20kg.vocabulary import packaged
from k20kg.web.http.formats import HTML, Format
from k20kg.web.linkeddata.downloads import list_files
from k20kg.web.site import w3id

PAGES = {"", "cases", "literature", "queries", "about", "judge", "sparql", "health", "openapi.json"}


class Redirects:
    """As much of Apache's mod_rewrite as the redirects use."""

    def __init__(self, text: str) -> None:
        self.rules: list[tuple[list[re.Pattern[str]], re.Pattern[str], str, int]] = []
        conditions: list[re.Pattern[str]] = []
        for line in text.splitlines():
            words = line.split()
            if line.startswith("RewriteCond %{HTTP_ACCEPT} "):
                pattern = line.removeprefix("RewriteCond %{HTTP_ACCEPT} ").removesuffix(" [NC]")
                assert " " not in pattern
                conditions.append(re.compile(pattern, re.IGNORECASE))
            elif line.startswith("RewriteRule "):
                _, pattern, target, flags = words
                status = int(re.fullmatch(r"\[R=(30[23]),L\]", flags)[1])  # type: ignore[index]
                self.rules.append((conditions, re.compile(pattern), target, status))
                conditions = []
            else:
                assert not line or line.startswith(
                    ("#", "Options ", "RewriteEngine on", "Header ", "<IfModule ", "</IfModule>")
                )

    def lead(self, path: str, accept: str) -> tuple[int, str]:
        for conditions, pattern, target, status in self.rules:
            found = pattern.search(path)
            if found and all(condition.search(accept) for condition in conditions):
                return status, found.expand(target.replace("$1", r"\1"))
        raise AssertionError(path)


def test_the_redirects_in_the_repository_are_those_that_are_made() -> None:
    held = packaged().joinpath("w3id", ".htaccess")
    if not held.exists():
        pytest.skip("an installed package has no redirects")
    assert held.read_text(encoding="utf-8") == w3id.htaccess()


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.key)
def test_w3id_leads_every_kind_of_address_to_the_format_asked_for(form: Format) -> None:
    redirects = Redirects(w3id.htaccess("https://host.example/k/"))
    paths = sample()[:: 3 if form is not HTML else 9]
    for path in some(paths, sample=len(paths) // 4):
        bare = path.removeprefix("doc/")
        status, target = redirects.lead(bare, form.media_type)
        assert target.startswith("https://host.example/k/")
        answer = fetch("/" + quote(target.removeprefix("https://host.example/k/")), form.media_type)
        assert (answer.status, answer.media_type) == (200, form.media_type), (path, target)
        assert status == 303 or bare.endswith(".ttl"), path


def test_w3id_leads_files_pages_and_suffixes_to_the_same_path() -> None:
    redirects = Redirects(w3id.htaccess("https://host.example"))
    paths = [*list_files(dataset()), *PAGES - {""}, "query/some-question", "doc/case/lamsig.ttl"]
    for path in [*paths, "ontology.ttl", "static/style.css", ".well-known/void", "void.jsonld"]:
        assert redirects.lead(path, "text/html")[1] == f"https://host.example/{path}"
    assert redirects.lead("", "text/html,*/*;q=0.8")[1] == "https://host.example/"
    assert redirects.lead("case/lamsig", "text/html;q=0, text/turtle")[1].endswith(".ttl")
    for path, slashed in (("ontology", "ontology/"), ("doc/case/lamsig", "case/lamsig/")):
        assert redirects.lead(slashed, "")[1] == f"https://host.example/{path}.ttl"
    assert redirects.lead("case/lamsig", "*/*")[1] == "https://host.example/doc/case/lamsig.ttl"


@pytest.mark.parametrize("host", ["ftp://x/", "https://x/ [L]\nRewriteRule", "", "https://x/$1"])
def test_redirects_are_not_made_for_what_is_no_host(host: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        w3id.htaccess(host)
