"""The form for a case: typed in section by section, saved, loaded, judged; faults beside fields."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from typing import Any

from page_checks import check
from web_client import HTML, Client

from k20kg.judging.cases import Case, read_cases
from k20kg.sheets.form import Typed, rows_of
from k20kg.sheets.workbooks import workbook
from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.web.pages import Site

FULL = publish(shipped_cases()["full-partnership"])
SHEETS = [sheet.name for sheet in workbook().sheets]


def _case(data: bytes) -> Case:
    (case,) = read_cases([io.BytesIO(data)], syntax="turtle")
    return case


def _typed(data: bytes = FULL) -> Typed:
    case = _case(data)
    return rows_of(case.quads, case.group)[0]


class Filled(HTMLParser):
    """A page of the form as a browser sends it: names and values of its fields, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: list[list[str]] = []
        self.beside: dict[str, str] = {}
        """The field that each fault is told beside, by its id."""
        self._area = self._first = False
        self._form = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._form |= tag == "form" and "record" in given.get("class", "")
        name = given.get("name", "")
        if tag in ("input", "select", "textarea") and self._form and name:
            self.sent.append([name, given.get("value", "")])
            self._area, self._first = tag == "textarea", tag == "textarea"
        if tag == "option" and "selected" in given and self._form:
            self.sent[-1][1] = given.get("value", "\0")
        if "aria-invalid" in given:
            self.beside[given["id"]] = given["aria-describedby"].split()[0]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[-1][1] += data.removeprefix("\n") if self._first else data
            self._first = False
        elif self.sent and self.sent[-1][1] == "\0":
            self.sent[-1][1] = data

    def handle_endtag(self, tag: str) -> None:
        self._area &= tag != "textarea"
        self._form &= tag != "form"

    def with_rows(self, name: str, rows: list[dict[str, str]]) -> list[list[str]]:
        """Return what is sent when these rows are typed over those of the section."""
        columns = workbook().by_name[name].columns
        kept = [pair for pair in self.sent if not re.fullmatch(r"c\d+", pair[0])]
        typed = [[f"c{n}", row.get(c.name, "")] for row in rows for n, c in enumerate(columns)]
        return kept + typed


def _post(client: Client, sent: list[list[str]], **button: str) -> Any:
    from urllib.parse import urlencode

    body = urlencode([*map(tuple, sent), *button.items()])
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return client.post("/judge/form", content=body, headers={**kind, **HTML})


def _page(client: Client, typed: Typed, section: str = "0") -> Any:
    return _post(client, [["rows", json.dumps(typed)]], section=section)


def test_a_full_partnership_typed_in_section_by_section_is_judged_met(
    client: Client, site: Site
) -> None:
    rows, page = _typed(), Filled(client.get("/judge/form", headers=HTML).text)
    for number, name in enumerate(SHEETS):
        found = _post(client, page.with_rows(name, rows[name]), section=str(number + 1))
        assert found.status_code == 200, name
        assert found.headers["cache-control"] == "no-store"
        check(found.text, site)
        page = Filled(found.text)
    assert page.beside == {}
    report = _post(client, page.sent, format="json")
    assert [a["verdict"] for a in report.json()["assessments"]] == ["met", "met"]
    told = {a["case"] for a in report.json()["assessments"]}
    assert told == {_case(FULL).group}
