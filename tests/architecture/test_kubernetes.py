"""The Kubernetes manifests: each valid by the schemas of several versions, and true of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import psycopg
import pytest
import yaml
from typer.main import get_command

from pipeline.cli import app
from pipeline.commands.queues import parse_queues
from pipeline.flow import QUEUES
from pipeline.ledger import SqlLedger, make_engine, migrate
from pipeline.records import Step
from pipeline.settings import PREFIX, Settings
from tests.ledger_cases import add, take

FOLDER = Path(__file__).parents[2] / "docs" / "deploy" / "kubernetes"


def documents(folder: str) -> list[dict[str, Any]]:
    """Return every object of a folder's files, kustomizations apart."""
    files = (path for path in sorted((FOLDER / folder).glob("*.yaml")) if path.name != "kustomization.yaml")
    return [one for path in files for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def named(document: dict[str, Any]) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def deployments() -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in documents("base")
        if one["kind"] == "Deployment"
    }


def kustomization(folder: str) -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / folder / "kustomization.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("version", ["1.28", "1.31", "1.34"])
@pytest.mark.parametrize("document", documents("base"), ids=named)
def test_each_object_is_valid(document: dict[str, Any], version: str) -> None:
    """By the API's own schema, unknown fields refused."""
    kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("folder", ["base", "keda"])
def test_a_kustomization_names_every_file_beside_it(folder: str) -> None:
    """No file is forgotten, and none is named that is not there."""
    beside = {path.name for path in (FOLDER / folder).glob("*.yaml")} - {"kustomization.yaml"}
    named = set(kustomization(folder)["resources"])
    assert named - {"../base"} == beside


def test_the_pods_run_commands_settings_and_queues_that_exist() -> None:
    """Nothing starts with an argument or a setting that the programs refuse, and every queue is worked on."""
    commands = set(get_command(app).commands)
    worked: set[str] = set()
    for pod in deployments().values():
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["args"][0] in commands
            if "--queues" in container["args"]:
                worked |= parse_queues(container["args"][container["args"].index("--queues") + 1]) or set()
    assert worked == set(QUEUES)
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    literals = kustomization("base")["configMapGenerator"][0]["literals"]
    named = {one.partition("=")[0] for one in literals}
    assert {one for one in named if one.startswith(PREFIX)} <= known


def test_the_pods_have_no_rights_and_time_to_finish() -> None:
    """As in the compose file: no root, nothing written outside volumes, and more time than a lease."""
    for name, pod in deployments().items():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["terminationGracePeriodSeconds"] > Settings().lease_s, name
        for container in (*pod["initContainers"], *pod["containers"]):
            locked = container["securityContext"]
            assert locked["readOnlyRootFilesystem"] is True, name
            assert locked["allowPrivilegeEscalation"] is False, name
            assert locked["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"], name


def test_probes_ask_ports_that_are_open() -> None:
    """Each probe names a port of its container; workers and sweep answer on the port that is set for them."""
    for name, pod in deployments().items():
        (container,) = pod["containers"]
        ports = {one["name"]: one["containerPort"] for one in container["ports"]}
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            assert container[probe]["httpGet"]["port"] in ports, name
        if name != "api":
            literals = kustomization("base")["configMapGenerator"][0]["literals"]
            assert f"PRAMAN_METRICS_PORT={ports['metrics']}" in literals


def scaled() -> dict[str, Any]:
    return next(one for one in documents("keda") if one["kind"] == "ScaledObject")["spec"]


def test_the_scaled_object_scales_a_deployment_that_there_is() -> None:
    """It names a deployment of the base, and an authentication that is beside it."""
    spec = scaled()
    beside = {one["metadata"]["name"] for one in documents("keda") if one["kind"] == "TriggerAuthentication"}
    assert spec["scaleTargetRef"]["name"] in deployments()
    assert spec["minReplicaCount"] < spec["maxReplicaCount"]
    *asked, watched = spec["triggers"]
    assert [one["name"] for one in asked] == ["depth", "oldest"]
    assert watched["type"] == "prometheus"
    assert set(re.findall(r"\w+", watched["metadata"]["query"].partition("=~")[2])) <= set(QUEUES)
    assert "praman_queue_oldest_seconds{queue=" in watched["metadata"]["query"]
    assert float(watched["metadata"]["threshold"]) > 0
    for trigger in asked:
        assert trigger["type"] == "postgresql"
        assert trigger["authenticationRef"]["name"] in beside
        assert float(trigger["metadata"]["targetQueryValue"]) > 0


def test_the_scaled_object_counts_what_waits(postgres_url: str) -> None:
    """Its queries, asked of a real ledger: what waits counts, what is held or done does not."""
    migrate(postgres_url)
    engine = make_engine(postgres_url)
    ledger = SqlLedger(engine)
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:

        def asked() -> list[float]:
            queries = [
                one["metadata"]["query"] for one in scaled()["triggers"] if one["type"] == "postgresql"
            ]
            rows = [connection.execute(query).fetchone() for query in queries]
            return [float(row[0]) for row in rows if row is not None]

        assert asked() == [0.0, 0.0]
        add(ledger, "waits")
        add(ledger, "done", step=Step.DONE)
        take(ledger, add(ledger, "held"), Step.FINGERPRINT)
        depth, oldest_s = asked()
        assert depth == 1
        assert 0 < oldest_s < 60
    engine.dispose()
