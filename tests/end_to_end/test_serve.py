"""`praman serve` as its first user meets it: docs/api.md top to bottom, a webhook, a SIGTERM, a SIGKILL."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.console import PRAMAN, clean_environment, praman
from tests.listeners import Listener
from tests.screens import channel_page, encoded
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
START_S, STOP_S = 60, 30


def blocks(language: str, page: str = PAGE) -> list[str]:
    """Return a page's code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def commands(folder: Path) -> dict[str, str]:
    """Put `praman` and `python` on the path, as an installed environment has them; return the environment."""
    made = folder / "bin"
    made.mkdir()
    for name, told in (("praman", "-m pipeline.cli "), ("python", "")):
        (made / name).write_text(f'#!/bin/sh\nexec {sys.executable} {told}"$@"\n')
        (made / name).chmod(0o755)
    environment = clean_environment()
    return environment | {"PATH": f"{made}:{environment['PATH']}"}


@contextmanager
def serving(
    folder: Path, *arguments: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run `praman serve` in `folder`; yield it and its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*PRAMAN, *(arguments or ("serve", "--workers", "1")), "--port", str(port)],
            cwd=folder,
            env=clean_environment(**environment),
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + START_S
        while not _answers(url):
            assert process.poll() is None, (folder / "serve.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield process, url
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").is_success
    except httpx.TransportError:
        return False


def added(folder: Path, *arguments: str, **environment: str) -> dict[str, str]:
    ran = praman("platform", "add", "shop", "--json", *arguments, cwd=folder, **environment)
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def client(url: str, key: str) -> httpx.Client:
    made = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    job = {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}}
    assert made.put("/v1/jobs/job-1", json=job).status_code == 200
    return made


def post(http: httpx.Client, proof_id: str, content: bytes) -> httpx.Response:
    claim = json.dumps({"proof_id": proof_id, "job_id": "job-1", "submitter_id": f"w-{proof_id}"})
    return http.post("/v1/proofs", files=[("proof", (None, claim)), ("images", ("a", content))])


def decided(http: httpx.Client, proof_id: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while (found := http.get(f"/v1/proofs/{proof_id}").json())["status"] != "decided":
        assert time.monotonic() < until, found
        time.sleep(0.1)
    return dict(found)


def test_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    """Every block of the walk in an empty folder, then the Python example: verdicts, one proof erased."""
    (tmp_path / "shot.png").write_bytes(encoded(channel_page()))
    port = free_port()
    waiting = f"until curl -so /dev/null http://127.0.0.1:{port}/readyz; do sleep 0.2; done\n"
    first, *rest = blocks("sh")
    first = first.replace(
        "praman serve --port 8000 &", "praman serve --port 8000 >serve.log 2>&1 &\nSERVER=$!"
    )
    (tmp_path / "example.py").write_text(blocks("python")[0], encoding="utf-8")
    script = "set -e\n" + first + waiting + "\n".join(rest)
    script += f"\n{sys.executable} example.py http://127.0.0.1:8000 $KEY shot.png\n"
    script += "kill -TERM $SERVER; wait $SERVER\n"
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("--port 8000", f"--port {port}")
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=commands(tmp_path),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr + (tmp_path / "serve.log").read_text()
    assert '"verdict":"accept"' in ran.stdout
    assert (tmp_path / "seen.png").read_bytes().startswith(b"\x89PNG")
    assert "accept ['Nodi Tech', 'Subscribed']" in ran.stdout
    assert ran.stdout.rstrip().endswith("urn:praman:problem:job-unknown")


def test_the_readme_leads_to_a_signed_webhook(tmp_path: Path) -> None:
    """Its five minutes to the letter, in an empty folder: the last line printed is the verdict, verified."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Over HTTP")[2]
    door, receiver = free_port(), free_port()
    refused = praman("platform", "add", "shop", "--webhook", f"http://127.0.0.1:{receiver}/", cwd=tmp_path)
    assert (refused.returncode, "refused" in refused.stderr) == (2, True)

    def here(text: str) -> str:
        text = text.replace("~/praman/", f"{ROOT}/").replace(
            "praman serve >", f"praman serve --port {door} >"
        )
        return text.replace("127.0.0.1:8000", f"127.0.0.1:{door}").replace("9000", str(receiver))

    (tmp_path / "receiver.py").write_text(here(blocks("python", readme)[0]), encoding="utf-8")
    waiting = "until grep -q sequence told.txt; do sleep 0.2; done; kill $(jobs -p); wait"
    script = f"set -e\n{{ {here(blocks('sh', readme)[0])} }} > told.txt\n{waiting}\n"
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=commands(tmp_path),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    told = (tmp_path / "told.txt").read_text()
    assert "'proof_id': 'p1', 'verdict': 'accept'" in told.splitlines()[-1], told + ran.stdout + ran.stderr


def test_sigterm_stops_it_and_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """Exit 0 within the grace, nothing lost: the next start decides what was accepted."""
    shop = added(tmp_path)
    with serving(tmp_path) as (process, url):
        http = client(url, shop["api_key"])
        for number in range(6):
            assert post(http, f"p{number}", encoded(channel_page(person=number))).status_code == 202
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 0
    with serving(tmp_path) as (_, url):
        http = client(url, shop["api_key"])
        assert {decided(http, f"p{number}")["verdict"] for number in range(6)} == {"accept"}
    told = (tmp_path / "serve.log").read_text()
    assert shop["api_key"] not in told
    assert shop["webhook_secret"] not in told


def test_every_202_survives_a_kill(tmp_path: Path) -> None:
    """SIGKILL in the middle of posting: whatever was answered 202 is there and is decided."""
    shop, accepted = added(tmp_path), []
    with serving(tmp_path) as (process, url):
        http = client(url, shop["api_key"])
        for number in range(30):
            if number == 20:
                os.kill(process.pid, signal.SIGKILL)
            try:
                if post(http, f"p{number}", b"\x89PNG\r\n\x1a\n" + bytes([number])).status_code == 202:
                    accepted.append(f"p{number}")
            except httpx.TransportError:
                break
    assert len(accepted) >= 20
    with serving(tmp_path) as (_, url):
        http = client(url, shop["api_key"])
        assert {decided(http, one)["verdict"] for one in accepted} == {"reject"}


def test_api_and_worker_apart(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    """On Redis and PostgreSQL the API answers in one process and the work is done in another."""
    environment = {
        "PRAMAN_DATABASE_URL": postgres_url,
        "PRAMAN_BROKER_URL": redis_url,
        "PRAMAN_STORE_URL": str(tmp_path / "evidence"),
    }
    early = praman("api", cwd=tmp_path, **environment)
    assert (early.returncode, "praman migrate" in early.stderr) == (2, True)
    alone = praman("api", cwd=tmp_path)
    assert (alone.returncode, "praman serve" in alone.stderr) == (2, True)
    assert praman("migrate", cwd=tmp_path, **environment).returncode == 0
    shop = added(tmp_path, **environment)
    with serving(tmp_path, "api", **environment) as (_, url):
        http = client(url, shop["api_key"])
        assert post(http, "p1", encoded(channel_page())).status_code == 202
        worker = subprocess.Popen(
            [*PRAMAN, "worker", "--workers", "1"], cwd=tmp_path, env=clean_environment(**environment)
        )
        try:
            assert decided(http, "p1")["verdict"] == "accept"
            assert http.get("/v1/proofs/p1/evidence.png").content.startswith(b"\x89PNG")
        finally:
            worker.terminate()
            assert worker.wait(STOP_S) == 0


def test_platforms_are_made_listed_and_rotated(tmp_path: Path) -> None:
    """Secrets are shown once: the list has none, and the database has no key."""
    shop = added(tmp_path)
    assert praman("platform", "add", "shop", cwd=tmp_path).returncode == 2
    assert praman("platform", "add", "no good", cwd=tmp_path).returncode == 2
    assert praman("platform", "rotate", "nobody", cwd=tmp_path).returncode == 2
    rotated = json.loads(praman("platform", "rotate", "shop", "--json", cwd=tmp_path).stdout)
    assert rotated["api_key"] != shop["api_key"]
    assert rotated["webhook_secret"] != shop["webhook_secret"]
    listed = praman("platform", "list", "--json", cwd=tmp_path).stdout
    assert [(one["platform"], one["keys"]) for one in json.loads(listed)] == [("shop", 2)]
    for secret in (shop["api_key"], rotated["api_key"]):
        assert secret not in listed
        assert secret.encode() not in (tmp_path / "data" / "praman.db").read_bytes()


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    """What is wrong and what to do, exit 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = praman("serve", "--port", taken.getsockname()[1], cwd=tmp_path)
    assert (ran.returncode, "choose another" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)


def test_a_redis_that_hangs_slows_no_post(tmp_path: Path) -> None:
    """Intake lives without its bell: every post is answered at once, and SIGTERM still stops it."""
    silent = Listener(lambda connection, _: time.sleep(30))
    environment = {"PRAMAN_BROKER_URL": f"redis://127.0.0.1:{silent.port}/0"}
    shop = added(tmp_path, **environment)
    with serving(tmp_path, "api", **environment) as (process, url):
        http = client(url, shop["api_key"])
        for number in range(20):
            began = time.monotonic()
            assert post(http, f"p{number}", encoded(channel_page())).status_code == 202
            assert time.monotonic() - began < 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 0
    silent.close()
