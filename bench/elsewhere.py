"""Who is told "seen elsewhere": `python bench/elsewhere.py`, half a minute.

The sample's honest proofs go to one platform of a real `praman serve`, everything else (altered copies of
them, honest twins, fakes) to another; both opted in, and no job asks for words. Prints what the second was
told, by what each picture is in truth.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

from bench.there_and_back import House
from pipeline.client import Praman, PramanProblem
from tests.servers import free_port

SAMPLE = Path(__file__).resolve().parent.parent / "fixtures" / "sample"
FIRST, SECOND = "shop", "mart"
LIMIT_S = 120.0


def main() -> None:
    """Send, and tell."""
    truths = {one["proof_id"]: one["truth"] for one in _lines("labels.jsonl")}
    proofs = _lines("manifest.jsonl")
    with tempfile.TemporaryDirectory(prefix="praman-elsewhere-") as name:
        port = free_port()
        environment = {"PRAMAN_DATA_DIR": f"{name}/data"}
        house = House(Path(name), environment, {"serve": ("serve", "--port", str(port))}, port)
        try:
            doors = {one: _door(house, one) for one in (FIRST, SECOND)}
            _sent(doors[FIRST], [one for one in proofs if truths[one["proof_id"]] == "honest"])
            told = _sent(doors[SECOND], [one for one in proofs if truths[one["proof_id"]] != "honest"])
        finally:
            house.stop()
    for (truth, said), many in sorted(Counter((truths[one], said) for one, said in told).items()):
        print(f"{truth:14}{said:40}{many:4}")


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


def _door(house: House, name: str) -> Praman:
    key = json.loads(house.command("platform", "add", name, "--json"))["api_key"]
    house.command("platform", "elsewhere", name, "--on")
    house.start()
    door = Praman(house.url, key=key)
    door.put_job("any", {"checks": []})
    return door


def _sent(door: Praman, proofs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return each proof's id with its verdict and reasons, in words."""
    taken: list[str] = []
    for one in proofs:
        pictures = [(SAMPLE / image).read_bytes() for image in one["images"]]
        try:
            taken.append(door.submit("any", one["submitter_id"], pictures, proof_id=one["proof_id"]))
        except PramanProblem as problem:
            print(f"{one['proof_id']}: {problem.detail}")
    found = [door.wait(one, limit_s=LIMIT_S) for one in taken]
    return [
        (one["proof_id"], " ".join((one["verdict"], *(reason["code"] for reason in one["reasons"]))))
        for one in found
    ]


if __name__ == "__main__":
    main()
