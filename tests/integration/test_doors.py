"""The actors on a real ledger: what a proof goes through, and what trouble costs it."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from actors.fingerprint import fingerprint
from actors.intake import intake, signature_of
from actors.judge import judge
from actors.read import read
from actors.sweep import sweep
from pipeline.errors import BadPicture, ChildDied, EngineTimeout, StoreUnavailable
from pipeline.ledger.engine import make_engine
from pipeline.ledger.schema import migrate
from pipeline.ledger.tables import fingerprints
from pipeline.publish import verdict_line
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AutoReject,
    Decide,
    Job,
    Likeness,
    NoticeState,
    Outcome,
    Relation,
    Step,
    Submission,
    TextCheck,
)
from pipeline.settings import load_settings
from pipeline.submit import submit
from tests.fakes import FakeBell, FakeChildren, answer_bells, answer_next, fake_picture, steps_of
from tests.workers import services_on

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
JOB = Job(id="job-1", checks=(TextCheck(value="Nodi Tech Bangladesh"),))
SHOWN = "Nodi Tech Bangladesh Subscribed"


class Shop:
    """One worker with everything it needs, its children and its bell faked."""

    def __init__(self, folder: Path, url: str) -> None:
        migrate(url)
        engine = self.engine = make_engine(url)
        settings = load_settings(database_url=url, ring_again_s=0.001)
        self.children, self.bell = FakeChildren(), FakeBell()
        self.services = services_on(engine, folder, settings=settings, children=self.children, bell=self.bell)
        self.services.ledger.declare_platform("p")
        self.services.ledger.declare_job("p", JOB)

    def send(self, proof_id: str, *texts: str, **changes: Any) -> str:
        submission = Submission(
            platform="p",
            job_id="job-1",
            submitter_id=f"w-{proof_id}",
            submitted_at=NOON,
            pictures=tuple(map(fake_picture, texts)),
            proof_id=proof_id,
        )
        proof, _ = submit(
            replace(submission, **changes),
            ledger=self.services.ledger,
            store=self.services.store,
            policy=self.services.policy,
        )
        return proof.id

    def run(self) -> None:
        """Sweep and answer until nothing rings twice in a row: what falls due now rings the next time."""
        idle = 0
        for _ in range(50):
            rung = sweep(self.services)
            answer_bells(self.services, self.bell)
            idle = 0 if rung else idle + 1
            if idle > 1:
                return
            time.sleep(0.002)

    def line(self, proof_id: str) -> dict[str, Any]:
        return verdict_line(self.services.queries.verdicts_for("p", [proof_id])[proof_id])

    def codes(self, proof_id: str) -> list[str]:
        return [reason["code"] for reason in self.line(proof_id)["reasons"]]


@pytest.fixture
def shop(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr("actors.attempt.STRIKE_DELAY_S", 0.0)
    monkeypatch.setattr("actors.attempt.OUTAGE_DELAY_S", 0.0)
    monkeypatch.setattr("actors.judge.WAIT_FOR_EARLIER_S", 0.0)
    return Shop(tmp_path, sqlite_url)


def test_an_honest_proof_is_accepted(shop: Shop) -> None:
    """What the job asks for stands on the picture: accept, with the check that passed."""
    shop.send("a", SHOWN)
    shop.run()
    assert shop.line("a")["verdict"] == "accept"
    assert shop.line("a")["checks"][0]["status"] == "pass"


def test_a_file_that_is_no_picture_is_rejected_without_a_child(shop: Shop) -> None:
    """Text renamed .png never reaches a decoder."""
    shop.send("a", pictures=(b"hello, I am text",))
    shop.run()
    assert shop.codes("a") == ["picture.not_a_picture"]
    assert shop.children.calls == []


def test_an_unknown_job_is_for_a_person(shop: Shop) -> None:
    """We cannot judge what was never declared."""
    shop.send("a", SHOWN, job_id="nobody-declared-me")
    shop.run()
    assert (shop.line("a")["verdict"], shop.codes("a")) == ("manual", ["job.unknown"])


@pytest.mark.parametrize(
    ("error", "code"),
    [(ChildDied, "engine.failed"), (EngineTimeout, "engine.timeout"), (OSError, "engine.failed")],
)
def test_the_third_death_is_manual_and_touches_no_other(
    shop: Shop, error: type[Exception], code: str
) -> None:
    """A poison picture costs its own proof three attempts; its neighbours are accepted."""
    shop.children.trouble["poison"] = lambda: error("poison")
    for name in ("a", "b", "c"):
        shop.send(name, f"{SHOWN} {name}")
    shop.send("bad", f"{SHOWN} poison")
    shop.run()
    assert (shop.line("bad")["verdict"], shop.codes("bad")) == ("manual", [code])
    assert {shop.line(name)["verdict"] for name in ("a", "b", "c")} == {"accept"}
    assert shop.children.calls.count("fingerprint") == 3 + 3


def test_a_store_that_is_out_costs_no_attempt(shop: Shop) -> None:
    """An outage may last longer than three attempts and is no fault of the proof."""
    shop.send("a", SHOWN)
    shop.children.trouble["Nodi"] = lambda: StoreUnavailable("store is out")
    for _ in range(10):
        sweep(shop.services)
        answer_bells(shop.services, shop.bell)
    shop.children.trouble.clear()
    shop.run()
    assert shop.line("a")["verdict"] == "accept"


@pytest.mark.parametrize("queues", [None, frozenset({"ocr"})])
@pytest.mark.parametrize("steps_before", range(5))
def test_a_wiped_bell_loses_nothing(shop: Shop, steps_before: int, queues: frozenset[str] | None) -> None:
    """Redis may lose everything after any step; the sweep rings again."""
    shop.services = replace(shop.services, queues=queues)
    shop.send("a", SHOWN)
    sweep(shop.services)
    for _ in range(steps_before):
        answer_next(shop.services, shop.bell)
    shop.bell.wipe()
    shop.run()
    assert shop.line("a")["verdict"] == "accept"


def test_a_bell_that_rings_twice_is_answered_once(shop: Shop) -> None:
    """A message delivered twice makes one fingerprint and one verdict."""
    proof = shop.send("a", SHOWN)
    fingerprint(shop.services, proof)
    fingerprint(shop.services, proof)
    assert shop.children.calls == ["fingerprint", "read", "judge"]
    assert shop.line("a")["verdict"] == "accept"
    assert steps_of(shop.bell) == []


def test_a_worker_goes_on_alone_where_it_takes_from_every_queue(shop: Shop) -> None:
    """One bell brings a proof to its verdict."""
    shop.send("a", SHOWN)
    sweep(shop.services)
    assert answer_next(shop.services, shop.bell)
    assert not answer_next(shop.services, shop.bell)
    assert shop.line("a")["verdict"] == "accept"


def test_a_later_proof_is_left_until_the_earlier_ones_are_looked_at(shop: Shop) -> None:
    """Whoever fingerprints the later of two first rings for the rest of it, behind the earlier one."""
    shop.send("earlier", SHOWN)
    later = shop.send("later", f"{SHOWN} again", submitted_at=NOON + timedelta(minutes=1))
    fingerprint(shop.services, later)
    assert shop.children.calls == ["fingerprint"]
    assert steps_of(shop.bell) == [Step.READ]
    shop.run()
    assert [shop.line(one)["verdict"] for one in ("earlier", "later")] == ["accept", "accept"]


def test_a_picture_that_cannot_be_read_is_not_read_by_who_goes_on(shop: Shop) -> None:
    """A fault that the fingerprint found is known to the step after it, without asking the ledger."""
    shop.children.trouble = {"damaged": lambda: BadPicture(ReasonCode.NOT_A_PICTURE, "damaged")}
    proof = shop.send("a", SHOWN, "damaged")
    fingerprint(shop.services, proof)
    assert shop.line("a")["verdict"] == "accept"
    assert shop.children.calls == ["fingerprint", "fingerprint", "read", "judge"]


@pytest.mark.parametrize(("queue", "bells"), [("ocr", [Step.JUDGE]), ("light", [Step.READ])])
def test_a_worker_for_one_queue_rings_for_the_steps_of_another(
    shop: Shop, queue: str, bells: list[Step]
) -> None:
    """Each step of another queue gets its own bell."""
    shop.services = replace(shop.services, queues=frozenset({queue}))
    shop.send("a", SHOWN)
    sweep(shop.services)
    rung = []
    while shop.bell.rings:
        rung += steps_of(shop.bell)
        answer_next(shop.services, shop.bell)
    assert rung == [Step.FINGERPRINT, *bells]


def test_trouble_while_judging_costs_the_reading_nothing(shop: Shop) -> None:
    """A worker that goes on and fails hands back the step that failed; what was read stays read."""
    proof = shop.send("a", SHOWN)
    shop.children.dying = {"judge"}
    fingerprint(shop.services, proof)
    assert shop.services.ledger.verdict(proof) is None
    shop.children.dying = set()
    shop.run()
    assert shop.line("a")["verdict"] == "accept"
    assert [shop.children.calls.count(one) for one in ("fingerprint", "read", "judge")] == [1, 1, 2]


def test_words_that_kill_the_judge_are_for_a_person(shop: Shop) -> None:
    """What was read is as hostile as the picture: after the third death a person looks, and nothing loops."""
    shop.send("a", SHOWN)
    shop.children.dying = {"judge"}
    for _ in range(shop.services.settings.strikes + 1):
        shop.run()
    assert (shop.line("a")["verdict"], shop.codes("a")) == ("manual", ["engine.failed"])
    assert shop.children.calls.count("judge") == shop.services.settings.strikes


def test_a_copy_whose_original_is_erased_before_it_is_judged_is_read_after_all(shop: Shop) -> None:
    """Nothing speaks against it any more, and no verdict is made of nothing."""
    shop.services = replace(shop.services, queues=frozenset({"ocr"}))
    original = shop.send("a", SHOWN)
    copy = shop.send("b", SHOWN, submitted_at=NOON + timedelta(hours=1))
    for proof in (original, copy):
        fingerprint(shop.services, proof)
    read(shop.services, copy)
    with shop.engine.begin() as connection:
        connection.execute(delete(fingerprints).where(fingerprints.c.proof == original))
    assert shop.children.calls.count("read") == 1  # the original's
    shop.run()
    assert shop.line("b")["verdict"] == "accept"


def test_the_same_file_from_another_person_is_a_duplicate(shop: Shop) -> None:
    """The earlier proof is accepted and named; the copy is settled without reading."""
    shop.send("a", SHOWN)
    shop.send("b", SHOWN, submitted_at=NOON + timedelta(hours=1))
    shop.run()
    assert shop.line("a")["verdict"] == "accept"
    assert shop.codes("b") == ["duplicate.exact"]
    assert shop.line("b")["duplicate_of"]["proof_id"] == "a"
    assert shop.children.calls.count("read") == 1


def test_a_sure_altered_copy_is_settled_without_reading_and_compared_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No word that it shows could save it."""
    found, pairs = shop.children.fingerprint, []

    def compare(*_: bytes, width_px: int, mirrored: bool) -> Likeness:
        pairs.append(width_px)
        return Likeness(relation=Relation.ALTERED, score=0.97)

    alike = {"hashes": (("page", 5),)}
    monkeypatch.setattr(shop.children, "fingerprint", lambda content: replace(found(content), **alike))
    monkeypatch.setattr(shop.children, "compare", compare)
    shop.send("a", SHOWN)
    shop.send("b", f"{SHOWN} again", submitted_at=NOON + timedelta(hours=1))
    shop.run()
    assert shop.line("a")["verdict"] == "accept"
    assert shop.codes("b") == ["duplicate.altered_copy"]
    assert shop.line("b")["duplicate_of"]["proof_id"] == "a"
    assert shop.children.calls.count("read") == 1
    assert len(pairs) == 1


def test_the_earlier_submission_is_the_original_in_any_order(shop: Shop) -> None:
    """The later proof arrives and is judged first, and still waits for the earlier one's fingerprint."""
    later = shop.send("later", SHOWN, submitted_at=NOON + timedelta(hours=1))
    shop.send("earlier", SHOWN)
    fingerprint(shop.services, later)
    judge(shop.services, later)
    shop.run()
    assert shop.line("earlier")["verdict"] == "accept"
    assert shop.codes("later") == ["duplicate.exact"]


def test_an_original_that_arrives_after_its_copy_was_accepted_is_for_a_person(shop: Shop) -> None:
    """A published accept stands, and no capture is accepted twice."""
    shop.send("copy", SHOWN, submitted_at=NOON + timedelta(hours=1))
    shop.run()
    shop.send("original", SHOWN)
    shop.run()
    assert shop.line("copy")["verdict"] == "accept"
    assert (shop.line("original")["verdict"], shop.codes("original")) == (
        "manual",
        ["duplicate.late_original"],
    )


def test_a_picture_that_is_gone_when_it_is_to_be_compared_is_for_a_person(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can tell whether the second is a copy: it is neither accepted nor rejected, and not lost."""
    found = shop.children.fingerprint
    alike = {"hashes": (("page", 5),)}
    monkeypatch.setattr(shop.children, "fingerprint", lambda content: replace(found(content), **alike))
    first = shop.send("a", SHOWN)
    shop.run()
    ((_, _, key),) = shop.services.ledger.fingerprints(first)
    assert key is not None
    shop.services.store.delete(key)
    shop.send("b", f"{SHOWN} again")
    for _ in range(shop.services.settings.strikes + 1):
        shop.run()
    assert shop.line("a")["verdict"] == "accept"
    assert (shop.line("b")["verdict"], shop.codes("b")) == ("manual", ["picture.unavailable"])


def test_one_persons_capture_in_two_jobs_is_a_duplicate(shop: Shop) -> None:
    """Paid once already, by another job of the platform."""
    shop.services.ledger.declare_job("p", replace(JOB, id="job-2"))
    shop.send("a", SHOWN, submitter_id="one")
    shop.send("b", SHOWN, submitter_id="one", job_id="job-2", submitted_at=NOON + timedelta(hours=1))
    shop.run()
    assert shop.line("a")["verdict"] == "accept"
    assert shop.codes("b") == ["duplicate.exact"]


def test_several_pictures_pass_together(shop: Shop) -> None:
    """A check passes if any picture shows it."""
    shop.send("a", "something else entirely", SHOWN)
    shop.run()
    assert shop.line("a")["verdict"] == "accept"
    assert shop.line("a")["checks"][0]["image"] == 1


def test_the_same_proof_twice_is_one_proof(shop: Shop) -> None:
    """Sending again what is there changes nothing."""
    first = shop.send("a", SHOWN)
    assert shop.send("a", SHOWN) == first


# ---- rejects that people see first ----------------------------------------------------------------


def test_a_held_reject_goes_out_later_or_never(shop: Shop) -> None:
    """Its verdict stands at once, its notice waits; taken back, only `manual` is told."""
    outbox = shop.services.outbox
    outbox.open_endpoint("p", "webhook", address="https://receiver.example/hook")
    held = replace(JOB, id="job-2", decide=Decide(auto_reject=AutoReject.HOLD))
    shop.services.ledger.declare_job("p", held)
    shop.send("a", "something else entirely", job_id="job-2")
    shop.send("b", SHOWN, job_id="job-2")
    shop.run()
    assert (shop.line("a")["verdict"], shop.line("b")["verdict"]) == ("reject", "accept")
    (waiting,) = outbox.held(platform="p", job_id="job-2", submitter_id=None, limit=9)
    assert (waiting.proof_id, waiting.until - waiting.decided_at) == ("a", timedelta(seconds=900))
    outbox.take_back("p", "a")
    shop.run()
    assert shop.line("a")["verdict"] == "manual"
    assert shop.codes("a")[-1] == "brake.taken_back"
    told = outbox.listed(platform="p", state=None, proof_id="a", limit=9)
    assert [(one.outcome, one.state, one.attempts) for one in told] == [
        (Outcome.MANUAL, NoticeState.WAITING, 1),
        (Outcome.REJECT, NoticeState.TAKEN_BACK, 0),
    ]


def test_a_job_that_rejects_everybody_is_braked(shop: Shop) -> None:
    """After thirty rejects in a row people look first; an honest proof is accepted all the same."""
    for number in range(30):
        shop.send(f"n{number}", f"nothing of the kind {number}")
    shop.run()
    assert {shop.line(f"n{number}")["verdict"] for number in range(30)} == {"reject"}
    shop.send("late", "nothing of the kind, again")
    shop.send("honest", SHOWN)
    shop.run()
    assert (shop.line("late")["verdict"], shop.line("honest")["verdict"]) == ("manual", "accept")
    assert shop.codes("late") == ["evidence.target_missing", "brake.job_rate"]


# ---- the queue door --------------------------------------------------------------------------------

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def message(shop: Shop, *, secret: str = SECRET, age_s: int = 0, **changes: Any) -> dict[str, Any]:
    link = "data:image/png;base64," + base64.b64encode(fake_picture(SHOWN)).decode()
    claim = {"proof_id": "q1", "job_id": "job-1", "submitter_id": "w1", "images": [link]} | changes
    stamp = str(int(datetime.now(UTC).timestamp()) - age_s)
    return {
        "platform": "p",
        "timestamp": stamp,
        "proof": claim,
        "signature": signature_of(claim, timestamp=stamp, secret=secret),
    }


@pytest.fixture
def signed(shop: Shop) -> Shop:
    shop.services.ledger.configure_platform("p", targets=("webhook",), secret=SECRET)
    return shop


def test_a_signed_message_becomes_a_proof(signed: Shop) -> None:
    """A platform in any language enqueues straight to the broker."""
    intake(signed.services, json.loads(json.dumps(message(signed))))
    signed.run()
    assert signed.line("q1")["verdict"] == "accept"


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "v1,AAAA"},
        {"proof": {"job_id": "job-1"}},
        {"platform": "another"},
        {"timestamp": "1"},
        {"timestamp": "soon"},
        {"proof": "text"},
    ],
)
def test_a_message_whose_signature_does_not_hold_stores_nothing(
    signed: Shop, changed: dict[str, Any]
) -> None:
    """Nothing of an unsigned, altered or aged message is kept."""
    intake(signed.services, message(signed) | changed)
    signed.run()
    assert signed.services.queries.verdicts_for("p", ["q1"]) == {}


def test_a_message_older_than_five_minutes_is_refused(signed: Shop) -> None:
    """A replayed message is not taken, although its signature is right."""
    intake(signed.services, message(signed, age_s=301))
    signed.run()
    assert signed.services.queries.verdicts_for("p", ["q1"]) == {}
