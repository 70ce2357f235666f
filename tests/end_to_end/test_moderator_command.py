"""`praman moderator` as its user types it."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.ledger import SqlReviews, make_engine
from pipeline.passwords import matches
from tests.console import praman


def test_a_moderator_is_made_once_and_listed(tmp_path: Path) -> None:
    """The printed password is the one behind the hash; faults are one line and exit 2."""
    made = praman("moderator", "add", "Ann@Example.com", "--admin", "--json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["email"] == "ann@example.com"
    found = SqlReviews(make_engine(f"sqlite:///{tmp_path}/data/praman.db")).known("ann@example.com")
    assert found is not None
    assert matches(found[1], told["password"])
    listed = praman("moderator", "list", "--json", cwd=tmp_path)
    assert json.loads(listed.stdout) == [{"email": "ann@example.com", "role": "admin", "platform": None}]
    for arguments in (("ann@example.com",), ("nobody",), ("b@example.com", "--platform", "nowhere")):
        refused = praman("moderator", "add", *arguments, cwd=tmp_path)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), refused.stderr
