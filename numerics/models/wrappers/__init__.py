"""Wrappers: a model in, a model out, saying which assumptions of theorems they break."""

from numerics.models.wrappers.restriction import Restricted, restrict
from numerics.models.wrappers.temperature import Tempered, with_temperature
from numerics.models.wrappers.truncation import Greedy, TopK, TopP, greedy, top_k, top_p
from numerics.models.wrappers.window import Windowed, with_window

__all__ = [
    "Greedy",
    "Restricted",
    "Tempered",
    "TopK",
    "TopP",
    "Windowed",
    "greedy",
    "restrict",
    "top_k",
    "top_p",
    "with_temperature",
    "with_window",
]
