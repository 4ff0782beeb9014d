"""A made-up case → its lines of N-Quads, in one named graph that says it is synthetic."""

from __future__ import annotations

from typing import Final

from k20kg.synthetic.case import Case, Firm, Group, Holding, Party, Record, Task
from k20kg.synthetic.lines import CURATORS, LABEL, SOURCE, TYPE, Lines, boolean, k20, moment, term
from k20kg.vocabulary import BASE, DCTERMS, RDFS, SKOS, XSD

_COMMENT: Final = f"<{RDFS}comment>"
_EXACT_MATCH: Final = f"<{SKOS}exactMatch>"
_TOPIC: Final = f"<{BASE}figure-topic/interviews>"
_NOTE_KIND: Final = f"<{BASE}note-kind/finding>"
_REGARDS: Final = (f"<{BASE}criterion/shared-goal>", f"<{BASE}criterion/joint-work>")


def write_case(case: Case) -> list[str]:
    """Return the case's quads, one line each with its line break, in a stable order."""
    return _Writer(case).lines()


class _Writer(Lines):
    """The lines of one case, part by part."""

    def lines(self) -> list[str]:
        case = self.case
        group = f"<{case.iri}>"
        record = f"<{case.iri}/record>"
        self.put(record, TYPE, term("CaseRecord"))
        self.put(record, k20("recordOf"), group)
        self.put(record, k20("synthetic"), boolean(True))
        self.put(record, f"<{DCTERMS}source>", SOURCE)
        self.put(group, TYPE, term("CandidateGroup"))
        self.put(group, LABEL, f'"{case.label}"@en')
        self.names[id(case.itself)] = group
        self.groups()
        self.firms_and_people()
        self.agreements(group)
        self.goals(group)
        self.routines(group)
        for task in case.tasks:
            self.task(self.holder(task.on), "task", task)
        self.benefits(group)
        for kind in case.completeness:
            node = self.record(group, "completeness", "CompletenessStatement", kind)
            self.put(node, k20("listKind"), term(kind.kind))
            if kind.of:
                self.put(node, k20("ofProcedure"), self.name(kind.of, "Procedure"))
            self.put(node, k20("asOf"), moment("2006-06-30T00:00:00Z"))
            self.put(node, k20("assertedBy"), CURATORS)
        self.asides(group)
        return self.out

    # ------------------------------------------------------------ parts

    def party(self, party: Party) -> str:
        known = id(party) in self.names
        node = self.name(party, party.kind)
        if not known:
            self.put(node, TYPE, term(party.kind))
            self.put(node, LABEL, f'"{party.label}"@en')
            if party.kind == "RoleGroup":
                self.put(node, k20("sector"), term(party.sector))
            if party.of:
                self.put(node, k20("ofRoleGroup"), self.party(party.of))
        return node

    def groups(self) -> None:
        for group in self.case.groups:
            node = self.name(group, "group")
            self.put(node, TYPE, term(group.kind))
            self.put(node, LABEL, f'"{group.label}"@en')
            if group.part_of:
                self.put(self.name(group.part_of, "group"), k20("subGroup"), node)

    def holder(self, group: Group | None) -> str:
        """Return what a record hangs on."""
        return self.name(group or self.case.itself, "group")

    def firms_and_people(self) -> None:
        group = f"<{self.case.iri}>"
        for firm in (*self.case.firms, *self.case.others):
            node = self.name(firm, "firm")
            self.put(node, TYPE, term(firm.kind))
            self.put(node, LABEL, f'"{firm.label}"@en')
            if firm.unit_of:
                self.put(node, k20("unitOf"), self.name(firm.unit_of, "firm"))
        for membership in self.case.memberships:
            node = self.record(group, "membership", "FirmMembership", membership)
            self.put(node, k20("memberFirm"), self.name(membership.firm, "firm"))
            if membership.ended:
                self.put(node, k20("earliestEnd"), moment(membership.ended))
                self.put(node, k20("latestEnd"), moment(membership.ended))
        for asked in self.case.asked:
            self.put(group, k20("askedRoleGroup"), self.party(asked))
        for one in self.case.participations:
            node = self.name(one, "Participation")
            self.described(node, "Participation", one)
            for lister in (self.case.itself, *self.case.groups):
                if any(p is one for p in lister.people):
                    self.put(self.holder(lister), k20("participation"), node)
            self.put(node, k20("participant"), self.party(one.party))
            self.put(node, k20("sector"), term(one.sector))
            if one.firm:
                link = "homeUnit" if one.firm.kind == "OrganizationalUnit" else "homeFirm"
                self.put(node, k20(link), self.name(one.firm, "firm"))
            self.truth(node, "onRoll", one.on_roll)
            self.truth(node, "routine", one.routine)
            self.truth(node, "tookPart", one.took_part)
            if one.headcount:
                self.put(node, k20("headcount"), f'"{one.headcount}"^^<{XSD}decimal>')

    def truth(self, node: str, predicate: str, value: bool | None) -> None:
        if value is not None:
            self.put(node, k20(predicate), boolean(value))

    def agreements(self, group: str) -> None:
        case = self.case
        formation = ""
        if case.formation:
            formation = self.record(group, "formation", "Formation", case.formation)
            if case.formation.day:
                self.put(formation, k20("latestBegin"), moment(case.formation.day))
        project = f"<{case.iri}/project>"
        if any(a.through == "project" for a in case.agreements):
            self.put(group, k20("parentProject"), project)
            self.put(project, TYPE, term("Project"))
            self.put(project, LABEL, '"Project (made up)"@en')
        for agreement in case.agreements:
            node = self.name(agreement, "FormalAgreement")
            self.described(node, "FormalAgreement", agreement)
            if agreement.through == "formation":
                self.put(formation, k20("throughAgreement"), node)
            elif agreement.through != "nothing":
                owner = group if agreement.through == "group" else project
                self.put(owner, k20("formedThrough"), node)
            if agreement.answers:
                answered = self.name(agreement.answers, "FormalAgreement")
                self.put(node, k20("exchangedWith"), answered)
            if agreement.agreed:
                self.put(node, k20("earliestBegin"), moment(agreement.agreed))
                self.put(node, k20("latestBegin"), moment(agreement.agreed))
            for one in agreement.endorsements:
                link = "signature" if one.kind == "Signature" else "officialSupport"
                leader = self.record(node, link, one.kind, one)
                self.put(leader, k20("onBehalfOf"), self.name(one.firm, "firm"))
                self.truth(leader, "upperEchelon", one.upper_echelon)
                if one.given:
                    self.put(leader, k20("earliestBegin"), moment(one.given))
                    self.put(leader, k20("latestBegin"), moment(one.given))
            for commitment in agreement.commits:
                self.holding(node, "commits", "ResourceCommitment", commitment)
        for commitment in case.commitments:
            self.holding(group, "commitment", "ResourceCommitment", commitment)
        for refusal in case.refusals:
            self.holding(group, "refusal", "CommitmentRefusal", refusal)

    def holding(self, owner: str, link: str, kind: str, holding: Holding) -> None:
        node = self.record(owner, link, kind, holding)
        if holding.firm:
            self.put(node, k20("byFirm"), self.name(holding.firm, "firm"))
        for one in holding.kinds:
            self.put(node, k20("resourceKind"), term(one))

    def goals(self, group: str) -> None:
        for goal in self.case.goals:
            node = self.record(group, "goal", "Goal", goal)
            self.put(node, LABEL, f'"{goal.label}"@en')
            if goal.same_as:
                self.put(node, _EXACT_MATCH, self.name(goal.same_as, "Goal"))
        for statement in self.case.goal_statements:
            on = self.holder(statement.on)
            node = self.record(on, "goalStatement", "GoalStatement", statement)
            self.put(node, k20("aboutGoal"), self.name(statement.goal, "Goal"))
            self.put(node, k20("heldBy"), self.party(statement.holder))
            self.put(node, k20("quantifier"), term(statement.quantifier))

    def routines(self, group: str) -> None:
        for procedure in self.case.procedures:
            on = self.holder(procedure.on)
            node = self.record(on, "procedure", "Procedure", procedure)
            if former := procedure.adapted_from:
                kind = "firm" if isinstance(former, Firm) else "Procedure"
                self.put(node, k20("adaptedFrom"), self.name(former, kind))
            self.truth(node, "codified", procedure.codified)
            for number in range(procedure.steps):
                step = self.record(node, "step", "ProcedureStep", Record())
                self.put(step, k20("order"), f'"{number + 1}"^^<{XSD}integer>')
            for enactment in procedure.enactments:
                one = self.record(node, "enactment", "Enactment", enactment)
                if enactment.status:
                    self.put(one, k20("enactmentStatus"), term(enactment.status))
                for team in enactment.by:
                    self.put(one, k20("enactedBy"), self.holder(team))

    def task(self, owner: str, link: str, task: Task) -> None:
        node = self.record(owner, link, "Task", task)
        self.put(node, LABEL, f'"{task.label}"@en')
        for group in task.by:
            self.put(node, k20("performedBy"), self.holder(group))
        if task.status:
            self.put(node, k20("taskStatus"), term(task.status))
        for goal in task.pursues:
            self.put(node, k20("pursues"), self.name(goal, "Goal"))
        for contribution in task.contributions:
            one = self.record(node, "contribution", "Contribution", contribution)
            by = self.name(contribution.participation, "Participation")
            self.put(one, k20("contributor"), by)
            self.put(one, k20("contributionRole"), term(contribution.role))
        for aspect in task.aspects:
            one = self.record(node, "aspect", "TaskAspect", aspect)
            self.put(one, k20("interdependency"), term(aspect.interdependency))
        for use in task.uses:
            self.holding(node, "uses", "ResourceUse", use)
        for part in task.subtasks:
            self.task(node, "subtask", part)

    def benefits(self, group: str) -> None:
        for said in self.case.benefit_statements:
            on, *others = said.on or [self.case.itself]
            node = self.record(self.holder(on), "benefitStatement", "BenefitStatement", said)
            for other in others:
                self.put(self.holder(other), k20("benefitStatement"), node)
            self.put(node, k20("statedBy"), self.party(said.speaker))
            self.put(node, k20("stance"), term(said.stance))
            if said.expectation:
                self.put(node, k20("expectation"), term(said.expectation))
            if said.scope:
                self.put(node, k20("benefitScope"), term(said.scope))
            if said.quantifier:
                self.put(node, k20("quantifier"), term(said.quantifier))
            for firm in said.recipients:
                self.put(node, k20("recipient"), self.name(firm, "firm"))
            if said.about:
                known = id(said.about) in self.names
                self.put(node, k20("aboutBenefit"), benefit := self.name(said.about, "Benefit"))
                if not known:
                    self.described(benefit, "Benefit", said.about)
            if self.case.size != "thin":
                self.put(node, k20("benefitFrom"), group)
        for mapping in self.case.mappings:
            node = self.name(mapping, "RoleGroupMapping")
            self.put(node, TYPE, term("RoleGroupMapping"))
            self.put(node, k20("mapsFrom"), self.party(mapping.source))
            self.put(node, k20("mapsTo"), self.party(mapping.target))
            self.put(node, k20("assertedBy"), CURATORS)
            self.put(node, k20("evidencedBy"), self.item())

    def asides(self, group: str) -> None:
        """Write what real cases hold besides, and no criterion looks at."""
        asides = self.case.asides
        for number in range(1, asides.figures + 1):
            node = self.record(group, "reportedFigure", "ReportedFigure", Record())
            self.put(node, k20("figureTopic"), _TOPIC)
            self.put(node, k20("value"), f'"{number}.0"^^<{XSD}decimal>')
            self.put(node, k20("valueAsPrinted"), f'"{number} interviews (made up)"')
        for _ in range(asides.notes):
            node = self.record(group, "readingNote", "ReadingNote", Record())
            self.put(node, k20("noteKind"), _NOTE_KIND)
            for criterion in _REGARDS:
                self.put(node, k20("regards"), criterion)
            self.put(node, _COMMENT, '"A remark that was made up."@en')
        for number in range(1, asides.names + 1):
            node = self.record(group, "nameUse", "NameUse", Record())
            self.put(node, k20("nameAsPrinted"), f'"Name {number} (made up)"')
        for _ in range(asides.events):
            node = self.record(group, "event", "Event", Record())
            self.put(node, k20("earliestBegin"), moment("2005-01-01T00:00:00Z"))
            self.put(node, k20("latestBegin"), moment("2005-12-31T23:59:59Z"))
            self.put(node, k20("dateAsPrinted"), '"2005 (made up)"')
