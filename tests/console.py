"""Runs `praman` as its users do: in processes of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PRAMAN = (sys.executable, "-m", "pipeline.cli")
JOBS = 'jobs:\n  - id: job-1\n    kind: youtube_subscribe\n    params: {channel: "Nodi Tech"}\n'


def praman(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*PRAMAN, *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def clean_environment(**extra: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PRAMAN_")}
    return own | {"PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "160"} | extra


def line(number: int, **changes: Any) -> dict[str, Any]:
    made = {
        "proof_id": f"p{number}",
        "job_id": "job-1",
        "submitter_id": f"w{number}",
        "submitted_at": f"2026-11-01T08:{number // 60:02}:{number % 60:02}+00:00",
        "images": [f"images/p{number}.png"],
    }
    return made | changes


class Folder:
    """A manifest with its pictures and jobs in a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "images").mkdir()
        (path / "jobs.yaml").write_text(JOBS, encoding="utf-8")
        self.lines: list[str] = []

    def add(self, content: bytes, **changes: Any) -> str:
        number = len(self.lines)
        (self.path / f"images/p{number}.png").write_bytes(content)
        self.say(json.dumps(line(number, **changes), ensure_ascii=False))
        return f"p{number}"

    def say(self, text: str) -> None:
        self.lines.append(text)

    def verify(self, *options: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return praman(*self.arguments(*options), cwd=self.path, **environment)

    def arguments(self, *options: object) -> tuple[object, ...]:
        (self.path / "m.jsonl").write_text("\n".join(self.lines), encoding="utf-8")
        return ("verify", "m.jsonl", "--jobs", "jobs.yaml", "--out", "v.jsonl", *options)

    def verdicts(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in (self.path / "v.jsonl").read_text(encoding="utf-8").splitlines()]


def codes(verdict: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in verdict["reasons"]]
