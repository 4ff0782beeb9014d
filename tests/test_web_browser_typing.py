"""Typing in a real browser: a case in the form, with keys alone, without script; queries."""

# ruff: noqa: F811 (fixtures of the other module)

from __future__ import annotations

from typing import Any

import pytest
from scale import some
from test_web_browser import _findings, axe, browser  # noqa: F401

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
PHONE = {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}}


def _width(page: Any) -> int:
    found: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


@pytest.mark.parametrize("look", some([PHONE, {"java_script_enabled": False}], sample=1))
def test_a_group_is_judged_from_scratch_in_the_browser(
    look: dict[str, Any],
    browser: Any,
    axe: Any,
) -> None:
    page, watch = browser.page(expect_status=True, **look)
    page.goto("/judge")
    page.get_by_role("link", name="Fill in a form").click()
    page.get_by_label("Short name").fill("valley")
    page.get_by_role("button", name="Next: organizations").click()
    page.wait_for_selector("h2:has-text('Organizations')")
    assert "1 fault" not in page.get_by_role("button", name="Organizations").inner_text()
    page.get_by_label("Short name").fill("college")
    page.get_by_label("Full name").fill("Valley College")
    page.get_by_label("Kind").select_option("university")
    page.get_by_label("Member?").select_option("yes")
    page.get_by_role("button", name="Judge it").click()
    page.wait_for_selector("[role=alert]")
    if look is PHONE:
        assert _findings(axe, page) == []
        assert _width(page) <= 0
    name = page.get_by_label("Full name")  # the group's: the first section with a fault
    assert name.get_attribute("aria-invalid") == "true"
    assert page.locator(f"#{name.get_attribute('aria-describedby').split()[0]}").is_visible()
    name.fill("Valley Group")
    page.get_by_role("button", name="Evidence").click()
    page.wait_for_selector("h2:has-text('Evidence')")
    for label, text in (
        ("Short name", "E1"),
        ("Source", "Minutes"),
        ("Place", "page 2"),
        ("How found", "document"),
    ):
        page.get_by_label(label, exact=False).first.fill(text)
    page.get_by_role("button", name="Organizations").click()
    page.wait_for_selector("h2:has-text('Organizations')")
    page.get_by_text("Row 1").first.wait_for()
    page.get_by_label("Says so").fill("E1")
    page.get_by_role("button", name="Add a row").click()
    page.wait_for_selector("#new")
    assert page.locator("#new").evaluate("one => one.open")
    page.get_by_role("button", name="Judge it").click()
    page.wait_for_selector("h1:has-text('Valley Group'), [role=alert]")
    assert "Valley Group" in page.locator("h1").inner_text(), page.locator("main").inner_text()
    assert "not established" in page.locator("main").inner_text()
    if look is PHONE:
        assert _findings(axe, page) == []
    with page.expect_download() as started:
        page.get_by_role("button", name="Workbook of the record").click()
    assert started.value.suggested_filename == "record.xlsx"
    page.get_by_role("button", name="Change it in the form").click()
    page.wait_for_selector("h1:has-text('section by section')")
    assert page.get_by_label("Full name").input_value() == "Valley Group"
    assert watch.quiet, watch
    page.context.close()


def test_the_form_is_filled_in_with_keys_alone(browser: Any) -> None:
    page, watch = browser.page(expect_status=True)
    page.goto("/judge/form")
    page.get_by_label("Short name").focus()
    page.keyboard.type("valley")
    page.keyboard.press("Tab")
    page.keyboard.type("Valley Group")
    assert page.get_by_label("Full name").input_value() == "Valley Group"
    page.get_by_label("Short name").focus()
    page.keyboard.press("Enter")  # as the first button does: it checks, and stays
    page.wait_for_selector("text=As it stands")
    assert page.locator("#here").inner_text() == "Group"
    assert page.get_by_label("Short name").input_value() == "valley"
    focus = "document.activeElement.innerText"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(focus) == "Next: organizations":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("h2:has-text('Organizations')")
    assert watch.quiet, watch
    page.context.close()


def test_the_console_offers_terms_to_who_types(browser: Any, axe: Any) -> None:
    page, watch = browser.page()
    page.goto("/sparql")
    box = page.get_by_label("Query", exact=True)
    box.fill("SELECT ?x { ?x a ")
    box.press_sequentially("k20:formalag")
    page.wait_for_selector("#terms [role=option]")
    assert "formal agreement" in page.locator("#terms li").first.inner_text()
    assert "offered" in page.locator("#said").inner_text()
    box.press("ArrowDown")
    chosen = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    assert _findings(axe, page) == []
    box.press("Enter")
    assert box.input_value() == "SELECT ?x { ?x a k20:FormalAgreement "
    assert page.locator("#terms").is_hidden()
    box.press_sequentially("} ORDER BY ?x\n")
    assert box.input_value().endswith("} ORDER BY ?x\n")  # Enter is a new line again
    box.press_sequentially("lim")
    page.wait_for_selector("#terms [role=option]")
    below, field = page.locator("#terms").bounding_box(), box.bounding_box()
    assert below
    assert field
    assert field["y"] + 30 < below["y"] < field["y"] + field["height"]  # under the second line
    box.press("Escape")
    assert page.locator("#terms").is_hidden()
    box.press_sequentially("it 3")
    copy = page.locator(".copy")
    assert copy.inner_text().strip() == box.input_value().strip()
    assert copy.locator(".k").all_inner_texts()[:1] == ["SELECT"]
    page.get_by_role("button", name="Copy the address").click()
    page.wait_for_function("location.search.includes('FormalAgreement')")
    box.press("Control+Enter")
    page.wait_for_selector("#table")
    assert page.locator("#table tbody tr").count() == 3
    assert page.locator("#table tbody td").first.inner_text().count(" ") >= 1  # a label beside it
    assert watch.quiet, watch
    page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_an_answer_is_paged_through(script: bool, browser: Any) -> None:
    page, watch = browser.page(java_script_enabled=script, **PHONE)
    page.goto("/sparql")
    page.get_by_label("Query", exact=True).fill("SELECT ?n { ?n a k20:EvidenceItem } ORDER BY ?n")
    page.get_by_role("button", name="Run query").click()
    page.wait_for_selector("#table")
    first = page.locator("#table tbody td").first.inner_text()
    page.get_by_role("link", name="The next rows").click()
    page.wait_for_selector("h2:has-text('Rows 101 to 200')")
    assert page.locator("#table tbody td").first.inner_text() != first
    page.get_by_role("link", name="The rows before").click()
    page.wait_for_selector("h2:has-text('The first 100 rows')")
    assert page.locator("#table tbody td").first.inner_text() == first
    assert _width(page) <= 0
    assert watch.quiet, watch
    page.context.close()


def _press_until(page: Any, role: str, name: str, key: str = "Enter") -> None:
    """Go to what has a role and a name with the Tab key, and press a key or type there."""
    target = page.get_by_role(role, name=name).first
    for _ in range(120):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            break
    assert target.evaluate("one => one === document.activeElement"), name
    if key == "Enter" and role != "searchbox":
        page.keyboard.press(key)
        page.wait_for_load_state("load")
    else:
        page.keyboard.type(key)


@pytest.mark.parametrize("script", [True, False])
def test_a_new_visitor_gets_there_with_keys_alone(script: bool, browser: Any) -> None:
    page, watch = browser.page(java_script_enabled=script, **PHONE)
    page.goto("/")
    _press_until(page, "searchbox", "Search", "trust")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=trust")
    _press_until(page, "link", "trust among leaders")
    page.wait_for_url("**/claim/*")
    assert "line 45" in page.locator("main").inner_text()
    page.goto("/")
    _press_until(page, "link", "Cases")
    page.wait_for_url("**/cases")
    _press_until(page, "combobox", "Criterion", "2c")
    _press_until(page, "combobox", "Verdict", "not m")
    _press_until(page, "button", "Show")
    page.wait_for_url("**verdict=not-met**")
    cell = page.locator("td.cell").first.bounding_box()
    assert cell
    assert cell["x"] + cell["width"] <= 390  # nobody has to scroll sideways to see it
    assert _width(page) <= 0
    assert watch.quiet, watch
    page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_the_address_to_cite_a_figure_answers_with_it(script: bool, browser: Any) -> None:
    page, watch = browser.page(java_script_enabled=script, reduced_motion="reduce")
    page.goto("/")
    _press_until(page, "link", "See the evidence for each criterion")
    page.wait_for_url("**/case/lamsig")
    _press_until(page, "link", "Benefits")
    address = "https://w3id.org/k20kg/case/lamsig#figure-flows"
    _press_until(page, "link", address)
    page.wait_for_url("**/doc/case/lamsig#figure-flows")
    page.goto("/about")
    page.goto(address.replace("https://w3id.org/k20kg", ""))
    page.wait_for_timeout(300)
    figure = page.locator("#figure-flows").bounding_box()
    assert figure
    assert 0 <= figure["y"] < 450
    cited = page.locator("#figure-flows ~ .asked a").last.inner_text()
    page.goto(cited.replace("https://w3id.org/k20kg", ""))
    assert page.locator("#table tbody tr").count() == 33
    assert watch.quiet, watch
    page.context.close()
