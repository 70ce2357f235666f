from __future__ import annotations

import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.catalogue import kinds, read_kind
from pipeline.lint import Lint, lint
from pipeline.records import PolicyStance
from pipeline.specs import nodes

DOCS = Path(__file__).parents[2] / "docs" / "jobs.md"


def lint_bytes(tmp_path: Path, content: bytes) -> Lint:
    path = tmp_path / "jobs.yaml"
    path.write_bytes(content)
    return lint(path, kinds=kinds())


def lint_text(tmp_path: Path, text: str) -> Lint:
    return lint_bytes(tmp_path, text.encode())


def check(line: str) -> str:
    return f"jobs:\n  - id: j\n    checks:\n      - {line}\n"


JOB = "jobs:\n  - id: j\n    checks: []\n"
FAULTS = [
    # each row: the file, the line told, words of the problem and of its remedy
    (f"{JOB}    imagse: {{}}\n", 4, "unknown key `imagse`", "did you mean `images`?"),
    (f"{JOB}    colour: red\n", 4, "unknown key `colour`", "allowed here: id, kind"),
    ("jbos: []\n", 1, "unknown key `jbos`", "did you mean `jobs`?"),
    ("jobs:\n  - id: j\n    kind: youtube_subscrib\n", 3, "no kind of the catalogue", "`youtube_subscribe`?"),
    ("jobs:\n  - id: j\n    kind: zzz\n", 3, "no kind of the catalogue", "`praman kinds` lists them"),
    (
        "jobs:\n  - id: j\n    kind: survey_code\n",
        3,
        "needs the parameter `code`",
        "add `params: {code: ...}`",
    ),
    ("jobs:\n  - id: j\n    kind: survey_code\n    params: {}\n", 4, "has no `code`", "add `code: ...`"),
    (
        "jobs:\n  - id: j\n    kind: telegram_join\n    params:\n      channel: '  '\n",
        5,
        "holds only spaces or invisible",
        "as the screen shows it",
    ),
    (
        "jobs:\n  - id: j\n    kind: telegram_join\n    params: {chanel: x1, channel: x1}\n",
        4,
        "unknown key `chanel`",
        "did you mean `channel`?",
    ),
    (
        "jobs:\n  - id: j\n    kind: account_sale\n    params: {a: b}\n",
        4,
        "unknown key `a`",
        "nothing is allowed",
    ),
    (f"{JOB}    params: {{channel: x}}\n", 4, "belongs to a kind", "add `kind: ...`"),
    (f"{JOB}  - id: j\n    checks: []\n", 4, "used before on line 2", "its own id"),
    ("jobs: [{id: j, checks: []}, {id: j, checks: []}]\n", 1, "used before on line 1", "its own id"),
    ("jobs:\n  - id: j\n", 2, "neither `kind` nor `checks`", "`checks: []`"),
    ("jobs:\n  - checks: []\n", 2, "has no `id`", "add `id: ...`"),
    ("jobs:\n  - id: ' j'\n    checks: []\n", 2, "characters that do not show", "write `j`"),
    ("jobs:\n  - id: [j]\n    checks: []\n", 2, "is a list, not one value", "write one value"),
    ("jobs:\n  - id:\n    checks: []\n", 2, "`jobs[0].id` is empty", "write a value"),
    ("jobs: []\n", 1, "holds no job", "add one"),
    ("jobs: {id: j}\n", 1, "is a mapping, not a list", "`- ` before each item"),
    ("- id: j\n", 1, "does not start with `jobs:`", "put `jobs:` on the first line"),
    ("", 1, "does not start with `jobs:`", "put `jobs:` on the first line"),
    (f"{JOB}    lang: no\n", 4, "`jobs[0].lang` is `no`", "write one of en, bn"),
    (f"{JOB}    title: {'a' * 201}\n", 4, "holds 201 characters", "within 200"),
    (f"{JOB}    images: {{min: 3, max: 2}}\n", 4, "more than the most, 2", "swap"),
    (f"{JOB}    images: {{max: 0}}\n", 4, "is `0`", "from 1 to 20"),
    (f"{JOB}    images: {{max: 1.5}}\n", 4, "is `1.5`", "whole number"),
    (f"{JOB}    decide: {{auto_reject: holdd}}\n", 4, "is `holdd`", "did you mean `hold`?"),
    (f"{JOB}    decide: {{near_miss: accept}}\n", 4, "is `accept`", "reject, manual"),
    (f"{JOB}    decide: true\n", 4, "is the text `true`, not a mapping", "write it as"),
    (check("text: {value: a1, similarity: 0.49}"), 4, "is `0.49`", "from 0.5 to 1"),
    (check("text: {value: a1, similarity: 1.01}"), 4, "is `1.01`", "from 0.5 to 1"),
    (check("text: {value: a1, similarity: .nan}"), 4, "is `.nan`", "from 0.5 to 1"),
    (check("text: {value: a1, similarity: high}"), 4, "is `high`", "from 0.5 to 1"),
    (check('text: {value: "\\u200b\\u202e\\u0007"}'), 4, "only spaces or invisible", "screen shows"),
    (check('text: {value: "\\u200d\\u200c"}'), 4, "only spaces or invisible", "screen shows"),
    (check('text: {value: "★★★"}'), 4, "without a letter or digit", "write words"),
    (check("text: {value: }"), 4, "`jobs[0].checks[0].text.value` is empty", "write a value"),
    (check(f"text: {{value: {'a' * 2001}}}"), 4, "holds 2,001 characters", "within 2,000"),
    (check("text: Hello"), 4, "is the text `Hello`, not a mapping", "`{value: ...}`"),
    (check("txt: {value: Hello}"), 4, "no check we know", "did you mean `text`?"),
    (check("{text: {value: a}, code: {value: b}}"), 4, "is not one check", "one check an item"),
    (check("Hello"), 4, "is not one check", "one check an item"),
    (check("state: {done: []}"), 4, "is an empty list", "at least one"),
    (check("state: {not_done: [Join]}"), 4, "has no `done`", "add `done: ...`"),
    (check("state: {done: Joined}"), 4, "not a list", "write a list"),
    (check("state: {done: [Joined, JOIN], not_done: [join]}"), 4, "`JOIN` as done and as not_done", "one of"),
    (check("url: {host: 'https://www.example.com/join'}"), 4, "not a host name alone", "write `example.com`"),
    (check("url: {host: 'example.com:8080'}"), 4, "not a host name alone", "write `example.com`"),
    (check("url: {host: exa mple}"), 4, "not a host name alone", "`example.com`"),
    (check("url: {host: example}"), 4, "not a host name alone", "`example.com`"),
    (check("url: {host: example.com, path: join}"), 4, "does not start with `/`", "write `/join`"),
    (check("absent: {any: []}"), 4, "is an empty list", "at least one"),
    (check("answer: {appears: maybe}"), 4, "is `maybe`", "true"),
    (check("fresh: {within: 24}"), 4, "is `24`", "30m, 24h or 7d"),
    (check("fresh: {within: 0h}"), 4, "is `0h`", "30m, 24h or 7d"),
    (check("fresh: {within: 999999d}"), 4, "is `999999d`", "30m, 24h or 7d"),
    (check("position: {above_s: -1}"), 4, "is `-1`", "from 0"),
    (check("code: {value: a, value: b}"), 4, "`value` twice, first on line 4", "keep one"),
    (f"{JOB}    id: k\n", 4, "`id` twice, first on line 2", "keep one"),
    ("jobs:\n  - id: 'j\n    checks: []\n", 4, "not valid YAML", "quotes"),
    ("jobs:\n\t- id: j\n", 2, "not valid YAML", "spaces, not tabs"),
    ("jobs:\n  - id: j\n    title: a: b\n", 3, "not valid YAML", "in quotes"),
    ("jobs: &a\n  - id: j\n", 1, "an anchor", "anchors are refused"),
    ("jobs:\n  - *a\n", 2, "the alias `*a`", "aliases are refused"),
    ("jobs:\n  - !!python/object/apply:os.system ['true']\n", 2, "a tag", "tags are refused"),
    (f"{JOB}---\n{JOB}", 4, "a second document", "one document a file"),
    ("jobs:\n  - ? [a]\n    : b\n", 2, "a key is a list", "plain word"),
    ("jobs:\n  - id: a\x07b\n", 2, "U+0007", "remove it"),
    ('{"jobs": [{"id": "\\ud83d", "checks": []}]}', 1, "not valid YAML", "check"),
    ("[" * 5000, 1, "nested too deeply", "few levels"),
    ("[" * 900_000, 1, "nested too deeply", "few levels"),
]


@pytest.mark.parametrize(("text", "line", "problem", "remedy"), FAULTS)
def test_a_fault_names_its_line_and_its_remedy(
    tmp_path: Path, text: str, line: int, problem: str, remedy: str
) -> None:
    """One fault in a file is told once, with file, line, what is wrong and what to do."""
    found = lint_text(tmp_path, text)
    assert [(fault.file, fault.line) for fault in found.faults] == [(str(tmp_path / "jobs.yaml"), line)]
    assert problem in found.faults[0].problem
    assert remedy in found.faults[0].remedy
    assert (found.jobs, found.ok) == ((), False)
    assert len(str(found.faults[0])) < 500


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"jobs:\n  - id: \xff\n", 2, "not UTF-8"),
        (b"jobs:\n  - id: j\n    title: " + b"a" * 10_000_000, 1, "larger than 1 MB"),
        ("jobs: []".encode("utf-16"), 1, "not UTF-8"),
    ],
)
def test_a_file_that_is_no_text_of_ours_is_a_fault(
    tmp_path: Path, content: bytes, line: int, problem: str
) -> None:
    """Other encodings and a text of ten megabytes are told and not read on."""
    (fault,) = lint_bytes(tmp_path, content).faults
    assert (fault.line, problem in fault.problem) == (line, True)


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    """A file that an editor on Windows saved loads, and its lines are counted right."""
    assert lint_bytes(tmp_path, b"\xef\xbb\xbf" + JOB.replace("\n", "\r\n").encode()).ok
    (fault,) = lint_bytes(tmp_path, f"{JOB}    lang: fr\n".replace("\n", "\r\n").encode()).faults
    assert fault.line == 4


@settings(derandomize=True, max_examples=150, deadline=None)
@given(data=st.data())
def test_no_damaged_file_raises(data: st.DataObject) -> None:
    """Whatever is cut out of a job file or put into it, linting answers with faults or jobs."""
    whole = blocks()[0] + blocks()[-2].removeprefix("jobs:\n")
    start = data.draw(st.integers(0, len(whole)))
    put = data.draw(st.text(alphabet="{}[]:,-&*!#|>%@`'\"\\ \n\taé\u200b\x00", max_size=6))
    text = whole[:start] + put + whole[start + data.draw(st.integers(0, 12)) :]
    with TemporaryDirectory() as folder:
        found = lint_text(Path(folder), text)
    assert found.ok is bool(found.jobs)
    assert all(fault.line >= 1 and fault.problem and fault.remedy for fault in found.faults)


def test_the_portable_parser_gives_the_same_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the C parser every fault of the table is told on the same line."""
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    for text, line, _, _ in FAULTS:
        if len(text) < 10_000:
            assert [fault.line for fault in lint_text(tmp_path, text).faults] == [line], text


def test_many_faults_are_all_told_in_file_order(tmp_path: Path) -> None:
    """Two hundred faulty jobs give two hundred faults, sorted by line."""
    text = "jobs:\n" + "".join(f"  - id: j{n}\n    lang: fr\n    checks: []\n" for n in range(200))
    assert [fault.line for fault in lint_text(tmp_path, text).faults] == list(range(3, 603, 3))


def test_the_largest_file_is_read_in_seconds(tmp_path: Path) -> None:
    """A megabyte of jobs takes no more than some seconds of computing."""
    text = "jobs:\n" + "".join(
        f"  - {{id: j{n}, kind: survey_code, params: {{code: A{n}}}}}\n" for n in range(17_000)
    )
    started = time.process_time()
    found = lint_text(tmp_path, text)
    assert (len(found.jobs), found.faults) == (17_000, ())
    assert time.process_time() - started < 20


def test_a_flagged_kind_names_its_rule_once(tmp_path: Path) -> None:
    """Three jobs of a flagged kind give one notice, with the rule, the first line and all their ids."""
    text = "jobs:\n" + "".join(
        f"  - id: a{n}\n    kind: youtube_subscribe\n    params: {{channel: Nodi}}\n" for n in range(3)
    )
    text += "  - id: b\n    kind: account_sale\n  - id: c\n    kind: survey_code\n    params: {code: A1}\n"
    found = lint_text(tmp_path, text)
    assert found.ok
    first, second = found.notices
    assert (first.kind, first.line, first.jobs) == ("youtube_subscribe", 3, ("a0", "a1", "a2"))
    assert "YouTube" in str(first)
    assert (second.kind, second.stance) == ("account_sale", PolicyStance.REFUSE)


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("block", blocks())
def test_every_example_of_the_guide_is_faultless(tmp_path: Path, block: str) -> None:
    """Each YAML block of docs/jobs.md loads: job files as jobs, the own kind as a kind."""
    if block.startswith("name:"):
        assert read_kind(block, file="own.yaml").name
    else:
        assert lint_text(tmp_path, block).faults == ()


def test_the_guide_shows_every_kind_and_check() -> None:
    """docs/jobs.md names each kind of the catalogue and has a section for each check."""
    guide = DOCS.read_text(encoding="utf-8")
    assert [name for name in kinds() if f"`{name}`" not in guide] == []
    for name in ("text", "state", "url", "absent", "answer", "code", "fresh", "position"):
        assert f"### {name}\n" in guide
