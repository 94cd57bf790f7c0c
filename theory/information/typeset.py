"""LaTeX of answers and certificates, for notebooks and pages."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from theory.information.certificate import expansion, told
from theory.information.constraints import Fact
from theory.information.linear_entropy import Measure

if TYPE_CHECKING:
    from theory.information.answer import Answer
    from theory.information.certificate import Certificate, CertificateTerm


def entropic_latex(plain: str) -> str:
    """The prover's own notation as LaTeX: log|X|, bars, independence, names of several letters, primes."""
    out = re.sub(r"log\|([^|]+)\|", r"\\log\\lvert \1\\rvert", plain)
    out = out.replace("_||_", r"\perp").replace("->", r"\to").replace("<=", r"\le").replace(">=", r"\ge")
    out = re.sub(r"(?<!\\)\b([A-Za-z])_?(\d+)\b", r"\1_{\2}", out)
    out = re.sub(r"(?<!\\)\bTC\(", r"\\mathrm{TC}(", out)
    out = out.replace("|", r"\mid ").replace("*", r"\,")
    return re.sub(r"(?<![\w\\{])(\d+)/(\d+)", r"\\tfrac{\1}{\2}", out)


def _size(coefficient: Fraction) -> str:
    size = abs(coefficient)
    if size == 1:
        return ""
    return str(size) if size.denominator == 1 else rf"\tfrac{{{size.numerator}}}{{{size.denominator}}}"


def _term(item: CertificateTerm, first: bool) -> str:
    factor = _size(item.coefficient)
    if isinstance(item.term, Fact):
        inside = entropic_latex(str(item.term.expression))
        inside = inside if len(item.term.expression.written) == 1 else rf"\bigl({inside}\bigr)"
        why = rf"\underbrace{{{inside}}}_{{{'=' if item.term.equality else chr(92) + 'ge '}0}}"
    elif item.kind == "cardinality" and isinstance(item.term, Measure):
        why = rf"\bigl({entropic_latex(str(item.term))} - H({entropic_latex(item.term.groups[0][0])})\bigr)"
    else:
        why = entropic_latex(str(item.term))
    sign = "-" if item.coefficient < 0 else ("" if first else "+")
    return rf"{sign} {factor}\,{why}".strip() if factor else f"{sign} {why}".strip()


def certificate_latex(certificate: Certificate) -> str:
    """goal = sum of terms >= 0, aligned."""
    goal = entropic_latex(str(certificate.goal))
    if not certificate.terms:
        expanded: list[str] = []
        for measure, coefficient in certificate.goal.written:
            inside = entropic_latex(str(expansion(measure)))
            size, sign = _size(coefficient), "-" if coefficient < 0 else "+" if expanded else ""
            expanded.append(rf"{sign} {size}\bigl[{inside}\bigr]".strip())
        return rf"{goal} &= " + r" \\ &\quad ".join(expanded) + r" \;=\; 0"
    lines = [_term(item, k == 0) for k, item in enumerate(certificate.terms)]
    return rf"{goal} &= " + r" \\ &\quad ".join(lines) + r" \;\ge\; 0"


def answer_latex(answer: Answer) -> str:
    """The query, and its certificates where it is proved."""
    asked = (str(answer.query.left), answer.query.relation, str(answer.query.right))
    query = rf"\text{{{answer.verdict}:}}\quad & " + " ".join(map(entropic_latex, asked))
    if answer.query.constraints:
        query += r"\quad\text{given } " + r",\ ".join(entropic_latex(str(c)) for c in answer.query.constraints)
    rows = [query, *(certificate_latex(c) for c in told(answer.certificates))]
    return r"$$\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}$$"
