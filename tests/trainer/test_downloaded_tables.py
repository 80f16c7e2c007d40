"""Tables and texts that are downloaded: read from the files as they come, and refused when they are something else."""

import io
import json
import pickle
import tarfile

import numpy as np
import pytest
import torch

from tests.hard_life import attempt, check_equal, kill, live, make
from tests.training import SMALL, of_kind, said, with_fields
from trainer.data import outline, prepare
from trainer.datasets import imdb
from trainer.datasets.boston_housing import FEATURES, BostonHousing
from trainer.datasets.california_housing import MEMBER, CaliforniaHousing
from trainer.datasets.imdb import Imdb
from trainer.datasets.titanic import Titanic
from trainer.downloads import fetch, source
from trainer.look import answer as look_at
from trainer.plan import answer as plan_of
from trainer.protocol import Started
from trainer.tabular import read_from_tar, shuffled_as_keras
from trainer.texts import as_keras, padded, read_lists

HEAD = "PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked\n"
PASSENGERS = HEAD + "".join(
    f'{n},{n % 2},{1 + n % 3},"Doe, Mr.",{"male" if n % 2 else "female"},{"" if n % 5 == 0 else n},0,1,x,{n}.5,,S\n'
    for n in range(40)
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache that is empty."""
    monkeypatch.setenv("LIVEFIT_CACHE", str(tmp_path))
    return tmp_path


def test_titanic_is_read_with_its_holes_and_categories(cache):
    (cache / "titanic.csv").write_text(PASSENGERS)
    table = Titanic().load()
    assert table.inputs.shape == (40, 7)
    assert table.inputs[:, 0].isnan().sum() == 8
    assert table.inputs[3].tolist() == [3, 0, 1, 3.5, 0, 1, 2]  # age 3, class 1, male, from S
    assert table.targets.flatten().tolist() == [0, 1] * 20
    data = prepare(Titanic(), "cpu")
    assert data.features[4:9] == ["class 1", "class 2", "class 3", "sex female", "sex male"]
    assert torch.isfinite(data.train.inputs).all()
    assert outline(Titanic()).features == data.features


def test_openmls_titanic_has_other_columns_and_question_marks(cache):
    rows = "".join(f'{1 + n % 3},{n % 2},"Doe",female,?,0,0,x,?,?,C,?,?,"Bath, NY"\n' for n in range(40))
    text = "pclass,survived,name,sex,age,sibsp,parch,ticket,fare,cabin,embarked,boat,body,home.dest\n"
    (cache / "titanic.csv").write_text(text + rows)
    assert Titanic().load().inputs[:, 0].isnan().all()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no column 'survived'"),
        ("a,b\n1,2\n", "has no column 'survived'"),
        (PASSENGERS.replace(",1,2,", ",7,2,"), "survived is not 0 or 1 everywhere"),
        (PASSENGERS.encode("utf-16"), "is no CSV file"),
    ],
)
def test_what_is_no_titanic_is_refused(cache, text, told):
    (cache / "titanic.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=told):
        prepare(Titanic(), "cpu")


def test_boston_is_in_keras_order_from_either_file(cache):
    values = np.arange(506 * 14, dtype=np.float64).reshape(506, 14)
    lines = [",".join(f'"{name}"' for name in [*FEATURES, "medv"])]
    lines += [",".join(str(one) for one in row) for row in values]
    (cache / "boston_housing.csv").write_text("\n".join(lines))
    written = BostonHousing().load()
    (cache / "boston_housing.csv").unlink()
    (cache / "boston_housing").mkdir()
    np.savez(cache / "boston_housing" / "boston_housing.npz", x=values[:, :13], y=values[:, 13])
    assert source("boston_housing").is_here()
    kept = BostonHousing().sketch()
    assert torch.equal(kept.inputs, written.inputs)
    assert torch.equal(kept.targets, written.targets)
    order = shuffled_as_keras(506)
    assert torch.equal(written.inputs[:, 0], torch.from_numpy(values[order.numpy(), 0]).float())
    data = outline(BostonHousing())
    assert data.counts == {"train": 324, "validation": 80, "test": 102}


def test_the_real_boston_begins_as_keras_has_it(real_data):
    data = prepare(BostonHousing(scaling="none", folds=4), "cpu")
    assert data.counts == {"train": 303, "validation": 101, "test": 102}
    first = prepare(BostonHousing(scaling="none"), "cpu").train
    assert first.inputs[0, :3].tolist() == pytest.approx([1.23247, 0.0, 8.14])
    assert first.targets[0].item() == pytest.approx(15.2)


def test_california_counts_rooms_by_household(cache, monkeypatch):
    lines = [f"-122.{n % 9},37.{n % 7},{10 + n},1200,240,600,300,8.3,452600" for n in range(40)]
    path = cache / "cal_housing.tgz"
    with tarfile.open(path, "w:gz") as archive:
        data = "\n".join(lines).encode()
        about = tarfile.TarInfo(MEMBER)
        about.size = len(data)
        archive.addfile(about, io.BytesIO(data))
    monkeypatch.setattr("trainer.datasets.california_housing.fetch", lambda name: {path.name: path})
    table = CaliforniaHousing().load()
    assert table.inputs[0].tolist() == pytest.approx([-122.0, 37.0, 10, 4.0, 0.8, 600, 2.0, 8.3])
    assert table.targets[0].item() == pytest.approx(4.526)
    with pytest.raises(ValueError, match="is not what it should be"):
        read_from_tar(path, "other", 9)
    with pytest.raises(ValueError, match=r"rows of .* numbers and not of 8"):
        read_from_tar(path, MEMBER, 8)


def lists(*texts):
    """Return texts as an array of objects, as Keras' file has them."""
    found = np.empty(len(texts), dtype=object)
    found[:] = [list(text) for text in texts]
    return found


def test_keras_imdb_is_read_numbered_and_shuffled_as_keras_does(cache, monkeypatch):
    monkeypatch.setattr(imdb, "HALF", 3)
    halves = {"x_train": lists([1, 2], [50], [7, 7, 8]), "x_test": lists([1], [2], [3])}
    np.savez(cache / "imdb.npz", **halves, y_train=np.array([0, 1, 0]), y_test=np.array([1, 1, 0]))
    table = Imdb(words=12, source="reviews").load()
    chance = np.random.RandomState(113)
    order = [np.arange(3), np.arange(3)]
    for one in order:
        chance.shuffle(one)
    known = [{1, 4, 5}, {1, 2}, {1, 10, 11}]  # moved by 3, 53 is rare among 12 words
    assert [set(row.nonzero().flatten().tolist()) for row in table.inputs[:3]] == [known[place] for place in order[0]]
    assert table.targets.flatten().tolist() == [*np.array([0, 1, 0])[order[0]], *np.array([1, 1, 0])[order[1]]]
    assert table.test_from == 3
    told = outline(Imdb(words=12, validation_rows=1))
    assert (told.counts, told.shape) == ({"train": 2, "validation": 1, "test": 3}, (12,))


@pytest.mark.parametrize("inputs", ["bag", "tokens"])
@pytest.mark.parametrize("index", ["by hand", "none", "damaged"])
def test_reviews_are_looked_at_as_words_in_their_order_where_the_index_is_here(cache, monkeypatch, inputs, index):
    monkeypatch.setattr(imdb, "HALF", 4)
    review = [1, 2, 1, 9, 3]  # the film the what fun: "what" is not among the ten that are known
    labels = np.array([0, 1, 0, 1])
    np.savez(
        cache / "imdb.npz", x_train=lists(*[review] * 4), x_test=lists(*[review] * 4), y_train=labels, y_test=labels
    )
    if index != "none":
        words = {"the": 1, "film": 2, "fun": 3, "what": 9}
        (cache / "imdb_word_index.json").write_text(json.dumps(words if index == "by hand" else {"the": "first"}))
    params = {"words": 10, "validation_rows": 1, "inputs": inputs, "length": 6}
    told = look_at({"name": "imdb", "params": params})["look"]
    if index == "by hand":
        assert told["wordless"] is None
        assert {tuple(one["words"]) for one in told["texts"]} == {("the", "film", "the", None, "fun")}
    else:
        numbers = (1, 4, 5, 4, 2, 6)
        assert {tuple(one["words"]) for one in told["texts"]} == {numbers}
        assert told["wordless"]["size"] == "1.64 MB"
        assert ("is not what it should be" in told["wordless"]["why"]) == (index == "damaged")


def test_sentences_that_stand_in_are_looked_at_in_their_own_words(cache):
    lines = [f"A {'good' if n % 2 else 'bad'} film\t{n % 2}" for n in range(40)]
    (cache / "imdb_labelled.txt").write_text("\n".join(lines))
    told = look_at({"name": "imdb", "params": {}})["look"]
    assert {(*one["words"], one["target"]) for one in told["texts"]} == {
        ("a", "good", "film", "good"), ("a", "bad", "film", "bad")
    }  # fmt: skip


class Evil:
    """Something that a pickle can be made to do."""

    def __reduce__(self):
        return (print, ("this must not be",))


@pytest.mark.parametrize("what", [Evil(), np.float64(1), range(3)])
def test_a_pickle_that_wants_more_than_arrays_is_refused_unread(cache, what, capsys):
    found = np.empty(1, dtype=object)
    found[0] = what
    np.savez(cache / "imdb.npz", x_train=found)
    with pytest.raises(ValueError, match=r"it asks for .*, which no array needs"):
        read_lists(cache / "imdb.npz", "x_train")
    assert not capsys.readouterr().out
    assert pickle.dumps(what)


def test_texts_are_cut_to_their_last_words_and_filled_up():
    assert padded(as_keras([[1, 2, 3], [9]], 100), 3).tolist() == [[4, 5, 6], [1, 12, 0]]


def test_sentences_stand_in_where_only_they_are_here_and_the_spec_says_so(cache):
    lines = [f"A {'good' if n % 2 else 'bad'} film, film {'x' * (n % 7)}\t{n % 2}" for n in range(40)]
    (cache / "imdb_labelled.txt").write_text("\n".join(lines))
    dataset = Imdb(words=50)
    data = prepare(dataset, "cpu")
    assert (dataset.source, len(data.train), data.shape) == ("sentences", 28, (50,))
    film = 4  # the most frequent word
    assert (data.train.inputs[:][:, film] == 1).all()
    assert outline(Imdb(words=50)).counts == data.counts
    for told in (
        plan_of({"dataset": {"name": "imdb"}, "training": {"batch_size": 8}})["plan"],
        look_at({"name": "imdb", "params": {}})["look"],
    ):
        assert told["note"].startswith("These are not the 50,000 IMDB reviews")
    tokens = prepare(Imdb(inputs="tokens", length=6), "cpu")
    assert tokens.train.inputs.dtype == torch.int64
    assert tokens.tokens == 10_000
    (cache / "imdb_labelled.txt").write_text("no label here")
    with pytest.raises(ValueError, match="a sentence, a tab, and 0 or 1"):
        Imdb().load()


@pytest.mark.parametrize("steps", [2, 0], ids=["from a checkpoint", "anew"])
@pytest.mark.parametrize("meanwhile", ["nothing", "reviews"])
def test_a_run_goes_on_with_the_texts_that_it_began_with(cache, steps, meanwhile):
    """Its spec left to the first attempt which they are; the reviews may have come to this machine since."""
    lines = [f"A {'good' if n % 2 else 'bad'} film, film {'x' * (n % 7)}\t{n % 2}" for n in range(60)]
    (cache / "imdb_labelled.txt").write_text("\n".join(lines))
    training = {"epochs": 3, "batch_size": 8, "checkpoint_every": 0.0, "checkpoint_steps": steps}
    texts = {"name": "imdb", "params": {"words": 50, "validation_rows": 1}}
    spec = with_fields(SMALL, dataset=texts, training=training)
    whole, hard = make(cache / "whole", spec), make(cache / "hard", spec)
    live(whole, {})
    attempt(hard, fate=kill(5))
    if meanwhile == "reviews":
        (cache / "imdb.npz").write_bytes(b"would not be read")
    live(hard, {})
    assert [one.step for one in of_kind(said(hard), Started)] == [0, 4 if steps else 0]
    check_equal(hard, whole)


def test_the_real_sentences_and_passengers_are_all_read(real_data):
    assert sum(prepare(Imdb(), "cpu").counts.values()) == 1000
    assert fetch("titanic")
    assert sum(prepare(Titanic(), "cpu").counts.values()) == 891
