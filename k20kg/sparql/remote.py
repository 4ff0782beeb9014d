"""SPARQL 1.1 endpoints elsewhere.

Credentials come from the environment: ``K20KG_ENDPOINT_TOKEN`` (bearer), or
``K20KG_ENDPOINT_USER`` and ``K20KG_ENDPOINT_PASSWORD`` (basic). They do not follow a redirect.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import pyoxigraph as ox

from k20kg.errors import RemoteError, UsageError
from k20kg.rdf.text import escape_controls, guess_kind
from k20kg.sparql.columns import arrange, number_blank_nodes
from k20kg.sparql.sparql import AskResult, Rows, Triples, declare_prefixes, form_of

_ROWS: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
_TRIPLES: Final = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_ATTEMPTS: Final = 4
_FIRST_WAIT_SECONDS: Final = 0.5
_LONGEST_WAIT_SECONDS: Final = 30.0
_LONGEST_URL: Final = 4000
_HEAD_LINES: Final = re.compile(r"\A(?:[ \t]*#[^\r\n]*(?:\r\n|\n)|[ \t]*\n)+")


class Endpoint:
    """A SPARQL endpoint that answers the same two calls as a store here.

    `method` is ``get``, ``post``, or ``auto``: GET while the address stays short. 429 and 503 are
    tried again, up to four times in all, waiting as long as ``Retry-After`` asks, but at most half
    a minute. All else that goes wrong is a `RemoteError` at once.
    """

    def __init__(
        self,
        url: str,
        *,
        method: str = "auto",
        timeout_seconds: float = 60,
        environ: Mapping[str, str] = os.environ,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"{escape_controls(parts.geturl())} is no address of an endpoint",
                remedy="give one that starts with http:// or https://",
            )
        if parts.username or parts.password:
            raise UsageError(
                "an endpoint's address may hold no user or password",
                remedy="set K20KG_ENDPOINT_USER and K20KG_ENDPOINT_PASSWORD instead",
            )
        if method not in ("auto", "get", "post"):
            raise UsageError(
                f"there is no method {escape_controls(method)}", remedy="say get or post"
            )
        self.url = url
        self._where = escape_controls(url)
        self._method = method
        self._timeout = timeout_seconds
        self._authorization = _authorization(environ)
        self._sleep = sleep
        self.hint = ""
        """Hint of the endpoint in the header ``K20KG-Hint`` of its last answer."""

    def select(self, text: str, *, where: str = "query") -> Rows | AskResult:
        """Answer SELECT or ASK."""
        form = form_of(text, where=where)
        if form not in ("SELECT", "ASK"):
            raise UsageError("this query gives triples, not rows", where=where)
        body, kind = self._ask(text, _ROWS, where)
        try:
            found = ox.parse_query_results(body, self._format(ox.QueryResultsFormat, kind, body))
            if isinstance(found, ox.QueryBoolean):
                return AskResult(bool(found))
            columns = tuple(variable.value for variable in found.variables)
            rows = [tuple(row) for row in found]
            if form == "ASK":  # Virtuoso answers with one row that says 1 or 0
                return AskResult(bool(rows) and getattr(rows[0][0], "value", "") in ("1", "true"))
            return arrange(text, Rows(columns, number_blank_nodes(rows)))
        except (SyntaxError, ValueError) as fault:
            raise self._broken(fault) from None

    def construct(self, text: str, *, where: str = "query") -> Triples:
        """Answer CONSTRUCT or DESCRIBE."""
        if form_of(text, where=where) not in ("CONSTRUCT", "DESCRIBE"):
            raise UsageError("this query gives rows, not triples", where=where)
        body, kind = self._ask(text, _TRIPLES, where)
        try:
            quads = ox.parse(body, self._format(ox.RdfFormat, kind, body))
            return Triples(sorted({quad.triple for quad in quads}, key=str))
        except (SyntaxError, ValueError) as fault:
            raise self._broken(fault) from None

    def _ask(self, text: str, accept: str, where: str) -> tuple[bytes, str]:
        """Return the body and media type of the answer, after as many attempts as it takes."""
        wait = _FIRST_WAIT_SECONDS
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._ask_once(text, accept)
            except urllib.error.HTTPError as fault:
                busy = fault.code in (429, 503)
                asked = _retry_after(fault.headers.get("Retry-After")) if busy else None
                if not busy or attempt == _ATTEMPTS or (asked or 0) > _LONGEST_WAIT_SECONDS:
                    raise self._refused(fault, asked, attempt, where) from None
                self._sleep(wait if asked is None else asked)
                wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
            except (OSError, http.client.HTTPException) as fault:
                raise self._unreachable(fault) from None
        raise AssertionError

    def _ask_once(self, text: str, accept: str) -> tuple[bytes, str]:
        text = declare_prefixes(_HEAD_LINES.sub("", text))
        wrapper = _wrapper(self.url, accept, self._authorization)
        wrapper.setOnlyConneg(True)
        short = len(self.url) + len(urllib.parse.quote_plus(text)) < _LONGEST_URL
        use_get = self._method == "get" or (self._method == "auto" and short)
        wrapper.setMethod("GET" if use_get else "POST")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it guesses the form by a pattern, and warns
            wrapper.setQuery(text)
        wrapper.queryType = form_of(text)
        # Its own query() drops the headers that tell when to come back.
        request = wrapper._createRequest()
        with urllib.request.urlopen(request, timeout=self._timeout) as response:
            self.hint = escape_controls(response.headers.get("K20KG-Hint", ""))
            return response.read(), response.headers.get_content_type()

    def _format(self, kinds: Any, kind: str, body: bytes) -> Any:
        """Return the format of an answer, one of pyoxigraph's `kinds`."""
        form = kinds.from_media_type(kind.replace("rdf+n3", "turtle"))
        if form not in (None, ox.QueryResultsFormat.CSV):  # which has no terms
            return form
        seen = guess_kind(body[:4096].decode("utf-8", "replace")) or escape_controls(kind)
        raise RemoteError(
            f"the answer is {seen}, not what SPARQL asks for",
            where=self._where,
            remedy="check the address: it must be the endpoint, not its web page",
        )

    def _broken(self, fault: Exception) -> RemoteError:
        return RemoteError(
            f"the answer is cut off or damaged ({escape_controls(str(fault))[:200]})",
            where=self._where,
            remedy="try again, or ask for less at a time",
        )

    def _refused(
        self, fault: urllib.error.HTTPError, asked: float | None, attempt: int, where: str
    ) -> RemoteError:
        try:
            said = fault.read(2000).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException, ValueError):
            said = ""
        problem = _problem(fault, said)
        said = problem.get("title", "" if guess_kind(said) else said)
        said = " ".join(escape_controls(said).split())[:300]
        remedies = {
            400: f"mend {where}, or ask what this endpoint can do",
            401: "set K20KG_ENDPOINT_TOKEN, or K20KG_ENDPOINT_USER and K20KG_ENDPOINT_PASSWORD",
            403: "ask for the right to query it",
            404: "check the address",
            414: "say --method post",
        }
        if problem.get("detail"):
            remedies[fault.code] = escape_controls(problem["detail"])
        what = f"the endpoint answered {fault.code} {escape_controls(str(fault.reason))}".rstrip()
        if fault.code in (429, 503):
            what += f" {attempt} times" if attempt > 1 else ""
            wait = f"in {asked:.0f} seconds" if asked else "later"
            remedies[fault.code] = f"try again {wait}"
        return RemoteError(
            what + (f": {said}" if said else ""),
            where=self._where,
            remedy=remedies.get(fault.code, "ask who runs it"),
        )

    def _unreachable(self, fault: Exception) -> RemoteError:
        reason = getattr(fault, "reason", fault)
        if isinstance(reason, TimeoutError) or "timed out" in str(reason):
            return RemoteError(
                f"no answer within {self._timeout:g} seconds",
                where=self._where,
                remedy="say --timeout SECONDS to wait longer, or ask for less",
            )
        if isinstance(fault, http.client.HTTPException):
            return self._broken(fault)
        return RemoteError(
            f"it cannot be reached ({escape_controls(str(reason))})",
            where=self._where,
            remedy="check the address and whether the server runs",
        )


def _problem(fault: urllib.error.HTTPError, said: str) -> dict[str, str]:
    """Return what an endpoint says of a fault after RFC 9457."""
    if fault.headers.get_content_type() != "application/problem+json":
        return {}
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _wrapper(url: str, accept: str, authorization: str | None) -> Any:
    """Return a SPARQLWrapper whose credentials stay with the host that they are for."""
    from SPARQLWrapper import SPARQLWrapper

    class Wrapper(SPARQLWrapper):
        def _createRequest(self) -> urllib.request.Request:  # noqa: N802 - its name there
            request: urllib.request.Request = super()._createRequest()
            request.add_header("Accept", accept)
            request.add_header("User-Agent", "k20kg")
            if authorization:
                request.add_unredirected_header("Authorization", authorization)
            return request

    return Wrapper(url)


def _authorization(environ: Mapping[str, str]) -> str | None:
    if token := environ.get("K20KG_ENDPOINT_TOKEN"):
        value = f"Bearer {token}"
    elif user := environ.get("K20KG_ENDPOINT_USER"):
        pair = f"{user}:{environ.get('K20KG_ENDPOINT_PASSWORD', '')}"
        value = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        return None
    if not value.isascii() or not value.isprintable():
        raise UsageError(
            "K20KG_ENDPOINT_TOKEN holds characters that no token may", remedy="set it anew"
        )
    return value


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for; it may give a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def fetch_graph(iri: str, *, timeout_seconds: float = 60) -> list[ox.Triple]:
    """Return the triples at a web address, for FROM where the user allowed it."""
    if not iri.startswith(("http://", "https://")):
        raise RemoteError(
            "only http and https are fetched", where=escape_controls(iri), remedy="use --data"
        )
    request = urllib.request.Request(iri, headers={"Accept": _TRIPLES, "User-Agent": "k20kg"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_seconds) as response:
            kind = response.headers.get_content_type()
            if (form := ox.RdfFormat.from_media_type(kind)) is None:
                raise RemoteError(
                    f"this is {escape_controls(kind)}, not RDF",
                    where=escape_controls(iri),
                    remedy="check it",
                )
            quads = ox.parse(response.read(), form, base_iri=iri, rename_blank_nodes=True)
            return [quad.triple for quad in quads]
    except (OSError, http.client.HTTPException, SyntaxError, ValueError) as fault:
        raise RemoteError(
            f"the graph cannot be fetched ({escape_controls(str(fault))})",
            where=escape_controls(iri),
            remedy="check the address",
        ) from None
