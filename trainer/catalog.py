"""The folder is the registry: folder -> name -> class, by looking. Importing this imports torch."""

from typing import Any

from trainer.component import Component, discover
from trainer.training import Training

FOLDERS = (
    *("datasets", "models", "layers", "inits", "activations", "losses"),
    *("optimizers", "schedules", "regularizers", "stopping", "probes"),
)

CATALOG: dict[str, dict[str, type[Component]]] = {folder: discover(folder) for folder in FOLDERS}


def schemas() -> dict[str, Any]:
    """Return every component's JSON schema, folder by folder, and `training`, which is always there."""
    found = {folder: {name: one.schema() for name, one in inside.items()} for folder, inside in CATALOG.items()}
    return found | {"training": Training.schema()}
