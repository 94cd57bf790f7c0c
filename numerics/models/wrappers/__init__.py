"""Wrappers: a model in, a model out, saying which assumptions of theorems they break."""

from numerics.models.wrappers.restriction import Restriction, restrict
from numerics.models.wrappers.temperature import Temperature, with_temperature
from numerics.models.wrappers.truncation import Greedy, TopK, TopP, greedy, top_k, top_p
from numerics.models.wrappers.window import Window, with_window
from numerics.models.wrappers.wrapped import Wrapped

__all__ = [
    "Greedy",
    "Restriction",
    "Temperature",
    "TopK",
    "TopP",
    "Window",
    "Wrapped",
    "greedy",
    "restrict",
    "top_k",
    "top_p",
    "with_temperature",
    "with_window",
]
