"""Rows arrive at the recorder as the camera has made them."""

from app.attributes.attribute_set import AttributeSet
from app.cluster.row_messages import pack_entries, unpack_entries
from app.sessions.rows.frame_sums import FrameSums
from app.sessions.rows.records import Gap, Observation
from tests.support.fakes import make_face, with_mask


def test_rows_and_gaps_survive_the_way():
    sums = FrameSums(AttributeSet())
    sums.add(make_face())
    rows = [sums.to_row(1, 2000, 1000), Observation(2, 0, 1, with_mask(make_face()).estimates)]
    entries = [*rows, Gap(3, 9)]
    assert unpack_entries(pack_entries(entries)) == entries
