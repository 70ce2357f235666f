"""Small honest screens drawn with Pillow alone: enough for the main job, no browser, no font."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFont

SIZE_PX = (720, 1600)


def channel_page(name: str = "Nodi Tech", button: str = "Subscribed", *, person: int = 1) -> Image.Image:
    """Draw a channel page as `person` would see it: own clock, battery, feed order and counts."""
    own = random.Random(person)
    picture = Image.new("RGB", SIZE_PX, "white")
    draw = ImageDraw.Draw(picture)
    draw.text((30, 12), f"{own.randint(1, 12)}:{own.randint(10, 59)}", font=_font(26), fill="black")
    draw.text((610, 12), f"{own.randint(5, 99)}%", font=_font(26), fill="black")
    draw.rectangle((0, 70, 720, 250), fill=(60, 110, 160))
    draw.text((40, 290), name, font=_font(50), fill="black")
    draw.text((40, 360), "1.2K subscribers", font=_font(26), fill=(90, 90, 90))
    draw.rounded_rectangle((40, 420, 680, 490), 35, fill=(15, 15, 15))
    draw.text((270, 436), button, font=_font(30), fill="white")
    for row, colour in enumerate(own.sample(range(8), 4)):
        top = 540 + row * 240
        draw.rectangle((30, top, 320, top + 170), fill=(30 * colour, 200 - 20 * colour, 90 + 15 * colour))
        for _ in range(6):
            x, y = own.randint(40, 280), own.randint(top + 10, top + 130)
            draw.ellipse((x, y, x + 30, y + 30), fill=tuple(own.randint(0, 255) for _ in range(3)))
        draw.text((340, top + 10), f"Episode {own.randint(1, 400)}", font=_font(30), fill="black")
        draw.text((340, top + 60), f"{own.randint(2, 900)} views", font=_font(24), fill=(90, 90, 90))
    return picture


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """Return the picture as a file's bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
