"""The pages in a real browser: Chromium, with and without script, light and dark, on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scale import some
from served import Served

from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None
)
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Debian's package chromium is not installed"
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEFINITION = "/definition/clifford-millar-2007"
QUERY = "/query/which-goals-are-shared-by-all-who-were-asked"
PAGES = [
    "/",
    "/about",
    "/cases",
    "/cases?reading=literal",
    "/cases?definition=goodlad-1991",
    "/cases?criterion=2c&verdict=not-met",
    "/literature?stance=critiques",
    "/term/Firm",
    "/shapes/clifford-millar-2007/joint-work",
    "/case/lamsig",
    "/case/full-partnership",
    "/case/lamsig/goal/5",
    "/case/lamsig?nothing=here",
    DEFINITION,
    "/criterion/formal-agreement",
    "/literature",
    "/work/goodlad-1991",
    "/ontology",
    "/ontology/definition",
    "/shapes",
    "/queries",
    QUERY,
    "/sparql",
    "/sparql?query=SELECT%20*%20%7B%3Fs%20a%20k20%3ACriterion%7D",
    "/sparql?query=SELECT%20nonsense",
    "/judge",
    "/dump/",
    "/nowhere",
]
LONG = ["/shapes"]
"""Many links, in colours that shorter pages have too."""
TELLING = [
    "/",
    "/cases",
    "/cases?definition=goodlad-1991",
    "/case/lamsig",
    "/case/lamsig/goal/5",
    DEFINITION,
    QUERY,
    "/sparql",
    "/judge",
]
"""Pages that between them have every component."""
FULL = publish(shipped_cases()["full-partnership"])
FILE = {"name": "mine.ttl", "mimeType": "text/turtle", "buffer": FULL}


@dataclass
class Watch:
    """Remarks and requests of a browser beside the page that it shows."""

    elsewhere: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        """True if there was nothing to remark."""
        return not (self.elsewhere or self.failed or self.said)


class Browser:
    """Pages of a server, each watched."""

    def __init__(self, engine: Any, url: str) -> None:
        self._engine, self.url = engine, url.rstrip("/")

    def page(self, *, expect_status: bool = False, **context: Any) -> tuple[Any, Watch]:
        """Return a new page in a context of its own."""
        watch = Watch()
        opened = self._engine.new_context(base_url=self.url, **context)
        opened.set_default_timeout(30_000)

        def route(handler: Any) -> None:
            if handler.request.url.startswith((self.url + "/", "data:")):
                handler.continue_()
            else:
                watch.elsewhere.append(handler.request.url)
                handler.abort()

        opened.route("**/*", route)
        page = opened.new_page()

        def hear(message: Any) -> None:
            # A page that says 404 is itself reported as a resource that failed.
            if message.type in ("error", "warning") and not (
                expect_status and "Failed to load resource" in message.text
            ):
                watch.said.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda fault: watch.said.append(str(fault)))

        def fail(request: Any) -> None:
            if "ERR_ABORTED" not in (request.failure or ""):  # the visitor went on
                watch.failed.append(f"{request.url}: {request.failure}")

        page.on("requestfailed", fail)
        return page, watch


@pytest.fixture(scope="module")
def browser(server: Served) -> Iterator[Browser]:
    with playwright.sync_playwright() as tool:
        engine = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, headless=True)
        try:
            yield Browser(engine, server.url)
        finally:
            engine.close()


def _open(page: Any, path: str) -> Any:
    return page.goto(path, wait_until="load")


# ---------------------------------------------------------------- every page


@pytest.fixture(scope="module")
def axe() -> Any:
    module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    return module.Axe()


def _findings(axe: Any, page: Any, *, colours: bool = True) -> list[str]:
    """Return serious and critical findings in short."""
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": colours}}}
    found = axe.run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 375, "height": 812}},
}


@pytest.mark.parametrize("look", LOOKS)
def test_pages_ask_no_other_host_make_no_noise_and_shut_nobody_out(
    look: str, browser: Browser, axe: Any
) -> None:
    faults: list[str] = []
    page, watch = browser.page(expect_status=True, **LOOKS[look])
    few = some(PAGES, sample=13, always=[*TELLING, "/nowhere"])
    for path in few if look == "light" else TELLING:
        answer = _open(page, path)
        assert answer.status == (404 if path == "/nowhere" else 400 if "nonsense" in path else 200)
        assert page.locator("h1").count() == 1, path
        assert page.locator("main").count() == 1, path
        faults += [
            f"{path}: {finding}" for finding in _findings(axe, page, colours=path not in LONG)
        ]
        if look == "phone":
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0:
                faults.append(f"{path}: {wide} px wider than a phone")
    page.context.close()
    assert watch.quiet, watch
    assert faults == []


def test_pages_work_without_script(browser: Browser) -> None:
    page, watch = browser.page(java_script_enabled=False)
    _open(page, "/")
    page.get_by_role("link", name="Cases").first.click()
    page.wait_for_url("**/cases")
    page.locator("table a[href*='/case/lamsig']").first.click()
    page.wait_for_url("**/doc/case/lamsig")
    assert "Los Angeles" in page.locator("h1").inner_text()
    _open(page, "/sparql")
    page.get_by_label("Query", exact=True).fill("SELECT ?n { VALUES ?n { 41 } }")
    page.get_by_role("button", name="Run query").click()
    assert page.locator("#table td").inner_text() == "41"
    assert watch.quiet, watch
    page.context.close()


def test_no_page_is_endless_on_a_phone_and_folds_open_by_address(browser: Browser) -> None:
    page, watch = browser.page(**LOOKS["phone"])
    for path, most in {
        "/queries": 5_000,
        "/ontology": 10_000,
        "/ontology/criteria": 5_000,
        "/shapes": 10_000,
        "/definition/clifford-millar-2007": 17_000,
        "/case/guie": 12_000,
        "/literature": 12_000,
        "/case/lamsig": 23_000,
        "/query/which-terms-does-each-ontology-document-define": 9_000,
        "/query/what-did-the-curators-infer-or-rule": 10_000,
    }.items():
        _open(page, path)
        assert page.evaluate("document.documentElement.scrollHeight") < most, path
    _open(page, "/queries")
    asked = page.get_by_role("link", name="Which listed work is cited most often?")
    assert not asked.is_visible()
    _open(page, "/queries#CQ071")
    assert asked.is_visible()
    _open(page, "/case/lamsig")
    page.get_by_role("link", name="What would settle it", exact=True).click()
    assert page.locator("#missing-1 table").is_visible()
    _open(page, "/ontology#Firm")
    assert page.locator("#Firm").is_visible()
    assert watch.quiet, watch
    page.context.close()


# ---------------------------------------------------------------- ways through


def test_a_visitor_gets_from_the_front_page_to_the_evidence(browser: Browser) -> None:
    page, watch = browser.page()
    _open(page, "/")
    assert "K-20 partnership" in page.locator("h1").inner_text()
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Definition").click()
    page.wait_for_url(f"**/doc{DEFINITION}")
    assert page.locator("#formal-agreement").count() == 1
    _open(page, "/case/lamsig")
    assert page.url.endswith("/doc/case/lamsig")
    folds = page.locator("details")
    assert folds.count() >= 9
    first = folds.first
    first.locator("summary").click()
    assert first.evaluate("node => node.open")
    assert first.locator("li, p, dd").first.is_visible()
    assert watch.quiet, watch
    page.context.close()


def test_the_console_answers_and_points_at_faults(browser: Browser) -> None:
    page, watch = browser.page(expect_status=True)
    _open(page, "/sparql")
    box = page.get_by_label("Query", exact=True)
    asked = "SELECT ?criterion ?label {\n?criterion a k20:Criterion ; rdfs:label ?label\n}"
    box.fill(asked)
    for _ in "once", "again, as the page shows it":
        box.press("Control+Enter")
        page.wait_for_selector("#table")
        assert page.locator("#table tbody tr").count() >= 9
        assert box.input_value() == asked
        page.evaluate("document.querySelector('#table').remove()")
        page.wait_for_load_state("load")  # else its script may not listen yet
    page.get_by_label("Query", exact=True).fill("SELECT * {\n ?s ?p }")
    page.get_by_role("button", name="Run query").click()
    page.wait_for_selector("#fault")
    assert "ine 2" in page.locator("#fault").inner_text()
    assert page.get_by_label("Query", exact=True).input_value().startswith("SELECT * {")
    _open(page, QUERY)
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").first.evaluate(
            "node => { node.setAttribute('download', ''); node.click(); }"
        )
    assert "goal" in Path(started.value.path()).read_text(encoding="utf-8").lower()
    assert watch.quiet, watch
    page.context.close()


def _await_report(page: Any) -> None:
    page.wait_for_selector("h1:has-text('Full partnership'), [role=alert]")
    assert "Full partnership" in page.locator("h1").inner_text(), page.locator("main").inner_text()


@pytest.mark.parametrize("script", [True, False])
def test_a_record_is_pasted_or_sent_as_a_file_and_judged(script: bool, browser: Browser) -> None:
    page, watch = browser.page(expect_status=True, java_script_enabled=script)
    _open(page, "/judge")
    page.get_by_label("Or the text of one").fill(FULL.decode())
    page.get_by_label("Syntax").select_option("turtle")
    page.get_by_role("button", name="Judge it").click()
    _await_report(page)
    assert "K-20 partnership" in page.locator("main").inner_text()
    _open(page, "/judge")
    page.get_by_label("A file").set_input_files(FILE)
    page.get_by_role("button", name="Judge it").click()
    _await_report(page)
    _open(page, "/judge")
    page.get_by_label("Or the text of one").fill("<a> <b> .\n<<")
    page.get_by_label("Syntax").select_option("turtle")
    page.get_by_role("button", name="Judge it").click()
    page.wait_for_selector("[role=alert]")
    assert page.get_by_label("Or the text of one").input_value().startswith("<a> <b>")
    assert watch.quiet, watch
    page.context.close()


def test_a_report_shuts_nobody_out(browser: Browser, axe: Any) -> None:
    for look in LOOKS.values():
        page, _ = browser.page(**look)
        _open(page, "/judge")
        page.get_by_label("A file").set_input_files(FILE)
        page.get_by_role("button", name="Judge it").click()
        _await_report(page)
        assert _findings(axe, page) == []
        page.context.close()


def test_the_keyboard_reaches_everything_and_focus_is_seen(browser: Browser) -> None:
    page, watch = browser.page()
    _open(page, "/cases")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    _open(page, "/case/lamsig")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                """() => { const node = document.activeElement, look = getComputedStyle(node);
                const seen = look.outlineStyle !== 'none' || look.boxShadow !== 'none';
                return node.tagName + (seen ? '' : ' unseen'); }"""
            )
        )
    assert {"A", "SUMMARY"} <= seen
    assert not [one for one in seen if "unseen" in one]
    summary = page.locator("details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("node => node.open")
    assert watch.quiet, watch
    page.context.close()


def test_a_printed_case_opens_its_folds(browser: Browser, tmp_path: Path) -> None:
    page, _ = browser.page()
    _open(page, "/case/lamsig")
    page.pdf(path=tmp_path / "case.pdf")
    assert (tmp_path / "case.pdf").stat().st_size > 10_000
    page.context.close()
