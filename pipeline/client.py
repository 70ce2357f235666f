"""A client for Praman's HTTP API: one file, `httpx` and `standardwebhooks`, nothing else of Praman needed.

In: the address and a platform's key. Out: verdicts as plain values. What may work later (429, 503, a broken
line) is sent again with growing pauses; a submission carries an `Idempotency-Key`, so sending it again never
makes a second proof.

    with Praman("http://localhost:8000", key="praman_...") as praman:
        praman.put_job("job-1", {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}})
        proof_id = praman.submit("job-1", "w7", [Path("shot.png").read_bytes()])
        proof = praman.wait(proof_id)
        print(proof["verdict"], [reason["message"] for reason in proof["reasons"]])
"""

from __future__ import annotations

import json
import random
import time
import uuid
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict, cast
from urllib.parse import quote

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

__all__ = ["Praman", "PramanProblem", "Proof", "Unverified", "Verdict", "verify_webhook"]

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_PAUSE_S = 30.0
Outcome = Literal["accept", "reject", "manual"]


class Reason(TypedDict):
    """Why a verdict is what it is; `box` is [x, y, w, h] in px of the upright original."""

    code: str
    message: str
    remedy: Literal["resubmit", "none"]
    image: NotRequired[int]
    box: NotRequired[list[int]]


class Verdict(TypedDict):
    """A verdict as the feed and the webhook tell it."""

    proof_id: str
    job_id: str
    submitter_id: str
    verdict: Outcome
    reasons: list[Reason]
    duplicate_of: dict[str, Any] | None
    checks: list[dict[str, Any]]
    took_ms: int
    sequence: int
    supersedes: str | None


class Proof(TypedDict):
    """A proof; the verdict's fields are there once `status` is `decided`."""

    proof_id: str
    job_id: str
    submitter_id: str
    status: Literal["received", "working", "decided"]
    verdict: NotRequired[Outcome]
    reasons: NotRequired[list[Reason]]
    duplicate_of: NotRequired[dict[str, Any] | None]
    checks: NotRequired[list[dict[str, Any]]]
    took_ms: NotRequired[int]
    sequence: NotRequired[int]


class PramanProblem(Exception):
    """The API refused; `type` is the name to program against.

    Attributes:
        status: The HTTP status.
        type: Such as `urn:praman:problem:job-unknown`.
        detail: What is wrong and what to do.
    """

    def __init__(self, status: int, type: str, detail: str) -> None:  # noqa: A002 (RFC 9457's name)
        super().__init__(f"{status} {type}: {detail}")
        self.status, self.type, self.detail = status, type, detail


class Unverified(Exception):
    """The message is not from Praman, was changed on its way, or is older than five minutes."""


class Praman:
    """Talks to one Praman as one platform; safe to share among threads.

    Args:
        url: Where Praman answers.
        key: The platform's key.
        tries: How often a request is sent in all.
        transport: For tests.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        tries: int = 5,
        timeout_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout_s, transport=transport)
        self._tries = tries

    def __enter__(self) -> Praman:  # noqa: PYI034 (as httpx writes it)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def put_job(self, job_id: str, job: Mapping[str, Any]) -> dict[str, Any]:
        """Declare a job, or change it for proofs to come.

        Raises:
            PramanProblem: The job has faults; `detail` names each.
        """
        answer = self._ask("PUT", f"/v1/jobs/{quote(job_id, safe='')}", json=dict(job))
        return cast("dict[str, Any]", answer.json())

    def submit(  # noqa: PLR0913 (each is a field of the submission, by name)
        self,
        job_id: str,
        submitter_id: str,
        images: Sequence[bytes | str],
        *,
        proof_id: str | None = None,
        submitted_at: datetime | None = None,
        answer: str | None = None,
        lang: Literal["en", "bn"] | None = None,
        deadline: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> str:
        """Submit a proof and return its id; from then on it is kept.

        Args:
            images: Pictures as bytes, or links to them as text; not both in one proof.
            idempotency_key: Your own, where a retry may come from another process; else one is made.

        Raises:
            PramanProblem: The proof was refused, and nothing is kept.
            ValueError: Pictures and links are mixed, or a time has no zone.
        """
        times = {"submitted_at": submitted_at, "deadline": deadline}
        claim: dict[str, Any] = {
            "job_id": job_id,
            "submitter_id": submitter_id,
            "proof_id": proof_id,
            "answer": answer,
            "lang": lang,
        } | {name: _written(name, value) for name, value in times.items()}
        claim = {name: value for name, value in claim.items() if value is not None}
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        answered = self._ask("POST", "/v1/proofs", headers=headers, **_body(claim, images))
        return str(answered.json()["proof_id"])

    def proof(self, proof_id: str) -> Proof:
        """Return a proof as it stands.

        Raises:
            PramanProblem: You have no such proof.
        """
        return cast("Proof", self._ask("GET", f"/v1/proofs/{quote(proof_id, safe='')}").json())

    def wait(self, proof_id: str, *, limit_s: float = 60.0, every_s: float = 0.5) -> Proof:
        """Return a proof once it is decided; the feed and the webhook are the cheaper ways to hear.

        Raises:
            TimeoutError: It was not decided in time; it will be.
        """
        until = time.monotonic() + limit_s
        while (found := self.proof(proof_id))["status"] != "decided":
            if time.monotonic() > until:
                raise TimeoutError(f"{proof_id} was not decided within {limit_s:g} s")
            time.sleep(every_s)
        return found

    def proofs(self, *, verdict: Outcome | None = None, job: str | None = None) -> Iterator[Proof]:
        """Yield proofs in the order in which they came in, page by page."""
        given = {name: value for name, value in {"verdict": verdict, "job": job}.items() if value}
        for page in self._pages("/v1/proofs", given, after="0"):
            yield from page["items"]

    def verdicts(self, after: str = "0") -> Iterator[tuple[str, Verdict]]:
        """Yield (cursor, verdict) after `after`, to the newest; begin again after the last cursor."""
        for page in self._pages("/v1/verdicts", {}, after=after):
            for one in page["items"]:
                yield str(one["sequence"]), one

    def appeal(self, proof_id: str, *, note: str | None = None) -> None:
        """Have a person look again at a rejected proof.

        Raises:
            PramanProblem: There is no reject to appeal against.
        """
        self._ask("POST", f"/v1/proofs/{quote(proof_id, safe='')}/appeal", json={"note": note})

    def erase(self, proof_id: str) -> None:
        """Erase a proof with all that it showed."""
        self._ask("DELETE", f"/v1/proofs/{quote(proof_id, safe='')}")

    def evidence(self, proof_id: str, *, image: int = 0) -> bytes:
        """Return one picture as a PNG with what the verdict rests on.

        Raises:
            PramanProblem: There is no such picture, or it cannot be drawn.
        """
        place = f"/v1/proofs/{quote(proof_id, safe='')}/evidence.png"
        return self._ask("GET", place, params={"image": image}).content

    def _pages(self, path: str, given: Mapping[str, str], *, after: str) -> Iterator[dict[str, Any]]:
        while True:
            page = self._ask("GET", path, params={**given, "after": after}).json()
            if not page["items"]:
                return
            yield page
            after = page["next"]

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        for tried in range(1, self._tries + 1):
            last = tried == self._tries
            try:
                answer = self._http.request(method, path, **given)
            except httpx.TransportError:
                if last:
                    raise
                time.sleep(_pause_s(tried, None))
                continue
            if answer.is_success:
                return answer
            if last or not _may_work_later(answer):
                raise _problem(answer)
            time.sleep(_pause_s(tried, answer.headers.get("retry-after")))
        raise ValueError("tries must be at least 1")


def verify_webhook(body: bytes | str, headers: Mapping[str, str], secret: str) -> dict[str, Any]:
    """Return the event of a webhook whose signature holds.

    Events may come twice and out of order: of each proof keep the one with the highest `data.sequence`.

    Args:
        body: As it arrived, byte for byte.
        headers: Of the request, in any case of letters.
        secret: The platform's `whsec_...`.

    Raises:
        Unverified: The signature does not hold, or the event is older than five minutes.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        Webhook(secret).verify(body, lowered)
        return cast("dict[str, Any]", json.loads(body))
    except (WebhookVerificationError, ValueError) as error:  # the library lets some ValueErrors pass
        raise Unverified(f"the signature does not hold: {error}") from error


def _body(claim: dict[str, Any], images: Sequence[bytes | str]) -> dict[str, Any]:
    links = [one for one in images if isinstance(one, str)]
    if links and len(links) != len(images):
        raise ValueError("send pictures as bytes or links as text, not both in one proof")
    if links:
        return {"json": claim | {"images": links}}
    parts: list[tuple[str, Any]] = [("proof", (None, json.dumps(claim), "application/json"))]
    parts += [("images", (f"{index}", one)) for index, one in enumerate(images)]
    return {"files": parts}


def _written(name: str, value: datetime | None) -> str | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{name} has no zone; write datetime.now(UTC)")
    return None if value is None else value.isoformat()


def _may_work_later(answer: httpx.Response) -> bool:
    in_flight = answer.status_code == httpx.codes.CONFLICT and "retry-after" in answer.headers
    return answer.status_code in AGAIN or in_flight


def _pause_s(tried: int, told: str | None) -> float:
    """Return how long to wait: as long as we are told, else twice as long each time, spread at random."""
    if told is not None and told.isdigit():
        return min(float(told), LONGEST_PAUSE_S)
    return min(0.25 * 2.0**tried, LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)  # noqa: S311 (spreads retries)


def _problem(answer: httpx.Response) -> PramanProblem:
    try:
        told = answer.json()
        return PramanProblem(answer.status_code, str(told["type"]), str(told["detail"]))
    except (ValueError, KeyError, TypeError):
        return PramanProblem(answer.status_code, "about:blank", answer.text[:200])
