from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.catalogue import kinds
from pipeline.errors import JobFileError
from pipeline.jobs import job_for_kind, load_jobs, parse_job
from pipeline.records import (
    AbsentCheck,
    AnswerCheck,
    AutoReject,
    CodeCheck,
    Decide,
    FreshCheck,
    Job,
    Outcome,
    PolicyStance,
    PositionCheck,
    StateCheck,
    TextCheck,
    UrlCheck,
)

if TYPE_CHECKING:
    from pathlib import Path

EVERY_CHECK = """
jobs:
  - id: job-2
    title: Join our group
    lang: bn
    checks:
      - text: {value: "Amader Group", similarity: 0.9}
      - state: {done: ["Joined", "যোগ দিয়েছেন"], not_done: ["Join", "যোগ দিন"]}
      - url: {host: "www.Example.com", path: /join}
      - absent: {any: ["Sign in to continue"]}
      - answer: {appears: true}
      - code: {value: "PX-4471"}
      - fresh: {within: 24h}
      - position: {above_s: 30}
    images: {min: 2, max: 3}
    decide: {auto_reject: hold, near_miss: manual}
"""


def load(tmp_path: Path, text: str, name: str = "jobs.yaml") -> tuple[Job, ...]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_jobs(path, kinds=kinds())


def only(tmp_path: Path, body: str) -> Job:
    (job,) = load(tmp_path, f"jobs:\n  - id: j\n{body}")
    return job


def test_every_check_becomes_its_record(tmp_path: Path) -> None:
    """A job file that uses every key and every check loads into exactly these records."""
    (job,) = load(tmp_path, EVERY_CHECK)
    assert job == Job(
        id="job-2",
        title="Join our group",
        lang="bn",
        checks=(
            TextCheck(value="Amader Group", similarity=0.9),
            StateCheck(done=("Joined", "যোগ দিয়েছেন"), not_done=("Join", "যোগ দিন")),
            UrlCheck(host="example.com", path="/join"),
            AbsentCheck(any=("Sign in to continue",)),
            AnswerCheck(),
            CodeCheck(value="PX-4471"),
            FreshCheck(within=timedelta(hours=24)),
            PositionCheck(above_s=30),
        ),
        images_min=2,
        images_max=3,
        decide=Decide(auto_reject=AutoReject.HOLD, near_miss=Outcome.MANUAL),
    )


def test_json_job_files_load_as_yaml_ones_do(tmp_path: Path) -> None:
    """JSON with tabs, escapes beyond the first plane and slashes gives what Python's own parser reads."""
    jobs = [{"id": "a", "checks": [{"text": {"value": 'Tea\u2615 \U0001f600 "q" \\ a/b'}}]}]
    text = json.dumps({"jobs": jobs}, indent="\t").replace("a/b", "a\\/b")
    assert "\\ud83d" in text
    (job,) = load(tmp_path, text, "jobs.json")
    assert job.checks == (TextCheck(value='Tea\u2615 \U0001f600 "q" \\ a/b'),)
    assert load(tmp_path, json.dumps({"jobs": jobs}, separators=(",", ":")), "tight.json") == (job,)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", AutoReject.ON),
        ("on", AutoReject.ON),
        ("Yes", AutoReject.ON),
        ("'true'", AutoReject.ON),
        ("hold", AutoReject.HOLD),
        ("HOLD", AutoReject.HOLD),
        ("false", AutoReject.OFF),
        ("off", AutoReject.OFF),
        ("no", AutoReject.OFF),
    ],
)
def test_auto_reject_takes_every_spelling_of_a_truth_value(
    tmp_path: Path, written: str, expected: AutoReject
) -> None:
    """`auto_reject` means the same in each of YAML's spellings, and `hold` is a third value."""
    job = only(tmp_path, f"    checks: []\n    decide: {{auto_reject: {written}}}\n")
    assert job.decide.auto_reject is expected


@pytest.mark.parametrize(
    "written", ["no", "on", "Yes", "0042", "12:30", "1_000", "1.10", "2026-11-01", "0x1F"]
)
def test_text_stays_as_written(tmp_path: Path, written: str) -> None:
    """A plain value that YAML would turn into something else stays the text that the person wrote."""
    job = only(tmp_path, f"    checks: [code: {{value: {written}}}, state: {{done: [{written}]}}]\n")
    assert job.checks == (CodeCheck(value=written), StateCheck(done=(written,)))


def test_text_is_normalised_but_keeps_joiners() -> None:
    """Bidi and zero-width controls go, composed forms are one, ZWNJ and ZWJ of Bengali spelling stay."""
    text = "\ufeff  র\u200d্যাব \u202eক্\u200cষ\u202c\u200b \n caf\u0065\u0301\x07 "
    job = parse_job({"id": "j", "checks": [{"text": {"value": text}}]}, kinds=kinds())
    assert job.checks == (TextCheck(value="র\u200d্যাব ক্\u200cষ caf\u00e9"),)


def test_kind_checks_come_before_the_jobs_own(tmp_path: Path) -> None:
    """A job with a kind and checks asks for the kind's first, then for its own."""
    body = "    kind: survey_code\n    params: {code: PX-1}\n    checks: [fresh: {within: 30m}]\n"
    assert only(tmp_path, body).checks == (CodeCheck(value="PX-1"), FreshCheck(within=timedelta(minutes=30)))


def test_a_braced_parameter_is_no_place(tmp_path: Path) -> None:
    """A parameter whose value looks like a place of the template is asked for as it stands."""
    job = only(tmp_path, '    kind: youtube_view\n    params: {title: "My {channel} tour", channel: Nodi}\n')
    assert job.checks[0] == TextCheck(value="My {channel} tour")


def test_more_pictures_than_usual_raise_the_limit(tmp_path: Path) -> None:
    """A job that asks for six pictures and names no maximum accepts six."""
    job = only(tmp_path, "    checks: []\n    images: {min: 6}\n")
    assert (job.images_min, job.images_max) == (6, 6)


def test_all_faults_are_raised_at_once(tmp_path: Path) -> None:
    """The error carries every fault of the file in the order of lines, each with its remedy."""
    text = "jobs:\n  - id: a\n    kind: youtube_subscrib\n  - id: a\n    checks: []\n    lang: fr\n"
    with pytest.raises(JobFileError) as caught:
        load(tmp_path, text)
    assert [fault.line for fault in caught.value.faults] == [3, 4, 6]
    assert "did you mean `youtube_subscribe`?" in str(caught.value)
    assert f"{tmp_path / 'jobs.yaml'}:3: " in str(caught.value)


def test_a_missing_file_is_a_clear_fault(tmp_path: Path) -> None:
    """A path without a file says so and what to do, without a traceback of the system's."""
    with pytest.raises(JobFileError, match=r"cannot be read: No such file.*check its path"):
        load_jobs(tmp_path / "none.yaml", kinds=kinds())


def test_job_over_http_takes_its_id_from_the_address() -> None:
    """The id of the address stands in for a missing one, and another id in the body is refused."""
    assert parse_job({"checks": []}, kinds=kinds(), id="job-9").id == "job-9"
    assert parse_job({"id": 17, "checks": []}, kinds=kinds()).id == "17"
    with pytest.raises(JobFileError, match="use one id"):
        parse_job({"id": "other", "checks": []}, kinds=kinds(), id="job-9")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            {"id": "j", "checks": [{"text": {"value": True}}]},
            "`checks[0].text.value` is the truth value true",
        ),
        ({"id": "j", "checks": [{"text": {"value": "a" * 10_000_000}}]}, "holds 10,000,000 characters"),
        ({"id": "j", "checks": [{"text": {"value": b"a"}}]}, "is a bytes"),
        ({"id": None, "checks": []}, "`id` is empty"),
        ({"id": "j", "checks": {}}, "`checks` is a mapping, not a list"),
        ({"id": "j", "checks": [{"code": {"value": float("nan")}, "x": 1}]}, "is not one check"),
        ({"id": "j", "checks": [{"text": {"value": "a", "similarity": float("nan")}}]}, "from 0.5 to 1"),
        ([], "not a mapping"),
    ],
)
def test_bad_values_over_http_are_told_by_path(body: dict[str, object], told: str) -> None:
    """Faults of a job without lines name the place in it, and never repeat a huge value."""
    with pytest.raises(JobFileError) as caught:
        parse_job(body, kinds=kinds())
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500


def test_deep_nesting_over_http_is_refused() -> None:
    """A job nested five hundred levels deep is a fault and no crash."""
    deep: object = "x"
    for _ in range(500):
        deep = [deep]
    with pytest.raises(JobFileError, match="nested too deeply"):
        parse_job({"id": "j", "checks": deep}, kinds=kinds())


def test_job_for_kind_needs_no_file() -> None:
    """A kind and its parameters make the job that a file would."""
    job = job_for_kind("youtube_subscribe", {"channel": "Nodi Tech"}, id="check", lang="bn", kinds=kinds())
    assert (job.kind, job.lang, job.stance) == ("youtube_subscribe", "bn", PolicyStance.FLAG)
    assert job.checks[0] == TextCheck(value="Nodi Tech")
    with pytest.raises(JobFileError, match="did you mean `channel`"):
        job_for_kind("youtube_subscribe", {"chanel": "Nodi Tech"}, id="check", kinds=kinds())
    with pytest.raises(JobFileError, match="has no `channel`"):
        job_for_kind("youtube_subscribe", {}, id="check", kinds=kinds())
