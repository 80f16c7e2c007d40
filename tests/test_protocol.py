"""What server and trainer say: strict about names, alike on disk and on the socket, and documented as it is."""

import runpy
from pathlib import Path
from typing import Annotated, get_args, get_origin

import msgspec
import pytest

from trainer.protocol import AnyCommand, AnyEvent, Change, Entry, Pause, Step, Swap, decode, encode, read_command

ROOT = Path(__file__).resolve().parents[1]
COMMANDS, EVENTS = get_args(AnyCommand), get_args(AnyEvent)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"type": "pause"}, Pause()),
        ({"type": "step", "count": 3, "unit": "epochs"}, Step(count=3, unit="epochs")),
        ({"type": "change", "target": "optimizer", "field": "lr", "value": 0.1},
         Change(target="optimizer", field="lr", value=0.1)),
        ({"type": "swap", "target": "optimizer", "name": "adam", "params": {"lr": 0.1}},
         Swap(target="optimizer", name="adam", params={"lr": 0.1})),
    ],
)  # fmt: skip
def test_a_command_is_read_from_json_and_from_a_mapping_alike(said, meant):
    assert read_command(said) == meant
    assert read_command(msgspec.json.encode(said)) == meant


@pytest.mark.parametrize(
    "said",
    [
        {"type": "dance"},
        {},
        {"type": "pause", "loudly": True},
        {"type": "step", "count": "three"},
        {"type": "step", "unit": "years"},
        {"type": "swap", "target": "model", "name": "cnn"},
        {"type": "change", "target": "optimizer", "field": "lr"},
        {"type": "change", "target": "optimizer", "field": "lr", "value": {"a": {"b": 1}}},
    ],
)
def test_what_is_no_command_is_refused(said):
    with pytest.raises(msgspec.ValidationError):
        read_command(said)


def test_every_command_and_event_has_a_tag_of_its_own():
    tags = [kind.__struct_config__.tag for kind in (*COMMANDS, *EVENTS)]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("kind", [*COMMANDS, *EVENTS], ids=lambda kind: kind.__name__)
def test_every_message_survives_its_encoding_and_says_what_it_is_for(kind):
    sample = {str: "x", int: 3, float: 0.5, bool: True, bytes: b"\0" * 8}
    fields = {}
    for field in msgspec.structs.fields(kind):
        if field.required:
            literal = get_args(field.type)
            bare = literal[0] if get_origin(field.type) is Annotated else field.type
            fields[field.name] = sample.get(bare) or (literal[0] if literal and isinstance(literal[0], str) else None)
            for origin, empty in ((dict, {}), (list, [])):
                if getattr(field.type, "__origin__", None) is origin:
                    fields[field.name] = empty
            if field.name == "value":
                fields[field.name] = 1.5
    said = kind(**fields)
    assert decode(encode(Entry(1, 2.0, said))) == Entry(1, 2.0, said)
    assert kind.__doc__


def test_an_event_of_another_version_is_refused():
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.msgpack.encode([1, 0.0, {"type": "paused", "step": 1, "mood": "calm"}]))


def test_the_page_of_the_protocol_is_up_to_date():
    told = runpy.run_path(str(ROOT / "docs" / "generate_protocol.py"))["page"]()
    written = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert written == told, "run: python docs/generate_protocol.py"


@pytest.mark.parametrize(
    "said",
    [
        {"type": "save", "name": "x" * 101},
        {"type": "change", "target": "t" * 101, "field": "lr", "value": 1},
        {"type": "change", "target": "optimizer", "field": "lr", "value": "v" * 201},
        {"type": "change", "target": "optimizer", "field": "lr", "value": 2**63},
        {"type": "change", "target": "optimizer", "field": "lr", "value": [0] * 65},
        {"type": "step", "count": 2**63},
        {"type": "swap", "target": "optimizer", "name": "adam", "params": {str(i): 1 for i in range(65)}},
    ],
)
def test_a_command_is_bounded(said):
    with pytest.raises(msgspec.ValidationError):
        read_command(said)
