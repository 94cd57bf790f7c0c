"""`compiled:FILE`: a linear predictor that a compiler wrote to a JSON file, as a language model."""

from __future__ import annotations

from pathlib import Path

from numerics.machines.as_model import CompiledModel, as_model
from numerics.machines.saved import SavedModelError, load
from numerics.models.protocol import ModelEntry, ModelError


def compiled(file: str) -> CompiledModel:
    """The model of a saved predictor; ModelError where the file is none."""
    path = Path(file)
    try:
        return as_model(load(path), f"compiled:{path.name}")
    except SavedModelError as error:
        raise ModelError(str(error)) from error


MODELS = (
    ModelEntry(
        "compiled",
        "a compiled linear predictor (.json of `boundlab compile`)",
        "its dictionary",
        "n + T",
        "yours",
        "nothing",
        compiled,
        "FILE",
    ),
)
