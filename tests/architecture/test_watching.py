"""The dashboard and the alert rules ask for measures that exist, with labels that they have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from pipeline import flow
from pipeline.adapters.exposition import answering
from pipeline.adapters.standing import LedgerStanding
from pipeline.adapters.watch import Watched
from pipeline.ledger import SqlLedger, SqlOutbox
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome, Reading, Reason, Relation, Step, Verdict
from pipeline.web.measures import Measures
from tests.fakes import FakeBell
from tests.ledger_cases import READING

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
NAME = re.compile(r"\bpraman_[a-z_]+")
SCRAPED = {"instance", "job"}  # Prometheus' own labels
GROUPED = re.compile(r"by \(([a-z, ]+)\)")


def queries() -> dict[str, str]:
    """Return every query that ships, by what it is for."""
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))
    found = {one["alert"]: one["expr"] for group in rules["groups"] for one in group["rules"]}
    board = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    for panel in board["panels"]:
        found |= {f"{panel['title']} {one['refId']}": one["expr"] for one in panel["targets"]}
    return found


def told(engine: Any) -> dict[str, set[str]]:
    """Return every sample that a running system tells, with the names of its labels."""
    watch, web = Watched(), Measures()
    with watch.step("p", Step.READ, attempt=1):
        pass
    watch.judged(Verdict(outcome=Outcome.REJECT, reasons=(Reason(code=ReasonCode.BLANK),)))
    watch.read((Reading(**READING),))
    watch.compared(Relation.EXACT)
    watch.delivered("webhook", "delivered", seconds=0.1)
    watch.lapsed(Step.READ)
    web.answered("GET", "/healthz", 200, seconds=0.1)
    standing = LedgerStanding(SqlLedger(engine), SqlOutbox(engine), FakeBell(), strikes=3)
    text = scraped(lambda: watch.text() + web.text() + standing.text())
    samples = re.findall(r"^(praman_\w+)(?:\{(.*)\})? ", text, re.MULTILINE)
    return {name: set(re.findall(r"(\w+)=", labels)) for name, labels in samples}


def scraped(metrics: Callable[[], bytes], *, unready: str | None = None) -> str:
    """Return what a process's own port tells Prometheus."""
    with answering("127.0.0.1", 0, metrics=metrics, ill=lambda: None, unready=lambda: unready) as port:
        return httpx.get(f"http://127.0.0.1:{port}/metrics").text


@pytest.mark.parametrize(("unready", "ready"), [(None, "1.0"), ("no model can be read", "0.0")])
def test_a_process_that_takes_no_work_can_be_alarmed_on(unready: str | None, ready: str) -> None:
    """It is scraped, and lives: only this gauge tells."""
    assert f"\npraman_ready {ready}\n" in scraped(lambda: b"", unready=unready)


def test_every_query_asks_for_what_is_told(engine: Any) -> None:
    """A misspelt measure, or a label that it lacks, would be an empty panel or an alarm that never rings."""
    known = told(engine)
    assert {"praman_step_seconds_bucket", "praman_queue_messages"} <= set(known)
    for title, query in queries().items():
        names = set(NAME.findall(query))
        assert names, title
        assert names <= set(known), f"{title}: {names - set(known)}"
        labels = {label.strip() for group in GROUPED.findall(query) for label in group.split(",")}
        labels |= set(re.findall(r"(\w+)(?:=~|!=|=)\"", query))
        assert all(labels <= known[name] | SCRAPED for name in names), f"{title}: {labels}"


def test_every_measure_is_looked_at(engine: Any) -> None:
    """What is told and nobody ever looks at is not worth telling."""
    asked = {
        re.sub(r"_(bucket|count|sum)$", "", name)
        for query in queries().values()
        for name in NAME.findall(query)
    }
    known = {
        re.sub(r"_(bucket|count|sum)$", "", name) for name in told(engine) if not name.endswith("_created")
    }
    assert known - asked == set()


def test_each_step_and_queue_is_told_before_anything_waits(engine: Any) -> None:
    """A gauge that appears with the first trouble cannot be alarmed on."""
    text = LedgerStanding(SqlLedger(engine), SqlOutbox(engine), FakeBell(), strikes=3).text().decode()
    for step in flow.WORKING:
        assert f'praman_proofs_waiting{{step="{step.value}"}} 0.0' in text
    for queue in flow.QUEUES:
        assert f'praman_queue_messages{{queue="{queue}"}} 0.0' in text


@pytest.mark.parametrize("rule", yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"])
def test_every_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    """Whoever is woken reads what is wrong and what to do."""
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["action"]
    assert rule["labels"]["severity"] in {"page", "ticket"}
