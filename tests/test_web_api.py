"""Schemathesis tries the server against its OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from scale import tries
from served import Served

from k20kg.web.http.formats import FORMATS, GRAPH_FORMATS, HTML, ROW_FORMATS
from k20kg.web.pages.judge import FORMATS as REPORTS
from k20kg.web.pages.judge import SAVED

schemathesis = pytest.importorskip("schemathesis", reason="Schemathesis is not installed")
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
FEW = settings(
    max_examples=tries(sample=2, prove=4),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with Served("--time-limit", "2", "--query-workers", "2") as server:
        yield server


def _operations(server: Served) -> dict[str, Any]:
    described = json.loads(server.get("/openapi.json")[1])
    schema = schemathesis.openapi.from_dict(described)
    found = [result.ok() for result in schema.get_all_operations()]
    return {f"{one.method.upper()} {one.path}": one for one in found}


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_what_is_served_is_what_is_described(mode: Any, server: Served) -> None:
    schemathesis.checks.load_all_checks()
    checks = [schemathesis.checks.CHECKS.get_one(name) for name in NAMES]
    operations = _operations(server)
    assert len(operations) >= 15
    tried: set[str] = set()
    for name, operation in operations.items():
        if mode is MODES[1] and not (operation.query or operation.body):
            continue  # nothing that could be wrong, but the address itself

        tried.add(name)

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers_as_described(case: Any) -> None:
            case.call_and_validate(base_url=server.url.rstrip("/"), checks=checks, timeout=60)

        answers_as_described()
    assert len(tried) >= (15 if mode is MODES[0] else 3)


def test_the_description_is_openapi(server: Served) -> None:
    described = json.loads(server.get("/openapi.json")[1])
    assert described["openapi"].startswith("3.1")
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert all(one["description"] for one in operation["responses"].values()), path


def test_the_description_lists_the_formats_that_there_are(server: Served) -> None:
    paths = json.loads(server.get("/openapi.json")[1])["paths"]
    report = paths["/judge"]["post"]["responses"]["200"]["content"]
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert set(report) == {word, *(form.media_type for form in (*REPORTS, *SAVED))}
    answer = paths["/sparql"]["get"]["responses"]["200"]["content"]
    assert list(answer) == [form.media_type for form in (*ROW_FORMATS, *GRAPH_FORMATS, HTML)]
    document = paths["/doc/{kind}/{name}"]["get"]["responses"]["200"]["content"]
    assert list(document) == [form.media_type for form in (HTML, *FORMATS)]
