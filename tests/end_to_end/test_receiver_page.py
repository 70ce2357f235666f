"""docs/deliveries.md to the letter: its receiver verifies what we send, and ends at the last verdict."""

from __future__ import annotations

import json
import random
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.adapters.guarded_http import GuardedHttp, Limits
from pipeline.adapters.webhook import WebhookCourier
from pipeline.deliver import message
from pipeline.records import Delivery, Endpoint
from pipeline.settings import Settings
from tests.posts import SECRET
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "deliveries.md").read_text(encoding="utf-8")


@contextmanager
def receiver(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the page's receiver alone in a folder; yield its URL."""
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (folder / "receiver.py").write_text(script, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-I", "receiver.py", str(port), SECRET]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        until = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < until
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/", process
    finally:
        process.kill()
        process.wait()


def test_the_pages_receiver_ends_at_the_last_verdict(tmp_path: Path) -> None:
    """Accept, manual, reject, shuffled and repeated: each proof ends at its last; a forgery is refused."""
    events = [
        {"proof_id": f"p{proof}", "sequence": 10 * proof + number, "verdict": verdict}
        for proof in range(3)
        for number, verdict in enumerate(("accept", "manual", "reject"), start=1)
    ]
    shuffled = events * 2
    random.Random(5).shuffle(shuffled)
    courier = WebhookCourier(GuardedHttp(allow_private=True, limits=Limits()))
    with receiver(tmp_path) as (url, process):
        for event in shuffled:
            sent = message(delivery(url, json.dumps({"type": "proof.verdict", "data": event})))
            assert courier.send(sent).status == 204
        forged = message(
            delivery(url, json.dumps({"data": {"proof_id": "p0", "sequence": 99, "verdict": "x"}}))
        )
        assert courier.send(replace(forged, body=forged.body + " ")).status == 401
        process.kill()
        assert process.stdout is not None
        last = json.loads(process.stdout.read().splitlines()[-1])
    assert last == {f"p{proof}": [10 * proof + 3, "reject"] for proof in range(3)}


def delivery(url: str, body: str) -> Delivery:
    endpoint = Endpoint(id="e", platform="p", target="webhook", address=url)
    now = datetime.now(UTC)
    return Delivery(
        notice="01K",
        proof="01P",
        endpoint=endpoint,
        body=body,
        attempt=1,
        lease="w/a",
        began_at=now,
        secrets=(SECRET,),
    )


def test_the_pages_schedule_is_the_settings() -> None:
    """What the page promises is what runs."""
    told = re.search(r"Attempts come after (.*?), each", PAGE, re.DOTALL)
    assert told
    units = {"s": 1, "min": 60, "h": 3600}
    delays = [int(one) * units[unit] for one, unit in re.findall(r"(\d+) (s|min|h)", told[1])]
    assert tuple(delays) == Settings().webhook_retry_s
