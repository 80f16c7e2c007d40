"""How well scores tell what is there from what is not: the ROC curve, and the area under it.

Source: Fawcett 2006, An introduction to ROC analysis, https://doi.org/10.1016/j.patrec.2005.10.010
"""

import numpy as np


def areas(scores: np.ndarray, truth: np.ndarray) -> list[float]:
    """Return the area under the ROC curve of each class: (classes,), 0.5 knows nothing and 1 is never wrong.

    It is the chance that one which is there scores higher than one which is not; where they score alike, half of it
    (Mann and Whitney's U). NaN where a class has only one of both, or a score is NaN.

    In NumPy on purpose: its sort of values alone takes a tenth of the time of torch's, which sorts places too.

    Args:
        scores: (n, classes), higher the surer that the class is there.
        truth: (n, classes), whether it is.
    """
    found = []
    for one, holds in zip(np.ascontiguousarray(scores.T), np.ascontiguousarray(truth.T), strict=True):
        rest, there = np.sort(one[~holds]), np.sort(one[holds])
        if len(rest) == 0 or len(there) == 0 or np.isnan(rest[-1] + there[-1]):
            found.append(np.nan)
            continue
        # of the rest, how many lie under each, and how many no higher
        under, upto = np.searchsorted(rest, there), np.searchsorted(rest, there, "right")
        found.append(float((under.sum() + upto.sum()) / (2 * len(rest) * len(there))))
    return found


def curve(scores: np.ndarray, truth: np.ndarray, most: int) -> np.ndarray:
    """Return the corners of a ROC curve: (at most `most`, 3), from (0, 0, inf) to (1, 1, the lowest score).

    A corner is (false positive rate, true positive rate, threshold): what scores the threshold or more is taken to be
    there. Corners on a straight line are left out, and of too many those stay that lie evenly along the curve.

    Args:
        scores: (n,), higher the surer.
        truth: (n,), with at least one of both.
    """
    order = np.argsort(-scores, kind="stable")
    values, right = scores[order], np.cumsum(truth[order])
    wrong = np.arange(1, len(values) + 1) - right
    # a threshold lets all through that score alike
    ends = np.append(values[1:] != values[:-1], True)
    right, wrong = np.append(0, right[ends]), np.append(0, wrong[ends])
    turns = np.ones(len(right), bool)
    turns[1:-1] = (np.diff(right, 2) != 0) | (np.diff(wrong, 2) != 0)
    found = np.stack([wrong / wrong[-1], right / right[-1], np.append(np.inf, values[ends])], axis=1)[turns]
    if len(found) <= most:
        return found
    along = found[:, 0] + found[:, 1]  # rises from 0 to 2
    return found[np.unique(np.searchsorted(along, np.linspace(0, 2, most)))]
