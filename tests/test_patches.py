"""A patch stands for its base and what it changes; what it cannot mean is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDFS, SKOS

import k20kg
from k20kg.cli import main
from k20kg.errors import InputError, K20Error
from k20kg.judging.cases import read_cases
from k20kg.model import Verdict
from k20kg.sources.patches import expand
from k20kg.sources.published import publish, published_files, read_published
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.sparql.store import list_packaged, open_files
from k20kg.vocabulary import K20, packaged
from k20kg.web.pages import judge

HEAD = f"""@prefix : <https://example.org/case/> .
@prefix k20: <{K20}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
BASE = f"""@base <https://example.org/case/river/> .
{HEAD}
:river a k20:CandidateGroup ;
    rdfs:label "River" ;
    k20:goal <goal/1> , <goal/2> ;
    k20:task <task> .
<goal/1> a k20:Goal ; rdfs:label "Read" .
<goal/2> a k20:Goal ; rdfs:label "Write" .
<task> a k20:Task ; k20:pursues <goal/1> ; k20:performedBy :river ; rdfs:seeAlso :riverside .
"""
PATCHES = sorted(packaged("data", "counter-cases").glob("*.ttl"))
each_patch = pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)


def write(folder: Path, says: str, *, name: str = "lake", base: str = ":river") -> Path:
    """Write the base and a patch of it; return the patch."""
    (folder / "river.ttl").write_text(BASE, encoding="utf-8")
    path = folder / f"{name}.ttl"
    head = f"@base <https://example.org/case/{name}/> .\n{HEAD}:{name} k20:basedOn {base} .\n"
    path.write_text(head + says, encoding="utf-8")
    return path


def statements(path: Path) -> set[str]:
    """Return what a case says, each statement as ``subject predicate object`` in short."""
    (case,) = read_cases([path])
    return {" ".join(map(short, (q.subject, q.predicate, q.object))) for q in case.quads}


def short(term: object) -> str:
    value = getattr(term, "value", str(term))
    return value.removeprefix("https://example.org/case/").removeprefix(K20).rpartition("#")[2]


# ---------------------------------------------------------------- what a patch stands for


def test_a_patch_that_changes_nothing_is_its_base_under_its_own_name(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    there = {s.replace("riverside", "RS") for s in statements(tmp_path / "river.ttl")}
    mine = {s.replace("riverside", "RS") for s in statements(path)}
    assert mine == {s.replace("river", "lake") for s in there}
    assert (
        "lake/task seeAlso RS" in mine
    )  # a name that only begins like the base's is no name of it


def test_what_a_patch_says_replaces_what_the_base_says_by_that_property(tmp_path: Path) -> None:
    path = write(tmp_path, '<task> k20:pursues <goal/2> , <goal/3> . <goal/3> rdfs:label "Sing" .')
    found = statements(path)
    assert {s for s in found if "pursues" in s} == {
        "lake/task pursues lake/goal/2",
        "lake/task pursues lake/goal/3",
    }
    assert "lake/goal/3 label Sing" in found
    assert "lake/task performedBy lake" in found


def test_the_empty_list_leaves_no_value(tmp_path: Path) -> None:
    found = statements(write(tmp_path, "<task> k20:pursues () ."))
    assert not [s for s in found if "pursues" in s or "nil" in s]
    assert "lake/task type Task" in found


def test_without_takes_a_record_out_with_every_link_to_it(tmp_path: Path) -> None:
    found = statements(write(tmp_path, ":lake k20:without <goal/1> ."))
    assert not [s for s in found if "goal/1" in s]
    assert "lake goal lake/goal/2" in found
    assert not [s for s in found if "without" in s or "basedOn" in s]


def test_a_record_that_was_taken_out_can_be_stated_anew(tmp_path: Path) -> None:
    says = ":lake k20:without <goal/1> ; k20:goal <goal/1> . <goal/1> a k20:Goal ."
    found = {s for s in statements(write(tmp_path, says)) if "goal/1" in s}
    assert found == {"lake goal lake/goal/1", "lake/goal/1 type Goal"}


def test_a_patch_may_be_based_on_a_patch(tmp_path: Path) -> None:
    write(tmp_path, '<goal/1> rdfs:label "Swim" . :lake k20:without <goal/2> .')
    found = statements(write(tmp_path, '<task> rdfs:label "Dive" .', name="sea", base=":lake"))
    assert {"sea/goal/1 label Swim", "sea/task label Dive", "sea goal sea/goal/1"} <= found
    assert not [s for s in found if "lake" in s or "goal/2" in s]


def test_a_patch_may_be_based_on_a_shipped_case(tmp_path: Path) -> None:
    group = "<https://w3id.org/k20kg/case/one-cycle-open>"
    path = write(tmp_path, "<enactment/2> k20:enactmentStatus k20:Completed .", base=group)
    (assessment,) = k20kg.validate(path, reading="literal")
    assert assessment.case == "https://example.org/case/lake"
    assert assessment.finding("routine").verdict is Verdict.MET
    (open_,) = k20kg.validate(shipped_cases()["one-cycle-open"], reading="literal")
    assert open_.finding("routine").verdict is Verdict.NOT_ESTABLISHED


def test_blank_nodes_of_patch_and_base_stay_apart(tmp_path: Path) -> None:
    path = write(tmp_path, '<task> k20:uses _:x . _:x rdfs:label "mine" .')
    more = '<goal/1> k20:evidencedBy _:x . _:x rdfs:label "theirs" .'
    (tmp_path / "river.ttl").write_text(BASE + more, encoding="utf-8")
    (case,) = read_cases([path])
    nodes = {str(q.object): q.subject for q in case.quads if "/genid/" in str(q.subject)}
    assert len(nodes) == len(set(nodes.values())) == 2


def test_a_folder_of_base_and_patches_is_as_many_cases(tmp_path: Path) -> None:
    write(tmp_path, "")
    write(tmp_path, "", name="sea")
    groups = [case.group.rpartition("/")[2] for case in read_cases([tmp_path])]
    assert groups == ["lake", "river", "sea"]


def test_a_changed_base_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert "lake/goal/1 label Read" in statements(path)
    (tmp_path / "river.ttl").write_text(BASE.replace('"Read"', '"Listen"'), encoding="utf-8")
    assert "lake/goal/1 label Listen" in statements(path)


def test_queries_run_over_what_a_patch_stands_for(tmp_path: Path) -> None:
    path = write(tmp_path, ":lake k20:without <goal/2> .")
    there = {str(q.triple) for q in open_files([path]).raw}
    (case,) = read_cases([path])
    assert there == {str(q.triple) for q in case.quads}


# ---------------------------------------------------------------- what is refused

REFUSED = {
    ":lake k20:without <goal/3> .": ("6: k20:without names", "did you mean"),
    "\n<goal/3> rdfs:label () .": ("7: the patch says () for rdfs:label", "leave it out"),
    '<goal/1> rdfs:label () , "Swim" .': ("6: the patch says () for rdfs:label", "one of them"),
    ":lake k20:basedOn :sea .": ("based on two cases", "say it once"),
    "<goal/1> rdfs:label 1 2 .": ("6:23:", "put , between values"),
}


@pytest.mark.parametrize("says", REFUSED)
def test_what_a_patch_cannot_mean_is_refused(
    says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, says)
    assert main(["validate", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert str(path) in err
    for words in REFUSED[says]:
        assert words in " ".join(err.split())


@pytest.mark.parametrize(
    ("base", "says"),
    [
        (":pond", "lake.ttl:5: the base https://example.org/case/pond is not here"),
        ("<https://example.org/river>", "the base https://example.org/river is not here"),
        (":lake", "lake.ttl:5: the patch is based on itself;"),
        ('"river"', "name both by IRI"),
        ("<https://w3id.org/k20kg/case/lamsig>", "case/lamsig is not here"),
    ],
)
def test_a_base_that_cannot_be_found_is_refused(base: str, says: str, tmp_path: Path) -> None:
    path = write(tmp_path, "", base=base)
    with pytest.raises(K20Error) as caught:
        list(read_cases([path]))
    assert says in str(caught.value)


def test_patches_that_go_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "", base=":sea")
    write(tmp_path, "", name="sea", base=":lake")
    with pytest.raises(K20Error, match=r"based on itself: .*lake\.ttl → .*sea\.ttl"):
        list(read_cases([path]))


def test_a_patch_that_does_not_name_its_base_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, ":lake k20:without <goal/1> .")
    path.write_text(path.read_text().replace(":lake k20:basedOn :river .", ""))
    with pytest.raises(K20Error, match="does not say what it is based on"):
        list(read_cases([path]))


def test_a_stream_holds_no_base_and_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path, "").read_bytes()
    with pytest.raises(InputError, match="give the file itself"):
        list(read_cases(["-"], stdin=io.BytesIO(data)))
    outcome = judge.assess(data, "lake.ttl")
    assert outcome.status == 400
    assert "this is a patch" in outcome.what


def test_faults_are_told_with_the_line_of_the_patch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "<goal/1> k20:evidencedBi <evidence/1> .")
    assert main(["check", str(path)]) == 1
    assert f"{path}:6: https://example.org/case/lake/goal/1" in capsys.readouterr().out


# ---------------------------------------------------------------- what is shipped


@each_patch
def test_a_shipped_patch_is_published_in_full(path: Path) -> None:
    data = publish(path)
    assert data == publish(path)
    text = data.decode()
    assert "basedOn" not in text
    assert "k20:without" not in text
    assert expand(text, "turtle", path) is None
    assert text.startswith(path.read_text(encoding="utf-8").partition("\n@base")[0])
    there = {q.triple for q in ox.parse(data, ox.RdfFormat.TURTLE)}
    assert there == {q.triple for q in read_published(path)}
    (case,) = read_cases([path])
    assert there == {q.triple for q in case.quads}


def test_a_file_that_leaves_nothing_to_be_derived_is_published_as_it_is() -> None:
    for path in published_files("queries", "shapes"):
        assert publish(path) == path.read_bytes()


def test_an_ontology_file_is_published_with_what_is_derived_below_its_source() -> None:
    for path in published_files("ontology"):
        published, source = publish(path), path.read_bytes()
        assert published.startswith(source)
        graph = rdflib.Graph().parse(data=published, format="turtle")
        for term, label in graph.subject_objects(SKOS.prefLabel):
            assert (term, RDFS.label, label) in graph


def test_the_base_of_the_counter_cases_meets_everything_and_is_no_case_itself() -> None:
    (base,) = packaged("data", "bases").iterdir()
    assert {a.verdict for a in k20kg.validate(base)} == {Verdict.MET}
    assert base.stem not in shipped_cases()
    assert base not in list_packaged()
    assert base not in set(published_files("data"))
