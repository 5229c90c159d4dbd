"""Pictures for measurements: one portrait in several sizes and tilts, under many names."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from app.paths import ASSETS

# Faces of 40 to 90 px, upright and tilted.
SIDES_PX = (160, 240, 320)
TILTS_DEGREES = (-15, -8, 0, 8, 15)
JPEG_QUALITY = 90


def make_pictures(folder: Path, count: int) -> list[str]:
    """Paths of so many pictures in a folder, which is created; equal ones are links."""
    folder.mkdir()
    portrait = Image.open(ASSETS / "portraits" / "eileen_collins.png").convert("RGB")
    forms = [(side, tilt) for side in SIDES_PX for tilt in TILTS_DEGREES]
    names = [folder / f"{number:07}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        if number < len(forms):
            side, tilt = forms[number]
            portrait.resize((side, side)).rotate(tilt).save(name, quality=JPEG_QUALITY)
        else:
            name.hardlink_to(names[number % len(forms)])
    return [str(name) for name in names]
