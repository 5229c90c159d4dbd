"""Labels are legible on a phone and on a laptop, in both languages, by `tests.support.labels.legibility`."""

import numpy as np
import pytest

from app.attributes.attribute_set import AttributeSet
from app.translations.dictionary import LANGUAGES
from tests.support.labels.drawing_time import moving_tracks
from tests.support.labels.legibility import STAGES, count_labels


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page_width", STAGES)
@pytest.mark.parametrize("count", [1, 4, 6, 9, 15])
def test_all_labels_of_a_group_are_legible(count, page_width, language):
    attributes, image = AttributeSet(), np.zeros((720, 1280, 3), np.uint8)
    tracks = moving_tracks(count, 0, 1280, 720, attributes)
    found = count_labels(image, tracks, attributes, page_width, language)
    assert (found["labels"], found["legible"]) == (count, count)
    assert found["dots"] == (count if count > 6 else 0)
