"""Chance by name: each source of it has a generator of its own, so that using one moves no other's numbers."""

import hashlib

import torch


def seed_of(seed: int, name: str) -> int:
    """Return a seed for one named source of chance: 63 bits, unrelated to those of other names."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "little") >> 1


def generator(seed: int, name: str) -> torch.Generator:
    """Return the generator of one named source of chance, at its beginning."""
    return torch.Generator().manual_seed(seed_of(seed, name))
