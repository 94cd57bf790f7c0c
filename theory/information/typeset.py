"""LaTeX of answers and certificates, for notebooks and pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from theory.information.constraints import Fact
from theory.information.linear_entropy import Measure

if TYPE_CHECKING:
    from theory.information.answer import Answer
    from theory.information.certificate import Certificate, CertificateTerm


def _text(plain: str) -> str:
    """The prover's own notation as LaTeX: log|X|, bars, independence, names of several letters, primes."""
    out = re.sub(r"log\|([^|]+)\|", r"\\log\\lvert \1\\rvert", plain)
    out = out.replace("_||_", r"\perp").replace("->", r"\to").replace("<=", r"\le").replace(">=", r"\ge")
    out = re.sub(r"(?<!\\)\b([A-Za-z])_?(\d+)\b", r"\1_{\2}", out)
    out = re.sub(r"(?<!\\)\bTC\(", r"\\mathrm{TC}(", out)
    out = out.replace("|", r"\mid ").replace("*", r"\,")
    return re.sub(r"(?<![\w\\{])(\d+)/(\d+)", r"\\tfrac{\1}{\2}", out)


def _term(item: CertificateTerm, first: bool) -> str:
    size = abs(item.coefficient)
    factor = (
        ""
        if size == 1
        else (str(size) if size.denominator == 1 else rf"\tfrac{{{size.numerator}}}{{{size.denominator}}}")
    )
    if isinstance(item.term, Fact):
        inside = _text(str(item.term.expression))
        inside = inside if len(item.term.expression.written) == 1 else rf"\bigl({inside}\bigr)"
        why = rf"\underbrace{{{inside}}}_{{{'=' if item.term.equality else chr(92) + 'ge '}0}}"
    elif item.kind == "cardinality" and isinstance(item.term, Measure):
        why = rf"\bigl({_text(str(item.term))} - H({_text(item.term.groups[0][0])})\bigr)"
    else:
        why = _text(str(item.term))
    sign = "-" if item.coefficient < 0 else ("" if first else "+")
    return rf"{sign} {factor}\,{why}".strip() if factor else f"{sign} {why}".strip()


def certificate_latex(certificate: Certificate) -> str:
    """goal = sum of terms >= 0, aligned."""
    goal = _text(str(certificate.goal))
    if not certificate.terms:
        return rf"{goal} &= 0"
    lines = [_term(item, k == 0) for k, item in enumerate(certificate.terms)]
    return rf"{goal} &= " + r" \\ &\quad ".join(lines) + r" \;\ge\; 0"


def answer_latex(answer: Answer) -> str:
    """The query, and its certificates where it is proved."""
    query = rf"\text{{{answer.verdict}:}}\quad & {_text(str(answer.query.left))} {_text(answer.query.relation)} "
    query += _text(str(answer.query.right))
    if answer.query.constraints:
        query += r"\quad\text{given } " + r",\ ".join(_text(str(c)) for c in answer.query.constraints)
    rows = [query, *(certificate_latex(c) for c in answer.certificates)]
    return r"$$\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}$$"
