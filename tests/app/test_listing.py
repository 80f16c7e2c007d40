"""The rows of the front page: groups folded into one, the newest first, older ones by offset, and found by words."""

from types import SimpleNamespace

from app.listing import Listing

NAMES = {"G1": "rates", "G2": "widths"}


def a_run(number: int, group: str | None = None, *, status: str = "finished", actions=("delete",), **metrics):
    card = {
        "id": f"R{number:03}", "name": f"run {number}", "by": "someone", "created": 100.0 + number, "place": number,
        "status": {"name": status, "actions": list(actions)}, "step": 10, "steps": 20, "eta_s": None,
        "metrics": metrics.get("metrics", {}), "dataset": "digits", "dataset_name": "", "model": "mlp",
        "optimizer": "sgd", "group": group, "group_name": NAMES.get(group, ""), "label": "",
    }  # fmt: skip
    standing = SimpleNamespace(name=status)
    return SimpleNamespace(
        id=card["id"], group_id=group, deleted_at=None, standing=standing, summary={}, card=lambda: card
    )


def listing(runs, **options):
    return Listing(SimpleNamespace(everything=lambda: runs, group_names=NAMES, attends=lambda run: False)).rows(
        **options
    )


def ids(told):
    return [next(iter(row.values()))["id"] for row in told["rows"]]


def test_groups_however_large_are_a_row_each_where_the_newest_of_their_runs_stands():
    runs = [
        a_run(0),
        *(a_run(one, "G1") for one in range(1, 101)),
        a_run(101),
        *(a_run(one, "G2") for one in range(102, 202)),
    ]
    told = listing(runs, limit=3)
    assert ids(told) == ["G2", "R101", "G1"]
    assert (told["count"], told["runs"], told["moving"]) == (4, 202, 0)
    assert ids(listing(runs, limit=3, offset=3)) == ["R000"]
    assert ids(listing([*runs, a_run(300, "G1")])) == ["G1", "G2", "R101", "R000"]


def test_a_group_is_its_numbers_together():
    runs = [
        a_run(1, "G1", metrics={"validation.accuracy": 0.9, "validation.loss": 0.1}),
        a_run(2, "G1", metrics={"validation.accuracy": float("nan")}),
        a_run(3, "G1", status="running", actions=["pause"], metrics={"validation.accuracy": 0.8}),
    ]
    told = listing(runs)
    group = told["rows"][0]["group"]
    assert (group["name"], group["runs"], group["created"]) == ("rates", 3, 101.0)
    assert (group["metric"], group["best"]) == ("validation.accuracy", 0.9)
    assert group["statuses"] == {"finished": 2, "running": 1}
    assert (group["step"], group["steps"]) == (30, 40)
    assert not group["deletable"]
    assert told["moving"] == 1


def test_words_are_found_in_a_run_and_in_any_run_of_a_group_whatever_page_it_is_on():
    runs = [a_run(1), a_run(2, "G1"), a_run(3, "G1"), a_run(4)]
    assert ids(listing(runs, limit=1, search="run 3 RATES")) == ["G1"]
    assert ids(listing(runs, search="run 1")) == ["R001"]
    assert listing(runs, search="nothing so called") == {"rows": [], "count": 0, "runs": 4, "moving": 0}


def test_what_is_in_the_trash_stands_in_no_row():
    gone = a_run(1, "G1")
    gone.deleted_at = 5.0
    assert ids(listing([gone, a_run(2)])) == ["R002"]


def test_of_a_group_whose_runs_rest_the_numbers_are_kept_until_one_of_them_is_another():
    runs, asked, training = [a_run(one, "G1") for one in range(3)], [], set()
    for run in runs:
        run.card = lambda card=run.card: (asked.append(1), card())[1]
    lab = SimpleNamespace(everything=lambda: runs, group_names=NAMES, attends=lambda run: run.id in training)
    rows = Listing(lab).rows
    assert rows() == rows()
    assert len(asked) == 3
    training.add("R001")
    runs[1].standing = SimpleNamespace(name="running")
    assert rows()["moving"] == rows()["moving"] == 1
    assert len(asked) == 9, "one that trains is measured each time"
    del runs[0]
    training.clear()
    assert rows()["rows"][0]["group"]["runs"] == 2


def test_of_a_group_that_is_gone_nothing_is_kept():
    runs = [a_run(1, "G1"), a_run(2, "G2")]
    listing = Listing(SimpleNamespace(everything=lambda: runs, group_names=NAMES, attends=lambda run: False))
    listing.rows()
    assert listing._kept.keys() == {"G1", "G2"}
    runs[0].deleted_at = 1.0
    listing.rows()
    assert listing._kept.keys() == {"G2"}
