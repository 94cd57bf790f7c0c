"""Build the reference: one page a claim, an index, and the graph of statements, from the registry alone.

    python docs/build.py [--out docs/reference]

Pages are Markdown with LaTeX. Nothing is written by hand: text, parameters, grades and links come from the claims.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from theory.checking.kernel import check_lemma
from theory.claim import Claim
from theory.derivation import Derivation, describe
from theory.graph import rests_on, uses
from theory.latex import expression_latex
from theory.lemma import Lemma
from theory.registry import Registry, registry


def steps_table(statement: Claim | Lemma, derivation: Derivation) -> list[str]:
    """The derivation with the checker's grade of every step."""
    report = check_lemma(statement)
    lines = ["| step | relation | grade | confirmed by |", "|---|---|---|---|"]
    for step, graded in zip(derivation.steps, report.steps, strict=True):
        formula = expression_latex(step.proposition, (*statement.parameters, *derivation.parameters))
        reason = " ".join(part for part in (graded.method, graded.message) if part)
        note = f" ({step.note})" if step.note else ""
        lines.append(f"| {step.name}{note} | $`{formula}`$ | {graded.grade} | {reason or describe(step.by[0])} |")
    return [*lines, "", f"Grade of the whole: **{report.grade}**.", ""]


def link(name: str) -> str:
    """A link to a statement's page."""
    return f"[{name}]({name.replace('/', '.')}.md)"


def claim_page(claim: Claim, found: Registry) -> str:
    """The page of one claim."""
    lines = [
        f"# {claim.title}",
        "",
        f"`{claim.id}` · {claim.kind} · {claim.status} · source: {claim.source}",
        "",
        claim.text,
        "",
    ]
    for statement in claim.statements:
        label = f"*{statement.label}*: " if statement.label else ""
        trivial = "" if statement.trivial is None else f" (trivial: $`{expression_latex(statement.trivial)}`$)"
        lines += [f"{label}$`{expression_latex(statement.relation, claim.parameters)}`${trivial}", ""]
    lines += [f"Expected verdict: **{claim.expected}**." + (f" {claim.why}" if claim.why else ""), ""]
    if claim.assumptions:
        lines += ["Assumes " + "; ".join(f"*{a.name}* ({a.meaning})" for a in claim.assumptions) + ".", ""]
    if claim.parameters:
        lines += ["| parameter | meaning | domain | unit |", "|---|---|---|---|"]
        lines += [f"| `{p.name}` | {p.meaning} | {p.domain} | {p.unit} |" for p in claim.parameters]
        lines.append("")
    if claim.derivation is not None:
        lines += ["## Derivation", "", *steps_table(claim, claim.derivation)]
    relations = [
        ("uses", uses(claim)),
        ("sharpens", claim.sharpens),
        ("corrects", claim.corrects),
        ("sharpened by", found.sharpened_by(claim.id)),
        ("corrected by", found.corrected_by(claim.id)),
        ("needed by", rests_on(claim.id, found)),
    ]
    for word, names in relations:
        if names:
            lines.append(f"- {word}: {', '.join(map(link, names))}")
    return "\n".join(lines) + "\n"


def lemma_page(lemma: Lemma, found: Registry) -> str:
    """The page of one lemma."""
    lines = [f"# {lemma.title}", "", f"`{lemma.id}`", "", lemma.statement, ""]
    lines += [f"$`{expression_latex(lemma.conclusion, lemma.parameters)}`$", ""]
    lines += [f"- if $`{expression_latex(h, lemma.parameters)}`$" for h in lemma.hypotheses]
    if isinstance(lemma.backing, Derivation):
        lines += ["", "## Derivation", "", *steps_table(lemma, lemma.backing)]
    else:
        lines += ["", f"Cited: {lemma.backing.source}. {lemma.backing.remark}", ""]
    needed = rests_on(lemma.id, found)
    if needed:
        lines.append(f"- needed by: {', '.join(map(link, needed))}")
    return "\n".join(lines) + "\n"


def build(out: Path) -> int:
    """Write all pages; returns how many."""
    found = registry()
    out.mkdir(parents=True, exist_ok=True)
    index = ["# Reference", "", "| claim | title | kind | status | expected |", "|---|---|---|---|---|"]
    for name in sorted(found.claims):
        claim = found.claims[name]
        (out / f"{name.replace('/', '.')}.md").write_text(claim_page(claim, found), encoding="utf-8")
        index.append(f"| {link(name)} | {claim.title} | {claim.kind} | {claim.status} | {claim.expected} |")
    index += ["", "| lemma | title |", "|---|---|"]
    for name in sorted(found.lemmas):
        (out / f"{name.replace('/', '.')}.md").write_text(lemma_page(found.lemmas[name], found), encoding="utf-8")
        index.append(f"| {link(name)} | {found.lemmas[name].title} |")
    counts = Counter(c.body for c in found.claims.values())
    index += ["", ", ".join(f"{body}: {count} claims" for body, count in sorted(counts.items()))]
    (out / "index.md").write_text("\n".join(index) + "\n", encoding="utf-8")
    return len(found.claims) + len(found.lemmas)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "reference")
    arguments = parser.parse_args()
    print(f"{build(arguments.out)} pages in {arguments.out}")
