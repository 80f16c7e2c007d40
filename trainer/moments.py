"""What becomes of an optimizer's moments when another takes over in mid-run.

reset: begin anew. keep: take over what both know under the same name, as Adam and AdamW do. transfer:
turn the old running mean of gradients into the new one's first moment.

torch keeps two kinds of mean: SGD's buffer is a sum, b = sum of mu^k g, so (1 - mu) b is a mean; Adam's
exp_avg is a mean that began at zero, so exp_avg / (1 - beta1^t) is one.
"""

import torch
from torch import Tensor

from trainer.optimizers import Optimizer

STEPS_LIKE_OLD = 10_000  # a step count at which Adam's bias correction is over


def carry(
    old: Optimizer, old_torch: torch.optim.Optimizer, new: Optimizer, new_torch: torch.optim.Optimizer, state: str
) -> str:
    """Move moments from one of torch's optimizers to another over the same parameters; say what was done.

    Raises:
        ValueError: nothing can be kept, or nothing can be transferred, between these two.
    """
    if state == "reset":
        return f"{new.name} began with fresh moments."
    if state == "keep":
        return _keep(old, old_torch, new, new_torch)
    return _transfer(old, old_torch, new, new_torch)


def _keep(old: Optimizer, old_torch: torch.optim.Optimizer, new: Optimizer, new_torch: torch.optim.Optimizer) -> str:
    if old.name != new.name and (old.keeps != new.keeps or not new.keeps):
        raise ValueError(
            f"{old.name} and {new.name} keep different moments, so none can be kept. "
            "Choose reset, or transfer where it fits."
        )
    for parameter, state in old_torch.state.items():
        new_torch.state[parameter] = dict(state)
        if isinstance(steps := state.get("step"), Tensor):  # a fused optimizer wants it beside its weights
            new_torch.state[parameter]["step"] = steps.to(parameter.device)
    return f"{new.name} went on with {old.name}'s moments."


def _transfer(
    old: Optimizer, old_torch: torch.optim.Optimizer, new: Optimizer, new_torch: torch.optim.Optimizer
) -> str:
    if old.first_moment is None or new.first_moment is None:
        without = old.name if old.first_moment is None else new.name
        raise ValueError(
            f"{without} keeps no running mean of gradients, so there is nothing to transfer. Choose reset."
        )
    if new.first_moment == "momentum_buffer" and not getattr(new, "momentum", 0):
        raise ValueError(f"{new.name} without momentum uses no running mean. Give it a momentum, or choose reset.")
    moved = 0
    for group in old_torch.param_groups:
        for parameter in group["params"]:
            mean = mean_gradient(old, old_torch.state.get(parameter, {}), group)
            if mean is not None:
                target = next(one for one in new_torch.param_groups if any(p is parameter for p in one["params"]))
                new_torch.state[parameter] = _seeded(new, mean, parameter, target)
                moved += 1
    if not moved:
        return f"{old.name} had no moments yet; {new.name} began with fresh ones."
    return f"{old.name}'s running mean of gradients became {new.name}'s first moment, for {moved} tensors."


def mean_gradient(optimizer: Optimizer, state: dict, group: dict) -> Tensor | None:
    """Return an optimizer's running mean of a parameter's gradients, or None when it has none yet."""
    kept = state.get(optimizer.first_moment)
    if kept is None:
        return None
    if optimizer.first_moment == "momentum_buffer":
        return kept * (1 - group["momentum"])
    return kept / (1 - group["betas"][0] ** float(state["step"]))


def _seeded(optimizer: Optimizer, mean: Tensor, parameter: Tensor, group: dict) -> dict:
    if optimizer.first_moment == "momentum_buffer":
        return {"momentum_buffer": mean / (1 - group["momentum"])}
    # one gradient is a poor second moment, but never below the mean's own size: no step exceeds lr
    size = mean.abs() if parameter.grad is None else torch.maximum(mean.abs(), parameter.grad.abs())
    long_ago = {
        "step": torch.tensor(float(STEPS_LIKE_OLD), device=parameter.device),
        "exp_avg": mean.clone(),
        "exp_avg_sq": size.square(),
        "exp_inf": size,
        "mu_product": torch.tensor(0.0),
    }
    return {name: one for name, one in long_ago.items() if name in optimizer.keeps}
