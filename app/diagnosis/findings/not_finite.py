"""The loss is NaN or infinite.

A number too large for its type has become infinity, and the next difference of two infinities NaN; whatever a NaN
touches is NaN, so nothing is learned from there on. The trainer looks for the first tensor that is not finite, in the
order in which a step computes them: that is where it began.

Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 4.1
"""

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said

EXPLAINS = ("underfitting", "overfitting", "stuck_at_chance", "majority_only")
BEFORE = 50  # steps shown before the first NaN: where the loss, if it rose, can be seen rising


def look(case: Case) -> Finding | None:
    """Find the first loss that is not finite, as the trainer marked it."""
    mark = next((one for one in case.state["marks"] if one["kind"] == "nan"), None)
    if mark is None:
        return None
    step = mark["step"]
    where = mark["text"].rstrip(".").rpartition(", first in ")[2] if ", first in " in mark["text"] else ""
    says = Said("not_finite.where" if where else "not_finite.somewhere", {"step": step, "where": where})
    last = case.state["metrics"].get("loss.data")
    curve = case.curve("loss.data")
    # a text stands for what is not finite
    until = None if isinstance(last, str) or not len(curve) else int(curve.steps[-1])
    evidence = [Evidence(Said("see.step", {"step": step}), "loss.data", step, [max(0, step - BEFORE), step + BEFORE])]
    # what is NaN stays NaN: only a run that begins anew, or goes on from a checkpoint before, can be helped
    found = [tries.only_anew(tries.lr_times(case, 0.1)), tries.only_anew(tries.switch_on(case, "gradient_clipping"))]
    found += [tries.init(case, "he"), tries.scaling(case)]
    why = Said("not_finite.why")
    return Finding("bad", "sure", step, until, says, why, evidence, [one for one in found if one])
