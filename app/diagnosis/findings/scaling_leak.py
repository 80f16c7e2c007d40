"""Inputs were scaled by numbers that the validation and test part had a say in.

The mean and the width of a scale are learned from data like anything else. Fitted on all samples they carry some of
the held-out ones into training, and what is measured there is no longer what new data would get: too good, by little
on much data, by a lot on few samples.

Source: Kaufman et al. 2012, Leakage in Data Mining, https://doi.org/10.1145/2382577.2382579; scikit-learn, Common
pitfalls, https://scikit-learn.org/stable/common_pitfalls.html#data-leakage
"""

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said

EXPLAINS = ()


def look(case: Case) -> Finding | None:
    """Find a scale that was fitted on all samples."""
    if case.asked("dataset", "scaling_fit") != "all" or case.asked("dataset", "scaling") in (None, "none"):
        return None
    held_out = case.samples("validation") + case.samples("test")
    if not held_out:
        return None
    says = Said("scaling_leak.says", {"n": held_out, "all": held_out + case.samples("train")})
    evidence = [Evidence(Said("scaling_leak.spec"))]
    fitted = tries.of_data(case, Said("try.scaling_fit"), "scaling_fit", "train")
    return Finding("warn", "sure", 0, None, says, Said("scaling_leak.why"), evidence, [fitted])
