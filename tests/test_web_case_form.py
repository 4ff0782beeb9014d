"""The form for a case: typed in section by section, saved, loaded, judged; faults beside fields."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
import typed
from page_checks import check
from web_client import HTML, Client

from k20kg.sheets.form import Typed, load
from k20kg.sheets.workbooks import workbook
from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.web.judge import process, upload
from k20kg.web.judge.process import Job
from k20kg.web.pages import Site, judge
from k20kg.web.pages.judge import RecordOutcome

FULL = publish(shipped_cases()["full-partnership"])
SHEETS = [sheet.name for sheet in workbook().sheets if not sheet.is_list]


@pytest.fixture(autouse=True)
def _within_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let records be judged here and now: starting a process for each takes most of the time."""

    async def judge_here(job: Job, key: str, site: Site, _: object) -> Any:
        head = {"key": key, "name": job.name, "choices": job.choices, "root": site.links.root}
        said, body = process._judge_here({**head, "version": "1", "digest": "0" * 64}, job.data)
        if "key" in said:
            return body, said["key"], said["status"]
        what, where, remedy = said["words"]
        return RecordOutcome((), said["status"], what, where, remedy, tuple(said["faults"]))

    monkeypatch.setattr(upload, "judge_in_subprocess", judge_here)


def _rows() -> Typed:
    """Return the full partnership as a person types it into the workbook."""
    out = io.BytesIO()
    typed.full_partnership().book.save(out)
    found = load(out.getvalue(), "case.xlsx")
    assert found
    assert found[1] == []
    return found[0]


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
        self._form |= tag == "form" and given.get("method") == "post"
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
    body = urlencode([*map(tuple, sent), *button.items()])
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return client.post("/judge/form", content=body, headers={**kind, **HTML})


def _show(client: Client, rows: Typed, section: str, **button: str) -> Filled:
    number = str(SHEETS.index(section))
    found = _post(client, [["rows", json.dumps(rows)]], section=number, **button)
    assert found.status_code == 200
    return Filled(found.text)


def _verdicts(report: Any) -> list[str]:
    assert report.status_code == 200, report.text
    return [one["verdict"] for one in report.json()["assessments"]]


def test_a_full_partnership_typed_in_section_by_section_is_judged_met(
    client: Client, site: Site
) -> None:
    rows, page = _rows(), Filled(client.get("/judge/form", headers=HTML).text)
    for number, name in enumerate(SHEETS):
        found = _post(client, page.with_rows(name, rows[name]), section=str(number + 1))
        assert found.status_code == 200, name
        assert found.headers["cache-control"] == "no-store"
        check(found.text, site)
        page = Filled(found.text)
    assert page.beside == {}
    assert _verdicts(_post(client, page.sent, format="json")) == ["met", "met"]
    report = _post(client, page.sent, format="html")
    assert report.status_code == 200
    assert "The nine criteria" in report.text
    saved = _post(client, page.sent, format="workbook")
    assert saved.headers["content-disposition"] == 'attachment; filename="record.xlsx"'
    loaded = load(saved.content, "record.xlsx")
    assert loaded
    assert {name: some for name, some in loaded[0].items() if name in rows} == rows
    files = {"file": ("record.xlsx", saved.content)}
    assert _verdicts(client.post("/judge", files=files, data={"format": "json"})) == ["met", "met"]
    turtle = _post(client, page.sent, format="record")
    assert turtle.headers["content-type"].startswith("text/turtle")
    files = {"file": ("record.ttl", turtle.content)}
    assert _verdicts(client.post("/judge", files=files, data={"format": "json"})) == ["met", "met"]
    again = Filled(client.post("/judge/form", files=files, headers=HTML).text)
    assert _verdicts(_post(client, again.sent, format="json")) == ["met", "met"]


def test_a_fault_stands_beside_its_field_and_keeps_nothing_from_being_saved(
    client: Client, site: Site
) -> None:
    rows = _rows()
    people = rows["people"]
    people[0]["how many"], people[1]["says so"] = "three", "E99"
    page = _show(client, rows, "people")
    columns = [column.name for column in workbook().by_name["people"].columns]
    wrong = {f"c{columns.index('how many')}-0", f"c{columns.index('says so')}-1"}
    assert set(page.beside) == wrong
    refused = _post(client, page.sent, section="0", format="html")
    assert refused.status_code == 422
    assert '<h2 id="here">People</h2>' in refused.text  # the first section with a fault
    told = re.search(r'<ul class="told" id="([^"]+)">(.*?)</ul>', refused.text)
    assert told
    assert told[1] in Filled(refused.text).beside.values()
    assert "says ‘three’ where a number belongs" in told[2]
    assert "form!" not in refused.text
    check(refused.text, site)
    saved = load(_post(client, page.sent, format="workbook").content, "record.xlsx")
    assert saved
    assert saved[0]["people"] == people
    turtle = _post(client, page.sent, format="record").text
    assert len(re.findall("^# left out: .*(?:three|E99)", turtle, re.MULTILINE)) == 2


def test_silence_no_and_unknown_are_three_answers(client: Client) -> None:
    """A member that is said to be none is written down; silence and unknown say nothing."""
    rows = _rows()
    answers = {"yes": True, "no": False, "unknown": None, "": None}
    said = {}
    for answer in answers:
        rows["agreements"][0]["formed the group?"] = answer
        rows["signed, promised"][0]["top leader?"] = answer
        page = _show(client, rows, "signed, promised")
        shown = [value for name, value in page.sent if name == "c4"]
        assert shown[0] == answer
        turtle = _post(client, page.sent, format="record").text
        said[answer] = (turtle.count("upperEchelon true"), turtle.count("upperEchelon false"))
    (yes, none), silent = said["yes"], said[""]
    assert said["unknown"] == silent == (yes - 1, none)
    assert said["no"] == (yes - 1, none + 1)


def test_rows_are_added_and_taken_away(client: Client) -> None:
    rows = {"group": [{"short name": "g"}], "goals": [{"goal": "a"}, {"goal": "b"}]}
    page = _show(client, rows, "goals", add="yes")
    first = [value for name, value in page.sent if name == "c0"]
    assert first == ["a", "b", ""]
    page = Filled(_post(client, page.sent, remove="0").text)
    assert [value for name, value in page.sent if name == "c0"] == ["b"]
    kept = dict(map(tuple, page.sent))
    assert json.loads(kept["rows"]) == {"group": [{"short name": "g"}]}


def test_a_row_that_begins_with_a_hash_is_not_passed_over_in_silence(client: Client) -> None:
    rows = {"goals": [{"goal": "#1 of all goals", "held by": "x"}]}
    assert "c0-0" in _show(client, rows, "goals").beside


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("rows=nonsense", "cannot be read"),
        ("rows=%7B%22people%22%3A+3%7D", "cannot be read"),
        ("rows=" + "%5B" * 9000, "cannot be read"),
        ("from=1&c0=a&c0=b&c1=c", "came in pieces"),
        ("from=99&section=99", ""),
        ("from=0&section=%D9%A3", ""),
        ("rows=%7B%22nothing%22%3A%5B%5D%7D&format=exe", "no such format"),
    ],
)
def test_a_broken_page_of_the_form_is_answered_in_words(
    body: str, says: str, client: Client, site: Site
) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    found = client.post("/judge/form", content=body, headers={**kind, **HTML})
    assert found.status_code == (400 if says else 200)
    assert says in found.text
    check(found.text, site)


def test_what_is_typed_is_text_on_the_page_and_in_the_workbook(client: Client, site: Site) -> None:
    evil = "</textarea><script>alert(1)</script>\u202e"
    rows = {"group": [{"short name": "g", "full name": evil, "what it is": "=1+1"}]}
    found = _post(client, [["rows", json.dumps(rows)]], section="0")
    assert "<script>alert" not in found.text
    check(found.text, site)
    saved = load(_post(client, Filled(found.text).sent, format="workbook").content, "a.xlsx")
    assert saved
    assert saved[0]["group"][0]["what it is"] == "=1+1"


def test_a_file_is_put_into_the_form_and_what_the_form_cannot_hold_is_told(
    client: Client,
) -> None:
    lamsig = client.get("/judge/case/lamsig.ttl").content
    found = client.post("/judge/form", files={"file": ("a.ttl", lamsig)}, headers=HTML)
    assert found.status_code == 200
    assert "reading note" in found.text
    report = _post(client, Filled(found.text).sent, format="json")
    assert _verdicts(report) == ["met", "not established"]
    refused = client.post("/judge/form", files={"file": ("a.png", b"\x89PNG\0")}, headers=HTML)
    assert refused.status_code == 415
    assert "could not be judged" in refused.text


# ---------------------------------------------------------------- files to start from, downloads


def test_files_to_start_from_are_judged_as_the_cases_are(client: Client) -> None:
    for name, verdicts in (
        ("lamsig", ["met", "not established"]),
        ("full-partnership", ["met"] * 2),
    ):
        for end in ("xlsx", "ttl"):
            found = client.get(f"/judge/case/{name}.{end}")
            assert found.headers["etag"]
            files = {"file": (f"a.{end}", found.content)}
            report = client.post("/judge", files=files, data={"format": "json"})
            assert _verdicts(report) == verdicts
    starter = load(client.get("/judge/starter.xlsx").content, "starter.xlsx")
    assert starter
    assert set(starter[0]) == {"group"}
    assert client.get("/judge/case/nobody.xlsx").status_code == 404
    assert client.get("/judge/starter.ttl").status_code == 404


@pytest.mark.parametrize("name", ["case.ttl", "case.xlsx"])
def test_a_report_has_its_downloads_without_the_file_being_sent_again(
    name: str, client: Client
) -> None:
    data = FULL if name == "case.ttl" else client.get("/judge/case/full-partnership.xlsx").content
    page = client.post("/judge", files={"file": (name, data)}, headers=HTML)
    hidden = Filled(page.text)
    fields = {name: value for name, value in hidden.sent if name != "format"}
    assert {"text", "syntax"} <= fields.keys()
    for key, media_type, end, *_ in judge.SAVED:
        assert f'name="format" value="{key}"' in page.text
        found = client.post("/judge", files={"x": ""}, data={**fields, "format": key})
        assert found.status_code == 200, found.text
        assert found.headers["content-type"].partition(";")[0] == media_type
        assert found.headers["content-disposition"].endswith(f'.{end}"')
    again = client.post("/judge/form", data=fields, files={"file": ("", b"")}, headers=HTML)
    assert "As it stands" in again.text


# ---------------------------------------------------------------- answered kindly


@pytest.mark.parametrize(
    ("files", "fields", "status", "says"),
    [
        ({}, {"text": " "}, 400, "There is no record"),
        ({"file": ("a.ttl", FULL)}, {"text": "<a> <b> <c> ."}, 400, "A file and a text came in"),
        ({}, {"text": FULL.decode(), "reading": "any-one"}, 400, "has no reading"),
        ({"file": ("a.docx", b"PK\x03\x04")}, {}, 400, "no whole ZIP archive"),
        ({"file": ("a.pdf", b"%PDF-1.7\n\xff\xfe\0")}, {}, 415, "not RDF"),
        ({"file": ("a.ttl", b"x" * (3 << 20))}, {}, 413, "larger than"),
        ({"file": ("a.ttl", FULL), "b": ("b.ttl", FULL)}, {}, 400, "Too many files"),
    ],
)
def test_what_is_sent_amiss_is_answered_on_the_page_with_what_was_typed(
    files: dict[str, Any],
    fields: dict[str, str],
    status: int,
    says: str,
    client: Client,
    site: Site,
) -> None:
    typed_in = {"as_of": "2006", **fields}
    found = client.post("/judge", files=files or {"x": ""}, data=typed_in, headers=HTML)
    assert found.status_code == status
    check(found.text, site)
    assert "Judge your own case" in found.text
    assert says in found.text
    if status != 413 and "b" not in files:
        assert 'id="as_of" name="as_of" value="2006"' in found.text
        shown = Filled(found.text)
        text = dict(map(tuple, shown.sent))["text"]
        assert text.strip() == fields.get("text", "").strip()
