"""The OpenAPI document against the running door: what it promises is what happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web import Door, picture

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [
    ("PUT", "/v1/jobs/{id}"),
    ("GET", "/v1/jobs/{id}"),
    ("GET", "/v1/deliveries"),
    ("POST", "/v1/deliveries/{id}/replay"),
    ("POST", "/v1/hints/{platform}"),
    ("POST", "/v1/proofs"),
    ("GET", "/v1/proofs"),
    ("GET", "/v1/proofs/{id}"),
    ("DELETE", "/v1/proofs/{id}"),
    ("POST", "/v1/proofs/{id}/appeal"),
    ("GET", "/v1/proofs/{id}/evidence.png"),
    ("GET", "/v1/verdicts"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
]


@pytest.fixture
def door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    with Door(tmp_path, sqlite_url, rate_per_s=100_000, body_wait_s=2).running() as running:
        yield running


def test_the_document_names_every_route_and_describes_every_refusal(door: Door) -> None:
    """Each operation says what it does, and each refusal is a problem."""
    document = door.app.openapi()
    found = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    assert sorted(found) == sorted(OPERATIONS)
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["description"]
            for status, response in operation["responses"].items():
                expected = (
                    {"application/problem+json"} if int(status) >= 400 else set(response.get("content", {}))
                )
                assert set(response.get("content", {})) == expected
    assert "ValidationError" not in json.dumps(document)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_undocumented_is_answered(door: Door, method: str, path: str) -> None:
    """Sixty drawn requests an operation: no 5xx, no undocumented status, media type or shape."""
    shop = door.platform("shop")
    shop.post(picture(), proof_id="p1")
    door.work()
    document: dict[str, Any] = shop.http.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    operation = schema[path][method]

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        headers = {"Authorization": f"Bearer {shop.key}"}
        case.call_and_validate(base_url=door.url, headers=headers, checks=CHECKS, timeout=20)

    ask()
