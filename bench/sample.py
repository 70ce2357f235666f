"""Real proofs for `steps.py`: a drawn sample's pictures, read by the children that every worker has.

In: a folder with `manifest.jsonl` and `jobs.yaml`. Out: bells for proofs that were taken in. Its first lines
warm the workers up, and the others are measured.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.catalogue import kinds
from pipeline.claims import submission_of
from pipeline.jobs import load_jobs
from pipeline.manifest import ManifestLine, load_picture, read_manifest
from pipeline.records import Ring
from pipeline.submit import submit
from pipeline.wiring import Services


def hand_in_sample(services: Services, folder: Path, *, platform: str, first: int, count: int) -> list[Ring]:
    """Take some of the sample's lines into ledger and store, and return the bells to ring for them."""
    services.ledger.declare_platform(platform)
    for job in load_jobs(folder / "jobs.yaml", kinds=kinds()):
        services.ledger.declare_job(platform, job)
    manifest = folder / "manifest.jsonl"
    forms = [one.form for one in read_manifest(manifest) if isinstance(one, ManifestLine)]
    rings = []
    for form in forms[first : first + count]:
        most = services.policy.max_bytes
        pictures = tuple(load_picture(manifest, one, max_bytes=most).content for one in form.images)
        claim = submission_of(form, platform=platform, pictures=pictures, now=datetime.now(UTC))
        proof, _ = submit(claim, ledger=services.ledger, store=services.store, policy=services.policy)
        rings.append(Ring(proof=proof.id, step=proof.step))
    return rings
