"""How many proofs a second one `praman api` takes in, each durable before its 202.

    python bench/intake.py [--on sqlite|postgresql] [--seconds 10] [--clients 16] [--keyed]

In: nothing; it starts its own Redis, database and API on loopback, and posts small pictures, each its own.
Out: one line of figures, and a check that every 202 is a row. Bounded by `--seconds`; the clients run on the
same cores as the server, so the figure is a floor.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer
from PIL import Image
from sqlalchemy import create_engine, text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.servers import postgres_server, redis_server  # noqa: E402 (after the path)

if TYPE_CHECKING:
    from collections.abc import Iterator

PRAMAN = (sys.executable, "-m", "pipeline.cli")
PICTURES = 64
BOUNDARY = "b0undary"
READY = re.compile(r'"url": "http://127.0.0.1:(\d+)"')


def main(
    on: Annotated[str, typer.Option("--on", help="sqlite or postgresql")] = "sqlite",
    seconds: Annotated[float, typer.Option("--seconds")] = 10.0,
    clients: Annotated[int, typer.Option("--clients")] = 16,
    keyed: Annotated[bool, typer.Option("--keyed", help="With an Idempotency-Key each.")] = False,  # noqa: FBT002
) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praman-intake-")))
        database = f"sqlite:///{folder}/praman.db"
        if on == "postgresql":
            database = stack.enter_context(postgres_server(durable=True)).url
        environment = _environment(folder, database, stack.enter_context(redis_server()).url)
        _praman("migrate", environment=environment)
        key = json.loads(_praman("platform", "add", "bench", "--json", environment=environment))["api_key"]
        port = stack.enter_context(_Api(folder, environment)).port
        _put_job(port, key)
        _load(port, key, seconds=2.0, clients=clients, keyed=False)
        before, cpu_before = _rows(database), _cpu_s(folder)
        figures = _load(port, key, seconds=seconds, clients=clients, keyed=keyed)
        cpu_s = _cpu_s(folder) - cpu_before
        kept = _rows(database) - before
        took = figures["taken"]
        print(
            json.dumps(
                {"on": on, "clients": clients, "keyed": keyed}
                | figures
                | {"rows": kept, "api_cpu_ms_a_proof": round(1000 * cpu_s / max(took, 1), 2)}
            )
        )
        assert kept == took, "a 202 without its row"


class _Api:
    """A running `praman api`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._log = folder / "api.log"
        self._pid = folder / "api.pid"
        self._command = [*PRAMAN, "api", "--port", "0"]
        self._environment = environment
        self.port = 0

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                self._command, env=self._environment, stderr=log, stdout=log
            )
        self._pid.write_text(str(self._process.pid))
        until = time.monotonic() + 60
        while not (found := READY.search(self._log.read_text())):
            assert time.monotonic() < until, self._log.read_text()
            time.sleep(0.1)
        self.port = int(found[1])
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(60)


def _environment(folder: Path, database: str, broker: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PRAMAN_")}
    return own | {
        "PYTHONPATH": str(ROOT),
        "PRAMAN_DATA_DIR": str(folder),
        "PRAMAN_DATABASE_URL": database,
        "PRAMAN_BROKER_URL": broker,
        "PRAMAN_RATE_PER_S": "100000",
    }


def _praman(*arguments: str, environment: dict[str, str]) -> str:
    ran = subprocess.run(  # noqa: S603 (our own command)
        [*PRAMAN, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return ran.stdout


def _put_job(port: int, key: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("PUT", "/v1/jobs/job-1", json.dumps({"checks": []}), headers)
    assert connection.getresponse().status == http.HTTPStatus.OK


def _load(port: int, key: str, *, seconds: float, clients: int, keyed: bool) -> dict[str, Any]:
    pictures, took_ms, statuses = list(_pictures()), list[float](), Counter[int]()
    until = time.monotonic() + seconds

    def post_until() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        draw = random.Random(threading.get_ident())
        while time.monotonic() < until:
            began = time.perf_counter()
            statuses[_post(connection, key, draw, draw.choice(pictures), keyed=keyed)] += 1
            took_ms.append(1000 * (time.perf_counter() - began))

    began = time.monotonic()
    threads = [threading.Thread(target=post_until) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ran_s = time.monotonic() - began
    cuts = statistics.quantiles(took_ms, n=100)
    taken = statuses[202]
    return {
        "proofs_a_s": round(taken / ran_s, 1),
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
        "taken": taken,
        "statuses": dict(statuses),
    }


def _pictures() -> Iterator[bytes]:
    """Yield small PNGs; noise keeps them about 6 kB."""
    draw = random.Random(7)
    for _ in range(PICTURES):
        noise = Image.frombytes("L", (60, 100), draw.randbytes(6000)).resize((240, 400)).quantize(4)
        out = io.BytesIO()
        noise.save(out, "PNG")
        yield out.getvalue()


def _post(
    connection: http.client.HTTPConnection, key: str, draw: random.Random, picture: bytes, *, keyed: bool
) -> int:
    claim = json.dumps({"job_id": "job-1", "submitter_id": f"w{draw.randrange(10**9)}"})
    own = picture + draw.randbytes(16)  # bytes after the end of a PNG: another file, the same picture
    body = b"".join(
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="proof"\r\n\r\n{claim}\r\n'.encode(),
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\n'.encode(),
            own,
            f"\r\n--{BOUNDARY}--\r\n".encode(),
        )
    )
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    } | ({"Idempotency-Key": f"{draw.getrandbits(128):032x}"} if keyed else {})
    connection.request("POST", "/v1/proofs", body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def _rows(database: str) -> int:
    engine = create_engine(database)
    with engine.connect() as connection:
        count = connection.scalar(text("select count(*) from proofs"))
    engine.dispose()
    return int(count or 0)


def _cpu_s(folder: Path) -> float:
    """Return the CPU that the API process has used so far."""
    stat = Path(f"/proc/{(folder / 'api.pid').read_text()}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    typer.run(main)
