"""Every packaged query gives exactly the rows beside it, and its head says what it should."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from shipped import with_verdicts as _store

from k20kg.report.table import render_answer
from k20kg.sparql import named_queries
from k20kg.sparql.named_queries import GROUPS, Query
from k20kg.sparql.sparql import AskResult, Rows, answer
from k20kg.sparql.store import open_packaged
from k20kg.vocabulary import packaged

FILES = sorted(packaged("queries").glob("*/*.rq"))


def expected_cells(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def found_cells(found: Rows) -> list[list[str]]:
    """Return the header and the rows as they are compared: IRIs and lexical forms."""
    return [
        list(found.columns),
        *([getattr(term, "value", "") for term in row] for row in found.rows),
    ]


def parsed(path: Path) -> Query:
    return named_queries.parse(path)


def test_queries_were_found() -> None:
    assert len(FILES) >= 40
    assert {path.parent.name for path in FILES} <= set(GROUPS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_query_gives_the_rows_beside_it(path: Path) -> None:
    query = parsed(path)
    found = answer(_store(), query.bound({}), where=path.name)
    beside = path.with_suffix(".csv")
    if isinstance(found, AskResult):
        assert query.expects == str(found.value).lower()
        return
    if not isinstance(found, Rows):
        assert query.expects == f"triples {len(found.triples)}"
        return
    assert beside.is_file(), f"{path.name} has no expected rows beside it"
    assert found_cells(found) == expected_cells(beside)
    assert query.expects == f"rows {len(found.rows)}"
    assert found.rows, "a query that answers nothing shows nothing"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_head_and_query_keep_the_house_rules(path: Path) -> None:
    query = parsed(path)
    text = path.read_text(encoding="utf-8")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", query.name)
    assert query.summary.endswith(("?", "."))
    assert "\n" not in query.summary
    assert query.tags
    if query.form == "SELECT":
        assert not re.search(r"SELECT\s+(DISTINCT\s+)?\*", text), "name the columns"
        assert "ORDER BY" in text or query.expects == "rows 1", "order the rows"
    assert "SERVICE" not in text
    for parameter in query.parameters:
        if parameter.default is None:
            continue
        same = query.bound({parameter.name: parameter.default})
        assert answer(_store(), same) == answer(_store(), query.bound({})), (
            f"the default of {parameter.name} is not what the query says itself"
        )


def test_no_two_queries_share_a_name_or_an_id() -> None:
    queries = [parsed(path) for path in FILES]
    for what in ("name", "id", "summary"):
        twice = [v for v, n in Counter(getattr(q, what) for q in queries).items() if n > 1]
        assert not twice, what


def test_no_expected_rows_lie_about_without_a_query() -> None:
    tables = {path.with_suffix("") for path in packaged("queries").glob("*/*.csv")}
    assert tables <= {path.with_suffix("") for path in FILES}


def test_queries_are_plain_sparql_for_rdflib_too() -> None:
    from rdflib.plugins.sparql import prepareQuery

    for path in FILES:
        prepareQuery(path.read_text(encoding="utf-8"))


def test_answers_come_out_the_same_each_time() -> None:
    for path in FILES[:5]:
        text = parsed(path).bound({})
        once, again = (render_answer(answer(open_packaged(), text), "json") for _ in range(2))
        assert once == again
