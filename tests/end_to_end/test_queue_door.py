"""docs/queue-door.md to the letter: its example runs without Praman, its signature is the door's."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from actors.intake import intake, signature_of
from actors.main import working
from pipeline.settings import load_settings
from tests.screens import channel_page, encoded
from tests.web import Door

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "queue-door.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the page's code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_pages_signature_is_the_doors() -> None:
    """Whoever reproduces the page's example signs as the door expects."""
    text, signature = (one.strip() for one in blocks("text"))
    claim = {"submitter_id": "w7", "job_id": "কাজ-1", "images": ["https://h.example/a.png"]}
    stamp = text.partition(".")[0]
    secret = re.search(r"`(whsec_[A-Za-z0-9+/=]+)`", PAGE)
    assert secret
    assert signature_of(claim, timestamp=stamp, secret=secret[1]) == signature


def test_the_pages_example_runs_without_praman(
    tmp_path: Path, redis_url: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script of the page, alone in a folder, puts a proof into Redis that a worker accepts."""
    script = next(one for one in blocks("python") if "def enqueue" in one)
    (tmp_path / "enqueue.py").write_text(script, encoding="utf-8")
    (tmp_path / "shot.png").write_bytes(encoded(channel_page()))
    settings = load_settings(
        database_url=sqlite_url, broker_url=redis_url, store_url=str(tmp_path / "evidence"), children=1
    )
    door = Door(tmp_path, sqlite_url)
    with door.running():
        shop = door.platform("shop", job=False)
        job = {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}}
        assert shop.http.put("/v1/jobs/job-1", json=job).status_code == 200
        command = [sys.executable, "-I", "enqueue.py", redis_url, "shop", shop.secret, "p1", "shot.png"]
        ran = subprocess.run(
            command, cwd=tmp_path, env={"PATH": "/usr/bin"}, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        with working(settings, sweeping=True):
            until = time.monotonic() + 60
            while shop.http.get("/v1/proofs/p1").json().get("status") != "decided":
                assert time.monotonic() < until
                time.sleep(0.1)
        assert shop.verdict("p1") == "accept"


@pytest.fixture
def door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    with Door(tmp_path, sqlite_url).running() as running:
        yield running


@pytest.mark.parametrize("link", ["https://127.0.0.1/a.png", "s3://not-listed/a.png", "data:;base64,***"])
def test_a_picture_that_cannot_be_had_goes_to_a_person(
    door: Door, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for an answer here, so the proof is kept and its verdict says why it is manual."""
    monkeypatch.setattr("actors.intake.LINKS_S", 0.0)
    shop = door.platform("shop")
    claim = shop.claim(proof_id="q1", images=[link])
    stamp = str(int(time.time()))
    message = {"platform": "shop", "timestamp": stamp, "proof": claim}
    signature = signature_of(claim, timestamp=stamp, secret=shop.secret)
    with capture_logs():
        intake(door.services, message | {"signature": signature})
    door.work()
    shown = shop.get("/v1/proofs/q1")
    assert (shown["verdict"], [one["code"] for one in shown["reasons"]]) == (
        "manual",
        ["picture.unavailable"],
    )
