"""Verdict records: what a run says of one claim on one model, as frozen data and as JSON.

Main definitions: `VerdictRecord`, `versions`.
"""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from theory.verdict import Verdict
from verify.plain import instance_json, plain
from verify.verdict import Judged, Slack, as_expected


@cache
def versions() -> Mapping[str, str]:
    """Versions of this distribution (where it is installed), Python and the libraries that numbers depend on."""
    found = {"python": platform.python_version()}
    for name in ("boundlab", "numpy", "scipy", "sympy", "python-flint", "hypothesis"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed as a distribution"
    return found


@dataclass(frozen=True)
class VerdictRecord:
    """The verdict on one claim, measured on one model (or space of objects).

    Attributes
        model      name of the subject, or of the space that objects were drawn from
        quantity, bound   the statement's two sides as text
        slack      factors by which the bound is missed; None where there are none
        method     how the least-known side was obtained
        bites      share of the instances in which the bound is not vacuous
        witness    the worst instance; for a refuted claim the violation
        reason     why `expected` differs from the claim's own verdict, or why it is not applicable
        snippet    code that reproduces a violation found by the falsifier
    """

    claim: str
    model: str
    verdict: Verdict
    expected: Verdict
    quantity: str
    bound: str
    slack: Slack | None
    method: str
    instances: int
    bites: float
    witness: Judged | None
    seconds: float
    seed: int
    message: str = ""
    reason: str = ""
    snippet: str = ""
    undecided: int = 0
    noise: int = 0
    versions: Mapping[str, str] = field(default_factory=versions)

    @property
    def body(self) -> str:
        """The body of theory of the claim."""
        return self.claim.split("/")[0]

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the declared one."""
        return as_expected(self.verdict, self.expected)

    def as_json(self) -> dict[str, Any]:
        """Plain data without NaN or Infinity."""
        slack = None
        if self.slack is not None:
            slack = {
                "least": plain(self.slack.least),
                "median": plain(self.slack.median),
                "orders": plain(self.slack.orders),
            }
        return {
            "claim": self.claim,
            "body": self.body,
            "model": self.model,
            "verdict": str(self.verdict),
            "expected": str(self.expected),
            "as_expected": self.as_expected,
            "quantity": self.quantity,
            "bound": self.bound,
            "slack": slack,
            "method": self.method,
            "instances": self.instances,
            "bites": self.bites,
            "witness": None if self.witness is None else instance_json(self.witness),
            "message": self.message,
            "reason": self.reason,
            "snippet": self.snippet,
            "undecided": self.undecided,
            "noise": self.noise,
            "seconds": self.seconds,
            "seed": self.seed,
            "versions": dict(self.versions),
        }
