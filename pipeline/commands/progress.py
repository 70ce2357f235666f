"""Progress of long work on stderr: a bar for a person, nothing for a pipe."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Progress:
    """Shows one bar a stage where stderr is a terminal."""

    def __init__(self, *, shown: bool = True) -> None:
        self._console = Console(stderr=True)
        self._shown = shown and self._console.is_terminal

    @contextmanager
    def stage(self, name: str, *, total: int) -> Iterator[Callable[[int], None]]:
        """Yield a function that moves the stage's bar on by so many."""
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with RichProgress(*columns, console=self._console, disable=not self._shown) as bar:
            task = bar.add_task(name, total=total)
            yield lambda count: bar.advance(task, count)
