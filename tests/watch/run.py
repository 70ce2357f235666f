"""`make watch-test`: Prometheus itself on our own files scrapes real parts, and every question is answered.

In: `prometheus` and `promtool` (Debian's package `prometheus`). Out: what was asked and answered; exit 0 only
where the configuration and the alerts are sound, every question of the dashboard is answered with a series,
every alert is evaluated, none fires while all is well, and the one for Redis is raised once Redis is gone.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from pipeline.client import Praman
from tests.console import praman
from tests.end_to_end.test_many_processes import Machines
from tests.screens import channel_page, encoded
from tests.servers import free_port, postgres_server, redis_server

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
JOB = {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}}
ANSWERED_S = 240.0
EVERY = "1s"
MISSING = 0
# What a good day has none of: the question must be understood, and may have no answer.
RARE = re.compile(r"attempts_exhausted|leases_ran_out|result=~")
BEGAN_S = time.monotonic()


def say(told: str) -> None:
    """Tell where the test stands."""
    print(f"[{time.monotonic() - BEGAN_S:6.1f} s] {told}", flush=True)  # noqa: T201 (a script's output)


def until(true: Callable[[], object], what: str) -> None:
    """Wait until something is true."""
    ends_s = time.monotonic() + ANSWERED_S
    while not true():
        assert time.monotonic() < ends_s, f"after {ANSWERED_S:.0f} s still not: {what}"
        time.sleep(1)


def configured(folder: Path, ports: dict[str, int]) -> Path:
    """Write our configuration with the parts where they run here, and return it."""
    kept = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    shutil.copy(DEPLOY / "alerts.yml", folder)
    kept["global"] = {"scrape_interval": EVERY, "evaluation_interval": EVERY}
    kept["rule_files"] = [str(folder / "alerts.yml")]
    for job in kept["scrape_configs"]:
        names = [name for found in job.pop("dns_sd_configs") for name in found["names"]]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[name]}" for name in names]}]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(kept))
    return path


def questions() -> dict[str, str]:
    """Return every question of the dashboard by its panel."""
    panels = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())["panels"]
    asked = ((panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", ()))
    return {f"{title}: {question}": question for title, question in asked}


class Asked:
    """A running Prometheus."""

    def __init__(self, port: int) -> None:
        self._at = f"http://127.0.0.1:{port}"

    def get(self, path: str, **given: str) -> Any:
        """Return what it answers; an error of its is one here."""
        answer = httpx.get(f"{self._at}/api/v1/{path}", params=given, timeout=10).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def unanswered(self) -> list[str]:
        """Return the dashboard's questions without a series, of those that should have one."""
        asked = {told: self.get("query", query=question)["result"] for told, question in questions().items()}
        return [told for told, found in asked.items() if not found and not RARE.search(told)]

    def scraped(self) -> bool:
        """Tell whether every part answers."""
        try:
            if not httpx.get(f"{self._at}/-/ready").is_success:
                return False
        except httpx.TransportError:
            return False
        targets = self.get("targets")["activeTargets"]
        return len(targets) == len(PARTS) and all(one["health"] == "up" for one in targets)

    def alerts(self) -> dict[str, str]:
        """Return the state of every alert rule; each must have been evaluated."""
        rules = [rule for group in self.get("rules")["groups"] for rule in group["rules"]]
        assert all(rule["health"] == "ok" for rule in rules), rules
        return {rule["name"]: rule["state"] for rule in rules}


PARTS = {
    "worker": ("worker", "--queues", "intake,light,ocr", "--workers", "1"),
    "deliverer": ("worker", "--queues", "deliver", "--workers", "1"),
    "sweep": ("sweep",),
    "api": ("api",),
}


def started(stack: ExitStack, machines: Machines) -> dict[str, int]:
    """Start every part and return where each answers."""
    ports = {name: free_port() for name in PARTS}
    for name, command in PARTS.items():
        machines.settings["PRAMAN_METRICS_PORT"] = str(ports[name])
        port = ("--port", str(ports[name])) if name == "api" else ()
        stack.enter_context(machines.running(*command, *port))
    return ports


def added(machines: Machines) -> str:
    """Make a platform with a webhook that nobody answers, and return its key."""
    hook = ("--webhook", "http://127.0.0.1:9/")
    made = praman("platform", "add", "shop", "--json", *hook, cwd=machines.folder, **machines.settings)
    return str(json.loads(made.stdout)["api_key"])


def post(url: str, key: str) -> None:
    """Send an honest proof, a fake and a copy, and wait for their verdicts."""
    with Praman(url, key=key) as shop:
        shop.put_job("job-1", JOB)
        page = encoded(channel_page())
        others = (channel_page(button="Subscribe", person=5), channel_page(person=9))
        pictures = [page, *map(encoded, others), page]
        for number, picture in enumerate(pictures):
            shop.submit("job-1", f"w-{number}", [picture], proof_id=f"p{number}")
        until(lambda: len(list(shop.verdicts())) == len(pictures), "every proof has a verdict")


def main() -> int:
    """Run it all; return the exit code."""
    if not all(map(shutil.which, ("prometheus", "promtool"))):
        say("SKIPPED: no prometheus and promtool on the PATH; apt-get install prometheus")
        return MISSING
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praman-watch-")))
        postgres = stack.enter_context(postgres_server())
        redis = stack.enter_context(redis_server())
        machines = Machines(folder, postgres_url=postgres.url, redis_url=redis.url)
        machines.settings |= {"PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1", "PRAMAN_WEBHOOK_RETRY_S": "0,1,1,1,600"}
        key, ports = added(machines), started(stack, machines)
        prometheus = watched(stack, folder, ports)
        post(f"http://127.0.0.1:{ports['api']}", key)
        say("an honest proof, a fake and copies are decided")
        until(lambda: not prometheus.unanswered(), f"answers to {prometheus.unanswered()}")
        say(f"{len(questions())} questions of the dashboard are answered")
        alerts = prometheus.alerts()
        assert "firing" not in alerts.values(), alerts
        say(f"{len(alerts)} alerts are evaluated, none fires")
        redis.process.kill()
        until(lambda: prometheus.alerts()["PramanBrokerDown"] != "inactive", "the alert for Redis is raised")
        say("Redis is gone, and its alert is raised")
    return 0


def watched(stack: ExitStack, folder: Path, ports: dict[str, int]) -> Asked:
    """Check our files with promtool, start Prometheus on them, and return it once it scrapes every part."""
    path, port = configured(folder, ports), free_port()
    checked = subprocess.run(
        ["promtool", "check", "config", path], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    say(" ".join(checked.stdout.split()))
    kept = [f"--config.file={path}", f"--storage.tsdb.path={folder / 'kept'}"]
    command = ["prometheus", *kept, f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
    process = stack.enter_context(subprocess.Popen(command))
    stack.callback(process.terminate)
    prometheus = Asked(port)
    until(prometheus.scraped, "every part is scraped")
    say(f"Prometheus scrapes {', '.join(PARTS)}")
    return prometheus


if __name__ == "__main__":
    sys.exit(main())
