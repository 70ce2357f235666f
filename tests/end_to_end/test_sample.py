"""The sample proofs, as `make demo` runs them: decided, all of them, and fairly."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.console import praman

pytestmark = pytest.mark.xdist_group("sample")  # verified once, not once a worker

SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample"
LEAST_RIGHT = 0.8


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo") / "sample"
    shutil.copytree(SAMPLE, folder)
    ran = praman("verify", "manifest.jsonl", "--jobs", "jobs.yaml", "--out", "v.jsonl", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return rows(folder / "v.jsonl")


def rows(path: Path) -> dict[str, dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["proof_id"]: row for row in map(json.loads, lines)}


def test_every_sample_proof_is_decided_in_order(decided: dict[str, dict[str, Any]]) -> None:
    """One verdict a line of the manifest, none missing, none twice."""
    assert list(decided) == list(rows(SAMPLE / "manifest.jsonl"))


def test_no_honest_sample_is_called_a_copy(decided: dict[str, dict[str, Any]]) -> None:
    """Honest people's proofs look alike by construction and are still told apart from copies."""
    labels = rows(SAMPLE / "labels.jsonl")
    honest = [decided[name] for name, label in labels.items() if label["truth"] in {"honest", "twin"}]
    codes = {reason["code"] for one in honest for reason in one["reasons"]}
    assert codes.isdisjoint({"duplicate.exact", "duplicate.altered_copy"})


def test_most_samples_get_the_verdict_that_their_label_expects(decided: dict[str, dict[str, Any]]) -> None:
    """A floor under accuracy; the figures themselves are measured on larger corpora."""
    labels = rows(SAMPLE / "labels.jsonl")
    right = sum(decided[name]["verdict"] == label["expected_verdict"] for name, label in labels.items())
    assert right >= LEAST_RIGHT * len(labels)


def test_each_check_passes_somewhere_and_fails_somewhere(decided: dict[str, dict[str, Any]]) -> None:
    """Every check of the contract is shown by a drawn proof from both sides."""
    seen: dict[str, set[str]] = defaultdict(set)
    for line in decided.values():
        for check in line["checks"]:
            seen[check["check"]].add(check["status"])
    names = {"text", "state", "url", "absent", "answer", "code", "fresh", "position"}
    lacking = {name: seen[name] for name in names if not {"pass", "fail"} <= seen[name]}
    assert lacking == {}
