"""A worker with fakes where pictures are opened, and a job platform on loopback that it serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from actors.deliver import deliver
from actors.poll import poll
from pipeline.ledger import SqlOutbox, SqlPlatforms, make_engine
from pipeline.platforms.courier import RatingCourier
from pipeline.platforms.registry import read_config
from pipeline.policy import Policy
from pipeline.records import Decide, Job, NoticeState, Proof, TextCheck
from pipeline.settings import load_settings
from pipeline.wiring import open_sites
from tests.fakes import FakeBell, FakeChildren, answer_bells, fake_picture
from tests.local_site import LocalSite
from tests.posts import SECRET as SIGNING
from tests.workers import services_on

SiteT = TypeVar("SiteT", bound=LocalSite)

NAME = "gigs"
GOOD, BAD = "Nodi Tech Subscribed", "Podma Kitchen Subscribed"


class House(Generic[SiteT]):
    """A worker with fakes where pictures are opened, and the site that it serves."""

    def __init__(self, folder: Path, database: Path, site: SiteT, **settings: Any) -> None:
        url = f"sqlite:///{folder / 'ledger.db'}"
        (folder / "ledger.db").write_bytes(database.read_bytes())
        self.site, self.folder, self.engine = site, folder, make_engine(url)
        given = load_settings(
            database_url=url,
            webhook_allow_private=True,
            links_allow_private=True,
            webhook_retry_s=(0.0, 0.0, 0.0),
            webhook_timeout_s=2.0,
            **settings,
        )
        sites = open_sites(given, self.engine)
        self.sites, self.outbox, self.bell = sites, SqlOutbox(self.engine), FakeBell()
        self.services = services_on(
            self.engine,
            folder,
            settings=given,
            children=FakeChildren(),
            bell=self.bell,
            policy=replace(Policy(), deliveries_at_once_unproven=4),
            outbox=self.outbox,
            couriers={"rating": RatingCourier(sites.http, sites.sites)},
            sites=sites,
        )
        self.services.ledger.declare_platform(NAME)
        self.outbox.rotate_secret(NAME, secret=SIGNING, overlap=timedelta(0))
        check = TextCheck(value="Nodi Tech", similarity=0.9)
        self.services.ledger.declare_job(NAME, Job(id="job-1", checks=(check,), decide=Decide()))
        self.endpoint = self.outbox.open_endpoint(NAME, "rating", address=f"{site.adapter}:{NAME}")
        self.serve()

    def serve(self, **changes: Any) -> None:
        path = self.folder / "gigs.json"
        path.write_text(self.site.config(**changes), encoding="utf-8")
        adapter = self.site.adapter
        self.sites.sites.put(NAME, adapter=adapter, config=read_config(adapter, path))

    def draws(self, number: int, text: str) -> str:
        """Have the site's submitters' server show a picture with the text; return its link."""
        self.site.pictures[f"/pictures/{number}.png"] = fake_picture(f"{text} {number}")
        return f"{self.site.url}/pictures/{number}.png"

    def poll(self) -> str | None:
        """Poll once; return what went wrong."""
        assert poll(self.services, self.sites)
        found = self.sites.sites.site(NAME)
        assert found is not None
        assert found.lease is None
        return found.problem

    def work(self) -> None:
        answer_bells(self.services, self.bell)

    def again(self) -> None:
        deliver(self.services, self.endpoint.id)

    def proofs(self) -> dict[str, Proof]:
        page = SqlPlatforms(self.engine).page(NAME, after="", limit=100, outcome=None, job_id=None)
        return {one.proof.proof_id: one.proof for one in page}

    def notices(self) -> dict[str, tuple[NoticeState, int]]:
        lines = self.outbox.listed(platform=NAME, state=None, proof_id=None, limit=100)
        return {one.proof_id: (one.state, one.attempts) for one in lines}

    def error(self, proof_id: str) -> str:
        (line,) = self.outbox.listed(platform=NAME, state=None, proof_id=proof_id, limit=1)
        return str(line.last.error if line.last else None)
