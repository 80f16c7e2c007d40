"""Noise on weights, labels and gradients, mixed samples and changed images, each against its formula."""

import math

import pytest
import torch
from torch.nn import functional

from tests.training import SMALL, of_kind, train, with_fields
from trainer.catalog import CATALOG
from trainer.component import ParameterError
from trainer.data import Data, Part
from trainer.models.mlp import Mlp
from trainer.plan import answer
from trainer.protocol import Change, Changed, Rejected
from trainer.regularizers import Parts

OURS = CATALOG["regularizers"]
KINDS = {
    "classes": (torch.arange(4000) % 4, 4),
    "binary": ((torch.arange(4000) % 2).float().view(-1, 1), 1),
    "number": (torch.linspace(-1, 1, 4000).view(-1, 1), 1),
}


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def network():
    return Mlp(hidden=[12, 9]).build((1, 8, 8), 10, chance())


def made(name, kind="classes", shape=(1, 8, 8), **params):
    """Return a regularizer, switched on for data of a kind, and its parts."""
    targets, outputs = KINDS[kind]
    train = Part(torch.rand(len(targets), *shape, generator=chance(7)), targets)
    loss = next(one() for one in CATALOG["losses"].values() if kind in one.kinds)
    given = Parts(network(), loss, Data(train, train, train, kind=kind, outputs=outputs), fresh=True)
    part = OURS[name](**params)
    part.generator = chance(1)
    part.on_switch(given, True)
    return part, given


def refused(name, **facts):
    part, given = made(name, **facts)
    with pytest.raises(ParameterError) as caught:
        part.check(given)
    assert caught.value.field == "enabled"
    return str(caught.value)


def test_weight_noise_has_the_deviation_asked_for_and_is_gone_bit_for_bit():
    part, given = made("weight_noise", sigma=0.3)
    net = given.network
    before = [one.detach().clone() for one in net.parameters()]
    for _ in range(2):  # L-BFGS goes forward more than once in a step
        part.before_forward(net)
        pairs = zip(net.weights().values(), before[::2], strict=True)
        added = torch.cat([(noisy - old).flatten() for noisy, old in pairs])
        assert added.std().item() == pytest.approx(0.3, rel=0.1)
        assert all(torch.equal(one, old) for one, old in zip(list(net.parameters())[1::2], before[1::2], strict=True))
        part.on_gradients(net, 0)
        assert all(torch.equal(one, old) for one, old in zip(net.parameters(), before, strict=True))


def test_a_step_with_weight_noise_goes_down_the_gradient_at_the_noisy_weights():
    part, given = made("weight_noise", sigma=0.3)
    net, twin = given.network, network()
    inputs, targets = given.data.train.inputs[:20], given.data.train.targets[:20]
    part.before_forward(net)
    twin.load_state_dict(net.state_dict())
    for one in (net, twin):
        functional.cross_entropy(one(inputs), targets).backward()
    part.on_gradients(net, 0)
    for mine, theirs in zip(net.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)


@pytest.mark.parametrize(("step", "sigma"), [(0, 0.5), (99, 0.5 / 100**0.275), (9999, 0.5 / 10000**0.275)])
def test_gradient_noise_is_annealed_as_in_the_paper(step, sigma):
    part, given = made("gradient_noise", eta=0.25, gamma=0.55)
    for one in given.network.parameters():
        one.grad = torch.full_like(one, 2)
    part.on_gradients(given.network, step)
    found = torch.cat([one.grad.flatten() for one in given.network.parameters()])
    assert found.mean().item() == pytest.approx(2, abs=0.06)
    assert found.std().item() == pytest.approx(sigma, rel=0.1)


def test_label_noise_makes_the_share_asked_for_wrong_and_each_other_class_alike():
    part, given = made("label_noise", rate=0.3)
    inputs, targets = given.data.train.inputs, given.data.train.targets
    same, noisy = part.on_batch(inputs, targets)
    assert same is inputs
    wrong = noisy != targets
    assert wrong.float().mean().item() == pytest.approx(0.3, abs=0.03)
    on = torch.bincount((noisy - targets)[wrong] % 4, minlength=4) / wrong.sum()
    torch.testing.assert_close(on, torch.tensor([0, 1 / 3, 1 / 3, 1 / 3]), atol=0.05, rtol=0)
    part.set_live("rate", 0)
    assert torch.equal(part.on_batch(inputs, targets)[1], targets)


def test_label_noise_gives_the_other_one_of_two_classes():
    part, given = made("label_noise", "binary", rate=1)
    targets = given.data.train.targets
    assert torch.equal(part.on_batch(given.data.train.inputs, targets)[1], 1 - targets)


def test_label_noise_is_refused_where_a_number_is_predicted():
    assert "have a number to predict" in refused("label_noise", kind="number")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_mixup_mixes_inputs_and_targets_by_the_same_share(kind):
    part, given = made("mixup", kind, alpha=1)
    rows = torch.arange(64)
    inputs, targets = given.data.train.inputs[rows], given.data.train.targets[rows]
    plain = functional.one_hot(targets, 4).float() if kind == "classes" else targets
    mixed, said = part.on_batch(inputs, targets)
    found = []
    for i in range(64):
        # the one other sample whose share explains both: x = s x_i + (1 - s) x_j and the same of y
        for j in range(64):
            line = (inputs[i] - inputs[j]).flatten()
            share = ((mixed[i] - inputs[j]).flatten() @ line / (line @ line)).item() if i != j else 1.0
            if torch.allclose(share * inputs[i] + (1 - share) * inputs[j], mixed[i], atol=1e-5):
                torch.testing.assert_close(said[i], share * plain[i] + (1 - share) * plain[j], atol=1e-4, rtol=0)
                found += [share] if share < 0.999 else []  # by chance one is mixed with itself
                break
        else:
            pytest.fail(f"sample {i} lies on no line between two")
    assert len(found) > 50
    assert max(found) - min(found) < 1e-4, "one share for a batch"


def test_the_shares_of_mixup_are_drawn_from_beta():
    part, _ = made("mixup", "number", alpha=0.4)
    inputs, targets = torch.zeros(2, 1), torch.tensor([[0.0], [1.0]])
    shares = []
    while len(shares) < 2000:
        low, high = part.on_batch(inputs, targets)[1].flatten().tolist()
        shares += [high] if (low, high) != (0, 1) else []  # by chance a batch is mixed with itself as it is
    # of Beta(a, a): mean 1/2, variance 1 / (4 (2 a + 1))
    assert sum(shares) / 2000 == pytest.approx(0.5, abs=0.03)
    assert sum((one - 0.5) ** 2 for one in shares) / 2000 == pytest.approx(1 / (4 * 1.8), abs=0.01)


def test_on_a_gpu_the_share_of_mixup_comes_from_what_the_generator_keeps_on_the_host():
    part, _ = made("mixup", "number", alpha=0.4)
    before = part.generator.get_state()
    first = part._share(torch.device("cuda"))
    assert torch.equal(part.generator.get_state(), before), "nothing was drawn, and nothing fetched"
    assert part._share(torch.device("cuda")) == first
    torch.randperm(8, generator=part.generator)
    assert part._share(torch.device("cuda")) != first


def test_cross_entropy_of_mixed_labels_is_the_mix_of_both():
    outputs = torch.randn(8, 4, generator=chance(3))
    one, other = torch.arange(8) % 4, (torch.arange(8) + 1) % 4
    soft = 0.3 * functional.one_hot(one, 4) + 0.7 * functional.one_hot(other, 4)
    loss = CATALOG["losses"]["cross_entropy"]()
    torch.testing.assert_close(loss(outputs, soft), 0.3 * loss(outputs, one) + 0.7 * loss(outputs, other))


def test_mixup_of_nothing_is_the_batch_itself():
    part, given = made("mixup", alpha=0)
    batch = given.data.train.inputs, given.data.train.targets
    assert part.on_batch(*batch) == batch


STILL = {"shift": 0, "rotate": 0, "flip": 0, "erase": 0}
POINT = torch.zeros(1, 1, 9, 15)
POINT[0, 0, 3, 10] = 1  # one row above the middle, three columns to the right of it


def changed(images, **params):
    part, _ = made("augmentation", **(STILL | params))
    return part.on_batch(images, None)[0]


def test_an_image_that_is_not_to_be_changed_is_not():
    assert torch.equal(changed(POINT), POINT)


def test_an_image_is_shifted_by_whole_pixels_both_ways():
    moved = changed(POINT.expand(500, -1, -1, -1), shift=0.2)
    places = {divmod(int(one.argmax()), 15) for one in moved.squeeze(1)}
    assert all(one.max() > 0.999 for one in moved)
    # 0.2 of 9 rows and of 15 columns, rounded: 2 and 3
    assert {row for row, _ in places} == {1, 2, 3, 4, 5}
    assert {column for _, column in places} == {7, 8, 9, 10, 11, 12, 13}


def test_an_image_is_mirrored_left_and_right():
    mirrored = changed(POINT, flip=1)
    torch.testing.assert_close(mirrored, POINT.flip(3), atol=1e-5, rtol=0)
    share = (changed(POINT.expand(1000, -1, -1, -1), flip=0.3)[:, 0, 3, 4] > 0.5).float().mean()
    assert share.item() == pytest.approx(0.3, abs=0.05)


def test_an_image_is_turned_about_its_middle_by_an_angle_in_pixels_not_in_shares_of_its_sides():
    blob = torch.zeros(1, 1, 41, 61)
    blob[0, 0, 19:22, 39:42] = 1  # 10 columns to the right of the middle
    turned = changed(blob.expand(300, -1, -1, -1), rotate=40).squeeze(1)
    rows, columns = torch.meshgrid(torch.arange(41.0) - 20, torch.arange(61.0) - 30, indexing="ij")
    mass = turned.sum((1, 2))
    y, x = (turned * rows).sum((1, 2)) / mass, (turned * columns).sum((1, 2)) / mass
    torch.testing.assert_close((x**2 + y**2).sqrt(), torch.full((300,), 10.0), atol=0.15, rtol=0)
    angles = torch.rad2deg(torch.atan2(y, x))
    assert angles.min() < -35
    assert angles.max() > 35
    assert angles.abs().max() < 41


def test_a_rectangle_of_an_image_is_hidden_under_its_mean():
    images = torch.rand(400, 2, 12, 10, generator=chance(5))
    found = changed(images, erase=0.5, erase_area=0.4)
    hidden = (found != images).any(1)
    touched = hidden.any((1, 2))
    assert touched.float().mean().item() == pytest.approx(0.5, abs=0.08)
    assert hidden.sum((1, 2)).max() <= 0.55 * 120, "sides are rounded to whole pixels"
    for image, new, mask in zip(images[touched], found[touched], hidden[touched], strict=True):
        torch.testing.assert_close(new[:, mask], image.mean().expand(2, int(mask.sum())))
        rows, columns = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
        assert mask.sum() == (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1), "one rectangle"


def test_augmentation_is_refused_where_there_are_no_images():
    told = refused("augmentation", shape=(13,))
    assert told.startswith("Augmentation is for images, and a sample of these data is 13 numbers")


@pytest.mark.parametrize(("name", "dataset"), [("augmentation", "wine"), ("label_noise", "diabetes")])
def test_what_makes_no_sense_for_the_data_is_refused_when_planned_and_while_it_trains(tmp_path, name, dataset):
    spec = with_fields(SMALL, dataset={"name": dataset})
    (problem,) = answer(with_fields(spec, regularizers={name: {"enabled": True}}).model_dump())["problems"]
    assert problem["path"] == f"regularizers.{name}.enabled"
    events = train(tmp_path, spec, [Change(id="c", target=f"regularizers.{name}", field="enabled", value=True)])
    assert [one.reason for one in of_kind(events, Rejected)] == [problem["message"]]
    assert not of_kind(events, Changed)


def test_what_is_outside_of_a_turned_image_repeats_its_edge():
    assert torch.allclose(changed(torch.full((50, 1, 8, 8), math.pi), rotate=180, shift=0.5), torch.tensor(math.pi))
