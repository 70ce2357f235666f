"""How long a moderator waits for the next proof, and how long twenty cases take from the keyboard.

In: nothing. Out: times on stdout. It serves the sample's manual cases as `make console` does, drives Chromium
with real key presses, and measures in the page: from the key that decides to the next case painted, its
picture drawn. Run it on a quiet machine: `python -m bench.console`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Page, sync_playwright

from fixtures.browser import _FLAGS, CHROMIUM
from fixtures.console_server import console, sign_in

PROMISED_MS = 150
KEYS = (("r", "Enter"), ("a",), ("r", "2", "Enter"), ("s",))
"""What is pressed in turn: reject with the reason shown, accept, reject with the second, ask again."""

# Painted: the case is in the page, its pictures are drawn, and the frame after that has begun.
WATCH = """
key => {
  const card = document.querySelector('.case');
  window.painted = new Promise((resolve) => {
    const begin = (event) => {
      if (event.key !== key) return;
      removeEventListener('keydown', begin, true);
      const began = performance.now();
      const look = () => {
        const now = document.querySelector('.case');
        const drawn = now !== card && [...now.querySelectorAll('img')].every((one) => one.complete);
        if (!drawn) { requestAnimationFrame(look); return; }
        requestAnimationFrame(() => resolve(performance.now() - began));
      };
      look();
    };
    addEventListener('keydown', begin, true);
  });
}
"""


@dataclass(frozen=True)
class Told:
    """Times of one run."""

    waits_ms: list[float]
    took_s: float

    def line(self, name: str) -> str:
        """Return the run in one line."""
        waits = self.waits_ms
        quick = sum(one < PROMISED_MS for one in waits)
        told = f"{statistics.median(waits):.0f} ms (median), {max(waits):.0f} ms (worst)"
        within = f"{quick} of {len(waits)} within {PROMISED_MS} ms"
        return f"{name}: next case painted after {told}, {within}; {len(waits)} cases in {self.took_s:.1f} s"


def main(
    cases: Annotated[int, typer.Option(help="How many are looked at.")] = 20,
    look_s: Annotated[float, typer.Option(help="For how long each.")] = 1.0,
    more: Annotated[int, typer.Option(help="How many follow as fast as the keys go.")] = 12,
) -> None:
    """Clear cases, first looking at each, then without any pause."""
    with (
        tempfile.TemporaryDirectory() as folder,
        console(Path(folder)) as (url, who),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        page = browser.new_page(base_url=url, viewport={"width": 1200, "height": 760})
        page.goto("/login")
        sign_in(page, who)
        page.keyboard.press("Enter")
        page.wait_for_selector(".case")
        page.wait_for_load_state("networkidle")
        looked = _cleared(page, cases, pause_s=look_s)
        print(looked.line(f"looked at for {look_s:g} s each"), flush=True)
        print(_cleared(page, more, pause_s=0.0).line("without any pause"), flush=True)
        browser.close()


def _cleared(page: Page, cases: int, *, pause_s: float) -> Told:
    began = time.perf_counter()
    waits = [_decide(page, KEYS[number % len(KEYS)], pause_s=pause_s) for number in range(cases)]
    return Told(waits, time.perf_counter() - began)


def _decide(page: Page, keys: tuple[str, ...], *, pause_s: float) -> float:
    time.sleep(pause_s)
    page.evaluate(WATCH, keys[-1])
    for key in keys:
        page.keyboard.press(key)
    return float(page.evaluate("() => window.painted"))


if __name__ == "__main__":
    typer.run(main)
