"""`praman deliveries` and `praman hold` as operators type them."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.reasons import ReasonCode
from pipeline.records import Notice, NoticeState, Outcome, Reply, Settlement, Step
from tests.ledger_cases import LEASE, WORKER, add, at, judged, take, verdict
from tests.posts import Posts


class Desk:
    """A folder with a ledger, and `praman` in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.db = folder / "ledger.db"
        self._capsys = capsys
        self.posts = Posts(f"sqlite:///{self.db}", platforms=1, receiver="https://receiver.example")
        self.posts.ledger.declare_platform("p")

    def praman(self, *arguments: object) -> tuple[int, str, str]:
        """Run a command in this process, which saves its start; return exit code, output and errors."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        told = self._capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    def json(self, *arguments: object) -> Any:
        return json.loads(self.told(*arguments, "--json"))

    def told(self, *arguments: object) -> str:
        code, out, err = self.praman(*arguments, "--db", self.db)
        assert code == 0, err
        return out

    def refused(self, *arguments: object) -> str:
        code, out, err = self.praman(*arguments, "--db", self.db)
        assert code == 2, out
        return err

    def reject(self, proof_id: str, *, held: bool) -> None:
        proof = add(self.posts.ledger, proof_id, step=Step.JUDGE)
        judged(self.posts.ledger, proof, verdict(Outcome.REJECT, ReasonCode.TARGET_MISSING))
        notice = Notice(target="webhook", body="{}", due_at=at(99_999_999) if held else None)
        claim = take(self.posts.ledger, proof, Step.PUBLISH)
        self.posts.ledger.finish_publish(claim, [notice], then=Step.DONE)


@pytest.fixture
def desk(
    tmp_path: Path,
    migrated_sqlite: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    for name in os.environ:
        if name.startswith("PRAMAN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ledger.db").write_bytes(migrated_sqlite.read_bytes())
    return Desk(tmp_path, capsys)


def test_targets_are_opened_listed_and_closed(desk: Desk) -> None:
    """A queue and a stream beside the webhook; what is wrong is told in one line."""
    desk.told("deliveries", "open", "p", "redis", "redis://u:hidden@127.0.0.1:6379/0?stream=verdicts")
    desk.json("deliveries", "open", "p", "sqs:spare", "https://sqs.eu-central-1.amazonaws.com/1/q")
    listed = desk.json("deliveries", "list", "--platform", "p")["endpoints"]
    assert "hidden" not in str(listed) + desk.told("deliveries", "list")
    assert [(one["target"], one["stopped"]) for one in listed] == [("redis", None), ("sqs:spare", None)]
    desk.told("deliveries", "close", "p", "redis")
    assert len(desk.json("deliveries", "list", "--platform", "p")["endpoints"]) == 1
    assert "webhook, sqs, redis" in desk.refused("deliveries", "open", "p", "pigeon", "loft")
    assert "stream=NAME" in desk.refused("deliveries", "open", "p", "redis", "redis://h/0")
    assert "loopback" in desk.refused("deliveries", "open", "p", "webhook", "https://127.0.0.1/hook")
    assert "nobody" in desk.refused("deliveries", "open", "nobody", "redis", "redis://h/0?stream=s")
    assert "no target" in desk.refused("deliveries", "close", "p", "redis")


def test_what_did_not_go_out_is_listed_and_replayed(desk: Desk) -> None:
    """A failed notice shows what the receiver said, with every attempt on request, and goes again."""
    endpoint = desk.posts.outbox.open_endpoint("p", "webhook", address="https://receiver.example/p")
    desk.reject("a", held=False)
    held = desk.posts.outbox.take(
        endpoint.id, worker=WORKER, lease=LEASE, at_once=1, at_once_unproven=1, proven=LEASE
    )
    assert held is not None
    said = Settlement(state=NoticeState.FAILED)
    desk.posts.outbox.close(held, Reply(status=500, error="[oops]"), said, stop_after=timedelta(days=5))
    (line,) = desk.json("deliveries", "list")["notices"]
    assert (line["proof_id"], line["state"], line["last"]["status"]) == ("a", "failed", 500)
    (line,) = desk.json("deliveries", "list", "--proof", "a")["notices"]
    assert [(one["number"], one["error"]) for one in line["tries"]] == [(1, "[oops]")]
    shown = desk.told("deliveries", "list", "--proof", "a")
    assert "[oops]" in shown
    assert "failing since" in " ".join(shown.split())
    assert desk.json("deliveries", "replay") == {"endpoints": sorted(ids(desk)), "notices": 1}
    assert [one["state"] for one in desk.json("deliveries", "list")["notices"]] == ["waiting"]
    assert "waiting, delivered" in desk.refused("deliveries", "list", "--state", "lost")
    assert "no notice that can be sent again: 01K" in desk.refused("deliveries", "replay", "01K")


def test_what_is_to_be_copied_is_never_broken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """On 80 columns a notice's id and a setting's name stand whole, values as the environment has them."""
    monkeypatch.setenv("COLUMNS", "80")
    desk.posts.outbox.open_endpoint("p", "webhook", address="https://receiver.example/p")
    desk.reject("a", held=False)
    (line,) = desk.json("deliveries", "list")["notices"]
    assert line["id"] in desk.told("deliveries", "list")
    shown = desk.praman("doctor", "--settings")[1]
    assert "PRAMAN_CHILD_MEMORY_BYTES " in shown
    assert "None" not in shown
    assert "0,5,300,1800," in "".join(shown.split())


def test_the_verdicts_of_nobody_are_no_empty_export(desk: Desk) -> None:
    """A misspelt platform is told, not answered with an empty file."""
    assert "there is no platform 'q'" in desk.refused("export", "--platform", "q")
    assert desk.told("export", "--platform", "p") == ""


def ids(desk: Desk) -> list[str]:
    return [one.id for one in desk.posts.outbox.endpoints()]


def test_held_rejects_are_listed_and_taken_back(desk: Desk) -> None:
    """One by its id, the rest in one go; what cannot be taken back is told, and the exit code says so."""
    for name in ("a", "b", "c"):
        desk.reject(name, held=True)
    desk.reject("out", held=False)
    assert [one["proof_id"] for one in desk.json("hold", "list")] == ["a", "b", "c"]
    assert "evidence.target_missing" in desk.told("hold", "list")
    assert desk.json("hold", "take-back", "--platform", "p", "a") == {"taken_back": ["a"], "refused": {}}
    assert "say which" in desk.refused("hold", "take-back", "--platform", "p")
    assert "--platform" in desk.refused("hold", "take-back", "--all")
    code, out, _ = desk.praman("hold", "take-back", "--platform", "p", "out", "--db", desk.db)
    assert code == 1
    assert "on its way" in out
    assert desk.json("hold", "take-back", "--platform", "p", "--all")["taken_back"] == ["b", "c"]
    assert desk.json("hold", "list") == []


def test_doctor_names_a_stopped_endpoint(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator learns of it and of what to run."""
    endpoint = desk.posts.outbox.open_endpoint("p", "webhook", address="https://receiver.example/p")
    desk.reject("a", held=False)
    held = desk.posts.outbox.take(
        endpoint.id, worker=WORKER, lease=LEASE, at_once=1, at_once_unproven=1, proven=LEASE
    )
    assert held is not None
    gone = Settlement(state=NoticeState.WAITING, stop="it answered 410 Gone")
    desk.posts.outbox.close(held, Reply(status=410), gone, stop_after=timedelta(days=5))
    monkeypatch.setenv("PRAMAN_DATABASE_URL", f"sqlite:///{desk.db}")
    found = next(one for one in json.loads(desk.praman("doctor", "--json")[1]) if one["part"] == "deliveries")
    assert not found["healthy"]
    assert "410 Gone" in found["found"]
    assert "praman deliveries replay" in found["remedy"]
