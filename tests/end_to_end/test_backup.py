"""docs/operating.md on backups, tried: taken while proofs come in, restored elsewhere, nothing half there."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from pipeline.adapters.files import FilesEvidenceStore
from pipeline.ledger import make_engine
from tests.console import Folder, praman
from tests.screens import channel_page, encoded
from tests.servers import postgres_programs

if TYPE_CHECKING:
    from tests.servers import Server


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.add(encoded(channel_page(person=1)))
    made.add(encoded(channel_page(button="Subscribe", person=2)))
    return made


def exported(folder: Folder, url: str) -> list[object]:
    ran = praman("export", "--db", url, cwd=folder.path)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_backup_restores_verdicts_and_pictures(folder: Folder, postgres: Server, postgres_url: str) -> None:
    """The dump first, the pictures after it: every row of the restored ledger finds its object, whole."""
    settings = {"PRAMAN_STORE_URL": str(folder.path / "evidence"), "PRAMAN_DATABASE_URL": postgres_url}
    assert praman("migrate", cwd=folder.path, **settings).returncode == 0
    assert folder.verify("--db", postgres_url, **settings).returncode == 0
    plain = postgres_url.replace("+psycopg", "")
    programs = postgres_programs()
    subprocess.run(
        [programs / "pg_dump", "--format=custom", "--file=ledger.dump", plain], cwd=folder.path, check=True
    )
    before = exported(folder, postgres_url)
    folder.add(encoded(channel_page(person=3)))
    assert folder.verify("--db", postgres_url, **settings).returncode == 0
    shutil.copytree(folder.path / "evidence", folder.path / "restored")
    with psycopg.connect(postgres.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute('CREATE DATABASE "restored" TEMPLATE template0')
    url = postgres.url.removesuffix("postgres") + "restored"
    restore = [programs / "pg_restore", f"--dbname={url.replace('+psycopg', '')}", "ledger.dump"]
    subprocess.run(restore, cwd=folder.path, check=True)
    assert exported(folder, url) == before
    engine, store = make_engine(url), FilesEvidenceStore(folder.path / "restored")
    with engine.connect() as connection:
        rows = connection.execute(text("select key, sha256 from pictures where key is not null")).all()
    engine.dispose()
    assert len(rows) == 2
    assert all(hashlib.sha256(store.get(row.key)).hexdigest() == row.sha256 for row in rows)
    again = {"PRAMAN_STORE_URL": str(folder.path / "restored"), "PRAMAN_DATABASE_URL": url}
    assert folder.verify("--db", url, **again).returncode == 0
    assert len(exported(folder, url)) == 3
