"""What ships around the code agrees with the code: Makefile, image and compose file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from pipeline.adapters.exposition import answering
from pipeline.cli import app
from pipeline.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
KNOWN = {PREFIX + name.upper() for name in Settings.model_fields}


def _compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def _ours() -> dict[str, Any]:
    return {name: part for name, part in _compose()["services"].items() if "build" in part}


def test_image_and_makefile_pin_the_same_uv() -> None:
    """A lock file is read by one version of uv, wherever the environment is made."""
    makefile = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    dockerfile = re.search(r"^ARG UV_VERSION=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert makefile
    assert dockerfile
    assert makefile[1] == dockerfile[1]


@pytest.mark.parametrize("file", ["docker-compose.yml", "Dockerfile"])
def test_every_setting_that_is_shipped_exists(file: str) -> None:
    """No file sets a name that the programs would refuse at start."""
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+", (ROOT / file).read_text()))
    assert named
    assert named <= KNOWN


def test_the_compose_file_runs_commands_that_exist() -> None:
    """Each part of ours starts with a command of `praman`."""
    commands = set(get_command(app).commands)
    assert {part["command"][0] for part in _ours().values()} <= commands


def test_nothing_works_before_the_schema_is_there() -> None:
    """Worker and sweep start once `migrate` has succeeded."""
    for name, part in _ours().items():
        waits = part["depends_on"]
        if name == "migrate":
            assert waits["postgres"]["condition"] == "service_healthy"
        else:
            assert waits["migrate"]["condition"] == "service_completed_successfully"
            assert waits["redis"]["condition"] == "service_healthy"


def test_a_stopped_worker_has_time_to_finish() -> None:
    """The grace before a kill is longer than a lease, and a lease longer than a child may take."""
    settings = Settings()
    assert settings.child_limit_s < settings.lease_s
    for part in _ours().values():
        assert float(part["stop_grace_period"].removesuffix("s")) > settings.lease_s


def test_redis_never_evicts() -> None:
    """A full Redis refuses aloud instead of dropping bells."""
    command = _compose()["services"]["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_the_parts_run_without_rights() -> None:
    """No part of ours runs as root, may gain rights or write outside its volume and /tmp."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER 10001", dockerfile, re.MULTILINE)
    for part in _ours().values():
        assert part["read_only"] is True
        assert part["cap_drop"] == ["ALL"]


# ---- the scripts of `make setup`, on machines that are made of a few fake programs --------------------


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs, to be the whole PATH; what a script always finds is in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("seq", "mktemp", "grep", "rm", "cat", "sleep", "sh", "bash"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def _program(machine: Path, name: str, *, script: str) -> None:
    path = machine / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _run(machine: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", *command],
        cwd=ROOT,
        env={"PATH": str(machine), "PYTHON": sys.executable, "TMPDIR": str(machine.parent), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


TESSERACT = "printf 'List of available languages (2):\\nben\\neng\\n'"


def test_what_is_there_is_left_alone(machine: Path) -> None:
    """With everything in place nothing is asked for, by no user."""
    _program(machine, "tesseract", script=TESSERACT)
    _program(machine, "id", script="echo 1000")
    done = _run(machine, ".ci/packages", "setup")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_root_the_packages_to_ask_for_are_named(machine: Path) -> None:
    """A user without root reads one command to hand to the administrator."""
    _program(machine, "id", script="echo 1000")
    done = _run(machine, ".ci/packages", "setup")
    assert done.returncode == 1
    assert "apt-get install tesseract-ocr tesseract-ocr-eng tesseract-ocr-ben\n" in done.stderr


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_missing_service_stops_only_continuous_integration(machine: Path, ci: str, code: int) -> None:
    """At home the tests go on without Redis; in CI they may not."""
    _program(machine, "tesseract", script=TESSERACT)
    _program(machine, "id", script="echo 1000")
    done = _run(machine, ".ci/packages", "test", CI=ci)
    assert done.returncode == code
    assert "redis-server" in done.stderr


def test_root_installs_only_what_is_missing(machine: Path) -> None:
    """Apt is asked for the one language that is not there, and asks nothing back."""
    log = machine.parent / "apt.log"
    _program(machine, "tesseract", script=TESSERACT.replace("ben\\n", ""))
    _program(machine, "id", script="echo 0")
    _program(machine, "apt-get", script=f'echo "$DEBIAN_FRONTEND $*" >> "{log}"')
    assert _run(machine, ".ci/packages", "setup").returncode == 0
    update, install = log.read_text().splitlines()
    assert update.endswith(" update")
    assert re.fullmatch(r"noninteractive .*install -y --no-install-recommends tesseract-ocr-ben", install)


def test_a_failing_apt_shows_why(machine: Path) -> None:
    """The reason that apt gives reaches the person."""
    _program(machine, "id", script="echo 0")
    _program(machine, "apt-get", script="echo 'E: Unable to locate package' >&2; exit 100")
    done = _run(machine, ".ci/packages", "setup")
    assert done.returncode == 1
    assert "E: Unable to locate package" in done.stderr


def test_an_old_or_broken_python_is_passed_over(machine: Path) -> None:
    """A shim that runs nothing and a Python 3.9 do not hide the one that is new enough."""
    _program(machine, "python3.11", script="echo 'pyenv: command not found' >&2; exit 127")
    _program(machine, "python3", script="echo")
    assert "Python 3.11 or newer" in _run(machine, ".ci/python").stderr
    _program(machine, "python3.12", script="echo /usr/bin/python3.12")
    assert _run(machine, ".ci/python").stdout == "/usr/bin/python3.12\n"


def test_ci_runs_the_whole_suite_as_ci(tmp_path: Path) -> None:
    """`.ci/run` is `make test` with CI set, from any folder, then the audit, which may find no advisories."""
    _program(tmp_path, "make", script='echo "$CI: make $* in $PWD"')
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    environment.pop("CI", None)
    done = subprocess.run(
        [ROOT / ".ci" / "run"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"true: make test in {ROOT}\n: make audit in {ROOT}\n"


def test_the_health_check_of_the_image_is_light_and_true() -> None:
    """Run as the image runs it: nothing on the port is ill, a worker that answers is well, an ill one ill."""
    found = re.search(r"HEALTHCHECK .*\\\n +CMD (\[.*\])", (ROOT / "Dockerfile").read_text())
    assert found
    command = json.loads(found[1])
    told: list[str | None] = [None, "threads died"]
    with answering("127.0.0.1", 0, metrics=bytes, ill=lambda: told.pop(0)) as port:
        well = [sys.executable, *(one.replace("9191", str(port)) for one in command[1:])]
        assert subprocess.run(well, check=False).returncode == 0
        assert subprocess.run(well, check=False).returncode == 1
    assert subprocess.run(well, check=False, capture_output=True).returncode == 1
