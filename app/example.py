"""The run that a newcomer watches first: what `livefit demo` and the empty front page start."""

# a small network is through with 50 epochs before one has looked: a new run is offered at a pace that can be
# followed and steered. Both stand in the form, and in the address, to be changed
NEW_RUN = "/new?training.epochs=200&training.speed=100"

EXAMPLE = {
    "name": "Digits, to be watched and steered",
    "dataset": {"name": "digits"},
    "model": {"name": "mlp", "params": {"hidden": [100, 100]}},
    # slow enough to be followed: the curves bend for a minute, and 1,500 epochs of 40 steps last ten
    "optimizer": {"name": "sgd", "params": {"lr": 0.005}},
    "training": {"epochs": 1500, "batch_size": 32, "speed": 100.0},
}
