"""Test data are not like validation data: the run does clearly worse on the test part.

Then validation has measured something else than what counts. Either the two parts come from different distributions,
or so many choices were made by the validation part that it has been fitted too.

Source: Ng 2018, Machine Learning Yearning, chapters 36 to 43
"""

from app.diagnosis import tries
from app.diagnosis.balance import metric_of
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, percent, short

EXPLAINS = ()
GAP = 0.03  # of accuracy that test must lie under validation: less is not worth a word
ACCIDENT = 3  # standard errors of the difference between the two parts


def look(case: Case) -> Finding | None:
    """Find an accuracy on the test part that is under that on validation by more than accident."""
    if metric_of(case) != "accuracy":
        return None
    values = {one: case.state["metrics"].get(f"{one}.accuracy") for one in ("validation", "test")}
    if not all(isinstance(one, float) and 0 <= one <= 1 for one in values.values()):
        return None
    parts = {one: (value, case.samples(one)) for one, value in values.items()}
    error = sum(value * (1 - value) / max(1, many) for value, many in parts.values()) ** 0.5
    gap = values["validation"] - values["test"]
    if gap < max(GAP, ACCIDENT * error):
        return None
    shifted = case.asked("dataset", "test_shift")
    told = {"validation": percent(values["validation"], 1), "test": percent(values["test"], 1), "gap": short(100 * gap)}
    step = case.state["step"]
    evidence = [Evidence(Said("see.accuracy", {"step": step}), "validation.accuracy", step)]
    alike = tries.of_data(case, Said("try.no_shift"), "test_shift", 0) if shifted else None
    sure = "sure" if shifted else "likely"
    why = Said(f"data_mismatch.{sure}", {"n": case.samples("test"), "spread": short(100 * error)})
    says = Said("data_mismatch.says", told)
    return Finding("warn", sure, step, None, says, why, evidence, [one for one in [alike] if one])
