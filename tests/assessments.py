"""Assessments to report on: of LAMSIG, of a made-up case, and of one that tries to do harm."""

from __future__ import annotations

from decimal import Decimal

from k20kg.model import (
    Assessment,
    Assumption,
    Carrier,
    Coverage,
    Criterion,
    Definition,
    Evidence,
    Figure,
    Finding,
    Gap,
    Opinion,
    Parameter,
    Reading,
    Verdict,
)
from k20kg.report import render

BASE = "https://w3id.org/k20kg/"
MET, NOT_MET = Verdict.MET, Verdict.NOT_MET
OPEN, CONTESTED = Verdict.NOT_ESTABLISHED, Verdict.CONTESTED
HOSTILE = "<script>alert(1)</script> \x1b[31mred\x07 \u202egnp.exe\u2066 `tick` |pipe| \x9b2J"

ACTIVE = "agreed, of both sectors, active"
CRITERIA = tuple(
    Criterion(
        iri=f"{BASE}criterion/{key}",
        id=key,
        code=code,
        label=label,
        order=order,
        phrase=phrase,
        phrase_order=int(code[0]),
        section=section,
        definition=f"What {label.lower()} means.",
        indicator=f"The least that shows {label.lower()}.",
        shuts_out="what lacks it",
    )
    for order, (key, code, label, phrase, section) in enumerate(
        [
            ("shared-goal", "1a", "Shared goal", "a lasting organization", "5.0, 6.1"),
            ("routine", "1b", "Routine", "a lasting organization", "5.0, 6.3.1"),
            ("k12-member", "2a", "K-12 member", ACTIVE, "5.0"),
            ("higher-ed-member", "2b", "Higher-education member", ACTIVE, "5.0"),
            ("formal-agreement", "2c", "Formal agreement", ACTIVE, "5.0"),
            ("dedicated-resources", "2d", "Dedicated resources", ACTIVE, "5.0"),
            ("active-engagement", "2e", "Active engagement", ACTIVE, "5.0, 6.2"),
            ("mutual-benefit", "3", "Mutual benefit", "for the benefit of every side", "5.0, 6.4"),
            ("joint-work", "4", "Joint work", "by work that needs them all", "5.0, 6.3.2"),
        ],
        start=1,
    )
)  # fmt: skip
AS_APPLIED = Reading(
    f"{BASE}reading/as-applied", "as-applied", "As applied", "What the authors accepted.", "6", 1,
    assumptions=("A parent project's agreement counts for the group",),
    parameters=(
        Parameter("completed enactments", "2", f"{BASE}criterion/routine", "ks:a", "sh:minCount"),
    ),
    words="by the measure that the authors applied to their own case",
    words_of_own_case="as the authors judged this very case",
)  # fmt: skip
LITERAL = Reading(
    f"{BASE}reading/literal", "literal", "Literal", "Word for word.", "5", 2,
    assumptions=("Only a signature on the agreement counts",),
)  # fmt: skip
DEFINITION = Definition(
    f"{BASE}definition/clifford-millar-2007", "clifford-millar-2007", "Clifford and Millar (2007)",
    "K-20 partnership", "not a K-20 partnership", CRITERIA, (AS_APPLIED, LITERAL),
)  # fmt: skip
ASKED = Assumption("The list of role groups asked is complete", "curators, paper 6.1")
OUTSIDE = Assumption("Commitments outside the agreement count", "curators")


GOALS = tuple(
    Carrier("goal", f"{BASE}case/lamsig/goal/{number}", label)
    for number, label in [
        (5, "Increase student learning"),
        (6, "Increase K-12 instructional quality"),
        (7, "Develop immersion unit examples"),
    ]
)
DISTRICT = Carrier("K-12 school district", f"{BASE}organization/lausd", "Los Angeles Unified")
BACKING = tuple(
    Carrier("official support", f"{BASE}case/lamsig/support/{number}", f"Leaders of firm {number}")
    for number in range(1, 7)
)


def item(
    number: int,
    locator: str,
    statement: str = "",
    *,
    source: str = "paper",
    direction: str = "supports",
) -> Evidence:
    record = f"{BASE}case/lamsig/record/{number}"
    return Evidence(
        f"{record}/evidence", record, f"Record {number}", statement, source, locator,
        "interview", direction,
    )  # fmt: skip


def assess(
    reading: Reading, findings: dict[str, Finding], *assumptions: Assumption, **changes: object
) -> Assessment:
    """Every criterion that is not given is met without more ado."""
    full = tuple(findings.get(c.id) or Finding(c, MET, f"{c.label} was shown.") for c in CRITERIA)
    one = Assessment(
        f"{BASE}case/lamsig",
        "Los Angeles Middle School Immersion Group",
        DEFINITION,
        reading,
        Verdict.all_of(f.verdict for f in full),
        full,
        assumptions,
        engine="shacl 0.3.4",
    )
    return one._replace(**changes)  # type: ignore[arg-type]


def finding(key: str, verdict: Verdict, message: str = "", **rest: object) -> Finding:
    return Finding(DEFINITION.criterion(key), verdict, message, **rest)  # type: ignore[arg-type]


def found_met(*evidence: Evidence) -> Opinion:
    return Opinion(MET, ("clifford", "millar"), evidence)


def read_lamsig() -> list[Assessment]:
    goal = finding(
        "shared-goal",
        MET,
        "Three goals were held by every role group that was asked.",
        coverage=Coverage("role groups asked", Decimal(4), Decimal("4.0")),
        evidence=(
            item(5, "6.1, Chart 3, row 5, line 307", "All four role groups named goal 5."),
            item(6, "6.1, Chart 3, row 6, line 308"),
            item(9, "6.1, line 314", "A difference was thought likely.", direction="leaves open"),
        ),
        carried_by=GOALS,
        authors=(found_met(item(70, "6.1, line 316", "A goal was shared.")),),
    )
    member = finding(
        "k12-member", MET, "A district took part.", carried_by=(DISTRICT,),
        coverage=Coverage("districts", Decimal(1), Decimal(1), (), "district", is_least=True),
    )  # fmt: skip
    unsigned = finding(
        "formal-agreement", OPEN, "No signature is recorded.",
        missing=(
            Gap(
                "No signature by an upper-echelon leader of a school district is recorded.",
                ("SCALE agreement", "QED agreement"),
                "A signed award, memorandum or subcontract that names the group",
                "The project offices of SCALE and QED",
            ),
        ),
        coverage=Coverage("signatures", Decimal(2), Decimal(0)),
    )  # fmt: skip
    backed = finding(
        "formal-agreement", MET, "Leaders of both sectors backed the parent agreements.",
        coverage=Coverage("sides", Decimal(2), Decimal(2)),
        evidence=(item(20, "6.2, line 329", "Leaders of both sectors entered the agreements."),),
        carried_by=BACKING,
        authors=(found_met(item(71, "6.2, line 327")), found_met(item(72, "7.0, line 492"))),
    )  # fmt: skip
    asked = (
        Figure("13", "paper Chart 1, line 113"),
        Figure("14", "slides, line 103"),
        Figure("15", "paper 6.1, line 298"),
    )
    unasked = finding(
        "mutual-benefit", OPEN, "Not every participant was asked.",
        missing=(
            Gap(
                "No benefit to the home organization is recorded for these role groups.",
                ("Education professors", "Cal State administrator"),
                "An answer from each",
                "The members",
            ),
            Gap("The list of participants is not declared complete."),
        ),
        coverage=Coverage("participants", Decimal(38), Decimal(0), asked, unplaced=Decimal(1)),
    )  # fmt: skip
    named = finding(
        "mutual-benefit", MET, "Every role group named a benefit.",
        coverage=Coverage("role groups asked", Decimal(4), Decimal(4)),
        evidence=(
            item(30, "6.4, Chart 7, rows 1-26, lines 453-478", "26 benefits were named."),
            item(31, "line 103", "Benefits were named.", source="slides"),
        ),
    )  # fmt: skip
    return [
        assess(
            AS_APPLIED,
            {"shared-goal": goal, "k12-member": member, "formal-agreement": backed,
             "mutual-benefit": named},
            ASKED._replace(decides=("1a", "3"), decides_whole=True),
            OUTSIDE,
            authors=(found_met(item(72, "7.0, line 492")),),
        ),
        assess(
            LITERAL,
            {"shared-goal": goal, "k12-member": member, "formal-agreement": unsigned,
             "mutual-benefit": unasked},
            ASKED._replace(decides=("1a",)),
        ),
    ]  # fmt: skip


def read_vending() -> list[Assessment]:
    """A made-up case that is not met under one reading and contested under the other."""
    one_way = (
        item(50, "p. 1", "The district paid for snacks."),
        item(51, "p. 2", "The company named no benefit to schools.", direction="disputes"),
    )
    against = finding(
        "mutual-benefit", NOT_MET, "A participant said that no benefit was expected.",
        missing=(Gap("Benefits flowed one way.", ("The company",)),),
        coverage=Coverage("enactments", Decimal(2), Decimal(3)),
        evidence=one_way,
    )  # fmt: skip
    both = finding("mutual-benefit", CONTESTED, "The record says both.", evidence=one_way)
    about = {
        "case": f"{BASE}case/vending",
        "label": "Vending-machine service contract",
        "synthetic": True,
    }
    return [
        assess(AS_APPLIED, {"mutual-benefit": both}, **about),
        assess(LITERAL, {"mutual-benefit": against}, **about),
    ]


def read_hostile() -> list[Assessment]:
    bad = Evidence(
        "javascript:alert(1)", "javascript:alert(2)", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE,
        "supports",
    )  # fmt: skip
    poisoned = finding(
        "joint-work", OPEN, HOSTILE,
        missing=(Gap(HOSTILE, (HOSTILE, "x" * 300), "=cmd|' /C calc'!A0", "@SUM(1)"),),
        coverage=Coverage(
            HOSTILE, Decimal(2), Decimal(1), (Figure("=1+1", HOSTILE), Figure("2", ""))
        ),
        evidence=(bad,),
        carried_by=(Carrier(HOSTILE, "javascript:alert(3)", HOSTILE),),
        authors=(Opinion(NOT_MET, (HOSTILE,), (bad,)),),
    )  # fmt: skip
    return [
        assess(
            reading,
            {"joint-work": poisoned},
            Assumption(HOSTILE, HOSTILE, (HOSTILE,), decides_whole=True),
            authors=(Opinion(NOT_MET, (HOSTILE,), (bad,)),),
            case='javascript:alert("1")',
            label="=cmd() " + HOSTILE,
            engine=HOSTILE,
        )
        for reading in (AS_APPLIED, LITERAL)
    ]


def read_all() -> list[Assessment]:
    return [*read_lamsig(), *read_vending(), *read_hostile()]


def show(assessments: list[Assessment], format: str, **terminal: object) -> str:  # noqa: A002
    return render(assessments, format, version="0.2.0", **terminal)  # type: ignore[arg-type]
