"""What there is to see of a run among others, kept while it rests."""

import json

from app.groups.looks import spec_of
from tests.server import QUICK


def test_a_spec_that_could_not_be_read_once_is_read_when_it_can(tmp_path):
    assert spec_of(tmp_path) == {}
    (tmp_path / "spec.json").write_text(json.dumps(QUICK))
    assert spec_of(tmp_path)["name"] == "quick"
    assert spec_of(tmp_path) is spec_of(tmp_path)
