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
    replacement: bool = param(
        False,
        "Draw each batch from all samples, with replacement: an epoch has as many steps as without, and all its "
        "batches are full, but some samples come twice in it and others not at all",
    )
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
    checkpoint_steps: int = param(
        0, "Steps between checkpoints that are saved by themselves; 0 saves none by steps",
        low=0, high=1_000_000_000, scale="log", unit="steps", live=True,
    )  # fmt: skip
    checkpoint_epochs: int = param(
        0, "Epochs between checkpoints that are saved by themselves; 0 saves none by epochs",
        low=0, high=1_000_000, scale="log", unit="epochs", live=True,
    )  # fmt: skip
    checkpoint_best: bool = param(
        False, "Save each epoch that is the best so far: by what early stopping watches, else by the validation loss",
        live=True,
    )  # fmt: skip
    checkpoints_kept: int = param(
        2, "How many of those saved by themselves are kept, the newest; the best and the final one always are",
        low=1, high=1000, scale="log", live=True,
    )  # fmt: skip
    on_nan: str = param(
        "go on", "What to do when the loss is NaN or infinite; it is marked either way",
        choices=("go on", "stop"), live=True, title="On NaN",
    )  # fmt: skip
