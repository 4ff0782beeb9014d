"""Random changes to case records, for tests that hold whatever the record says."""

from __future__ import annotations

import random
from collections.abc import Callable

import pyoxigraph as ox

from k20kg.judging.cases import Case, case_of
from k20kg.vocabulary import K20, RDF_TYPE

Quads = list[ox.Quad]
Mutation = Callable[[Quads, random.Random], Quads]
TYPE = ox.NamedNode(RDF_TYPE)


def mutate(case: Case, chance: random.Random) -> Case:
    """Return the case after one to four random changes that keep its candidate group."""
    quads = sorted(set(case.quads), key=str)
    for _ in range(chance.randint(1, 4)):
        quads = chance.choice(chance.choice([ANYTHING, TIES]))(quads, chance)
    candidate = ox.Quad(ox.NamedNode(case.group), TYPE, k20("CandidateGroup"))
    return case_of(case.group, "mutant", dict.fromkeys([*quads, candidate]))


def drop_one(quads: Quads, chance: random.Random) -> Quads:
    gone = chance.choice(quads)
    return [q for q in quads if q != gone]


def drop_node(quads: Quads, chance: random.Random) -> Quads:
    gone = chance.choice(quads).subject
    return [q for q in quads if gone not in (q.subject, q.object)]


def redirect(quads: Quads, chance: random.Random) -> Quads:
    """Point one link at what another link of the same property points at."""
    one = chance.choice(quads)
    other = chance.choice([q for q in quads if q.predicate == one.predicate])
    return [q for q in quads if q != one] + [ox.Quad(one.subject, one.predicate, other.object)]


def flip(quads: Quads, chance: random.Random) -> Quads:
    """Turn a true into a false, or a term of a list of terms into another."""
    terms = ["Completed", "UnderWay", "Affirms", "Denies", "Expected", "Received", "K12Sector",
             "HigherEducationSector", "AllInterviewed", "NotAllInterviewed", "MaterialResource",
             "HumanResource", "MemberList", "TaskList", "EnactmentList"]  # fmt: skip
    known = {K20 + t for t in terms}
    fit = [
        q
        for q in quads
        if (isinstance(q.object, ox.Literal) and q.object.value in ("true", "false"))
        or (isinstance(q.object, ox.NamedNode) and q.object.value in known)
    ]
    one = chance.choice(fit)
    if isinstance(one.object, ox.Literal):
        new: ox.Literal | ox.NamedNode = ox.Literal(one.object.value == "false")
    else:
        new = ox.NamedNode(K20 + chance.choice(terms))
    return [q for q in quads if q != one] + [ox.Quad(one.subject, one.predicate, new)]


def retype(quads: Quads, chance: random.Random) -> Quads:
    typed = [q for q in quads if q.predicate.value == RDF_TYPE]
    one, other = chance.choice(typed), chance.choice(typed)
    return [q for q in quads if q != one] + [ox.Quad(one.subject, one.predicate, other.object)]


def dispute(quads: Quads, chance: random.Random) -> Quads:
    """Let an item that supported a record dispute it, or both."""
    backed = [q for q in quads if q.predicate.value == K20 + "evidencedBy"]
    one = chance.choice(backed)
    against = ox.Quad(one.subject, ox.NamedNode(K20 + "disputedBy"), one.object)
    kept = quads if chance.random() < 0.5 else [q for q in quads if q != one]
    return [*kept, against]


# ---------------------------------------------------------------- whose, which and when


def k20(name: str) -> ox.NamedNode:
    return ox.NamedNode(K20 + name)


def made_up(name: str, kind: str) -> tuple[ox.NamedNode, Quads]:
    """Return a node that no case has, and what it is."""
    node = ox.NamedNode("https://example.org/" + name)
    return node, [ox.Quad(node, TYPE, k20(kind))]


def nodes(quads: Quads, *kinds: str) -> list[ox.NamedNode]:
    wanted = {k20(kind) for kind in kinds}
    found = {q.subject for q in quads if q.predicate == TYPE and q.object in wanted}
    return sorted((n for n in found if isinstance(n, ox.NamedNode)), key=str)


def put(
    quads: Quads, subject: ox.NamedNode, name: str, value: ox.NamedNode | ox.Literal, more: Quads
) -> Quads:
    """Return the quads with this one value of a property in the place of all others."""
    kept = [q for q in quads if (q.subject, q.predicate) != (subject, k20(name))]
    return [*kept, ox.Quad(subject, k20(name), value), *more]


def firms(quads: Quads) -> list[ox.NamedNode]:
    return nodes(
        quads, "K12SchoolDistrict", "University", "College", "Company", "NonprofitOrganization"
    )


def team(quads: Quads, chance: random.Random) -> tuple[ox.NamedNode, Quads]:
    """Return a sub-group with some of the people, another group, or the group itself."""
    (group, *_) = nodes(quads, "CandidateGroup") or [ox.NamedNode("https://example.org/none")]
    draw = chance.random()
    if draw < 0.2:
        return group, []
    if draw < 0.5:
        return made_up(f"other/{chance.randint(1, 2)}", "WorkingGroup")
    node, more = made_up(f"team/{chance.randint(1, 3)}", "SubGroup")
    people = [p for p in nodes(quads, "Participation") if chance.random() < 0.4]
    more += [ox.Quad(group, k20("subGroup"), node)]
    return node, more + [ox.Quad(node, k20("participation"), p) for p in people]


def carry_out(quads: Quads, chance: random.Random) -> Quads:
    """Let a task or a cycle be carried out by some group."""
    found = nodes(quads, "Task", "Enactment")
    if not found:
        return quads
    one = chance.choice(found)
    link = "performedBy" if one in nodes(quads, "Task") else "enactedBy"
    return put(quads, one, link, *team(quads, chance))


def hand_over(quads: Quads, chance: random.Random) -> Quads:
    """Hang what hangs on a group on another one."""
    links = ["task", "procedure", "goalStatement", "benefitStatement", "participation", "goal",
             "membership", "formedThrough", "commitment"]  # fmt: skip
    fit = [q for q in quads if q.predicate in {k20(link) for link in links}]
    if not fit:
        return quads
    one = chance.choice(fit)
    group, more = team(quads, chance)
    kept = quads if chance.random() < 0.2 else [q for q in quads if q != one]
    return [*kept, ox.Quad(group, one.predicate, one.object), *more]


def make_unit(quads: Quads, chance: random.Random) -> Quads:
    """Let a firm be a unit of another one, or stand a unit of it wherever it stood once."""
    found = firms(quads)
    if not found:
        return quads
    one = chance.choice(found)
    if chance.random() < 0.4:
        parent, more = made_up("parent", "Company")
        if chance.random() < 0.6:
            parent, more = chance.choice(found), []
        return put(quads, one, "unitOf", parent, more)
    unit, more = made_up("unit", "OrganizationalUnit")
    fit = [q for q in quads if q.object == one and q.predicate != k20("unitOf")]
    if not fit:
        return quads
    old = chance.choice(fit)
    new = [ox.Quad(old.subject, old.predicate, unit), ox.Quad(unit, k20("unitOf"), one)]
    return [q for q in quads if q != old] + new + more


def move_home(quads: Quads, chance: random.Random) -> Quads:
    """Let people come from elsewhere, or from where nobody knows."""
    people = nodes(quads, "Participation", "RoleGroup")
    if not people:
        return quads
    one = chance.choice(people)
    draw = chance.random()
    if draw < 0.3:
        return [q for q in quads if (q.subject, q.predicate) != (one, k20("homeFirm"))]
    if draw < 0.6:
        kind = chance.choice(["Company", "K12SchoolDistrict", "University"])
        return put(quads, one, "homeFirm", *made_up("home/" + kind, kind))
    return put(quads, one, "homeFirm", chance.choice(firms(quads) or [one]), [])


def stay_away(quads: Quads, chance: random.Random) -> Quads:
    people = nodes(quads, "Participation")
    if not people:
        return quads
    name = chance.choice(["tookPart", "tookPart", "routine", "onRoll"])
    return put(quads, chance.choice(people), name, ox.Literal(chance.random() < 0.2), [])


def plan(quads: Quads, chance: random.Random) -> Quads:
    tasks = nodes(quads, "Task")
    if not tasks:
        return quads
    status = chance.choice(["Planned", "NotDone", "UnderWay", "Completed"])
    return put(quads, chance.choice(tasks), "taskStatus", k20(status), [])


def split(quads: Quads, chance: random.Random) -> Quads:
    """Move some of what a task holds to a part of it."""
    tasks = nodes(quads, "Task")
    if not tasks:
        return quads
    one = chance.choice(tasks)
    part, more = made_up("subtask", "Task")
    links = {k20(name) for name in ("contribution", "uses", "aspect", "pursues")}
    moved = [
        q for q in quads if q.subject == one and q.predicate in links and chance.random() < 0.5
    ]
    kept = [q for q in quads if q not in moved]
    new = [ox.Quad(part, q.predicate, q.object) for q in moved]
    return [*kept, *new, *more, ox.Quad(one, k20("subtask"), part), *backed(quads, part, chance)]


def backed(quads: Quads, node: ox.NamedNode, chance: random.Random) -> Quads:
    items = nodes(quads, "EvidenceItem")
    return [ox.Quad(node, k20("evidencedBy"), chance.choice(items))] if items else []


def pursue(quads: Quads, chance: random.Random) -> Quads:
    tasks, goals = nodes(quads, "Task"), nodes(quads, "Goal")
    if not (tasks and goals):
        return quads
    return put(quads, chance.choice(tasks), "pursues", chance.choice(goals), [])


def move_date(quads: Quads, chance: random.Random) -> Quads:
    """Let something have happened earlier, later, or on a day that nobody knows."""
    acts = nodes(quads, "FormalAgreement", "Signature", "OfficialSupport", "Formation")
    if not acts:
        return quads
    one = chance.choice(acts)
    names = ("earliestBegin", "latestBegin")
    if chance.random() < 0.3:
        gone = {(one, k20(name)) for name in names}
        return [q for q in quads if (q.subject, q.predicate) not in gone]
    day = f"{chance.choice([1999, 2004, 2020, 2031])}-03-01T00:00:00Z"
    moment = ox.Literal(day, datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime"))
    for name in names:
        quads = put(quads, one, name, moment, [])
    return quads


def exchange(quads: Quads, chance: random.Random) -> Quads:
    """Move a signature to a letter, which answers the agreement or does not."""
    fit = [q for q in quads if q.predicate in (k20("signature"), k20("officialSupport"))]
    if not fit:
        return quads
    old = chance.choice(fit)
    letter, more = made_up("letter", "FormalAgreement")
    more += [ox.Quad(letter, old.predicate, old.object), *backed(quads, letter, chance)]
    ends = [old.subject, letter]
    chance.shuffle(ends)
    if chance.random() < 0.7:
        more.append(ox.Quad(ends[0], k20("exchangedWith"), ends[1]))
    return [q for q in quads if q != old] + more


def speak_for(quads: Quads, chance: random.Random) -> Quads:
    """Let one person say, or take part, in the place of a role group."""
    groups = nodes(quads, "RoleGroup")
    fit = [
        q
        for q in quads
        if q.predicate in (k20("statedBy"), k20("heldBy"), k20("participant"))
        and q.object in groups
    ]
    if not fit:
        return quads
    old = chance.choice(fit)
    person, more = made_up("person", "Person")
    more.append(ox.Quad(person, k20("ofRoleGroup"), old.object))
    kept = [q for q in quads if q != old]
    return [*kept, ox.Quad(old.subject, old.predicate, person), *more]


def deny(quads: Quads, chance: random.Random) -> Quads:
    """Let somebody deny a benefit: some one benefit or any, for the organization or the person."""
    speakers = nodes(quads, "RoleGroup", "Person")
    outsiders, more = made_up("outsiders", "RoleGroup")
    more.append(ox.Quad(outsiders, k20("sector"), k20("OtherSector")))
    (group, *_) = nodes(quads, "CandidateGroup") or [ox.NamedNode("https://example.org/none")]
    denial, typed = made_up("denial", "BenefitStatement")
    more += typed
    benefits = nodes(quads, "Benefit")
    if benefits and chance.random() < 0.4:
        more.append(ox.Quad(denial, k20("aboutBenefit"), chance.choice(benefits)))
    scope = chance.choice(["OwnOrganization", "OwnOrganization", "OwnPerson"])
    return [
        *quads,
        *more,
        ox.Quad(group, k20("benefitStatement"), denial),
        ox.Quad(denial, k20("statedBy"), chance.choice([*speakers, outsiders])),
        ox.Quad(denial, k20("stance"), k20("Denies")),
        ox.Quad(denial, k20("expectation"), k20("Expected")),
        ox.Quad(denial, k20("benefitScope"), k20(scope)),
        *backed(quads, denial, chance),
    ]


def forget_a_list(quads: Quads, chance: random.Random) -> Quads:
    """Drop a statement that a list is complete, or make it speak of another list."""
    statements = nodes(quads, "CompletenessStatement")
    if not statements:
        return quads
    one = chance.choice(statements)
    if chance.random() < 0.5:
        return [q for q in quads if one not in (q.subject, q.object)]
    kinds = ["TaskList", "ResourceUseList", "ProcedureList", "ParticipantList", "MemberList"]
    return put(quads, one, "listKind", k20(chance.choice(kinds)), [])


ANYTHING: list[Mutation] = [drop_one, drop_node, redirect, flip, retype, dispute]
TIES: list[Mutation] = [carry_out, hand_over, make_unit, move_home, stay_away, plan, split, pursue,
                        move_date, exchange, speak_for, deny, forget_a_list]  # fmt: skip
