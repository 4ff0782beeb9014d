"""The report as a page: it runs nothing, asks nobody, and can be read by all."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from assessments import read_all, read_hostile, read_lamsig, show


class Page(HTMLParser):
    """Elements and words of a page, as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in {"meta", "link", "br", "img", "input"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("read", [read_lamsig, read_all])
def test_the_page_runs_nothing_and_asks_nobody(read: object) -> None:
    text = show(read(), "html")  # type: ignore[operator]
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & {t for t, _ in page.tags}
    for tag, attributes in page.tags:
        assert not [n for n in attributes if n.startswith("on") or n in ("src", "style")], tag
        if "href" in attributes:
            allowed = ("#", "https://") if tag == "a" else ("#",)
            assert attributes["href"].startswith(allowed)
    style = text.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = [a["content"] for t, a in page.tags if a.get("http-equiv")]
    assert policy[0].startswith("default-src 'none'")


@pytest.mark.parametrize("read", [read_lamsig, read_all])
def test_the_page_is_accessible_in_structure(read: object) -> None:
    page = Page(show(read(), "html"))  # type: ignore[operator]
    names = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert [names.count(t) for t in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    levels = [int(t[1]) for t in names if re.fullmatch(r"h[1-6]", t)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        for key in ("aria-labelledby", "href"):
            target = attributes.get(key, "")
            if key == "aria-labelledby" or target.startswith("#"):
                assert not target or target.removeprefix("#") in ids
        assert tag != "th" or "scope" in attributes


def test_the_page_says_what_the_text_says() -> None:
    words = " ".join(" ".join(Page(show(read_lamsig(), "html")).words).split())
    for said in (
        "K-20 partnership",
        "Not established",
        "13 (paper Chart 1, line 113); 14 (slides, line 103); 15 (paper 6.1, line 298)",
        "A signed award, memorandum or subcontract that names the group.",
        "Supports, As applied only.",
        "Commitments outside the agreement count.",
    ):
        assert said in words


def test_the_page_shows_hostile_words_as_words() -> None:
    page = Page(show(read_hostile(), "html"))
    assert any("<script>alert(1)</script>" in words for words in page.words)
    assert not any("javascript" in a.get("href", "") for _, a in page.tags)
