"""The labels of one view: which form each may have, how large its letters are, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.attributes.estimate import Estimates
from app.domain import Box, Track
from app.vision.drawing.label_chips import OTHER_LINE_SIZE, Chip, ChipCache, Colour
from app.vision.drawing.label_layout import Form, Label
from app.vision.drawing.label_text import Lines
from app.vision.drawing.stable_layout import StableLayout

# Letters in CSS pixels, and as a fraction of the width of a large face; by eye. Lines after the first are smaller, and
# stay above 11 pixels.
MIN_LETTER_CSS_PX = 14
MAX_LETTER_CSS_PX = 20
LETTER_FRACTION = 0.13
# Smaller letters are no letters, whatever the size of the picture.
ABSOLUTE_MIN_LETTER_PX = 10
# Even sizes only, so that rendered labels are reused; a size is kept until it is this far off.
LETTER_STEP_PX = 2
KEPT_LETTER_DIFFERENCE_PX = 2.5
# Distance between face and label in letter sizes.
GAP_LETTERS = 0.25
MIN_GAP_PX = 3
# Above this number of faces, labels are dots.
MAX_CHIPS = 6
# So they are for faces narrower than this, in CSS pixels; a face that had a dot must be larger by the factor.
MIN_CHIP_FACE_CSS_PX = 24
KEPT_DOT_FACTOR = 1.2
# Crossing the number of faces has an effect after this time.
COLLAPSE_DELAY_S = 0.5


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label as it is drawn.

    Attributes:
        box: In whole pixels.
        letter_px: Size of the letters of its first line.
        lines: Its text.
    """

    id: int
    form: Form
    box: Box
    letter_px: int
    lines: Lines
    chip: Chip


class ViewLabels:
    """Places the labels of one view in frame after frame.

    Args:
        text_of: Lines of text of a track by form; a face without any gets no label.
        max_chips: Number of faces above which all labels are dots; None for no limit.
    """

    def __init__(
        self, text_of: Callable[[Track], Mapping[Form, Lines]], chips: ChipCache, max_chips: int | None
    ) -> None:
        self._text_of, self._chips, self._max_chips = text_of, chips, max_chips
        self._texts: dict[int, tuple[Estimates, Mapping[Form, Lines]]] = {}
        self._layout = StableLayout()
        self._letters_px: dict[int, int] = {}
        self._dots: frozenset[int] = frozenset()
        self._is_collapsed: bool | None = None
        self._changes_since_s: float | None = None

    def place(
        self,
        tracks: Sequence[Track],
        colours: Mapping[int, Colour],
        image: np.ndarray,
        scale: float,
        now_s: float,
    ) -> list[PlacedLabel]:
        """The labels of a frame.

        Args:
            colours: By id of the track.
            image: RGB uint8, shape (height, width, 3).
            scale: Pixels per CSS pixel.
            now_s: Source time in seconds.
        """
        texts = self._update_texts(tracks)
        labelled = [track for track in tracks if texts[track.id]]
        self._update_collapse(len(tracks), now_s)
        self._dots = frozenset(track.id for track in labelled if self._is_small(track, scale))
        self._letters_px = {track.id: self._letter_px(track, scale) for track in labelled}
        labels = {track.id: self._label(track, texts[track.id]) for track in labelled}
        others = [track.face.box for track in tracks if track.id not in labels]
        height, width = image.shape[:2]
        choices, boxes = self._layout.place(labels, others, (width, height), now_s)
        return [
            self._placed(id, choice.form, Box(*box), texts[id][choice.form], colours[id])
            for id, choice, box in zip(labels, choices, boxes.tolist(), strict=True)
        ]

    def _update_texts(self, tracks: Sequence[Track]) -> Mapping[int, Mapping[Form, Lines]]:
        """Texts by id of the track; most frames leave the estimates of a face, and with them its text, as they are."""
        before, self._texts = self._texts, {}
        for track in tracks:
            known = before.get(track.id)
            is_same = known is not None and known[0] is track.estimates
            self._texts[track.id] = known if known and is_same else (track.estimates, self._text_of(track))
        return {id: texts for id, (_, texts) in self._texts.items()}

    def _update_collapse(self, faces: int, now_s: float) -> None:
        """Show all labels as dots while there are too many faces for longer than a moment."""
        wanted = self._max_chips is not None and faces > self._max_chips
        if self._is_collapsed in (None, wanted):
            self._is_collapsed, self._changes_since_s = wanted, None
            return
        if self._changes_since_s is None:
            self._changes_since_s = now_s
        if not 0 <= now_s - self._changes_since_s < COLLAPSE_DELAY_S:
            self._is_collapsed, self._changes_since_s = wanted, None

    def _is_small(self, track: Track, scale: float) -> bool:
        factor = KEPT_DOT_FACTOR if track.id in self._dots else 1.0
        return track.face.box.width < MIN_CHIP_FACE_CSS_PX * scale * factor

    def _letter_px(self, track: Track, scale: float) -> int:
        low, high = MIN_LETTER_CSS_PX * scale, MAX_LETTER_CSS_PX * scale
        wanted = max(ABSOLUTE_MIN_LETTER_PX, min(max(LETTER_FRACTION * track.face.box.width, low), high))
        kept = self._letters_px.get(track.id)
        if kept is not None and kept >= low and abs(kept - wanted) < KEPT_LETTER_DIFFERENCE_PX:
            return kept
        return LETTER_STEP_PX * int(np.ceil(wanted / LETTER_STEP_PX))

    def _label(self, track: Track, texts: Mapping[Form, Lines]) -> Label:
        is_dot = self._is_collapsed or track.id in self._dots
        letters_px = {form: self._form_letter_px(track.id, form) for form in ([Form.DOT] if is_dot else texts)}
        sizes = {form: self._chips.size(texts[form], px, is_dot=form is Form.DOT) for form, px in letters_px.items()}
        previous = self._layout.previous(track.id)
        known = previous if previous is not None and previous.form in sizes else None
        gap = max(MIN_GAP_PX, round(GAP_LETTERS * self._letters_px[track.id]))
        return Label(track.face.box, sizes, gap, known)

    def _form_letter_px(self, id: int, form: Form) -> int:
        """Letters of the first line; on dots they are as small as those of other lines."""
        return round(self._letters_px[id] * (OTHER_LINE_SIZE if form is Form.DOT else 1.0))

    def _placed(self, id: int, form: Form, box: Box, lines: Lines, colour: Colour) -> PlacedLabel:
        letter_px = self._form_letter_px(id, form)
        chip = self._chips.chip(lines, letter_px, colour, is_dot=form is Form.DOT)
        return PlacedLabel(id, form, box, letter_px, lines, chip)
