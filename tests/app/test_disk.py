"""Room on the disk: launches are refused with the number of bytes that are left."""

import pytest

from app.disk import check_room
from app.errors import DiskFull


def test_a_disk_with_room_is_taken(tmp_path):
    check_room(tmp_path, share=0.0)


def test_a_disk_that_is_nearly_full_is_refused_with_what_is_left(tmp_path):
    with pytest.raises(DiskFull, match="MiB are free"):
        check_room(tmp_path, share=1.1, at_most=2**62)


def test_on_a_large_disk_a_few_free_bytes_are_enough(tmp_path):
    check_room(tmp_path, share=1.1, at_most=1)
