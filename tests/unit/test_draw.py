"""The drawn corpus: attacks, plan, labels and the committed sample."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from fixtures import moments
from fixtures.alter_paint import edited_clock, edited_name, guess_clock
from fixtures.attacks import ATTACKS, SHAPE_KEPT, composed
from fixtures.pixels import Pixels, generator

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "fixtures" / "sample"
HAS_JINJA = (
    importlib.util.find_spec("jinja2") is not None and importlib.util.find_spec("playwright") is not None
)
KINDS = {path.stem for path in (ROOT / "pipeline" / "kinds").glob("*.yaml")}


@pytest.fixture
def screen() -> Pixels:
    """A small picture with a clock-like mark, a line of marks and a coloured block."""
    rgb = np.full((480, 216, 3), 250, np.uint8)
    rgb[5:12, 12:34:3] = 20
    rgb[120:128, 30:90:4] = 40
    rgb[200:330, 20:190] = (190, 60, 40)
    return rgb


def _lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_the_same_for_the_same_seed(name: str, screen: Pixels) -> None:
    """Equal generators give equal pixels and leave the input as it was."""
    before = screen.copy()
    first, second = (ATTACKS[name](screen, generator(name, 5)) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(screen, before)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gives_rgb_bytes_and_changes_them(name: str, screen: Pixels) -> None:
    """Every attack returns uint8 RGB that is not its input; those of `SHAPE_KEPT` keep the shape."""
    made = ATTACKS[name](screen, generator(name, 6))
    assert made.dtype == np.uint8
    assert made.ndim == 3
    assert made.shape[2] == 3
    assert not np.array_equal(made, screen)
    assert (made.shape == screen.shape) == (name in SHAPE_KEPT)


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 200, 3), (40, 9, 3)])
def test_an_attack_survives_odd_sizes(name: str, shape: tuple[int, int, int]) -> None:
    """A picture of any size, a single pixel too, comes back with pixels in it."""
    made = ATTACKS[name](np.full(shape, 128, np.uint8), generator(name, 7))
    assert made.size > 0


def test_an_edited_clock_changes_nothing_but_the_bar(screen: Pixels) -> None:
    """The guessed clock lies in the top bar and the rest of the picture stays."""
    made = edited_clock(screen, generator("clock"))
    x, y, w, h = guess_clock(screen)
    assert (x, y) <= (14, 6)
    changed = np.argwhere((made != screen).any(axis=2))
    assert changed[:, 0].max() < y + h + 8
    assert w > 8


def test_an_edit_paints_where_it_is_told(screen: Pixels) -> None:
    """With a box, the name is written there and above and left of it nothing changes."""
    made = edited_name(screen, generator("name"), box=(28, 118, 80, 14))
    rows, columns = np.nonzero((made != screen).any(axis=2))
    assert rows.min() >= 112
    assert rows.max() < 140
    assert columns.min() >= 28


def test_two_attacks_together_edit_first(screen: Pixels) -> None:
    """A composed attack paints its box before a crop moves it, in whichever order it is named."""
    boxes = {"clock": (10, 3, 28, 12)}
    one, other = (
        composed(names, boxes)(screen, generator("pair"))
        for names in (("crop_bar", "edit_clock"), ("edit_clock", "crop_bar"))
    )
    assert np.array_equal(one, other)
    assert one.shape[0] < screen.shape[0]


@pytest.mark.parametrize(
    ("number", "lang", "text"),
    [
        (950, "en", "950"),
        (1200, "en", "1.2K"),
        (3_400_000, "en", "3.4M"),
        (1200, "bn", "১.২ হা"),
        (340_000, "bn", "৩.৪ লা"),  # noqa: RUF001 (a Bengali digit is what is meant)
    ],
)
def test_counts_are_shortened_as_apps_do(number: int, lang: str, text: str) -> None:
    """English counts by thousands and millions, Bengali by thousands and lakhs, in its digits."""
    assert moments.count(number, lang) == text


def test_ages_follow_the_language() -> None:
    """An age is written with its largest unit, plural where English wants it."""
    assert moments.age(timedelta(hours=3), "en") == "3 hours ago"
    assert moments.age(timedelta(days=8), "en") == "1 week ago"
    assert moments.age(timedelta(hours=3), "bn") == "৩ ঘণ্টা আগে"


@pytest.mark.skipif(not HAS_JINJA, reason="the dependency group `draw` is not installed")
class TestPlan:
    """What is decided before a pixel is drawn."""

    def test_a_plan_depends_on_its_seed_alone(self) -> None:
        """Equal seeds plan equal proofs; another seed plans others."""
        from fixtures.plan import Size, plan  # noqa: PLC0415 (the module needs the group `draw`)

        size = Size(jobs=5, people=3, copies=2, fakes=2)
        first, again, other = (plan(seed, size)[1] for seed in (1, 1, 2))
        assert first == again
        assert first != other

    def test_a_copy_comes_later_and_from_someone_else(self) -> None:
        """Every copy has an honest source of the same job, an earlier time and another submitter."""
        from fixtures.plan import Size, plan  # noqa: PLC0415 (the module needs the group `draw`)

        proofs = {one.key: one for one in plan(3, Size(jobs=21, people=3, copies=3, fakes=1))[1]}
        copies = [one for one in proofs.values() if one.source]
        assert copies
        for copy in copies:
            source = proofs[str(copy.source)]
            assert source.truth in ("honest", "twin")
            assert source.campaign is copy.campaign
            assert source.person.submitted_at < copy.person.submitted_at
            assert source.person.id != copy.person.id

    def test_every_attack_and_fake_is_planned(self) -> None:
        """A corpus of usual size holds every attack and every fake that there is."""
        from fixtures.fakes import _MAKERS  # noqa: PLC0415 (the whole list is what is asked)
        from fixtures.plan import Size, plan  # noqa: PLC0415 (the module needs the group `draw`)

        proofs = plan(4, Size(jobs=42, people=2, copies=3, fakes=9))[1]
        attacks = {name for one in proofs for name in one.attacks}
        assert attacks == {*ATTACKS, "exact"}
        assert {one.attack for one in proofs if one.fake} == set(_MAKERS)

    def test_the_untouched_part_has_its_own_devices(self) -> None:
        """No job of the tuned part is seen on a device or in a layout kept for the untouched part."""
        from fixtures.plan import Size, plan  # noqa: PLC0415 (the module needs the group `draw`)

        proofs = plan(5, Size(jobs=42, people=4, copies=0, fakes=0))[1]
        tuned = [one for one in proofs if not one.campaign.untouched]
        assert not any(one.person.device.untouched for one in tuned)
        assert {shown.variant for one in tuned for shown in one.screens[-1:]} <= {0, 1, 2}
        assert any(one.person.device.untouched for one in proofs if one.campaign.untouched)
        assert 0.2 < 1 - len(tuned) / len(proofs) < 0.5


class TestSample:
    """The committed sample is whole, small and says the truth."""

    def test_every_line_has_its_pictures_and_label(self) -> None:
        """Each manifest line names a job of the file, files that exist and exactly one label."""
        manifest, labels = _lines("manifest.jsonl"), _lines("labels.jsonl")
        jobs = {
            job["id"] for job in yaml.safe_load((SAMPLE / "jobs.yaml").read_text(encoding="utf-8"))["jobs"]
        }
        assert [one["proof_id"] for one in manifest] == [one["proof_id"] for one in labels]
        assert len({one["proof_id"] for one in manifest}) == len(manifest) >= 40
        named = [image for one in manifest for image in one["images"]]  # type: ignore[attr-defined]
        assert sorted(named) == sorted(f"images/{path.name}" for path in (SAMPLE / "images").iterdir())
        assert {one["job_id"] for one in manifest} == jobs

    def test_it_stays_small(self) -> None:
        """The whole sample takes less than 8 MB."""
        assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 8_000_000

    def test_every_kind_has_an_honest_proof(self) -> None:
        """Each kind of the catalogue is there honestly, in both languages and themes over all."""
        honest = [one for one in _lines("labels.jsonl") if one["truth"] in ("honest", "twin")]
        assert {one["kind"] for one in honest} - {None} == KINDS
        assert {one["lang"] for one in honest} == {"en", "bn"}
        assert {one["theme"] for one in honest} == {"light", "dark"}

    def test_the_telling_fakes_are_there(self) -> None:
        """Twins, copies, a copycat, a not-done page, typed words and useless pictures are in the sample."""
        labels = _lines("labels.jsonl")
        truths = Counter(one["truth"] for one in labels)
        assert truths["twin"] >= 3
        assert truths["altered_copy"] >= 6
        fakes = {one["attack"] for one in labels if one["truth"] == "fake"}
        assert fakes >= {
            "not_done",
            "copycat",
            "notes",
            "overlay",
            "blank",
            "tiny",
            "other_host",
            "not_a_picture",
        }

    def test_a_copy_follows_its_source(self) -> None:
        """Each copy names an honest proof of the same job, sent earlier by someone else."""
        manifest = {one["proof_id"]: one for one in _lines("manifest.jsonl")}
        for label in _lines("labels.jsonl"):
            if label["truth"] != "altered_copy":
                continue
            copy, source = manifest[label["proof_id"]], manifest[label["source_proof_id"]]
            assert datetime.fromisoformat(str(source["submitted_at"])) < datetime.fromisoformat(
                str(copy["submitted_at"])
            )
            assert source["submitter_id"] != copy["submitter_id"]
            assert source["job_id"] == copy["job_id"]

    def test_pictures_open_unless_the_label_says_otherwise(self) -> None:
        """Every file decodes, but for the one that is no picture at all."""
        labels = {one["proof_id"]: one for one in _lines("labels.jsonl")}
        for line in _lines("manifest.jsonl"):
            for image in line["images"]:  # type: ignore[attr-defined]
                if labels[line["proof_id"]]["attack"] == "not_a_picture":
                    with pytest.raises(OSError, match="cannot identify"):
                        Image.open(SAMPLE / image)
                else:
                    Image.open(SAMPLE / image).verify()


@pytest.mark.skipif(
    not HAS_JINJA or shutil.which("chromium") is None, reason="Chromium or the group `draw` is missing"
)
def test_a_screen_is_drawn_twice_alike() -> None:
    """One planned screen drawn twice has the device's size, the same pixels and a box for its clock."""
    from fixtures.browser import studio  # noqa: PLC0415 (the module needs the group `draw`)
    from fixtures.plan import Size, plan  # noqa: PLC0415

    shown = plan(7, Size(jobs=1, people=1, copies=0, fakes=0, sample=True))[1][0].screens[0]
    with studio() as open_studio:
        first, second = open_studio.draw(shown), open_studio.draw(shown)
    differing = (first.pixels != second.pixels).any(axis=2)
    assert differing.mean() < 1e-4  # Chromium rasters a path from its cache a shade otherwise
    width, height = shown.person.device.css_size
    density = shown.person.device.density
    assert first.pixels.shape == (int(height * density), int(width * density), 3)
    assert "clock" in first.boxes or shown.person.device.form == "desktop"
