"""Where an installed package's files lie, found without importing it (some imports start servers or seed NumPy)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from numerics.models.protocol import FloatArray, ModelError


def package_folder(package: str, distribution: str, wanted_by: str) -> Path:
    """Folder of an installed package; ModelError naming the distribution to install if it is absent."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"{wanted_by!r} needs the package {distribution}, which is not installed")
    return Path(spec.submodule_search_locations[0])


def read_npy(path: Path) -> FloatArray:
    """A .npy file as float64, never unpickled; ModelError if it is missing, unreadable or not numeric."""
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError(f"cannot read {path.name} as a NumPy array: {error}") from error
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.floating):
        raise ModelError(f"{path.name} holds {getattr(array, 'dtype', 'an archive')}, expected an array of floats")
    return array.astype(np.float64)
