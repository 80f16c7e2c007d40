"""A share that grows with a dose: a number from 0 to 1 to predict."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table


class Dose(Dataset):
    """Which share responds to a dose of two drugs: a number from 0 to 1.

    share = of `trials` that respond, each by chance with p = sigmoid(3 a + 3 b - 4 a b - 1), a and b drawn evenly
    from 0 to 1: either drug helps, both together hinder one another.

    Source: McCullagh & Nelder 1989, Generalized Linear Models, section 4.3, on binomial responses to a dose
    """

    title = "Dose and response"

    size: int = param(400, "Samples", low=10, high=100_000, scale="log")
    trials: int = param(20, "How many are tried at each dose; the fewer, the noisier the share", low=1, high=1000)
    seed: int = param(0, "Seed of the doses", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        doses = torch.rand(self.size, 2, generator=chance)
        a, b = doses.unbind(1)
        responds = (3 * a + 3 * b - 4 * a * b - 1).sigmoid()
        tried = torch.rand(self.size, self.trials, generator=chance) < responds.unsqueeze(1)
        return Table(doses, tried.float().mean(1, keepdim=True), "share", features=["drug a", "drug b"])
