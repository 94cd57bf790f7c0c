"""The layer law, read off the imports: theory and numerics do not know each other, verify joins them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "theory": {"torch", "numerics", "verify", "hypothesis"},
    "numerics": {"sympy", "theory", "verify", "hypothesis"},
    "verify": set(),
}
ONLY_FOR_DECISIONS = {"scipy", "flint", "z3"}  # in theory: inside checking, information and evaluation


def imports(path):
    """(module, whether the import runs when the file is imported)"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(outer, ast.If) and "TYPE_CHECKING" in ast.dump(outer.test))
        for inner in ast.walk(outer)
        if inner is not outer
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) not in late
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or "", id(node) not in late


def files():
    return [(package, path) for package in FORBIDDEN for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize(("package", "path"), files(), ids=lambda v: str(v).removeprefix(str(ROOT)))
def test_imports_keep_the_layers(package, path):
    for module, _ in imports(path):
        top = module.split(".")[0]
        assert top not in FORBIDDEN[package], f"{path.relative_to(ROOT)} imports {module}"
        if package == "theory" and top in ONLY_FOR_DECISIONS:
            place = path.relative_to(ROOT / "theory").parts[0]
            assert place in ("checking", "information", "evaluation"), f"{path.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize("entry", ["theory", "theory.registry", "numerics.models", "verify.cli.main"])
def test_nothing_imports_torch_until_a_torch_model_is_used(entry):
    code = f"import sys, {entry}; assert 'torch' not in sys.modules, 'torch was imported'"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
