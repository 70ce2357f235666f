"""Alterations that no corpus of `fixtures/` has, to measure `likeness.py` on what nobody tuned to.

In: RGB uint8 of any size and a generator, as the attacks of `fixtures/`. Out: RGB uint8, often of another
size. Never changes its input.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from fixtures.attacks import Attack
from fixtures.pixels import Pixels


def cut_deep(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Cut 8 to 20 % off the top or the bottom."""
    height, cut = rgb.shape[0], float(rng.uniform(0.08, 0.2))
    return (rgb[int(cut * height) :] if rng.integers(2) else rgb[: int((1 - cut) * height)]).copy()


def cut_uneven(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Cut 1 to 12 % off each side, each side its own share."""
    height, width = rgb.shape[:2]
    top, right, bottom, left = rng.uniform(0.01, 0.12, 4)
    rows = slice(int(top * height), height - int(bottom * height))
    return rgb[rows, int(left * width) : width - int(right * width)].copy()


def stretched(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Stretch one way by 3 to 8 %, as a form that wants one shape does."""
    across, down = (float(rng.uniform(1.03, 1.08)), 1.0) if rng.integers(2) else (1.0, 0.94)
    return _resized(rgb, across, down)


def turned(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Turn by 1 to 3 degrees, as a gallery's straightening does, and leave the corners dark."""
    height, width = rgb.shape[:2]
    angle = float(rng.uniform(1, 3) * rng.choice([-1, 1]))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return _pixels(cv2.warpAffine(rgb, matrix, (width, height), borderValue=(0, 0, 0)))


def gamma(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Brighten or darken the middle tones strongly."""
    power = float(rng.choice([rng.uniform(0.45, 0.7), rng.uniform(1.5, 2.2)]))
    return _pixels(np.rint((rgb / 255.0) ** power * 255))


def blurred(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Soften, as a bad scaler does."""
    return _pixels(cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.8, 1.6)) * rgb.shape[1] / 1080))


def sharpened(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Sharpen beyond what is pretty."""
    soft = cv2.GaussianBlur(rgb, (0, 0), 2.0).astype(np.float32)
    much = float(rng.uniform(0.8, 1.6))
    return _pixels(np.clip(rgb + much * (rgb - soft), 0, 255))


def grained(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Add noise to every pixel."""
    return _pixels(np.clip(rgb + rng.normal(0, float(rng.uniform(4, 10)), rgb.shape), 0, 255))


def crushed(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Send it through a chat: small, and a JPEG of quality 15 to 30."""
    small = _resized(rgb, 0.6, 0.6)
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 31))])
    return _pixels(cv2.imdecode(coded, cv2.IMREAD_COLOR))


def posterized(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Leave 24 to 64 levels of each colour, as a small palette does."""
    step = 256 / int(rng.integers(24, 65))
    return _pixels(np.clip(np.floor(rgb / step) * step + step / 2, 0, 255))


def rounded(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Show it as a card: round corners, a shadow's margin around it."""
    height, width = rgb.shape[:2]
    margin, radius = int(0.05 * width), int(float(rng.uniform(0.04, 0.1)) * width)
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - radius, height), 255, -1)
    cv2.rectangle(mask, (0, radius), (width, height - radius), 255, -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, 255, -1)
    shade = int(rng.choice([24, 128, 238]))
    out = np.full((height + 2 * margin, width + 2 * margin, 3), shade, np.uint8)
    inner = out[margin : margin + height, margin : margin + width]
    inner[mask > 0] = rgb[mask > 0]
    return out


def shown_in_app(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """A screenshot of a gallery that shows the screenshot, smaller, between its own bars and buttons."""
    height, width = rgb.shape[:2]
    scale = float(rng.uniform(0.6, 0.85))
    small = _resized(rgb, scale, scale)
    dark = bool(rng.integers(2))
    out = np.full((height, width, 3), 18 if dark else 246, np.uint8)
    ink = (230, 230, 230) if dark else (30, 30, 30)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    size = width / 720
    hour, minute = int(rng.integers(0, 24)), int(rng.integers(0, 60))
    cv2.putText(out, f"{hour:02d}:{minute:02d}", (int(24 * size), int(30 * size)), 0, 0.75 * size, ink, 2)
    cv2.putText(out, f"{rng.integers(5, 99)}%", (int(620 * size), int(30 * size)), 0, 0.7 * size, ink, 2)
    for x in (0.2, 0.4, 0.6, 0.8):
        cv2.circle(out, (int(x * width), int(0.965 * height)), int(14 * size), ink, 2)
    return out


def redacted(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Black out one to three boxes, as for privacy."""
    out, (height, width) = rgb.copy(), rgb.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        x, y = int(rng.uniform(0.03, 0.6) * width), int(rng.uniform(0.1, 0.85) * height)
        right, bottom = x + int(rng.uniform(0.15, 0.38) * width), y + int(rng.uniform(0.02, 0.05) * height)
        cv2.rectangle(out, (x, y), (right, bottom), (0, 0, 0), -1)
    return out


def pixelated(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Make one region unreadable by coarse squares."""
    out, (height, width) = rgb.copy(), rgb.shape[:2]
    x, y = int(rng.uniform(0.05, 0.5) * width), int(rng.uniform(0.15, 0.75) * height)
    w, h = int(rng.uniform(0.25, 0.45) * width), int(rng.uniform(0.04, 0.09) * height)
    part = out[y : y + h, x : x + w]
    small = cv2.resize(part, (max(1, w // 24), max(1, h // 24)), interpolation=cv2.INTER_AREA)
    out[y : y + h, x : x + w] = cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST)
    return out


def arrows(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Draw a red arrow and a ring by hand, as helpful people do."""
    out, (height, width) = rgb.copy(), rgb.shape[:2]
    thick = max(3, width // 120)
    x, y = int(rng.uniform(0.3, 0.7) * width), int(rng.uniform(0.25, 0.8) * height)
    cv2.ellipse(out, (x, y), (width // 5, width // 14), 0, 0, 360, (228, 24, 30), thick)
    tail = (int(rng.uniform(0.1, 0.9) * width), max(0, y - int(0.18 * height)))
    cv2.arrowedLine(out, tail, (x, y - width // 14), (228, 24, 30), thick, tipLength=0.2)
    return out


def badge(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Stick a square label with words on it."""
    out, (height, width) = rgb.copy(), rgb.shape[:2]
    side = int(float(rng.uniform(0.14, 0.22)) * width)
    x, y = int(rng.uniform(0.05, 0.7) * width), int(rng.uniform(0.15, 0.8) * height)
    cv2.rectangle(out, (x, y), (x + side, y + side), tuple(map(int, rng.integers(0, 256, 3))), -1)
    cv2.putText(
        out, "WOW!", (x + side // 10, y + side // 2), 0, side / 130, (255, 255, 255), max(2, side // 40)
    )
    return out


def snapped(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Photograph it from aside: twice the tilt of the attack in `fixtures/`, glare, a shadow, a soft lens."""
    scale = min(1.0, 900 / rgb.shape[1])
    flat = _resized(rgb, scale, scale)
    height, width = flat.shape[:2]
    margin = int(0.14 * width)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = source + margin + rng.uniform(-0.07, 0.07, (4, 2)).astype(np.float32) * width
    matrix = cv2.getPerspectiveTransform(source, moved.astype(np.float32))
    size = (width + 2 * margin, height + 2 * margin)
    seen = cv2.warpPerspective(flat, matrix, size, borderValue=(70, 64, 58)).astype(np.float32)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    away = (
        (columns / size[0] - rng.uniform(0.2, 0.8)) ** 2 + (rows / size[1] - rng.uniform(0.2, 0.8)) ** 2
    ) / 0.02
    lit = seen * (0.75 + 0.25 * columns / size[0])[..., None] + 60 * np.exp(-away)[..., None]
    noisy = lit + rng.normal(0, 4, lit.shape)
    return _pixels(
        cv2.GaussianBlur(np.clip(noisy, 0, 255).astype(np.uint8), (0, 0), float(rng.uniform(0.6, 1.1)))
    )


ALTERATIONS: Mapping[str, Attack] = {
    "cut_deep": cut_deep,
    "cut_uneven": cut_uneven,
    "stretched": stretched,
    "turned": turned,
    "gamma": gamma,
    "blurred": blurred,
    "sharpened": sharpened,
    "grained": grained,
    "crushed": crushed,
    "posterized": posterized,
    "rounded": rounded,
    "shown_in_app": shown_in_app,
    "redacted": redacted,
    "pixelated": pixelated,
    "arrows": arrows,
    "badge": badge,
    "snapped": snapped,
}


def _resized(rgb: Pixels, across: float, down: float) -> Pixels:
    size = (max(1, round(rgb.shape[1] * across)), max(1, round(rgb.shape[0] * down)))
    how = cv2.INTER_AREA if min(across, down) < 1 else cv2.INTER_LINEAR
    return _pixels(cv2.resize(rgb, size, interpolation=how))


def _pixels(array: object) -> Pixels:
    return np.ascontiguousarray(array, np.uint8)
