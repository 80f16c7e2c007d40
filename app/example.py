"""The run that a newcomer watches first: what `livefit demo` and the empty front page start."""

EXAMPLE = {
    "name": "Digits, to be watched and steered",
    "dataset": {"name": "digits"},
    "model": {"name": "mlp", "params": {"hidden": [100, 100]}},
    # slow enough to be followed: the curves bend for a minute, and 1,500 epochs of 40 steps last ten
    "optimizer": {"name": "sgd", "params": {"lr": 0.005}},
    "training": {"epochs": 1500, "batch_size": 32, "speed": 100.0},
}
