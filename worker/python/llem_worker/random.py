"""A seeded sequence that every language and machine gives alike, as worker/engines/llamacpp/random.ts."""

from collections.abc import Callable

MASK = 0xFFFFFFFF


def random_from(*seeds: int) -> Callable[[], int]:
    """The sequence (mulberry32) of these seeds: each call gives a value uniform over 0 ... 2^32 - 1."""
    state = 0x2545F491
    for seed in seeds:
        state = _mix(((state ^ seed) + 0x9E3779B9) & MASK)

    def draw() -> int:
        nonlocal state
        state = (state + 0x6D2B79F5) & MASK
        value = ((state ^ (state >> 15)) * (state | 1)) & MASK
        value ^= (value + (value ^ (value >> 7)) * (value | 61)) & MASK
        return value ^ (value >> 14)

    return draw


def _mix(value: int) -> int:
    hashed = ((value ^ (value >> 16)) * 0x85EBCA6B) & MASK
    hashed = ((hashed ^ (hashed >> 13)) * 0xC2B2AE35) & MASK
    return hashed ^ (hashed >> 16)
