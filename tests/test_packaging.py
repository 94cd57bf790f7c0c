"""The generic import names are ours alone, and the distribution is what pyproject.toml says."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("name", ["theory", "numerics", "verify"])
def test_no_other_distribution_owns_our_import_names(name):
    owners = set(packages_distributions().get(name, []))
    assert owners <= {"boundlab"}, f"{name} is also installed by {owners - {'boundlab'}}"


def test_the_packages_are_listed_and_never_uploaded():
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]


def test_every_direct_dependency_is_pinned():
    pinned = set(re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M))
    pinned = {p.lower().replace("_", "-") for p in pinned}
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    for requirement in wanted:
        name = re.match(r"[A-Za-z0-9_.-]+", requirement).group().lower().replace("_", "-")
        assert name in pinned, f"{name} has no pin in constraints.txt"


def test_model_packages_are_pinned_by_hash():
    lines = (ROOT / "requirements" / "models.txt").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert packages and all("==" in line and "--hash=sha256:" in line for line in packages)
