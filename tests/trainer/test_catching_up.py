"""An attempt that catches up to what was shown before it turns no knob on the way: what was shown stays as it was."""

from tests.hard_life import attempt, kill, live, make
from tests.training import SMALL, curve, of_kind, said, send, with_fields
from trainer.protocol import Change, Changed

SAVING = with_fields(SMALL, training=SMALL.training | {"epochs": 2, "checkpoint_steps": 10})
# it is answered at once, and so all that came before it is shown at once
TOLD = Change(id="told", target="training", field="speed", value=0.0)
TURN = Change(id="turn", target="optimizer", field="lr", value=0.003)


def test_a_change_asked_while_nobody_trained_takes_hold_where_the_run_had_come_to(tmp_path):
    run = make(tmp_path / "run", SAVING)
    attempt(run, {25: [TOLD]}, kill(27))
    shown = curve(said(run))
    send(run, [TURN])
    events = live(run, {})
    (changed,) = (one for one in of_kind(events, Changed) if one.command == TURN.id)
    assert changed.step == max(shown) > 24
    after = curve(events)
    assert {step: after[step] for step in shown} == shown


def test_a_change_asked_while_it_catches_up_waits_too_and_is_taken_again_there(tmp_path):
    run = make(tmp_path / "run", SAVING)
    attempt(run, {25: [TOLD]}, kill(27))
    shown = curve(said(run))
    attempt(run, {22: [TURN]}, kill(29))  # the second attempt begins at 20
    events = live(run, {})
    turned = [one.step for one in of_kind(events, Changed) if one.command == TURN.id]
    assert set(turned) == {max(shown)}
    after = curve(events)
    assert {step: after[step] for step in shown} == shown
