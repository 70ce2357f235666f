"""A task on SproutGigs is fetched, read and rated by `praman worker`, as its operator sets it up."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from tests.console import JOBS, PRAMAN, clean_environment, praman
from tests.screens import channel_page, encoded
from tests.sproutgigs import SECRET, config, sproutgigs

LIMIT_S = 120
HERE = {
    "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
    "PRAMAN_LINKS_ALLOW_PRIVATE": "1",
    "PRAMAN_SWEEP_EVERY_S": "0.3",
    "PRAMAN_CHILDREN": "1",
}


def test_a_task_is_fetched_judged_and_rated(tmp_path: Path) -> None:
    """Honest work is paid, unfinished work is asked for again; the secret is in no output and no log."""
    (tmp_path / "jobs.yaml").write_text(JOBS, encoding="utf-8")
    (tmp_path / "none.csv").write_text("job_id,submitter_id,images\n", encoding="utf-8")
    with sproutgigs() as site:
        site.pictures["/pictures/1.png"] = encoded(channel_page(person=1))
        site.pictures["/pictures/2.png"] = encoded(channel_page(button="Subscribe", person=2))
        site.task(1)
        site.task(2)
        (tmp_path / "gigs.json").write_text(config(site), encoding="utf-8")
        adding = ("platform", "add", "gigs", "--adapter", "sproutgigs", "--config", "gigs.json", "--json")
        added = praman(*adding, cwd=tmp_path, **HERE)
        assert added.returncode == 0, added.stderr
        assert set(json.loads(added.stdout)) == {"platform", "api_key", "webhook_secret"}
        again = praman(*adding, cwd=tmp_path, **HERE)
        assert json.loads(again.stdout) == {"platform": "gigs", "adapter": "sproutgigs"}
        declared = praman(
            "intake", "csv", "none.csv", "--platform", "gigs", "--jobs", "jobs.yaml", cwd=tmp_path, **HERE
        )
        assert declared.returncode == 0, declared.stderr
        with (tmp_path / "log.txt").open("wb") as log:
            worker = subprocess.Popen(
                [*PRAMAN, "worker"], cwd=tmp_path, env=clean_environment(**HERE), stdout=log, stderr=log
            )
        try:
            until = time.monotonic() + LIMIT_S
            while len(site.ratings) < 2:
                assert time.monotonic() < until, (tmp_path / "log.txt").read_text()[-3000:]
                time.sleep(0.2)
        finally:
            worker.kill()
            worker.wait()
        listed = praman("platform", "list", "--json", cwd=tmp_path)
        sent = praman("deliveries", "list", "--json", cwd=tmp_path)
    assert site.said() == {"t1": "ok", "t2": "revise"}
    assert "Subscribe" in next(one["task_comment"] for one in site.ratings if one["task_id"] == "t2")
    (row,) = json.loads(listed.stdout)
    assert (row["adapter"], row["poll_problem"]) == ("sproutgigs", None)
    shown = [added.stdout, added.stderr, again.stdout, again.stderr, listed.stdout, sent.stdout]
    assert all(SECRET not in one for one in [*shown, (tmp_path / "log.txt").read_text()])
