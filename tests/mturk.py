"""Mechanical Turk on loopback, as botocore speaks to it: JSON 1.1, an operation in a header."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.local_site import Call, LocalSite

KEY_ID, SECRET = "AKIDMTURK", "mturk-s3cr3t"
PAGE = 2
NAMESPACE = (
    "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"
)
SUBMITTED_AT, APPROVED_BY_ITSELF_AT = 1_763_625_600, 1_763_884_800


def answers(*texts: str) -> str:
    """Return an answer's XML."""
    fields = "".join(
        f"<Answer><QuestionIdentifier>q{number}</QuestionIdentifier><FreeText>{text}</FreeText></Answer>"
        for number, text in enumerate(texts)
    )
    head = '<?xml version="1.0" encoding="ASCII"?>'
    return f'{head}<QuestionFormAnswers xmlns="{NAMESPACE}">{fields}</QuestionFormAnswers>'


@dataclass
class MechanicalTurk(LocalSite):
    """The site's own state.

    Attributes:
        funds: How many approvals it can still pay.
    """

    assignments: dict[str, dict[str, Any]] = field(default_factory=dict)
    funds: int = 1000

    adapter = "mturk"
    prefix = "/"

    def allowed(self, call: Call) -> bool:
        return f"Credential={KEY_ID}/" in str(call.headers["Authorization"])

    def config(self, **changes: Any) -> str:
        given = {"hits": {"HIT1": "job-1"}, "access_key_id": KEY_ID, "secret_access_key": SECRET}
        given |= {"endpoint_url": self.url, "poll_every_s": 0.2, "call_every_s": 0.01}
        return json.dumps(given | changes)

    def assignment(self, number: int, **changes: Any) -> dict[str, Any]:
        """Add a submitted assignment with one linked screenshot."""
        made = {
            "AssignmentId": f"A{number}",
            "WorkerId": f"W{number}",
            "HITId": "HIT1",
            "AssignmentStatus": "Submitted",
            "SubmitTime": SUBMITTED_AT,
            "AutoApprovalTime": APPROVED_BY_ITSELF_AT,
            "Answer": answers("my name is Rana", f"{self.url}/pictures/{number}.png"),
        } | changes
        self.assignments[str(made["AssignmentId"])] = made
        return made

    def answer(self, call: Call) -> tuple[int, Any]:
        asked = call.json()
        verb = call.headers["X-Amz-Target"].rpartition(".")[2]
        if verb == "ListAssignmentsForHIT":
            return 200, self.page(asked)
        found = self.assignments.get(asked["AssignmentId"])
        if found is None:
            return _fault("RequestError", "No such assignment")
        if verb == "GetAssignment":
            return 200, {"Assignment": found}
        return self.decide(verb, asked, found)

    def page(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = [
            one for one in self.assignments.values() if one["AssignmentStatus"] in asked["AssignmentStatuses"]
        ]
        start = int(asked.get("NextToken", "0"))
        told: dict[str, Any] = {"NumResults": len(found), "Assignments": found[start : start + PAGE]}
        return told | ({"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {})

    def decide(self, verb: str, asked: dict[str, Any], found: dict[str, Any]) -> tuple[int, Any]:
        approves = verb == "ApproveAssignment"
        overturns = approves and asked.get("OverrideRejection") and found["AssignmentStatus"] == "Rejected"
        if found["AssignmentStatus"] != "Submitted" and not overturns:
            return _fault("RequestError", "This operation can be called with a status of: Submitted")
        if approves and self.funds == 0:
            return _fault("RequestError", "AWS.MechanicalTurk.InsufficientFunds")
        if not approves and not 0 < len(asked.get("RequesterFeedback", "")) <= 1024:
            return _fault("ParameterValidationError", "RequesterFeedback")
        found["AssignmentStatus"] = "Approved" if approves else "Rejected"
        self.ratings.append(asked | {"verb": verb})
        return 200, {}

    def said(self) -> dict[str, str]:
        return {one["AssignmentId"]: one["verb"] for one in self.ratings}


def _fault(code: str, message: str) -> tuple[int, Any]:
    return 400, {"__type": code, "Message": message, "message": message}
