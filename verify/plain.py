"""Judged instances as plain data for JSON: no NaN, no Infinity, no number that a reader would round away."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from verify.instance import Frequency
from verify.precision import Measured, fraction_text
from verify.verdict import Judged


def instance_json(judged: Judged) -> dict[str, Any]:
    """An instance as plain data: values, both sides, outcome."""
    instance = judged.instance
    found: dict[str, Any] = {
        "values": {name: plain(value) for name, value in instance.values.items()},
        "statement": instance.statement,
        "label": instance.label,
        "quantity": None if judged.quantity is None else measured_json(judged.quantity),
        "bound": None if judged.bound is None else measured_json(judged.bound),
        "outcome": str(judged.outcome),
        **({"witness": {k: plain(v) for k, v in instance.witness.items()}} if instance.witness else {}),
    }
    if isinstance(instance, Frequency):
        found |= {"trials": instance.trials}
    if judged.failures is not None:
        found |= {"failure_probability": measured_json(judged.failures)}
    return found


def measured_json(number: Measured) -> dict[str, Any]:
    """A measured number as plain data; ends outside float64 as text."""
    return {
        "value": plain(number.value),
        "lower": plain(number.lower),
        "upper": plain(number.upper),
        "method": number.method,
    }


def plain(value: Any) -> Any:
    """JSON without NaN or Infinity: those, and everything that is no plain data, become text."""
    if isinstance(value, Measured):
        return plain(value.value) if value.width == 0 else measured_json(value)
    if isinstance(value, Fraction):
        if value.denominator == 1 and value.numerator.bit_length() <= 53:
            return value.numerator
        text = fraction_text(value)
        return text if "/" in text or "^" in text else float(text)
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if type(value).__module__ == "numpy":
        return plain(value.tolist())
    return str(value)
