"""Every job platform, from what a submitter handed in there to its rating there, by one real `praman serve`.

Each site has one task that is done and one that is not. The real text engine reads the pictures, the real
actors do the rest; the sites answer as documented. One run serves all, each test looks at one site.
"""

from __future__ import annotations

import io
import json
import time
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pipeline.commands import platform as command
from pipeline.platforms.registry import ADAPTERS, rates
from tests import appen, clickworker, microworkers, mturk, remotasks, sproutgigs, toloka
from tests.console import praman
from tests.end_to_end.test_serve import client, serving
from tests.screens import channel_page, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local_site import LocalSite

pytestmark = pytest.mark.xdist_group("job platforms")  # served once, not once a worker

LIMIT_S = 180
HERE = {
    "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
    "PRAMAN_LINKS_ALLOW_PRIVATE": "1",
    "PRAMAN_SWEEP_EVERY_S": "0.3",
}
DONE, NOT_DONE = encoded(channel_page(person=1)), encoded(channel_page(button="Subscribe", person=2))


@dataclass(frozen=True)
class Place:
    """A site, how a submitter hands in there, our secret, and what is to be said of the two tasks."""

    site: type[LocalSite]
    hand_in: str
    secret: str
    said: dict[str, Any] = field(default_factory=dict)


PLACES = {
    "sproutgigs": Place(sproutgigs.SproutGigs, "task", sproutgigs.SECRET, {"t1": "ok", "t2": "revise"}),
    "microworkers": Place(
        microworkers.Microworkers, "slot", microworkers.API_KEY, {"s1": "OK", "s2": "REVISE"}
    ),
    "mturk": Place(
        mturk.MechanicalTurk,
        "assignment",
        mturk.SECRET,
        {"A1": "ApproveAssignment", "A2": "RejectAssignment"},
    ),
    "toloka": Place(toloka.Toloka, "assignment", toloka.TOKEN, {"a1": "ACCEPTED", "a2": "REJECTED"}),
    "remotasks": Place(remotasks.Remotasks, "task", remotasks.API_KEY, {"r1": True, "r2": False}),
    "clickworker": Place(clickworker.Clickworker, "job", clickworker.PASSWORD, {"c1": "yes", "c2": "no"}),
    "appen": Place(appen.Appen, "judgment", appen.TOKEN),
}


@dataclass
class Run:
    """What came of it.

    Attributes:
        proofs: Each platform's proofs as its own key shows them.
        shown: All that commands printed and that was logged.
    """

    sites: dict[str, Any]
    proofs: dict[str, list[dict[str, Any]]]
    listed: dict[str, dict[str, Any]]
    shown: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Serve every adapter until each site was told what there is to tell."""
    folder = tmp_path_factory.mktemp("sites")
    with ExitStack() as stack:
        sites = {name: stack.enter_context(place.site.running()) for name, place in PLACES.items()}
        added = {name: _added(folder, name, site) for name, site in sites.items()}
        _, url = stack.enter_context(serving(folder, **HERE))
        doors = {name: client(url, json.loads(told)["api_key"]) for name, told in added.items()}
        for name, site in sites.items():
            _hand_in(name, site)
        _wait(sites, doors, folder / "serve.log")
        listed = praman("platform", "list", "--json", cwd=folder).stdout
        sent = praman("deliveries", "list", "--json", cwd=folder).stdout
        yield Run(
            sites=sites,
            proofs={name: _proofs(http) for name, http in doors.items()},
            listed={one["platform"]: one for one in json.loads(listed)},
            shown="\n".join([*added.values(), listed, sent, (folder / "serve.log").read_text()]),
        )


def _hand_in(name: str, site: Any) -> None:
    for number, content in ((1, DONE), (2, NOT_DONE)):
        site.pictures[f"/pictures/{number}.png"] = content
        getattr(site, PLACES[name].hand_in)(number)


def _added(folder: Path, name: str, site: Any) -> str:
    """Add the platform as the command does and return what that printed."""
    config = folder / f"{name}.json"
    config.write_text(site.config(), encoding="utf-8")
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setenv("PRAMAN_DATA_DIR", str(folder / "data"))
        command.add(name, webhook=None, acknowledged_by=None, adapter=name, config=config, as_json=True)
    return printed.getvalue()


def _wait(sites: dict[str, Any], doors: dict[str, httpx.Client], log: Path) -> None:
    until = time.monotonic() + LIMIT_S
    while any(len(sites[name].ratings) < len(place.said) for name, place in PLACES.items()) or not all(
        [one["status"] for one in _proofs(http)] == ["decided"] * 2 for http in doors.values()
    ):
        assert time.monotonic() < until, log.read_text()[-5000:]
        time.sleep(0.3)


def _proofs(http: httpx.Client) -> list[dict[str, Any]]:
    return list(http.get("/v1/proofs").json()["items"])


def test_no_adapter_is_left_out() -> None:
    """A new adapter has its run here."""
    assert set(PLACES) == set(ADAPTERS)


@pytest.mark.parametrize("name", PLACES)
def test_what_was_handed_in_is_rated(run: Run, name: str) -> None:
    """The done task is paid; the other is refused, or asked for again where the site knows that, once."""
    place, site = PLACES[name], run.sites[name]
    assert [one["verdict"] for one in run.proofs[name]] == ["accept", "reject"]
    if rates(name):
        assert site.said() == place.said
        assert len(site.ratings) == len(place.said)
        assert "Subscribe" in json.dumps(site.ratings)
    assert site.ratings or not rates(name)
    assert (run.listed[name]["adapter"], run.listed[name]["poll_problem"]) == (name, None)


@pytest.mark.parametrize("name", PLACES)
def test_our_key_at_the_site_is_shown_nowhere(run: Run, name: str) -> None:
    """In no output and in no log."""
    assert PLACES[name].secret not in run.shown


def test_a_platform_that_is_there_gets_a_new_configuration_and_no_new_key(tmp_path: Path) -> None:
    """`platform add` of an adapter twice, as an operator types it."""
    with sproutgigs.sproutgigs() as site:
        (tmp_path / "gigs.json").write_text(site.config(), encoding="utf-8")
    adding = ("platform", "add", "gigs", "--adapter", "sproutgigs", "--config", "gigs.json", "--json")
    added = praman(*adding, cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    assert set(json.loads(added.stdout)) == {"platform", "api_key", "webhook_secret"}
    again = praman(*adding, cwd=tmp_path)
    assert json.loads(again.stdout) == {"platform": "gigs", "adapter": "sproutgigs"}
    assert sproutgigs.SECRET not in added.stdout + added.stderr + again.stdout + again.stderr
