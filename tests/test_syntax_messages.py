"""Turtle as people break it: the message names the character, its place, the cause and the cure."""

# ruff: noqa: E501  a fault reads best on one line

from __future__ import annotations

import random
from pathlib import Path

import pytest

from k20kg import cli
from k20kg.errors import K20Error
from k20kg.rdf.syntax import parse_text

CASE = """\
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <https://example.org/a/> .

:g a k20:CandidateGroup ;
    rdfs:label "Group"@en ;
    k20:participation :p .

:p a k20:Participation ;
    k20:onRoll true ;
    k20:headcount 4.0 ;
    k20:sector k20:K12Sector , k20:HigherEducationSector .
"""
LABEL = '"Group"@en'

FAULTS: dict[str, tuple[str, str, str, str, str]] = {
    # odd characters: what is replaced, by what; place, what is said, what to do
    "no-break space as indent": ("    k20:onRoll", "\u00a0   k20:onRoll", "10:1", "a no-break space (U+00A0)", "ordinary space"),
    "no-break space between": ("onRoll true", "onRoll\u00a0true", "10:15", "a no-break space (U+00A0)", "ordinary space"),
    "no-break space at the end": (f"{LABEL} ;", f"{LABEL} ;\u00a0", "6:28", "(U+00A0)", "ordinary space"),
    "narrow no-break space": ("onRoll true", "onRoll\u202ftrue", "10:15", "(U+202F)", "ordinary space"),
    "thin space": ("onRoll true", "onRoll\u2009true", "10:15", "a thin space (U+2009)", "ordinary space"),
    "ideographic space": ("onRoll true", "onRoll\u3000true", "10:15", "(U+3000)", "ordinary space"),
    "ogham space": ("onRoll true", "onRoll\u1680true", "10:15", "(U+1680)", "ordinary space"),
    "zero width space": ("onRoll true", "onRoll \u200btrue", "10:16", "a zero width space (U+200B)", "take it out"),
    "byte order mark within": (":p a", "\ufeff:p a", "9:1", "(U+FEFF)", "take it out"),
    "soft hyphen": ("onRoll", "on\u00adRoll", "10:11", "a soft hyphen (U+00AD)", "take it out"),
    "line separator": ("true ;\n", "true ;\u2028\n", "10:22", "a line separator (U+2028)", "take it out"),
    "control": ("true ;\n", "true ;\x0b\n", "10:22", "(U+000B)", "take it out"),
    "curly quotes": (LABEL, "“Group”@en", "6:16", "“ (U+201C, left double quotation mark)", 'write " (U+0022)'),
    "single curly quotes": (LABEL, "‘Group’@en", "6:16", "‘ (U+2018", 'write " (U+0022)'),
    "German quotes": (LABEL, "„Group“@en", "6:16", "„ (U+201E", 'write " (U+0022)'),
    "guillemets": (LABEL, "«Group»@en", "6:16", "« (U+00AB", 'write " (U+0022)'),
    "backticks": (LABEL, "`Group`@en", "6:16", "` (U+0060, grave accent)", 'write " (U+0022)'),
    "curly at the end": (LABEL, '"Group”@en', "6:16", "is not closed: ” (U+201D", 'straight quote marks, " (U+0022)'),
    "curly apostrophe in a name": (":p .", ":o’brien .", "7:25", "’ (U+2019", "leave it out of the name"),
    "en dash": ("4.0", "–4.0", "11:19", "– (U+2013, en dash)", "write - (U+002D)"),
    "minus sign": ("4.0", "−4.0", "11:19", "− (U+2212, minus sign)", "write - (U+002D)"),
    "em dash": (" , k20:Hig", " — k20:Hig", "12:30", "— (U+2014, em dash)", "write - (U+002D)"),
    "fullwidth semicolon": ("true ;", "true ；", "10:21", "； (U+FF1B", "write ; (U+003B)"),
    "fullwidth colon": ("k20:onRoll", "k20：onRoll", "10:8", "： (U+FF1A", "write : (U+003A)"),
    "Greek question mark": ("true ;", "true \u037e", "10:21", "(U+037E", "write ; (U+003B)"),
    "bullet": ("    k20:onRoll", "  • k20:onRoll", "10:3", "• (U+2022, bullet)", "take it out"),
    "no-break space in an address": ("<https://example.org/a/>", "<https://example.org/ a/>", "3:32", "a space (U+0020) stands in the address", "mend the IRI"),
    # words and numbers
    "True": ("true", "True", "10:16", "True is no value", "write true"),
    "FALSE": ("true", "FALSE", "10:16", "FALSE is no value", "write false"),
    "yes": ("true", "yes", "10:16", "yes is no value", "write true"),
    "null": ("4.0", "null", "11:19", "null is no value", "leave the property out"),
    "dot after a number": ("4.0 ;", "4. ;", "11:22", "follows the dot", "written 4.0"),
    "per cent": ("4.0", "80%", "11:21", "a number and %", "in quotes"),
    "bare date": ("4.0", "2004-09-01", "11:23", "a date stands here without quotes", '"2004-09-01"^^xsd:date'),
    "bare word": ("k20:participation :p", "participation :p", "7:5", "the word participation has neither", "k20:participation"),
    "blank in a name": (":p .", ":the people .", "7:28", "the word people", "no blank may stand in a name"),
    "bare address": (":p .", "https://example.org/p .", "7:23", "the address https://example.org/p", "write <https://example.org/p>"),
    "slash in a name": (":p .", ":p/1 .", "7:25", "a / stands in a name", r"write \/"),
    # what is missing, or too much
    "no semicolon": (f"{LABEL} ;", LABEL, "7:5", 'a ; is missing after "Group"@en in line 6', "put ; between"),
    "no comma": ("K12Sector ,", "K12Sector", "12:30", "a , is missing after k20:K12Sector in line 12", "put , between"),
    "no dot": (":p .", ":p", "9:1", "a dot is expected after :p in line 7", "with a dot"),
    "no dot at the end": ("Sector .\n", "Sector\n", "13:1", "the last statement has no dot", "with a dot"),
    "no dot after a prefix": ("ontology#> .", "ontology#>", "2:1", "a dot is expected after", "declaration with a dot"),
    "dot for semicolon": ("4.0 ;", "4.0 .", "12:30", "two terms only", "; in place of the dot in line 11"),
    "comma for semicolon": ("4.0 ;", "4.0 ,", "12:16", "k20:K12Sector stands where", "; in place of the comma in line 11"),
    "no value": ("k20:headcount 4.0", "k20:headcount", "11:19", "k20:headcount has no value", "write a value"),
    "no subject": (":p a k20:P", "a k20:P", "9:1", "begins with a", "name of what is described"),
    "open quote": (LABEL, '"Group@en', "6:16", 'begins here with " is not closed', 'put " after its last word'),
    "no quote before": (LABEL, 'Group"@en', "6:16", 'the text Group" has no " before it', 'put " before it'),
    "open long quote": (LABEL, '"""Group"@en', "6:16", 'begins here with """ is not closed', 'put """ after'),
    "line end in a text": (LABEL, '"Gr\noup"@en', "6:16", "is not closed", 'between """ and """'),
    "quotes in a text": (LABEL, '"the "big" group"', "6:22", 'ended here, at the " before big', r"\""),
    "apostrophe in a text": (LABEL, "'Bob's group'", "6:21", "at the ' before s", r"\'"),
    "language with a low line": ("@en", "@en_US", "6:26", "language", "@en-US"),
    "one ^": ("4.0", '"4.0"^k20:x', "11:24", "one ^", "write ^^"),
    "backslash": (LABEL, '"C:\\docs"', "6:19", r"a \ stands here", r"write \\"),
    "C comment": (":g a", "// note\n:g a", "5:1", "// begins no comment", "with #"),
    "comment behind": ("true ;", "true ; // on the roll", "10:23", "// begins no comment", "with #"),
    "block comment": (":g a", "/* note */\n:g a", "5:1", "/* begins no comment", "with #"),
    "HTML comment": (":g a", "<!-- note -->\n:g a", "5:1", "<!-- begins no comment", "with #"),
    "HTML sign": (":p .", "&lt;p&gt; .", "7:23", "&lt; is a sign of HTML", "the character itself"),
    "no prefix": ("@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n", "", "5:5", "rdfs: has not been declared", "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."),
    "prefix misspelt": ("k20:onRoll", "k2o:onRoll", "10:5", "k2o: has not been declared", "did you mean k20:?"),
    "prefix without < >": ("<https://example.org/a/>", "https://example.org/a/", "3:11", "declares no prefix", "@prefix k20: <"),
    "dot after PREFIX": ("@prefix rdfs", "prefix rdfs", "2:54", "PREFIX without @", "write @prefix"),
    "stray ]": (":p .", ":p ] .", "7:26", "the ] closes nothing", "take it out"),
    "stray )": (":p .", ":p ) .", "7:26", "the ) closes nothing", "take it out"),
    "open [": (":p .", "[ a k20:Participation .", "7:45", "the [ of line 7 is not closed", "put a ] before"),
    "open (": (":p .", "( :p .", "7:28", "the ( of line 7 is not closed", "put a ) before"),
    "[ closed by )": (":p .", "[ a k20:Participation ) .", "7:45", "the [ of line 7 is not closed", "close it"),
    "open <": ("<https://example.org/a/> .", "<https://example.org/a/ .", "3:11", "the address that begins here is not closed", "put a > after it"),
}  # fmt: skip


def said_of(
    text: str, name: str, folder: Path, capsys: pytest.CaptureFixture[str], *command: str
) -> str:
    """Return what a command says of a text that it refuses, after the path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    assert cli.main([*(command or ["check"]), str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.removeprefix(f"k20kg: {path}:")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_the_words_of_who_made_it(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, place, what, remedy = FAULTS[fault]
    assert old in CASE
    said = said_of(CASE.replace(old, new, 1), "case.ttl", tmp_path, capsys)
    assert said.startswith(f"{place}: this is no Turtle: ")
    first, _, last = said.partition(" Turtle: ")[2].rpartition("; ")
    assert what in said
    assert remedy in said
    assert first
    assert last
    head, _, body = CASE.partition("\n\n")
    if old in body and old not in head and not fault.startswith(("no dot at", "open")):
        text = f"{head}\nGRAPH :x {{\n{body.replace(old, new, 1)}}}\n"
        said = said_of(text, "case.trig", tmp_path, capsys)
        assert said.startswith(f"{place}: this is no TriG: ")
        assert what in said


@pytest.mark.parametrize("command", [["check"], ["validate", "--engine", "pyshacl"], ["validate", "--no-evidence"], ["compare"], ["timeline"], ["reason"], ["query", "--sparql", "ASK {}", "--data"]], ids=" ".join)  # fmt: skip
def test_every_command_says_so(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CASE.replace("onRoll true", "onRoll\u00a0true")
    said = said_of(text, "case.ttl", tmp_path, capsys, *command)
    assert said.startswith("10:15: this is no Turtle: a no-break space (U+00A0) stands here")


def test_other_places_of_a_character_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CASE.replace(LABEL, "”Group” , 'a ” within a text'")
    said = said_of(text, "case.ttl", tmp_path, capsys)
    assert "and at 1 other place; " in said
    assert "everywhere in the file" in said


@pytest.mark.parametrize(
    ("value", "place", "what", "remedy"),
    [
        ("“x”", "2:17", "“ (U+201C", 'write " (U+0022)'),
        ("<urn:c>\u00a0", "2:24", "(U+00A0)", "ordinary space"),
        ("true", "2:17", "N-Triples does not have true", "*.ttl"),
        ("4.0", "2:17", "N-Triples does not have 4.0", "*.ttl"),
        ("rdfs:label", "2:17", "N-Triples does not have rdfs:label", "*.ttl"),
        ('"a" , "b"', "2:21", "N-Triples does not have ,", "in full"),
        ('"open', "2:17", 'with " is not closed', 'put "'),
    ],
)
def test_n_triples_too(
    value: str,
    place: str,
    what: str,
    remedy: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = f"<urn:e> <urn:f> <urn:g> .\n<urn:a> <urn:b> {value} .\n"
    said = said_of(text, "case.nt", tmp_path, capsys)
    assert said.startswith(f"{place}: this is no N-Triples: ")
    assert what in said
    assert remedy in said


def test_a_decimal_comma_is_good_turtle_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.ttl"
    note = "4,5 is two numbers in Turtle, 4 and 5; write 4.5 with a point"
    path.write_text(CASE.replace("4.0", "4,5"), encoding="utf-8")
    assert cli.main(["check", str(path)]) == 1
    assert f"{path}:11: {note}" in capsys.readouterr().out
    sound = "@prefix : <https://example.org/a/> .\n:g a <https://w3id.org/k20kg/ontology#CandidateGroup> ;\n"
    sound += (
        '    <http://www.w3.org/2000/01/rdf-schema#label> "A, 4,5 ;"@en ; # 4,5\n    :x 4,5 .\n'
    )
    path.write_text(sound, encoding="utf-8")
    assert cli.main(["check", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"note: {path}:4: {note}, or a blank after the comma"
    ]
    assert cli.main(["validate", str(path), "-f", "csv"]) == 0
    assert note in capsys.readouterr().err


def test_a_damaged_text_is_always_told_in_one_line() -> None:
    chance = random.Random(12)
    odd = [*"\u00a0\u200b\ufeff“’–`[](){}<>\"';.,:^@\\#_%", "True", "//", "\n", '"""', "4,0", ""]
    told = []
    for _ in range(500):
        place, cut = chance.randrange(len(CASE)), chance.randrange(3)
        text = CASE[:place] + chance.choice(odd) + CASE[place + cut :]
        for syntax in ("turtle", "trig", "ntriples"):
            try:
                parse_text(text[: chance.choice((place, len(text)))], syntax, "case")
            except K20Error as error:
                told.append(error)
    assert len(told) > 500
    assert all(error.remedy and "\n" not in str(error) for error in told)
