"""Random numbers: one stream for each purpose, so that a new one changes no other."""

import zlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def stream(seed: int, chunk: int, purpose: str) -> np.random.Generator:
    """Return the generator of a purpose within a chunk of people (-1: what all share)."""
    words = [seed & 0xFFFFFFFF, seed >> 32, chunk + 1, zlib.crc32(purpose.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


def choose(dice: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Draw indices by weight."""
    steps = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(steps, dice.random(size) * steps[-1], side="right").astype(np.int64)


def alternatives(dice: np.random.Generator, shares: list[float], size: int) -> Ints:
    """Draw which of some exclusive cases holds: 1 for the first share, and so on; 0 for none."""
    steps = np.cumsum(np.asarray(shares, dtype=np.float64))
    place = np.searchsorted(steps, dice.random(size), side="right")
    return np.where(place == len(shares), 0, place + 1).astype(np.int64)


def places_within(counts: Ints) -> Ints:
    """Number the members of consecutive groups of these sizes: 0, 1, ... for each."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def scattered(numbers: Ints, prime: int, multiplier: int) -> Ints:
    """Map numbers below the prime to other ones, each to its own: ids without visible order."""
    if len(numbers) and int(numbers.max()) >= prime:
        raise ValueError(f"numbers up to {prime} are all that this id holds")
    # Split so that no product passes 63 bits.
    high, low = np.divmod(numbers, 1 << 16)
    high_part = (high % prime) * (multiplier % prime) % prime
    return (high_part * (1 << 16) % prime + low * (multiplier % prime) % prime + 12345) % prime
