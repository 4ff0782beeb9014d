"""Reports for people to read as text: plain, at any width, and Markdown."""

from __future__ import annotations

import re

import pytest
from assessments import BASE, HOSTILE, read_all, read_hostile, read_lamsig, read_vending, show

from k20kg.model import Assumption, Carrier
from k20kg.report.content.grounds import carried_words

# ---------------------------------------------------------------- text


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_wider_than_the_width(width: int, ascii_only: bool) -> None:
    text = show(read_all(), "text", width=width, ascii_only=ascii_only)
    assert [line for line in text.splitlines() if len(line) > width] == []


def test_wide_letters_take_two_cells() -> None:
    wide = [one._replace(label="学" * 50) for one in read_lamsig()]
    lines = show(wide, "text", width=60).splitlines()
    assert max(line.count("学") * 2 for line in lines) <= 60
    assert sum(line.count("学") for line in lines) >= 50


def test_ascii_only_is_pure_ascii() -> None:
    text = show(read_all(), "text", ascii_only=True)
    assert text.isascii()
    assert "[x] met" in text
    assert "[ ] not established" in text
    assert "[-] not met" in text
    assert "[?] contested" in text


def test_colour_comes_only_when_asked_for_and_changes_no_word() -> None:
    plain = show(read_lamsig(), "text")
    coloured = show(read_lamsig(), "text", colour=True)
    assert "\x1b" not in plain
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9]+m", "", coloured) == plain


def test_readings_stand_side_by_side() -> None:
    text = show(read_lamsig(), "text", width=120)
    assert re.search(r"as-applied +literal", text)
    assert re.search(r"✔ K-20 partnership +◌ not established", text)
    assert re.search(r"1a +Shared goal +4 of 4 role groups asked +✔ met ◆ +✔ met ◆ +✔ met\n", text)


def test_what_to_ask_names_gap_people_remedy_and_keeper_once_and_in_order() -> None:
    text = " ".join(show(read_lamsig(), "text").split())
    settle = text.split("Ask next, first what settles a criterion by the fewest records")[1]
    assert settle.index("1 2c No signature by an upper-echelon leader") < settle.index("2 3 No ben")
    assert text.count("No signature by an upper-echelon leader of a school district") == 1
    assert "About: SCALE agreement; QED agreement." in settle
    assert "Would settle it: A signed award" in settle
    assert "Who could have it: The project offices" in settle
    assert "(as-applied)" not in settle.split("Assumptions")[0]


def test_readings_that_find_the_same_are_told_together() -> None:
    asked = show(read_hostile(), "text").split("Ask next")[1].split("Assumptions")[0]
    assert asked.count("alert(1)") == 2, "a gap and whom it is about, once each"
    assert "(literal)" not in asked


def test_every_figure_stands_with_its_source_when_sources_differ() -> None:
    text = " ".join(show(read_lamsig(), "text").split())
    assert "of 38 participants; not tied to the roll; 13 to 15 of 38 asked" in text
    assert "13 (paper Chart 1, line 113); 14 (slides, line 103); 15 (paper 6.1, line 298)" in text


def test_both_sides_are_shown_where_the_record_speaks_against() -> None:
    text = " ".join(show(read_vending(), "text").split())
    for reading, verdict in (("as-applied", "contested"), ("literal", "not met")):
        part = text.split(f"What speaks for and against under the {reading} reading")[1]
        assert part.startswith(f" 3 Mutual benefit: {verdict}.")
        assert "For: The district paid for snacks. (paper p. 1; interview)" in part
        assert "Against: The company named no benefit to schools. (paper p. 2; interview)" in part


def test_assumptions_say_by_whom_and_for_which_reading() -> None:
    text = show(read_lamsig(), "text", width=120)
    assert (
        "◆ The list of role groups asked is complete (curators, paper 6.1). "
        "Decides (as-applied: 1a, 3, the whole; literal: 1a)." in " ".join(text.split())
    )
    assert "- Commitments outside the agreement count (curators). [as-applied only]\n" in text


def test_what_all_readings_take_for_granted_stands_once() -> None:
    taken = [
        one._replace(assumptions=(Assumption("Contracts decide nothing.", f"the reading {who}"),))
        for one, who in zip(read_lamsig(), ("as-applied", "literal"), strict=True)
    ]
    text = show(taken, "text", width=120)
    assert text.count("Contracts decide nothing") == 1
    assert "nothing (the reading as-applied and the reading literal).\n" in text


def test_the_verdict_line_counts_what_decides_and_the_authors_stand_beside() -> None:
    text = show(read_lamsig(), "text", width=120)
    assert (
        "as-applied: K-20 partnership, as the authors judged this very case "
        "(1 assumption decides)\n" in text
    )
    assert "\nauthors: K-20 partnership, paper 7.0\n" in text
    goal = text[text.index("1a  ") : text.index("1b  ")]
    assert "authors: met, paper 6.1\n" in goal
    assert "3 goals: Increase student learning; Increase K-12 instructional quality; " in goal


def test_coverage_tells_what_there_is() -> None:
    text = " ".join(show(read_lamsig(), "text", width=120).split())
    assert "1 district ✔ met" in text
    assert "1 of 1" not in text
    assert "at least 1 of 38 participants; not tied to the roll;" in text
    assert "6 official supports: Leaders of firm 1; Leaders of firm 2;" in text
    many = [
        Carrier("task", f"{BASE}task/{n}", f"Task {n}", ("District",) if n < 3 else ())
        for n in range(1, 11)
    ]
    assert carried_words(many) == (
        "10 tasks: Task 1, Task 2 (District); Task 3; Task 4; Task 5; Task 6; Task 7; and 3 more"
    )


def test_text_shows_no_iri_but_the_address_of_each_case_once() -> None:
    text = show([*read_lamsig(), *read_vending()], "text", width=200)
    assert re.findall(r"\w+://\S+", text) == [f"{BASE}case/lamsig", f"{BASE}case/vending"]


def test_many_cases_end_in_a_line_each() -> None:
    text = show([*read_lamsig(), *read_vending()], "text", width=120)
    summary = text.split("Summary of 2 cases\n")[1].splitlines()
    assert re.match(r"Los Angeles Middle.* ✔ K-20 partnership +◌ not established 2c 3$", summary[1])
    assert re.match(r"Vending.* ◐ contested 3 +✘ not a K-20 partnership 3$", summary[2])
    assert "Summary" not in show(read_lamsig(), "text")


# ---------------------------------------------------------------- Markdown


def test_markdown_escapes_tables_tags_code_and_links() -> None:
    text = show([a._replace(label=f"1. {HOSTILE} https://evil.example") for a in read_hostile()],
                "markdown")  # fmt: skip
    assert "<script>" not in text
    assert re.search(r"(?<!\\)`", text) is None
    assert "https://evil" not in text
    assert "](javascript:" not in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {6, 7, 9}, "no cell of a record breaks its table"
