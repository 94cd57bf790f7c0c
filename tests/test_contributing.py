"""The numbered lists of CONTRIBUTING.md, followed literally in a scratch tree."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = re.compile(r"^ *```file (\S+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)

DRIVER = """
import sys
from pathlib import Path
import theory, verify
scratch = Path(sys.argv[1])
theory.__path__.append(str(scratch / "theory"))
verify.__path__.append(str(scratch / "verify"))
from theory.registry import registry
from verify.measure import measure_claim
found = registry()
assert "gossip" in found.bodies and "markov" in found.bodies, found.bodies
claim = found.claim("gossip/doubling")
print("grade", claim.check().grade)
(record,) = measure_claim(claim)
print("verdict", record.verdict, "expected", record.expected)
"""


def test_adding_a_paper_and_a_claim_needs_new_files_only(tmp_path):
    written = FILE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(written) == 4
    for name, text in written:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-c", DRIVER, str(tmp_path)], capture_output=True, text=True, env=environment, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "grade proved" in result.stdout
    assert "verdict tight expected holds" in result.stdout or "verdict holds expected holds" in result.stdout
