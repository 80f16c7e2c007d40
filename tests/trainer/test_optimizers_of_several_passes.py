"""SAM, L-BFGS, Muon and ASGD: what they do beyond one call of one of torch's optimizers."""

import pytest
import torch

from tests.trainer.test_optimizers import OURS, descend, groups, network
from tests.training import SMALL, curve, of_kind, train, with_fields
from trainer.again import averages_at_rest
from trainer.catalog import CATALOG
from trainer.protocol import Epoch, Finished, Marked

OFF = {name: {"enabled": False} for name in CATALOG["probes"]}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def loss_of(net, inputs, targets):
    return torch.nn.functional.cross_entropy(net(inputs), targets)


def batch():
    chance = torch.Generator().manual_seed(3)
    return torch.randn(16, 6, generator=chance), torch.randint(3, (16,), generator=chance)


def closure_of(net, optimizer, losses=None):
    inputs, targets = batch()

    def closure():
        optimizer.zero_grad()
        loss = loss_of(net, inputs, targets)
        loss.backward()
        if losses is not None:
            losses.append(loss.item())
        return loss

    return closure


def test_sam_steps_by_the_gradient_of_the_worst_point_nearby():
    net, inputs_targets = network(), batch()
    weights = list(net.parameters())
    before = [one.detach().clone() for one in weights]
    slope = torch.autograd.grad(loss_of(net, *inputs_targets), weights)
    length = torch.sqrt(sum(one.square().sum() for one in slope))
    with torch.no_grad():
        for one, along in zip(weights, slope, strict=True):
            one += 0.1 * along / length
    worst = torch.autograd.grad(loss_of(net, *inputs_targets), weights)
    expected = [one - 0.5 * along for one, along in zip(before, worst, strict=True)]

    net = network()
    optimizer = OURS["sam"](lr=0.5, momentum=0.0, rho=0.1).build(groups(net))
    losses = []
    optimizer.step(closure_of(net, optimizer, losses))
    assert losses[1] > losses[0], "the second pass is at a worse point"
    for one, wanted in zip(net.parameters(), expected, strict=True):
        torch.testing.assert_close(one.detach(), wanted)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sam_that_looks_no_way_off_is_sgd_bit_for_bit(momentum):
    nets = [network(), network()]
    sam = OURS["sam"](momentum=momentum, rho=0.0).build(groups(nets[0]))
    sgd = OURS["sgd"](momentum=momentum).build(groups(nets[1]))
    assert torch.equal(descend(nets[0], sam), descend(nets[1], sgd))


def test_lbfgs_is_torchs_over_one_group():
    ours, theirs = network(), network()
    mine = descend(ours, OURS["lbfgs"](line_search=False, lr=0.1, moves=4).build(groups(ours)), 3)
    flat = [one for group in groups(theirs) for one in group["params"]]
    built = torch.optim.LBFGS(flat, lr=0.1, max_iter=4, max_eval=10)
    torch.testing.assert_close(mine, descend(theirs, built, 3))


def test_lbfgs_finds_the_bottom_of_a_valley_in_a_few_steps():
    point = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = OURS["lbfgs"]().build([{"params": [point], "decayed": True}, {"params": [], "decayed": False}])

    def closure():
        optimizer.zero_grad()
        x, y = point
        loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    torch.testing.assert_close(point.detach(), torch.ones(2, dtype=torch.float64), atol=1e-4, rtol=0)


def test_lbfgs_begins_anew_when_parameters_come_and_keeps_nothing_of_other_lengths():
    net = network()
    optimizer = OURS["lbfgs"]().build(groups(net))
    descend(net, optimizer, 2)
    first = optimizer.param_groups[0]["params"][0]
    known = optimizer.state[first]["d"].numel()
    for slot in net.norm_slots():
        slot.norm = slot.kind(slot.width)
    for group, fresh in zip(optimizer.param_groups, groups(net), strict=True):
        group["params"] = fresh["params"]
    descend(net, optimizer, 1)
    assert optimizer.state[first]["d"].numel() == known + sum(2 * slot.width for slot in net.norm_slots())


def test_muon_steps_the_hidden_matrices_and_adamw_all_else():
    ours, theirs = network(), network()
    part = OURS["muon"](lr=0.01, weight_decay=0.2)
    mine = descend(ours, part.build(groups(ours)), 5)
    (first, hidden, last), rest = theirs.groups()
    muon = torch.optim.Muon([hidden], lr=0.01, weight_decay=0.2, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    adamw = torch.optim.AdamW(
        [{"params": [first, last], "weight_decay": 0.2}, {"params": rest, "weight_decay": 0.0}],
        lr=0.01, betas=(0.9, 0.95), fused=True,
    )  # fmt: skip

    class Both:
        def zero_grad(self):
            theirs.zero_grad()

        def step(self, closure):
            closure()
            muon.step()
            adamw.step()

    assert torch.equal(mine, descend(theirs, Both(), 5))


def test_a_network_without_hidden_matrices_is_adamws_alone():
    net = CATALOG["models"]["mlp"](hidden=[20]).build((6,), 3, torch.Generator().manual_seed(1))
    optimizer = OURS["muon"]().build(groups(net))
    assert torch.isfinite(descend(net, optimizer, 2)).all()
    assert all("momentum_buffer" not in state for state in optimizer.state.values())


def test_asgd_judges_and_leaves_the_mean_of_its_weights(tmp_path):
    spec = with_fields(SMALL, probes=OFF, optimizer={"name": "asgd", "params": {"lr": 0.5, "t0": 20}})
    averaged = train(tmp_path / "mean", spec)
    plain = train(
        tmp_path / "plain", with_fields(spec, optimizer={"name": "asgd", "params": {"lr": 0.5, "t0": 10_000}})
    )
    assert curve(averaged) == curve(plain), "the mean is looked at, and does not train"
    assert [one.text for one in of_kind(averaged, Marked)] == ["The mean of the weights took their place."]
    assert of_kind(plain, Marked) == []
    first, *_, last = of_kind(averaged, Epoch)
    first_plain, *_, last_plain = of_kind(plain, Epoch)
    assert first.metrics == first_plain.metrics, "20 steps are more than the first epoch has"
    assert last.metrics != last_plain.metrics
    (end,) = of_kind(averaged, Finished)
    assert end.metrics["validation.loss"] == last.metrics["validation.loss"]


def test_each_evaluation_of_a_step_sees_the_same_masks_and_moves_averages_once(tmp_path):
    """SAM that looks no way off takes one pass; that looks a hair's breadth off, two: the curves must agree."""
    noisy = {"dropout": {"enabled": True}, "input_noise": {"enabled": True}, "batch_norm": {"enabled": True}}
    curves, ends = [], []
    for rho in (0.0, 1e-12):
        spec = with_fields(SMALL, probes=OFF, regularizers=noisy, optimizer={"name": "sam", "params": {"rho": rho}})
        events = train(tmp_path / str(rho), spec)
        curves.append([*curve(events).values()])
        ends.append(of_kind(events, Finished)[0].metrics["validation.loss"])
    first, second = (torch.frombuffer(bytearray(b"".join(one)), dtype=torch.float32) for one in curves)
    torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-4)
    assert ends[0] == pytest.approx(ends[1], rel=1e-2)


def test_averages_at_rest_do_not_move_and_move_again_after():
    norm = torch.nn.BatchNorm1d(4)
    norm(torch.randn(8, 4, generator=torch.Generator().manual_seed(1)))
    before = norm.running_mean.clone(), norm.num_batches_tracked.clone()
    with averages_at_rest(torch.nn.Sequential(norm)):
        norm(torch.ones(8, 4))
    assert torch.equal(norm.running_mean, before[0])
    assert norm.num_batches_tracked == before[1]
    norm(torch.ones(8, 4))
    assert not torch.equal(norm.running_mean, before[0])
