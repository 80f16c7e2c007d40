"""How long and how fast a run trains: the component behind `training` in a spec. No torch."""

from trainer.component import Component, param


class Training(Component):
    """How long a run trains, on how much data at a time, and where."""

    epochs: int = param(50, "Passes over the training data", low=1, high=1_000_000, scale="log", live=True)
    batch_size: int = param(
        64,
        "Samples in one step. Steps in an epoch = samples / batch size, rounded up",
        low=1,
        high=1_000_000,
        scale="log",
    )
    shuffle: bool = param(True, "Draw the samples of each epoch in a new order")
    device: str = param("auto", "Where to train; auto takes a GPU when there is one", choices=("auto", "cpu", "cuda"))
    speed: float = param(
        0.0, "Steps a second at most, to watch a small network at leisure; 0 is as fast as it goes",
        low=0, high=100_000, unit="steps/s", live=True, title="Speed limit",
    )  # fmt: skip
    budget: float = param(
        0.03, "Share of the time that instruments may take", low=0, high=0.5, live=True, title="Instrument budget"
    )
    threads: int = param(1, "Compute threads on the CPU; one is fastest for small networks", low=1, high=64)
    checkpoint_every: float = param(
        30.0,
        "Seconds between checkpoints that are saved by themselves; 0 saves none",
        low=0,
        high=86_400,
        unit="s",
        live=True,
    )
