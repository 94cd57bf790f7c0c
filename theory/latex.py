"""LaTeX and HTML of claims and derivations, for notebooks and pages."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter

from theory.derivation import Derivation, describe
from theory.information.typeset import entropic_latex
from theory.proposition import Forall, sign_of
from theory.verdict import Grade

if TYPE_CHECKING:
    from theory.claim import Claim
    from theory.parameter import Parameter

SIGNS = {"==": "=", "<=": r"\le", "<": "<", ">=": r"\ge", ">": ">"}


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy publishes no types
    """SymPy's printer, with the names of quantities kept whole and information measures as they are written."""

    def _print_Function(self, expr: Any, exp: Any = None) -> str:
        if not isinstance(expr, AppliedUndef):
            return str(super()._print_Function(expr, exp))
        if "(" in str(expr.func) and not expr.args:  # an information measure
            name = entropic_latex(str(expr.func))
            return f"{name}^{{{exp}}}" if exp is not None else name
        name = r"\mathrm{" + str(expr.func).replace("_", r"\_").replace("|", r"\mid ") + "}"
        if expr.args:
            arguments = ", ".join(self._print(a) for a in expr.args)
            name = rf"{name}\left({arguments}\right)"
        return f"{name}^{{{exp}}}" if exp is not None else name


def _latex(expression: Any, names: dict[sp.Symbol, str]) -> str:
    return str(_Printer({"symbol_names": names}).doprint(expression))


def _names(parameters: tuple[Parameter, ...]) -> dict[sp.Symbol, str]:
    return {p.symbol: p.latex for p in parameters}


def expression_latex(expression: Any, parameters: tuple[Parameter, ...] = ()) -> str:
    """An expression, a relation or a Forall in LaTeX, parameters printed as declared."""
    names = _names(parameters)
    if isinstance(expression, Forall):
        variables = ",".join(_latex(v, names) for v in expression.variables)
        body = expression_latex(expression.body, parameters)
        return rf"\forall {variables}:\; {body}"
    if isinstance(expression, sp.Rel):
        left, right = (_latex(a, names) for a in expression.args)
        return (
            f"{left} {SIGNS[sign_of(expression)]} {right}"
            if not isinstance(expression, sp.Ne)
            else f"{left} \\ne {right}"
        )
    return _latex(expression, names)


def derivation_latex(derivation: Derivation, parameters: tuple[Parameter, ...] = ()) -> str:
    """The chain as an aligned display; side facts come first."""
    everything = (*parameters, *derivation.parameters)
    lines: list[str] = []
    for step in derivation.steps:
        if not step.linked or isinstance(step.proposition, Forall):
            lines.append(rf"&{expression_latex(step.proposition, everything)} && \text{{({_escape(step.name)})}}")
    first = True
    for step in derivation.steps:
        if step.linked and not isinstance(step.proposition, Forall):
            left = expression_latex(derivation.start, everything) if first else ""
            right = expression_latex(step.proposition.rhs, everything)
            reason = _escape(step.note or "; ".join(map(describe, step.by)))
            lines.append(rf"{left} &{SIGNS[sign_of(step.proposition)]} {right} && \text{{{reason}}}")
            first = False
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def derivation_html(derivation: Derivation) -> str:
    """A table of steps with the checker's grade of each."""
    report = derivation.check()
    rows = []
    for step, graded in zip(derivation.steps, report.steps, strict=True):
        colour = {Grade.PROVED: "#1a7f37", Grade.CITED: "#9a6700", Grade.GAP: "#cf222e", Grade.REFUSED: "#cf222e"}
        rows.append(
            f"<tr><td>{html.escape(step.name)}</td>"
            f"<td>\\({expression_latex(step.proposition, derivation.parameters)}\\)</td>"
            f"<td style='color:{colour[graded.grade]}'>{graded.grade}</td>"
            f"<td>{html.escape(graded.method)} {html.escape(graded.message)}</td></tr>"
        )
    head = "<tr><th>step</th><th>relation</th><th>grade</th><th>backed by</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def claim_latex(claim: Claim) -> str:
    """The claim's statements, one a line."""
    lines = []
    for statement in claim.statements:
        lines.append(expression_latex(statement.relation, claim.parameters))
    return "\\begin{gathered}\n" + " \\\\\n".join(lines) + "\n\\end{gathered}"


def claim_html(claim: Claim) -> str:
    """Title, statement in words and in symbols, parameters, source."""
    rows = "".join(
        f"<tr><td>\\({p.latex}\\)</td><td>{html.escape(p.meaning)}</td><td>\\({p.domain.latex()}\\)</td></tr>"
        for p in claim.parameters
    )
    symbols = "".join(f"<p>\\({expression_latex(s.relation, claim.parameters)}\\)</p>" for s in claim.statements)
    return (
        f"<h3>{html.escape(claim.id)}: {html.escape(claim.title)}</h3><p>{html.escape(claim.text)}</p>{symbols}"
        f"<table>{rows}</table><p>{html.escape(str(claim.source))} · {claim.status} · expected {claim.expected}</p>"
    )


def _escape(text: str) -> str:
    for character in "\\{}_^#&%$~":
        text = text.replace(character, f"\\{character}" if character not in "\\^~" else " ")
    return text
