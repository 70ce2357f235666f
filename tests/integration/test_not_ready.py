"""Children that cannot start, or cannot read, say why at once; no task is blamed, and mending helps."""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pebble
import pytest

from pipeline.adapters import children as children_module
from pipeline.adapters import kept_pool
from pipeline.adapters.children import PebbleChildren
from pipeline.adapters.engines import find_tessdata
from pipeline.adapters.kept_pool import SPAWN, KeptPool
from pipeline.errors import NotReady
from pipeline.picture import encode_png
from pipeline.policy import Policy
from pipeline.records import Ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLANK = encode_png(np.full((400, 300, 3), 255, np.uint8))
ASK = Ask(checks=(), submitted_at=datetime(2026, 11, 1, 8, tzinfo=UTC))


def made(**changes: Any) -> PebbleChildren:
    """Return one child's pool."""
    usual: dict[str, Any] = {
        "count": 1,
        "limit_s": 20,
        "memory_bytes": 1_200_000_000,
        "engine": "auto",
        "tessdata_dir": None,
        "languages": "eng",
        "budget_ms": 2_000,
        "policy": Policy(),
    }
    return PebbleChildren(**usual | changes)


def test_children_starved_of_memory_say_what_to_raise() -> None:
    """Every kind of work hears it, and after the first time without waiting."""
    with closing(made(memory_bytes=60_000_000)) as children:
        why = children.probe()
        assert why is not None
        assert "PRAMAN_CHILD_MEMORY_BYTES" in why
        assert "\n" not in why
        assert children.unready() == why
        asked_s = time.monotonic()
        for work in (lambda: children.read({0: BLANK}, ASK), lambda: children.fingerprint(BLANK)):
            with pytest.raises(NotReady) as caught:
                work()
            assert str(caught.value) == why
        assert time.monotonic() - asked_s < 1


def test_without_models_nothing_is_read_until_they_are_there(tmp_path: Path) -> None:
    """Pictures are fingerprinted all the same, and nobody has to start anything again."""
    models = tmp_path / "models"
    models.mkdir()
    with closing(made(tessdata_dir=models)) as children:
        why = children.probe()
        assert why is not None
        assert f"PRAMAN_TESSDATA_DIR={models} holds no *.traineddata" in why
        assert children.fingerprint(BLANK).width_px == 300
        with pytest.raises(NotReady, match="PRAMAN_TESSDATA_DIR"):
            children.read({0: BLANK}, ASK)
        (models / "eng.traineddata").symlink_to(find_tessdata(None) / "eng.traineddata")
        assert children.probe() is None
        assert children.unready() is None
        assert [one.image for one in children.read({0: BLANK}, ASK)] == [0]


def test_a_broken_model_is_no_fault_of_a_proof(tmp_path: Path) -> None:
    """A file that only looks like a model is found out before the first proof is read."""
    (tmp_path / "eng.traineddata").write_bytes(b"no model")
    with closing(made(tessdata_dir=tmp_path)) as children:
        why = children.probe()
        assert why is not None
        assert "no text can be read here" in why


class Broken:
    """A pool of which no child comes up, as long as it says why."""

    why: str | None = "no luck"
    starts = 0
    blind = None
    asked: ClassVar[Callable[[], str | None] | None] = None
    heard: ClassVar[list[str | None]] = []

    def __init__(self, _: object) -> None:
        type(self).starts += 1
        self.pool = SimpleNamespace(active=True)

    def await_up(self) -> None:
        self.heard.append(None if self.asked is None else self.asked())
        if self.why:
            raise NotReady(self.why)

    def stop(self) -> None:
        """Nothing was started."""


def test_who_asks_finds_out_at_once_and_tasks_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task starts children again and again in vain; whoever probes does, and time makes tasks try anew."""
    monkeypatch.setattr(children_module, "KeptPool", Broken)
    children = made(late=True)
    assert children.unready() is None
    with pytest.raises(NotReady, match="no luck"):
        children.fingerprint(BLANK)
    assert (Broken.starts, children.unready()) == (2, "no luck")
    with pytest.raises(NotReady):
        children.fingerprint(BLANK)
    assert Broken.starts == 2
    Broken.asked, Broken.heard = children.unready, []
    assert (children.probe(), Broken.starts) == ("no luck", 4)
    assert Broken.heard == ["no luck", "no luck"]  # what was known stands until more is
    later_s = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later_s)
    assert children.unready() is None
    assert (children.probe(), children.unready()) == ("no luck", "no luck")
    Broken.why = None
    assert (children.probe(), children.unready()) == (None, None)


@pytest.mark.parametrize(
    ("initializer", "argument", "told"),
    [(os._exit, 3, "without a word"), (time.sleep, 60, "no child came up within 1 s")],
)
def test_a_start_that_ends_or_never_ends_is_told(
    monkeypatch: pytest.MonkeyPatch, initializer: Callable[[int], object], argument: int, told: str
) -> None:
    """Children that crash before they can speak, or hang."""
    monkeypatch.setattr(kept_pool, "START_LIMIT_S", 1.0 if initializer is time.sleep else 30.0)
    kept = KeptPool(
        lambda _: pebble.ProcessPool(1, initializer=initializer, initargs=(argument,), context=SPAWN)
    )
    try:
        with pytest.raises(NotReady, match=told):
            kept.await_up()
    finally:
        kept.stop()
