"""Own data sets: what people upload or draw, read within limits by a forked child and kept as npz and JSON.

`answer` is asked by the server; `trainer.datasets.own` trains on what is kept.
"""
