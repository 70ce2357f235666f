"""The HTTP door as platforms use it: a job, a proof, its verdict, an appeal, an erasure."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from actors.sweep import sweep
from pipeline.errors import LedgerUnavailable, StoreUnavailable
from pipeline.publish import verdict_line
from pipeline.records import Ring
from tests.web import SHOWN, Door, Platform, picture

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def door(tmp_path: Path, ledger_url: str) -> Iterator[Door]:
    with Door(tmp_path, ledger_url).running() as running:
        yield running


@pytest.fixture
def shop(door: Door) -> Platform:
    return door.platform("shop")


def test_a_proof_is_received_decided_and_read(door: Door, shop: Platform) -> None:
    """202 at once; later the verdict line's fields, flat, and the same line in the feed."""
    answer = shop.post(picture(), proof_id="p1")
    assert (answer.status_code, answer.json()) == (202, {"proof_id": "p1", "status": "received"})
    assert answer.headers["location"] == "/v1/proofs/p1"
    before = shop.get("/v1/proofs/p1")
    assert before == {"proof_id": "p1", "job_id": "job-1", "submitter_id": "w1", "status": "received"}
    door.work()
    after = shop.get("/v1/proofs/p1")
    assert (after["status"], after["verdict"]) == ("decided", "accept")
    line = verdict_line(door.services.queries.verdicts_for("shop", ["p1"])["p1"])
    assert {name: after[name] for name in line} == json.loads(json.dumps(line))
    feed = shop.get("/v1/verdicts")
    assert [one["proof_id"] for one in feed["items"]] == ["p1"]
    assert {name: feed["items"][0][name] for name in line} == json.loads(json.dumps(line))


def test_an_id_is_made_where_there_is_none(shop: Platform) -> None:
    """The answer carries the id by which the proof can be asked for."""
    made = shop.post(picture()).json()["proof_id"]
    assert shop.get(f"/v1/proofs/{made}")["proof_id"] == made


@pytest.mark.parametrize("proof_id", ["a/b", "প্রমাণ ১", "a?b#c", "..", "100%", "a\\b"])
def test_an_id_may_hold_what_a_platform_likes(shop: Platform, proof_id: str) -> None:
    """The Location of the answer leads to the proof, whatever the id holds."""
    answer = shop.post(picture(), proof_id=proof_id)
    assert answer.status_code == 202
    if proof_id != "..":  # HTTP libraries resolve it before they send
        assert shop.get(answer.headers["location"])["proof_id"] == proof_id


def test_the_same_proof_five_times_at_once_is_one_proof(door: Door, shop: Platform) -> None:
    """Without a key and without a time, a repeated POST is the same proof and the same answer."""
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: shop.post(picture(), proof_id="p1"), range(5)))
    assert {(one.status_code, one.text) for one in answers} == {(202, answers[0].text)}
    assert door.count("proofs") == door.count("pictures") == 1


def test_a_key_five_times_at_once_is_one_proof(door: Door, shop: Platform) -> None:
    """With a key and no id, one request makes the proof; others get its answer, or 409 while it works."""
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: shop.post(picture(), key="k1"), range(5)))
    assert {one.status_code for one in answers} <= {202, 409}
    accepted = {one.text for one in answers if one.status_code == 202}
    assert accepted == {shop.post(picture(), key="k1").text}
    assert door.count("proofs") == 1


def test_a_key_replays_its_answer_literally(door: Door, shop: Platform) -> None:
    """Another framing of the same proof and pictures gets the stored answer; after the verdict too."""
    first = shop.post(picture(), key="k1")
    door.work()
    spaced = shop.post(picture(), key="k1", claim='{ "submitter_id": "w1",\n "job_id": "job-1" }')
    for name in ("content", "status_code"):
        assert getattr(spaced, name) == getattr(first, name)
    assert spaced.headers["location"] == first.headers["location"]
    assert door.count("proofs") == 1


@pytest.mark.parametrize(
    ("pictures", "changes"),
    [((SHOWN,), {"submitter_id": "w2"}), (("another",), {}), ((SHOWN, SHOWN), {}), ((SHOWN,), {"x": 1})],
)
def test_a_key_with_another_body_is_refused(
    door: Door, shop: Platform, pictures: tuple[str, ...], changes: dict[str, Any]
) -> None:
    """Another claim, another picture, one more picture: 422, and no proof."""
    assert shop.post(picture(), key="k1").status_code == 202
    answer = shop.post(*map(picture, pictures), key="k1", **changes)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:praman:problem:key-reused")
    assert door.count("proofs") == 1


def test_a_key_in_flight_is_409(door: Door, shop: Platform) -> None:
    """While the first request works, the second is told to wait, and a third with another body that it is."""
    place = ("shop", "k1")
    first = shop.post(picture(), key="k0")
    assert first.status_code == 202
    door.front.underway[place] = "another digest"
    assert shop.post(picture(), key="k1").status_code == 422
    door.front.underway[place] = _digest_of(door, shop)
    answer = shop.post(picture(), key="k1")
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "1")
    del door.front.underway[place]
    assert shop.post(picture(), key="k1").status_code == 202


def _digest_of(door: Door, shop: Platform) -> str:
    kept = door.front.platforms.kept_answer("shop", "k0")
    assert kept is not None
    return kept.digest


def test_a_key_belongs_to_one_platform(door: Door, shop: Platform) -> None:
    """Two platforms may use the same key and the same proof id."""
    other = door.platform("other")
    assert shop.post(picture(), key="k1", proof_id="p").status_code == 202
    assert other.post(picture("else"), key="k1", proof_id="p").status_code == 202
    assert door.count("proofs") == 2


def test_a_refused_request_leaves_its_key_free(shop: Platform) -> None:
    """What did nothing can be mended and sent again under the same key."""
    assert shop.post(picture(), key="k1", job_id="later").status_code == 422
    assert shop.http.put("/v1/jobs/later", json={"checks": []}).status_code == 200
    assert shop.post(picture(), key="k1", job_id="later").status_code == 202


def test_the_same_id_with_other_content_is_409(shop: Platform) -> None:
    """A proof is never changed by sending it again."""
    assert shop.post(picture(), proof_id="p1").status_code == 202
    answer = shop.post(picture("another"), proof_id="p1")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:praman:problem:proof-conflict")


def test_lists_go_page_by_page_and_next_is_never_null(door: Door, shop: Platform) -> None:
    """Pages join without gap or repetition; an empty page gives back the cursor that it was given."""
    ids = [f"p{number}" for number in range(7)]
    for number, proof_id in enumerate(ids):
        shop.post(picture(f"{SHOWN} {number // 2}"), proof_id=proof_id)  # pairs of one file: one is a copy
    door.work()
    for path, name in (("/v1/proofs", "id"), ("/v1/verdicts", "sequence")):
        seen, cursor = [], None
        while True:
            page = shop.get(f"{path}?limit=3" + (f"&after={cursor}" if cursor else ""))
            if not page["items"]:
                break
            seen += [one["proof_id"] for one in page["items"]]
            cursor = page["next"]
        assert page["next"] == cursor, name
        assert sorted(seen) == ids
    rejected = shop.get("/v1/proofs?verdict=reject")["items"]
    assert {one["verdict"] for one in rejected} == {"reject"}
    accepted = shop.get("/v1/proofs?verdict=accept&job=job-1")["items"]
    assert {one["verdict"] for one in accepted} == {"accept"}
    assert (len(rejected), len(accepted)) == (3, 4)
    assert shop.get("/v1/proofs?job=nobody")["items"] == []


def test_an_empty_list_has_a_cursor(shop: Platform) -> None:
    """A reader may begin before the first proof."""
    for path in ("/v1/proofs", "/v1/verdicts"):
        page = shop.get(path)
        assert page["items"] == []
        assert shop.get(f"{path}?after={page['next']}")["next"] == page["next"]


def test_an_appeal_makes_a_reject_manual_and_the_feed_says_so(door: Door, shop: Platform) -> None:
    """The feed repeats the proof with a verdict that supersedes; asking twice is asking once."""
    shop.post(picture(), proof_id="p0")
    shop.post(picture(), proof_id="p1", submitter_id="w2")
    assert shop.http.post("/v1/proofs/p1/appeal").status_code == 409
    door.work()
    assert shop.verdict("p1") == "reject"
    answers = [shop.http.post("/v1/proofs/p1/appeal", json={"note": "look at it"}) for _ in range(2)]
    assert {(one.status_code, one.json()["verdict"]) for one in answers} == {(202, "manual")}
    assert shop.verdict("p1") == "manual"
    door.work()
    feed = [one for one in shop.get("/v1/verdicts")["items"] if one["proof_id"] == "p1"]
    assert [(one["proof_id"], one["verdict"]) for one in feed] == [("p1", "reject"), ("p1", "manual")]
    assert feed[1]["supersedes"]
    assert feed[1]["reasons"][0]["code"] == "appeal.open"
    assert [one["proof_id"] for one in shop.get("/v1/proofs?verdict=reject")["items"]] == []


def test_an_accept_cannot_be_appealed(door: Door, shop: Platform) -> None:
    """The answer says what the proof is."""
    shop.post(picture(), proof_id="p1")
    door.work()
    answer = shop.http.post("/v1/proofs/p1/appeal")
    assert (answer.status_code, "accept" in answer.json()["detail"]) == (409, True)


def test_an_erased_proof_is_gone_everywhere(door: Door, shop: Platform, tmp_path: Path) -> None:
    """No list, feed, file or column holds it; the other proof of the same file stays whole."""
    shop.post(picture("Canary text"), proof_id="p1", submitter_id="canary-person", answer="canary answer")
    shop.post(picture(), proof_id="p2")
    door.work()
    assert shop.http.delete("/v1/proofs/p1").status_code == 204
    assert shop.http.delete("/v1/proofs/p1").status_code == 204
    for path in ("/v1/proofs/p1", "/v1/proofs/p1/evidence.png"):
        assert shop.http.get(path).status_code == 404
    for path in ("/v1/proofs", "/v1/verdicts"):
        assert [one["proof_id"] for one in shop.get(path)["items"]] == ["p2"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "evidence").rglob("*") if path.is_file())
    assert b"Canary" not in kept
    assert b"canary" not in _dumped(door).encode()
    assert "Canary" not in _dumped(door)
    assert shop.post(picture("Canary text"), proof_id="p1").status_code == 409
    assert shop.verdict("p2") == "accept"


def test_a_file_shared_with_another_proof_outlives_the_first_erasure(
    door: Door, shop: Platform, tmp_path: Path
) -> None:
    """Two proofs of one file share its bytes, which go with the second."""
    for proof_id in ("p1", "p2"):
        shop.post(picture(), proof_id=proof_id)
    assert shop.http.delete("/v1/proofs/p1").status_code == 204
    door.work()
    assert shop.verdict("p2") == "accept"
    assert shop.http.delete("/v1/proofs/p2").status_code == 204
    assert [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()] == []


def test_an_erasure_that_the_store_interrupts_is_finished_by_asking_again(
    door: Door, shop: Platform, tmp_path: Path
) -> None:
    """503 tells the platform to come again; nothing of the proof is shown meanwhile."""
    shop.post(picture(), proof_id="p1")

    class Away:
        def delete(self, key: str) -> None:
            raise StoreUnavailable("away")

    door.replace(store=Away())
    assert shop.http.delete("/v1/proofs/p1").status_code == 503
    door.replace(store=door.services.store)
    assert shop.http.get("/v1/proofs/p1").status_code == 404
    assert shop.http.delete("/v1/proofs/p1").status_code == 204
    assert [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()] == []


def test_a_proof_erased_in_the_middle_is_dropped_quietly(door: Door, shop: Platform) -> None:
    """Whoever works on it finds the lease gone; it never comes back."""
    shop.post(picture(), proof_id="p1")
    door.children.trouble["Nodi"] = lambda: _erase_meanwhile(shop)
    door.work()
    assert shop.get("/v1/verdicts")["items"] == []
    assert door.count("fingerprints") == 0


def _erase_meanwhile(shop: Platform) -> Exception:
    assert shop.http.delete("/v1/proofs/p1").status_code == 204
    return OSError("gone")


def _dumped(door: Door) -> str:
    from sqlalchemy import MetaData, select  # noqa: PLC0415

    from pipeline.ledger import make_engine  # noqa: PLC0415

    engine, found = make_engine(door.services.settings.database), MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        rows = [str(row) for table in found.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(rows)


def test_evidence_is_a_picture_of_our_own_making(door: Door, shop: Platform) -> None:
    """What was sent is never served; what is served was drawn in a child."""
    shop.post(picture(), proof_id="p1")
    door.work()
    answer = shop.http.get("/v1/proofs/p1/evidence.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == picture("drawn with 1 boxes")
    assert shop.http.get("/v1/proofs/p1/evidence.png?image=1").status_code == 404
    door.children.trouble["Nodi"] = lambda: OSError("crash")
    assert shop.http.get("/v1/proofs/p1/evidence.png?image=20").status_code == 422


def test_a_job_of_a_flagged_kind_tells_the_rule(shop: Platform) -> None:
    """The platform reads which rule the kind touches, and its proofs are verified all the same."""
    job = {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}, "lang": "bn"}
    answer = shop.http.put("/v1/jobs/a%2Fb", json=job).json()
    assert (answer["job_id"], answer["lang"], answer["checks"]) == ("a/b", "bn", ["text", "state"])
    assert answer["notice"]["stance"] == "flag"
    assert "YouTube" in answer["notice"]["rule"]


def test_every_fault_of_a_job_is_named(shop: Platform) -> None:
    """A faulty job is not taken, and each fault comes with its remedy."""
    answer = shop.http.put("/v1/jobs/j", json={"kind": "youtub_subscribe", "lang": "fr"})
    assert answer.status_code == 422
    told = answer.json()["errors"]
    assert len(told) == 2
    assert "youtube_subscribe" in told[0]["remedy"]


def test_a_bell_that_does_not_ring_fails_no_post(door: Door, shop: Platform) -> None:
    """Redis may be gone or slow: the proof is kept, and the sweep rings."""
    silent = threading.Event()

    def broken(ring: Ring) -> bool:
        silent.wait(60)
        raise OSError("no Redis")

    door.bell.ring = broken
    began = time.monotonic()
    answers = [shop.post(picture(f"{SHOWN} {number}"), proof_id=f"p{number}") for number in range(5)]
    assert {one.status_code for one in answers} == {202}
    assert time.monotonic() - began < 30
    del door.bell.ring
    silent.set()
    sweep(door.services)
    door.work()
    assert shop.verdict("p4") == "accept"


@pytest.mark.parametrize(
    "error", [StoreUnavailable("disk full at /secret"), LedgerUnavailable("db at 10.0.0.1")]
)
def test_an_outage_is_503_with_nothing_told_and_nothing_kept(
    door: Door, shop: Platform, error: Exception
) -> None:
    """The platform is told to come again; where our parts live stays in our log."""

    class Away:
        def put(self, content: bytes) -> str:
            raise error

    door.replace(store=Away())
    answer = shop.post(picture())
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert "secret" not in answer.text
    assert "10.0.0.1" not in answer.text
    assert door.count("proofs") == 0


def test_operators_see_health_and_measures(door: Door, shop: Platform) -> None:
    """Health, readiness and measures need no key and name no platform."""
    shop.post(picture())
    open_to_all = {"Authorization": ""}
    assert shop.http.get("/healthz", headers=open_to_all).json() == {"status": "ok"}
    ready = shop.http.get("/readyz", headers=open_to_all).json()
    assert ready == {"status": "ok", "parts": dict.fromkeys(("ledger", "store", "broker", "children"), "ok")}
    told = shop.http.get("/metrics", headers={"Authorization": ""}).text
    assert re.search(r'praman_proofs_waiting\{step="fingerprint"\} 1', told)
    assert 'route="/v1/proofs",status="202"' in told
    assert "shop" not in told


def test_readiness_names_the_part_that_is_missing(door: Door, shop: Platform) -> None:
    """A store that is away is told with its remedy; a broker that is away keeps nobody from posting."""

    class Away:
        def probe(self) -> str:
            raise StoreUnavailable("s3://secret@10.0.0.1 does not answer")

    class Dumb:
        def depth(self, queue: str) -> None:
            return None

        def oldest(self, queue: str) -> timedelta:
            return timedelta(0)

    store = door.services.store
    door.replace(store=Away())
    answer = shop.http.get("/readyz")
    assert (answer.status_code, answer.json()["errors"][0]["problem"]) == (
        503,
        "store: no answer (StoreUnavailable)",
    )
    assert "secret" not in answer.text
    door.replace(store=store, bell=Dumb())
    answer = shop.http.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["broker"]) == (200, "no answer; sweep rings later")
    assert "praman_broker_up 0" in shop.http.get("/metrics").text


def test_a_key_at_two_processes_at_once_is_one_proof(door: Door, shop: Platform, tmp_path: Path) -> None:
    """Two API processes on one database: the later request gets the earlier one's answer."""
    with Door(tmp_path, door.services.settings.database).running() as second:
        elsewhere = replace(
            shop, http=httpx.Client(base_url=second.url, headers=shop.http.headers, timeout=30)
        )
        for number in range(5):
            with ThreadPoolExecutor(4) as pool:
                sent = [
                    pool.submit(platform.post, picture(f"{number}"), key=f"k{number}")
                    for platform in (shop, elsewhere, shop, elsewhere)
                ]
            answers = [one.result() for one in sent]
            assert {one.status_code for one in answers} <= {202, 409}
            assert len({one.text for one in answers if one.status_code == 202}) == 1
    assert door.count("proofs") == 5
