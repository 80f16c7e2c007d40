"""Which samples are for training, which for validation and which for the test; and fewer of them, on purpose.

A split is drawn by its seed, or given with the data set: then rows keep their order. What is taken away from the
training part (imbalance, a small training set, a bootstrap sample) leaves validation and test as they are.
"""

import torch
from torch import Tensor

from trainer.chance import generator
from trainer.component import ParameterError
from trainer.datasets import Dataset, Table

PARTS = ("train", "validation", "test")


def split(table: Table, dataset: Dataset) -> tuple[Tensor, Tensor, Tensor]:
    """Return the rows of the training, validation and test part.

    Drawn, each part is in an order of its own; stratified, each gets every class within one sample of its share, and
    at least one. Given, rows keep the data set's order; where only the test part is given, the others are drawn from
    the rows before it. Folds take the place of the validation part.

    Raises:
        ValueError: a part would be empty, or a class has fewer samples than there are parts.
    """
    check(dataset)
    if table.test_from and dataset.is_given:
        return _given(table, dataset)
    validation = 0.0 if dataset.folds else dataset.validation
    if table.test_from and dataset.keeps_test:
        train, kept, _ = _drawn(table, dataset, table.test_from, validation, 0.0)
        rows = (train, kept, torch.arange(table.test_from, len(table.targets)))
    else:
        rows = _drawn(table, dataset, len(table.targets), validation, dataset.test)
    return _folded(table, dataset, rows) if dataset.folds else rows


def training_rows(table: Table, dataset: Dataset, rows: Tensor) -> Tensor:
    """Return what is trained on of the training part's rows: fewer of the rarer classes, then only the first ones.

    Raises:
        ParameterError: there are not so many, or there are no classes to be rare.
    """
    if dataset.imbalance > 1:
        rows = _imbalanced(table, dataset, rows)
    if dataset.samples > len(rows):
        told = (
            f"samples = {dataset.samples:,}, but the training part has {len(rows):,}. Take at most that, or 0 for all."
        )
        raise ParameterError("samples", told)
    if not dataset.samples:
        return rows
    return (rows if table.test_from and dataset.is_given else _by_share(table, dataset, rows))[: dataset.samples]


def bootstrapped(dataset: Dataset, rows: Tensor) -> Tensor:
    """Return as many rows, drawn with replacement, where a bootstrap sample is asked for: 63.2 % of them differ."""
    if not dataset.bootstrap:
        return rows
    chance = generator(dataset.split_seed, f"bootstrap.{dataset.bootstrap}")
    return rows[torch.randint(len(rows), (len(rows),), generator=chance)]


def check(dataset: Dataset) -> None:
    """See that folds make sense.

    Raises:
        ParameterError: they do not.
    """
    if dataset.folds == 1:
        raise ParameterError("folds", "folds = 1 leaves nothing to train on. Take 2 or more, or 0 for no folds.")
    if dataset.folds and dataset.fold > dataset.folds:
        told = f"fold = {dataset.fold}, but there are {dataset.folds} folds: take one of 1 to {dataset.folds}."
        raise ParameterError("fold", told)


def check_asked(dataset: Dataset) -> None:
    """See that what a new run asks for means something; one that was begun before this was refused goes on.

    Raises:
        ParameterError: there is a fold and there are no folds.
    """
    if not dataset.folds and dataset.fold > 1:
        # runs that vary the fold alone would all be the same
        told = f"fold = {dataset.fold}, but there are no folds. Set folds to {dataset.fold} or more, or fold to 1."
        raise ParameterError("fold", told)


def _given(table: Table, dataset: Dataset) -> tuple[Tensor, Tensor, Tensor]:
    rows = torch.arange(len(table.targets))
    known, test = rows[: table.test_from], rows[table.test_from :]
    if dataset.test_rows > len(test):
        told = f"test_rows = {dataset.test_rows:,}, but there are {len(test):,}. Take at most that, or 0 for all."
        raise ParameterError("test_rows", told)
    test = test[: dataset.test_rows] if dataset.test_rows else test
    if dataset.folds:
        fold = known.tensor_split(dataset.folds)[dataset.fold - 1]  # the first n % k of them have one sample more
        return torch.cat([known[: fold[0]], known[fold[-1] + 1 :]]), fold, test
    kept = dataset.validation_rows
    if kept >= len(known):
        told = f"validation_rows = {kept:,} of {len(known):,} samples leave nothing to train on. Take fewer."
        raise ParameterError("validation_rows", told)
    return known[: len(known) - kept], known[len(known) - kept :], test


def _drawn(
    table: Table, dataset: Dataset, samples: int, validation: float, test: float
) -> tuple[Tensor, Tensor, Tensor]:
    chance = torch.Generator().manual_seed(dataset.split_seed)
    order = torch.randperm(samples, generator=chance)
    strata = _strata(table, dataset)[order]
    part_of = torch.zeros(samples, dtype=torch.int64)
    for stratum, (kept, tested) in enumerate(_counts(torch.bincount(strata), validation, test)):
        places = (strata == stratum).nonzero().flatten()
        if _stratified(table, dataset):
            _check_class(table, stratum, len(places), kept + tested)
        part_of[places[:kept]] = 1
        part_of[places[kept : kept + tested]] = 2
    rows = tuple(order[part_of == part] for part in range(len(PARTS)))
    for name, share, found in zip(PARTS, (1, validation, test), rows, strict=True):
        if share > 0 and len(found) == 0:
            raise ValueError(
                f"the {name} part would be empty: {dataset.name} has {samples} samples, validation takes "
                f"{validation:g} of them and test {test:g}. "
                f"{'Take smaller' if name == 'train' else 'Take larger'} shares, or 0 for no such part."
            )
    return rows


def _folded(table: Table, dataset: Dataset, rows: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
    pool, _, test = rows
    strata = _strata(table, dataset)[pool]
    sizes = torch.bincount(strata)
    for stratum, size in enumerate(sizes.tolist()):
        if 0 < size < dataset.folds:
            name = f"class {_class(table, stratum)!r} has" if _stratified(table, dataset) else "there are"
            raise ParameterError("folds", f"{name} {size} samples for {dataset.folds} folds. Take fewer folds.")
    # dealt out like cards, class by class: each fold has every class, and all folds are of one size within one sample
    dealt = torch.empty(len(pool), dtype=torch.int64)
    dealt[strata.argsort(stable=True)] = torch.arange(len(pool)) % dataset.folds
    mine = dealt == dataset.fold - 1
    return pool[~mine], pool[mine], test


def _by_share(table: Table, dataset: Dataset, rows: Tensor) -> Tensor:
    """Return rows in an order of which any beginning has its share of every stratum, within about one sample."""
    # a drawn part begins with whatever class the other parts had their fill of first: digits with no 6 among 50
    strata = _strata(table, dataset)[rows]
    grouped = strata.argsort(stable=True)
    sizes = torch.bincount(strata)
    first = (sizes.cumsum(0) - sizes)[strata[grouped]]
    place = torch.empty(len(rows), dtype=torch.float64)
    place[grouped] = (torch.arange(len(rows)) - first + 0.5).double() / sizes[strata[grouped]]
    return rows[place.argsort(stable=True)]


def _imbalanced(table: Table, dataset: Dataset, rows: Tensor) -> Tensor:
    if table.kind not in ("binary", "classes"):
        raise ParameterError("imbalance", f"{dataset.name} has no classes that could be rare. Use imbalance = 1.")
    classes = len(table.classes)
    labels = table.targets.flatten().long()[rows]
    kept = torch.zeros(len(rows), dtype=torch.bool)
    for number in range(classes):
        places = (labels == number).nonzero().flatten()
        share = dataset.imbalance ** (-number / max(classes - 1, 1))
        kept[places[: max(1, round(len(places) * share))]] = True
    return rows[kept]


def _stratified(table: Table, dataset: Dataset) -> bool:
    return dataset.stratified and table.kind in ("binary", "classes")


def _strata(table: Table, dataset: Dataset) -> Tensor:
    if _stratified(table, dataset):
        return table.targets.flatten().to(torch.int64)
    return torch.zeros(len(table.targets), dtype=torch.int64)


def _counts(sizes: Tensor, *shares: float) -> list[tuple[int, ...]]:
    """Return (validation, test) samples of each stratum; the totals are exact but for strata that are tiny."""
    columns = []
    for share in shares:
        # rounding the running sum keeps each stratum within one of its share, and the sum exact
        upto = (sizes.double() * share).cumsum(0).add(0.5).floor().long()
        taken = upto.diff(prepend=torch.zeros(1, dtype=torch.int64))
        columns.append(taken.clamp(min=1) if share > 0 and len(sizes) > 1 else taken)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _check_class(table: Table, stratum: int, found: int, kept: int) -> None:
    if 0 < found <= kept:
        raise ValueError(
            f"class {_class(table, stratum)!r} has {found} samples, of which validation and test would take {kept} "
            "and training none. Take smaller shares, or turn stratified off."
        )


def _class(table: Table, number: int) -> str:
    return table.classes[number] if number < len(table.classes) else str(number)
