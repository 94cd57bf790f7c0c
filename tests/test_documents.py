"""README, tutorials and docstrings are executed.

In a ```console block every `$ boundlab ...` line is run and its output compared with what follows; `...` on a line of
its own stands for any lines, and inside a line for any characters. In a ```python block the code is run; lines that
begin with `>>>` are doctests.
"""

import doctest
import importlib
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(kind):
    for document in DOCUMENTS:
        for number, match in enumerate(BLOCK.finditer(document.read_text(encoding="utf-8")), start=1):
            if match.group(1) == kind:
                yield pytest.param(match.group(2), id=f"{document.name}-{number}")


def commands(block):
    """(command, expected output) pairs of a console block."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        first, _, rest = part.partition("\n")
        while first.endswith("\\"):
            more, _, rest = rest.partition("\n")
            first = first[:-1] + more
        yield first, rest


def pattern(expected):
    lines = []
    for line in expected.strip("\n").splitlines():
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(r"[ \t]*" + r".*?".join(map(re.escape, line.strip().split("..."))) + r"[ \t]*\n")
    return re.compile("".join(lines))


def flattened(text):
    """Leading and trailing blanks of lines and blank lines carry no meaning."""
    return "".join(line.strip() + "\n" for line in text.splitlines() if line.strip())


@pytest.mark.parametrize("block", list(blocks("console")))
def test_commands_print_what_the_document_shows(block, tmp_path):
    ran = 0
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    for command, expected in commands(block):
        words = shlex.split(command, comments=True)
        if words[0] != "boundlab":
            assert words[0] in ("make", "git", "cd", "python3"), f"this test does not know how to run {command!r}"
            continue
        result = subprocess.run(
            [sys.executable, "-m", "verify.cli.main", *words[1:]],
            check=False,
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
        )
        shown = flattened(result.stdout + result.stderr)
        if expected.strip():
            wanted = pattern(flattened(expected))
            assert wanted.search(shown), f"$ {command}\nprinted:\n{shown}\nthe document shows:\n{expected}"
        ran += 1
    assert ran or "make" in block


@pytest.mark.parametrize("block", list(blocks("python")))
def test_python_blocks_run(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "document"}
    if ">>>" in block:
        test = doctest.DocTestParser().get_doctest(block, names, "block", None, 0)
        flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
        results = doctest.DocTestRunner(optionflags=flags).run(test)
        assert results.attempted and not results.failed
    else:
        exec(compile(block, "block", "exec"), names)


def modules():
    for package in ("theory", "numerics", "verify"):
        root = importlib.import_module(package)
        yield package
        for info in pkgutil.walk_packages(root.__path__, f"{package}."):
            yield info.name


def has_examples(name):
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None and ">>>" in Path(spec.origin).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [m for m in modules() if has_examples(m)])
def test_docstring_examples(name):
    module = importlib.import_module(name)
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert results.attempted and not results.failed
