"""A machine on which nothing can be read: commands say so and end, a worker says so and its proofs wait."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from pipeline.adapters.engines import find_tessdata
from tests.console import Folder, praman
from tests.end_to_end.test_serve import added, client, decided, post, serving
from tests.screens import channel_page, encoded

if TYPE_CHECKING:
    from pathlib import Path

STARVED = {"PRAMAN_CHILD_MEMORY_BYTES": "60000000"}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder where Tesseract's models should lie, and none do."""
    made = tmp_path / "models"
    made.mkdir()
    return made


def mended(models: Path) -> None:
    for model in find_tessdata(None).glob("*.traineddata"):
        (models / model.name).symlink_to(model)


def test_verify_says_what_is_missing_and_goes_on_once_it_is_there(tmp_path: Path, models: Path) -> None:
    """One line, exit code 2, no verdict; with --db the same command then finishes the work, unharmed."""
    folder = Folder(tmp_path)
    for person in range(4):
        folder.add(encoded(channel_page(person=person)))
    asked = ("--db", "ledger.db", "--workers", "1")
    environment = {"PRAMAN_TESSDATA_DIR": str(models), "PRAMAN_STRIKES": "1"}
    began_s = time.monotonic()
    ran = folder.verify(*asked, **environment)
    assert time.monotonic() - began_s < 60
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
    assert "point it to Tesseract's models" in ran.stderr
    assert not (tmp_path / "v.jsonl").exists()
    mended(models)
    ran = folder.verify(*asked, **environment)
    assert ran.returncode == 0, ran.stderr
    assert [one["verdict"] for one in folder.verdicts()] == ["accept"] * 4


def test_check_and_doctor_name_the_limit_that_is_too_small(tmp_path: Path) -> None:
    """Children that cannot start are told with the setting to raise."""
    (tmp_path / "shot.png").write_bytes(encoded(channel_page()))
    asked = ("check", "shot.png", "--kind", "youtube_subscribe", "--param", "channel=Nodi Tech")
    ran = praman(*asked, cwd=tmp_path, **STARVED)
    assert ran.returncode == 2
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("praman: no picture can be opened here: ")
    assert "PRAMAN_CHILD_MEMORY_BYTES" in last
    ran = praman("doctor", "--json", cwd=tmp_path, **STARVED)
    parts = {one["part"]: one for one in json.loads(ran.stdout)}
    assert parts["children"]["remedy"] == "raise PRAMAN_CHILD_MEMORY_BYTES"
    assert ran.returncode == 1


def test_proofs_wait_while_a_worker_says_why(tmp_path: Path, models: Path) -> None:
    """One failed attempt would be the last, and none is counted: all are accepted with the models there."""
    environment = {
        "PRAMAN_TESSDATA_DIR": str(models),
        "PRAMAN_STRIKES": "1",
        "PRAMAN_LOG_FORMAT": "json",
    }
    shop = added(tmp_path)
    with serving(tmp_path, **environment) as (_, url):
        http = client(url, shop["api_key"])
        assert [post(http, f"p{n}", encoded(channel_page(person=n))).status_code for n in range(3)] == [
            202
        ] * 3
        assert "cannot start or read" in until_unready(url)
        time.sleep(3)
        assert http.get("/v1/proofs/p0").json()["status"] != "decided"
        mended(models)
        assert [decided(http, f"p{n}")["verdict"] for n in range(3)] == ["accept"] * 3
        assert httpx.get(f"{url}/readyz").json()["parts"]["children"] == "ok"
    lines = (tmp_path / "serve.log").read_text().splitlines()
    told = [json.loads(text) for text in lines if text.startswith("{")]  # a library may talk between
    why = next(one["why"] for one in told if one["event"] == "worker.not_ready")
    assert "holds no *.traineddata; point it to Tesseract's models" in why
    assert "worker.ready_again" in {one["event"] for one in told}


def until_unready(url: str) -> str:
    until_s = time.monotonic() + 30
    while (told := str(httpx.get(f"{url}/readyz").json()["parts"]["children"])) == "ok":
        assert time.monotonic() < until_s
        time.sleep(0.1)
    return told
