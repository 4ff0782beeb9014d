"""Faults in a definition or reading of one's own are told with line, cause and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_own_definition import FILES, HEAD

from k20kg.definition.loader import load
from k20kg.errors import InputError, UsageError

FUNDED = FILES.get("funded.ttl", "")
THERE = FILES.get("who-was-there.ttl", "")
FAULTS = {
    "dangling shape": (
        FUNDED.replace("sh:qualifiedValueShape ks:Fin", "sh:qualifiedValueShape ks:Fim"),
        "ks:FimancialOfPartner, which is not there",
        "did you mean ks:FinancialOfPartner?",
    ),
    "dangling requirement": (
        FUNDED.replace("sh:property ks:district-member", "sh:property ks:district-membr"),
        "refers by sh:property to ks:district-membr",
        "did you mean ks:district-member",
    ),
    "no support shape": (
        FUNDED.replace("k20:tests my:school", "k20:tests my:money"),
        "has no support shape under",
        "k20:role k20:Support",
    ),
    "reading without shapes": (
        FUNDED.replace("k20:usesReading my:plain", "k20:usesReading my:plain , my:other")
        + "my:other a k20:Reading ; k20:order 2 .\n",
        "funded/other has no shapes",
        "k20:under",
    ),
    "count that is no integer": (
        FUNDED.replace("sh:qualifiedMinCount 1", 'sh:qualifiedMinCount "one"'),
        "which is no whole number",
        "digits without quotes",
    ),
    "decimal count": (
        FUNDED.replace("sh:qualifiedMinCount 1", "sh:qualifiedMinCount 1.5"),
        "which is no whole number",
        "digits without quotes",
    ),
    "duplicate code": (
        FUNDED.replace('k20:code "2"', 'k20:code "1"'),
        "has the code 1, which",
        "a code of its own",
    ),
    "misspelt SHACL": (
        FUNDED.replace("sh:qualifiedMinCount 1", "sh:qualifiedMinCont 1"),
        "sh:qualifiedMinCont, which SHACL does not have",
        "did you mean sh:qualifiedMinCount?",
    ),
    "misspelt vocabulary": (
        FUNDED.replace("k20:task k20:uses", "k20:task k20:use"),
        "k20:use, which the vocabulary does not have",
        "did you mean k20:uses?",
    ),
    "no target": (
        FUNDED.replace(
            "    sh:targetClass k20:CandidateGroup ;\n    sh:property my", "    sh:property my"
        ),
        "has no target and would never run",
        "sh:targetClass",
    ),
    "no message": (
        re.sub(r"    sh:message .No money.*?\n", "", FUNDED),
        "has no sh:message",
        "what is missing",
    ),
    "unknown criterion": (
        FUNDED.replace("k20:tests my:money", "k20:tests my:mony", 1),
        "which is no criterion of this definition",
        "did you mean",
    ),
    "criterion not described": (
        FUNDED.replace("my:school a k20:Criterion", "my:schol a k20:Criterion"),
        "is referred to and not described as a k20:Criterion",
        "did you mean",
    ),
    "no role": (
        FUNDED.replace("    k20:role k20:Support", "    rdfs:comment 'none'"),
        "has no role",
        "k20:role",
    ),
    "name that is taken": (
        FUNDED + "ks:District a sh:NodeShape ; sh:class k20:Firm .\n",
        "is the name of something shipped",
        "a name of its own",
    ),
    "variant of nothing": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:litteral .\n",
        "no k20:Reading that is k20:variantOf a shipped one",
        "guide",
    ),
    "variant that sets nothing": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:literal .\n",
        "sets nothing",
        "k20:sets",
    ),
    "number for a choice": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:literal ; "
        "k20:sets [ k20:parameter parameter:literal-benefit ; k20:value 2 ] .\n",
        "is a choice and no number",
        "k20:asIn",
    ),
    "no value": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:literal ; "
        "k20:sets [ k20:parameter parameter:cycles ] .\n",
        "to nothing",
        "k20:value",
    ),
    "decimal value": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:literal ; "
        "k20:sets [ k20:parameter parameter:cycles ; k20:value 2.5 ] .\n",
        "no whole number",
        "digits",
    ),
    "as in no reading": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:literal ; "
        "k20:sets [ k20:parameter parameter:literal-benefit ; k20:asIn reading:as-aplied ] .\n",
        "which is no reading",
        "did you mean reading/as-applied?",
    ),
    "swap of no block": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:literal ; "
        "k20:sets [ k20:inPlaceOf ks:HeldByAllAskd ; k20:takes ks:Affirmed ] .\n",
        "ks:HeldByAllAskd, which is not there",
        "did you mean ks:HeldByAllAsked",
    ),
    "value of which silence says nothing": (
        THERE.replace("k20:ruledOutBy [ sh:path k20:tookPart ; sh:hasValue false ]", "sh:order 1"),
        "own.ttl:19: https://example.org/shapes#there puts a condition on a value (sh:hasValue)",
        "k20:ruledOutBy",
    ),
    "such a value in a part without a name": (
        FUNDED.replace(
            "sh:qualifiedValueShape ks:FinancialOfPartner",
            "sh:qualifiedValueShape [ sh:property ks:Affirmed , "
            "[ sh:path k20:resourceKind ; sh:in ( k20:FinancialResource ) ] ]",
        ),
        "funded/money-used puts a condition on a value (sh:in)",
        "k20:ruledOutBy",
    ),
    "negation of a record": (
        FUNDED.replace(
            "sh:qualifiedValueShape ks:FinancialOfPartner",
            "sh:qualifiedValueShape [ sh:property ks:Affirmed ; sh:not ks:HumanOfPartner ]",
        ),
        "funded/money-used negates a block that asks for a record",
        "k20:undisputed and k20:perhaps",
    ),
    "swap of what stands in for a block": (
        HEAD + "my:r a k20:Reading ; k20:variantOf reading:literal ; "
        "k20:sets [ k20:inPlaceOf ks:PerhapsHeldByAllAsked ; k20:takes ks:Affirmed ] .\n",
        "swaps ks:PerhapsHeldByAllAsked alone, which stands in for ks:HeldByAllAsked",
        "swap ks:HeldByAllAsked",
    ),
    "counter shape of a list that is not there": (
        FUNDED.replace("k20:whereComplete ks:tasks-c", "k20:whereComplete ks:task-c"),
        "refers by k20:whereComplete to ks:task-complete, which is not there",
        "did you mean ks:tasks-complete?",
    ),
    "counter shape of silence": (
        FUNDED.replace("    k20:whereComplete ks:tasks-complete ;\n", ""),
        "has k20:lacks and no k20:whereComplete",
        "name a list",
    ),
    "counter shape of a complete list": (
        FUNDED.replace("    k20:lacks my:money-used ;\n", ""),
        "has k20:whereComplete and no k20:lacks",
        "name what the list is without",
    ),
    "blocks of nobody": (
        FUNDED.replace("definition/clifford-millar-2007", "definition/cliford"),
        "k20:sharesBlocksOf names no shipped definition",
        "known: clifford-millar-2007",
    ),
    "nothing to judge by": (HEAD + "my:x a sh:NodeShape .\n", "holds no k20:Definition", "guide"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_says_what_and_what_to_do(name: str, tmp_path: Path) -> None:
    text, what, remedy = FAULTS[name]
    assert text not in (FUNDED, THERE), "the fault was not put in"
    path = tmp_path / "own.ttl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load(str(path))
    said = str(caught.value)
    assert what in said
    assert remedy in said
    assert "own.ttl" in said


def test_a_fault_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(FAULTS["duplicate code"][0], encoding="utf-8")
    line = next(n for n, text in enumerate(FUNDED.splitlines(), 1) if text.startswith("my:money a"))
    with pytest.raises(UsageError, match=rf"own\.ttl:{line}: "):
        load(str(path))


def test_what_is_no_turtle_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(HEAD + "my:r a k20:Reading ;; ; oops\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.ttl:7:25: this is no Turtle: the word oops"):
        load(str(path))


def test_an_unknown_name_lists_what_is_known() -> None:
    with pytest.raises(UsageError, match="known: clifford-millar-2007, catelli-2000"):
        load("clifford")
