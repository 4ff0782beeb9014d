"""Records that are sent in over HTTP: judged, refused, never stored."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from records import by_rdflib
from web_client import HTML, Client, Make

from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import BASE, K20
from k20kg.web.settings import UploadLimits

FULL = publish(shipped_cases()["full-partnership"])


def _send(client: Client, how: str, record: bytes, **fields: str) -> Any:
    if how == "file":
        return client.post("/judge", files={"file": ("case.ttl", record)}, data=fields)
    if how == "text":
        return client.post("/judge", data={"text": record.decode(), **fields})
    if how == "multipart text":
        parts = {"text": (None, record.decode())}
        return client.post("/judge", files=parts, data=fields)
    return client.post(
        "/judge", content=record, params=fields, headers={"content-type": "text/turtle"}
    )


@pytest.mark.parametrize("how", ["file", "text", "multipart text", "body"])
def test_a_record_is_judged_however_it_is_sent(how: str, client: Client) -> None:
    found = _send(client, how, FULL, format="json")
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert [a["verdict"] for a in found.json()["assessments"]] == ["met", "met"]
    page = _send(client, how, FULL, format="html", reading="literal")
    assert page.headers["content-type"].startswith("text/html")
    assert "K-20 partnership" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        ("text/turtle", "text/turtle"),
        ("text/csv", "text/csv"),
        ("text/markdown", "text/markdown"),
        ("*/*", "text/html"),
    ],
)
def test_a_report_comes_in_the_format_that_is_taken(accept: str, kind: str, client: Client) -> None:
    files = {"file": ("case.ttl", FULL)}
    found = client.post("/judge", files=files, headers={"accept": accept})
    assert found.status_code == 200
    assert found.headers["content-type"].partition(";")[0] == kind
    refused = client.post("/judge", files=files, headers={"accept": "image/png"})
    assert refused.status_code == 406


def test_what_is_no_record_gets_no_verdict_but_a_reason(client: Client) -> None:
    broken = FULL[:-40]
    found = _send(client, "body", broken)
    assert found.status_code == 400
    assert re.search(r":\d+", found.json()["where"])
    page = client.post("/judge", data={"text": broken.decode()}, headers=HTML)
    assert page.status_code == 400
    assert "could not be judged" in page.text
    unfounded = f"<{BASE}case/x> a <{K20}CandidateGroup> ; <{K20}goal> <{BASE}case/x/goal/1> ."
    assert _send(client, "body", unfounded.encode()).status_code in (200, 422)
    assert _send(client, "body", b" \n").status_code == 400
    assert _send(client, "text", b"").status_code == 400
    kinds = {"content-type": "application/pdf"}
    refused = client.post("/judge", content=b"%PDF", headers=kinds)
    assert refused.status_code == 415
    assert "multipart/form-data" in refused.headers["accept-post"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--",
        ),
        ("multipart/form-data; boundary=x", b""),
        ("application/x-www-form-urlencoded", b"text=%ff%fe"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 500)),
        ("application/x-www-form-urlencoded", b"text=a&format=exe"),
        ("application/x-www-form-urlencoded", b"text=a&definition=../../etc/passwd"),
        ("application/x-www-form-urlencoded", b"text=a&reading=" + b"x" * 500),
        ("text/turtle", b"\xff\xfe\x00"),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:9/context"}'),
        (
            "application/rdf+xml",
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        ),
    ],
)
def test_a_broken_form_is_the_clients_fault(kind: str, body: bytes, client: Client) -> None:
    found = client.post("/judge", content=body, headers={"content-type": kind})
    assert found.status_code in (400, 415, 422), found.text
    assert "root:" not in found.text


def test_many_fields_and_files_are_refused(client: Client) -> None:
    fields = {f"f{n}": "x" for n in range(50)}
    files = [("file", ("a.ttl", b"x")), ("file", ("b.ttl", b"x"))]
    assert client.post("/judge", files=files).status_code == 400
    assert client.post("/judge", data=fields, files=files[:1]).status_code == 400


def test_a_record_of_markup_is_shown_as_text(client: Client) -> None:
    evil = (
        FULL.decode()
        .replace("Full partnership", "<script>alert(1)</script>\u202e\\u001b[31m")
        .encode()
    )
    page = _send(client, "file", evil, format="html")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "\u202e" not in page.text
    assert "\x1b" not in page.text


def test_nothing_of_a_record_is_stored(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened: list[object] = []
    rollover = tempfile.SpooledTemporaryFile.rollover
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile,
        "rollover",
        lambda self: (opened.append(self), rollover(self))[1],
    )
    large = FULL + b"\n#" + b"x" * (3 << 19)
    assert _send(client, "file", large, format="json").status_code == 200
    assert not opened
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("limits", [UploadLimits(seconds=0.01), UploadLimits(memory=1 << 20)])
def test_judging_has_limits(limits: UploadLimits, make: Make) -> None:
    found = _send(make(upload=limits), "body", FULL)
    assert found.status_code == 422
    assert "record" in found.json()["title"]


def test_too_many_records_at_a_time_are_asked_to_come_back(make: Make) -> None:
    found = _send(make(upload=UploadLimits(waiting=0)), "body", FULL)
    assert found.status_code == 503
    assert int(found.headers["retry-after"]) > 0


def test_pasted_xml_is_read_whatever_encoding_it_declares(client: Client) -> None:
    """A form sends UTF-8; what the text declares was true of the file that it came from."""
    text = by_rdflib(FULL, "xml").decode().replace("utf-8", "iso-8859-1", 1)
    text = text.replace("</rdfs:label>", " · é</rdfs:label>")
    found = client.post("/judge", data={"text": text, "syntax": "rdfxml", "format": "json"})
    assert found.status_code == 200
    assert " · é" in found.text
