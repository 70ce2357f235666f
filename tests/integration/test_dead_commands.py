"""`praman dead` as operators type it, on proofs that went through the actors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.errors import ChildDied
from tests.integration.test_doors import SHOWN, Shop, shop

__all__ = ["shop"]  # the fixture


@pytest.fixture
def told(shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a `praman dead` command; return exit code, output and errors."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["dead", *arguments, "--db", shop.services.settings.database])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_a_poison_picture_is_explained_and_replayed(shop: Shop, told: Any) -> None:
    """Three deaths, manual; the same file again costs no child; mended and replayed, it is accepted."""
    shop.children.trouble["poison"] = lambda: ChildDied("the child died with exit code -9")
    text = f"{SHOWN} poison"
    shop.send("bad", text)
    shop.run()
    calls = len(shop.children.calls)
    shop.send("twin", text, submitter_id="w-bad")
    shop.run()
    assert (shop.line("twin")["verdict"], shop.codes("twin")) == ("manual", ["engine.failed"])
    assert len(shop.children.calls) == calls
    code, out, _ = told("list", "--json")
    (one,) = json.loads(out)
    assert (code, one["proof_id"], one["deaths"], one["replayable"]) == (0, "bad", 3, True)
    assert one["last_error"] == "ChildDied: the child died with exit code -9"
    assert len(one["quarantined"]) == 1
    assert "exit code -9" in told("list")[1]
    shown = told("show", "bad", "--platform", "p")[1]
    assert "3 deaths" in shown
    assert "quarantine" in shown
    tries = json.loads(told("show", "bad", "--platform", "p", "--json")[1])["tries"]
    assert [one["number"] for one in tries if one["died"]] == [1, 2, 3]
    shop.children.trouble.clear()
    code, out, _ = told("replay", "--all", "--platform", "p", "--json")
    assert (code, json.loads(out)) == (0, {"replayed": ["bad"], "refused": {}})
    shop.run()
    assert shop.line("bad")["verdict"] == "accept"


def test_what_cannot_be_replayed_is_told(told: Any) -> None:
    """An id that is not dead: one line, and an exit code that a script can read."""
    code, out, _ = told("replay", "nobody", "--platform", "p")
    assert (code, "dead list" in out) == (1, True)
    assert told("replay", "--platform", "p")[0] == 2
    code, _, err = told("show", "nobody")
    assert (code, "not among the dead" in err) == (2, True)
