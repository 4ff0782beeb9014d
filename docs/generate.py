"""Writes the reference pages that follow from ontology, queries and command line.

``python docs/generate.py`` writes ``vocabulary.md``, ``vocabulary.svg`` (where Graphviz is
installed), ``queries.md`` and ``command-line.md`` beside this file; a test compares them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import typer
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from k20kg.cli.root import make_app
from k20kg.find.usage import usage
from k20kg.report.listing import term_entries
from k20kg.sources.terms import LISTS
from k20kg.sparql.named_queries import GROUPS, Query, list_queries
from k20kg.vocabulary import K20, packaged, shorten

HERE = Path(__file__).parent
MADE = "Made by `python docs/generate.py`; do not edit."
TOPIC = re.compile(r"^# -{8,} *(?:\d+ +)?(.+)$|^(k20:\w+) a ", re.MULTILINE)
PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
ADDRESSES = """\
A value that only describes a source, a work, a note or an event, or that a rival definition adds,
has an address of words, its list first: `note-kind/finding`, in a query
`<https://w3id.org/k20kg/note-kind/finding>`. All others are terms of the ontology: `k20:Interview`.
No list mixes the two."""
DRAWN = ("core", "evidence")
"""The modules whose classes and links are drawn: what a case record is made of."""


def pages() -> dict[str, str]:
    """Return the text of each page by the name of its file."""
    vocabulary = Vocabulary()
    return {
        "vocabulary.md": "\n".join(vocabulary.page()),
        "queries.md": "\n".join(queries()),
        "command-line.md": "\n".join(command_line()),
        "vocabulary.dot": "\n".join(vocabulary.diagram()),
    }


class Vocabulary:
    """The terms of the ontology as its files order them; `k20kg explain` has the words."""

    def __init__(self) -> None:
        """Read the files and their headings."""
        self.graph = Graph()
        self.topics: dict[str, dict[str, list[URIRef]]] = {}
        for path in sorted(packaged("ontology").glob("*.ttl")):
            self.graph.parse(path)
            topics: dict[str, list[URIRef]] = defaultdict(list)
            heading = path.stem
            for title, term in TOPIC.findall(path.read_text(encoding="utf-8")):
                heading = title or heading
                if term:
                    topics[heading].append(URIRef(K20 + term.removeprefix("k20:")))
            self.topics[path.stem] = topics
        for name in LISTS:
            self.graph.parse(packaged("data", *name.split("/")))

    def page(self) -> Iterator[str]:
        """Yield the lines of the reference: classes and properties by topic, schemes, values."""
        yield from ("# Vocabulary", "", MADE, "")
        yield "Namespace `k20:` is `https://w3id.org/k20kg/ontology#`. *Used* counts the packaged"
        yield "data: instances of a class, statements with a property or a value, with one of them."
        yield "`k20kg explain TERM` tells the same of one term, and more."
        yield from (
            "",
            "![Classes of a case record and the links between them](vocabulary.svg)",
            "",
            "A dashed arrow leads to the more general class.",
            "",
        )
        for module, topics in self.topics.items():
            told = {t: [x for x in terms if self.is_told(x)] for t, terms in topics.items()}
            if module == "schemes" or not any(told.values()):
                continue
            yield from (f"## {self.title(module)}", "")
            for topic, terms in told.items():
                if terms:
                    yield from (f"### {topic[0].upper()}{topic[1:]}", "")
                    for kind in (OWL.Class, *PROPERTIES):
                        yield from self.table(
                            [t for t in terms if (t, RDF.type, kind) in self.graph]
                        )
        yield from ("## Schemes and their values", "", ADDRESSES, "")
        for scheme in sorted(self.graph.subjects(RDF.type, SKOS.ConceptScheme), key=self.label):
            yield from self.scheme(scheme)

    def is_told(self, term: URIRef) -> bool:
        """Say whether a term is for people: a class or property with a definition of its own."""
        return (term, SKOS.definition, None) in self.graph

    def table(self, terms: list[URIRef]) -> Iterator[str]:
        """Yield a table of classes or of properties."""
        if not terms:
            return
        is_class = (terms[0], RDF.type, OWL.Class) in self.graph
        heads = ("class", "kind of") if is_class else ("property", "from → to")
        yield f"| {heads[0]} | meaning | {heads[1]} | used |"
        yield "|---|---|---|--:|"
        for term in terms:
            said = facts(term)
            if is_class:
                where = linked(said["kind of"], " and ")
            else:
                scheme = self.graph.value(term, URIRef(K20 + "valuesFrom"))
                to = f"a value of {self.label(scheme)}" if scheme else linked(said["leads to"])
                where = f"{linked(said['stands on']) or 'anything'} → {to or 'anything'}"
                where += "".join(f", {words}" for words in said["how often"])
            name = f'<a id="{_local(term)}"></a>`k20:{_local(term)}`<br>{self.label(term)}'
            yield f"| {name} | {meaning(said)} | {where} | {used(term)} |"
        yield ""

    def scheme(self, scheme: Node) -> Iterator[str]:
        """Yield a scheme and its values."""
        values = sorted(self.graph.subjects(SKOS.inScheme, scheme), key=self.label)
        if not values:
            return
        yield from (
            f"### {self.label(scheme).capitalize()}",
            "",
            self.text(scheme, SKOS.definition),
        )
        if by := sorted(map(_local, self.graph.subjects(URIRef(K20 + "valuesFrom"), scheme))):
            yield f"Taken by {', '.join(f'[k20:{name}](#{name})' for name in by)}."
        yield ""
        yield from ("| value | meaning | used |", "|---|---|--:|")
        for value in values:
            name = f"`{shorten(str(value))}`<br>{self.label(value)}"
            anchor = f'<a id="{_local(value)}"></a>' if str(value).startswith(K20) else ""
            yield f"| {anchor}{name} | {meaning(facts(value))} | {used(value)} |"
        yield ""

    def diagram(self) -> Iterator[str]:
        """Yield the picture in the language of Graphviz: records, and the links between them."""
        drawn = {t for m in DRAWN for terms in self.topics[m].values() for t in terms}
        links: list[tuple[str, str, str]] = []
        for term in sorted(drawn):
            pair = [self.graph.value(term, end) for end in (RDFS.domain, RDFS.range)]
            if all(end in drawn and str(term) in usage() for end in pair) and pair[0] != pair[1]:
                links.append(
                    (self.label(pair[0] or term), self.label(term), self.label(pair[1] or term))
                )
        linked = {name for first, _, last in links for name in (first, last)}
        yield "digraph vocabulary {"
        yield '  rankdir=LR; node [shape=box, style="rounded,filled", fillcolor="#f4f6f8"];'
        yield '  node [fontname="Helvetica", fontsize=11];'
        yield '  edge [fontname="Helvetica", fontsize=9, color="#5a6b7b"];'
        for first, label, last in links:
            yield f'  "{first}" -> "{last}" [label="{label}"];'
        for term in sorted(drawn):
            for above in self.objects(term, RDFS.subClassOf):
                if {self.label(term), self.label(above)} <= linked:
                    ends = f'"{self.label(term)}" -> "{self.label(above)}"'
                    yield f"  {ends} [style=dashed, arrowhead=empty];"
        yield "}"

    def title(self, module: str) -> str:
        """Return the heading of a module."""
        titles = self.graph.objects(None, URIRef("http://purl.org/dc/terms/title"))
        known = {str(t).rpartition(": ")[2]: str(t) for t in titles}
        return (known.get(module) or known["rival definitions"]).rpartition(": ")[2].capitalize()

    def objects(self, term: URIRef, predicate: URIRef) -> list[URIRef]:
        """Return the named objects of a property of a term."""
        return [o for o in self.graph.objects(term, predicate) if isinstance(o, URIRef)]

    def label(self, term: Node) -> str:
        """Return the preferred label of a term."""
        return str(self.graph.value(term, SKOS.prefLabel) or _local(term))

    def text(self, term: Node, predicate: URIRef) -> str:
        """Return the first text of a property, fit for a cell of a table."""
        return str(self.graph.value(term, predicate) or "").replace("|", "\\|").replace("\n", " ")


def facts(term: Node) -> dict[str, list[str]]:
    """Return what `k20kg explain` says of a term, by heading, fit for a cell of a table."""
    found: dict[str, list[str]] = defaultdict(list)
    for heading, words in term_entries(str(term)):
        if words:
            found[heading].append(words.replace("|", "\\|").replace("\n", " "))
    return found


def meaning(said: dict[str, list[str]]) -> str:
    """Return what a term means, with an example in words where the ontology gives one."""
    return "<br>".join([*said["means"], *(f"*Example: {words}*" for words in said["example"])])


def linked(said: list[str], between: str = " or ") -> str:
    """Return terms as links to where they stand on the page, others as code."""
    names = [name for words in said for name in words.split(", ")]
    return between.join(
        f"[{name}](#{name.removeprefix('k20:')})" if name.startswith("k20:") else f"`{name}`"
        for name in names
    )


def used(term: Node) -> str:
    """Return how often the packaged data use a term, and one place where they do."""
    use = usage().get(str(term))
    return f"{use.times}<br><small>`{use.example}`</small>" if use else "–"


def _local(term: Node) -> str:
    return re.split(r"[#/]", str(term))[-1]


def queries() -> Iterator[str]:
    """Yield the lines of the list of named queries, as their heads describe them."""
    yield from ("# Named queries", "", MADE, "")
    yield "Run one with `k20kg query NAME`."
    yield "[From question to rows](from-question-to-rows.md) shows how."
    for group, heading in GROUPS.items():
        members = [query for query in list_queries() if query.group == group]
        yield from ("", f"## {heading}", "", f"{len(members)} queries in `queries/{group}/`.")
        for query in members:
            yield from ("", *_query(query))
    yield ""


def _query(query: Query) -> Iterator[str]:
    yield from (f"### {query.summary}", "", query.description, "", f"- name: `{query.name}`")
    yield f"- id: {query.id}; tags: {', '.join(query.tags)}; gives: {query.expects}"
    for one in query.parameters:
        default = "required" if one.default is None else f"default `{one.default}`"
        yield f"- `--set {one.name}=…`: {one.type}, {default}"


def command_line() -> Iterator[str]:
    """Yield the lines of the reference of the command line, as ``--help`` has it."""
    yield from ("# Command line", "", MADE, "", "`k20kg COMMAND --help` prints the same.", "")
    root = typer.main.get_command(make_app())
    for name, command in sorted(root.commands.items()):  # type: ignore[attr-defined]
        context = typer.Context(command, info_name=f"k20kg {name}")
        context.terminal_width = 100
        yield from (f"## `k20kg {name}`", "", "```text", command.get_help(context), "```", "")


def draw(dot: str) -> str:
    """Return the picture as SVG, which says from what text it was drawn."""
    done = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True, check=True)
    return f"{done.stdout.rstrip()}\n<!-- {digest(dot)} -->\n"


def digest(dot: str) -> str:
    """Return what tells whether a picture was drawn from a text."""
    return sha256(dot.encode()).hexdigest()


if __name__ == "__main__":
    for name, text in pages().items():
        if name.endswith(".dot"):
            if shutil.which("dot"):
                (HERE / "vocabulary.svg").write_text(draw(text), encoding="utf-8")
        else:
            (HERE / name).write_text(text, encoding="utf-8")
