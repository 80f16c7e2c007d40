"""Folders that somebody copied, edited or forged: each is answered with a sentence, and nothing is loaded in part."""

import io
import json
import pickle
import shutil
from pathlib import Path

import msgspec
import pytest
import torch

from tests.hard_life import attempt, kill, live, make
from tests.test_law_of_resuming import OFF, TRAINING, WINE
from tests.training import of_kind, said, with_fields
from trainer.attempts import event_logs
from trainer.manifest import FILES, read_manifest, seal, sha256
from trainer.protocol import Failed, Finished, Marked, Started
from trainer.runlog import frame

SAVING = with_fields(WINE, training=TRAINING | {"checkpoint_steps": 10})


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("killed") / "run", SAVING)
    attempt(folder, fate=kill(25))
    return folder


@pytest.fixture
def run(killed, tmp_path):
    return shutil.copytree(killed, tmp_path / "run")


@pytest.fixture
def newest(run):
    return run / "checkpoints" / "step-20"


class Touch:
    """Touches a file when it is unpickled."""

    def __init__(self, canary: Path):
        self.canary = canary

    def __reduce__(self):
        return (Path.touch, (self.canary,))


def forge(checkpoint, **changes):
    """Seal a checkpoint anew, as its files are now."""
    manifest = json.loads((checkpoint / "manifest.json").read_text())
    manifest["files"] = {name: sha256(checkpoint / name) for name in FILES}
    manifest["sizes"] = {name: (checkpoint / name).stat().st_size for name in FILES}
    manifest |= changes
    (checkpoint / "manifest.json").write_text(json.dumps(manifest | {"seal": seal(manifest)}))


def goes_on_from(folder, step):
    """Let the run go on; return the sentences about what was passed over."""
    events = live(folder, {})
    assert of_kind(events, Started)[-1].step == step
    assert isinstance(events[-1], Finished)
    return " ".join(one.text for one in of_kind(events, Marked) if one.kind == "damage")


def refused(folder):
    """See that the run does not go on and nothing in its folder was changed; return why."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "output.txt"}
    assert attempt(folder) == 1
    failed = said(folder, event_logs(folder)[-1])[-1]
    assert isinstance(failed, Failed)
    assert not failed.traceback, failed.traceback
    assert failed.hint
    assert all(path.read_bytes() == data for path, data in before.items())
    return f"{failed.reason} {failed.hint}"


@pytest.mark.parametrize("how", ["as it is", "as torch saves it"])
@pytest.mark.parametrize("file", FILES)
def test_a_pickle_inside_is_never_unpickled(run, newest, tmp_path, file, how):
    canary = tmp_path / "touched"
    whole = io.BytesIO()
    torch.save({"step": 20, "spec": Touch(canary)}, whole)
    (newest / file).write_bytes(pickle.dumps(Touch(canary)) if how == "as it is" else whole.getvalue())
    forge(newest)
    assert "step-20 holds what is no checkpoint of ours" in goes_on_from(run, 10)
    assert not canary.exists()
    pickle.loads(pickle.dumps(Touch(canary)))
    assert canary.exists(), "the canary works"


def test_one_of_another_architecture_is_passed_over(run, newest, tmp_path):
    other = make(tmp_path / "other", with_fields(SAVING, model={"name": "mlp", "params": {"hidden": [7]}}))
    attempt(other, fate=kill(25))
    shutil.rmtree(newest)
    shutil.copytree(other / "checkpoints" / "step-20", newest)
    told = goes_on_from(run, 10)
    assert "step-20 is of another run: model.params.hidden was [7] and is [9, 5]" in told


def test_weights_of_another_shape_are_named(run, newest, tmp_path):
    other = make(tmp_path / "other", with_fields(SAVING, model={"name": "mlp", "params": {"hidden": [7]}}))
    attempt(other, fate=kill(25))
    shutil.copy(other / "checkpoints" / "step-20" / "network.safetensors", newest)
    forge(newest)
    told = goes_on_from(run, 10)
    assert "step-20 is of another network" in told
    assert "dense 1.weight is 7x13 there and 9x13 here" in told


def test_a_state_that_lacks_a_part_is_passed_over(run, newest):
    state = torch.load(newest / "state.pt", weights_only=True)
    del state["schedule"]
    torch.save(state, newest / "state.pt")
    forge(newest)
    assert "step-20 cannot be taken up" in goes_on_from(run, 10)


@pytest.mark.parametrize(
    "edit", [{"step": 9999}, {"attempt": 7}, {"name": "mine"}, {"metrics": {}}, {"files": {}}, {"version": 1}]
)
def test_a_manifest_edited_by_hand_is_noticed(run, newest, edit):
    manifest = json.loads((newest / "manifest.json").read_text())
    (newest / "manifest.json").write_text(json.dumps(manifest | edit))
    assert "step-20/manifest.json was changed after it was written" in goes_on_from(run, 10)


@pytest.mark.parametrize("text", ["", "null", "[1]", "{}", '{"version": "2"}', "[" * 100_000, "\x00" * 50])
def test_a_manifest_that_is_none_is_passed_over(run, newest, text):
    (newest / "manifest.json").write_text(text)
    assert "step-20" in goes_on_from(run, 10)


def test_a_manifest_that_names_other_files_opens_none_of_them(run, newest, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    forge(newest, files={"../../../secret": sha256(secret), **read_manifest(newest)["files"]})
    assert "does not say what belongs to step-20" in goes_on_from(run, 10)


def test_names_that_are_no_checkpoints_are_left_alone(run):
    for name in ("step-", "step-x", "step-99.copy", "step-30 (copy)", "step--1", "step-\u0661"):
        (run / "checkpoints" / name).mkdir()
    (run / "events-1 (copy).log").write_text("x")
    (run / "events-x.log").write_text("x")
    assert goes_on_from(run, 20) == ""


def test_checkpoints_without_the_log_of_their_attempt_are_half_a_copy(run):
    (run / "events-1.log").unlink()
    told = refused(run)
    assert "This folder is incomplete: step-20 was saved by attempt 1, whose events-1.log is not here." in told
    assert "Copy the whole folder again" in told
    assert "incomplete" in refused(run), "and so it stays"


def test_a_copy_without_some_checkpoints_goes_on_from_what_there_is(run, newest):
    shutil.rmtree(newest)
    assert goes_on_from(run, 10) == ""


def test_a_copy_without_state_goes_on_from_the_one_before(run, newest):
    (newest / "state.pt").unlink()
    assert "step-20/state.pt cannot be read: No such file" in goes_on_from(run, 10)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"model": {"name": "mlp", "params": {"hidden": [50]}}}, "model.params.hidden was [9, 5] and is [50]"),
        ({"seed": 7}, "seed was 1 and is 7"),
        ({"optimizer": {"name": "adam"}}, "optimizer.name was 'sgd' and is 'adam'"),
        ({"training": TRAINING | {"batch_size": 9}}, "training.batch_size was 7 and is 9"),
    ],
)
def test_a_spec_edited_after_the_run_began_is_refused_in_words(run, fields, told):
    (run / "spec.json").write_text(with_fields(SAVING, **fields).model_dump_json())
    said_so = refused(run)
    assert "spec.json was edited after this run began: " in said_so
    assert told in said_so


def test_a_run_may_be_renamed_by_hand(run):
    (run / "spec.json").write_text(with_fields(SAVING, name="another name").model_dump_json())
    assert goes_on_from(run, 20) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a spec is a mapping"),
        ("{", "neither JSON nor YAML"),
        ('{"optimiser": {"name": "sgd"}}', "no field of a spec is called 'optimiser'. Did you mean 'optimizer'?"),
        ('{"dataset": {"name": "wine"}, "optimizer": {"name": "sgdd"}}', "no optimizer is called 'sgdd'"),
        ('{"training": {"epochs": -1}}', "epochs = -1 is outside"),
    ],
)
def test_a_spec_that_cannot_be_read_is_refused_in_words(run, text, told):
    (run / "spec.json").write_text(text)
    assert told in refused(run)


def test_a_spec_that_is_no_text_is_refused_in_words(run):
    (run / "spec.json").write_bytes(b"\xff\xfe\x00{}")
    assert "spec.json is not UTF-8 text." in refused(run)


def test_a_checkpoint_of_a_newer_version_stops_the_run(run, newest):
    forge(newest, version=99)
    told = refused(run)
    assert "step-20 was written by a newer Livefit (version 99; this one reads up to 2). Update Livefit" in told


@pytest.mark.parametrize("log", ["events-1.log", "commands.log"])
def test_a_log_of_a_newer_version_stops_the_run(run, log):
    newer = msgspec.msgpack.encode([1_000_000, 1.0, {"type": "pondered", "step": 3, "depth": 7}])
    with (run / log).open("ab") as file:
        file.write(frame(newer))
    assert f"{log} was written by a newer Livefit. Update Livefit" in refused(run)


@pytest.mark.parametrize("text", ["", "[]", '{"checkpoint": "../../x", "attempt": 2, "commands": 0}'])
def test_a_choice_that_was_forged_is_refused_in_words(run, text):
    (run / "chosen.json").write_text(text)
    assert "chosen.json" in refused(run)


def test_a_run_that_starts_from_weights_that_are_gone_says_so(tmp_path):
    start = {"run": "0" * 26, "checkpoint": "step-20"}
    folder = make(tmp_path / "run", with_fields(SAVING, start=start, probes=OFF))
    assert "start cannot be used to start from. start has no manifest.json" in refused(folder)
