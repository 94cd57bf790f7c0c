"""Proofs beyond Shannon's inequalities by copy variables.

The copy lemma (`CopyOf`) adds a variable that exists beside every distribution; Shannon inequalities with such
variables prove more, e.g. the Zhang-Yeung inequality with one. Source: Zhang and Yeung, IEEE Trans. Inf. Theory 44
(1998); specification `categorical`, section 3.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from theory.information.certificate import Certificate
from theory.information.constraints import CopyOf
from theory.information.grammar import Query
from theory.information.linear_entropy import LinearEntropy
from theory.information.program import Program

PROGRAMS = 200  # exact programs that one search may solve


def candidates(query: Query) -> Iterator[CopyOf]:
    """Copies of one variable over two others, over more, over one."""
    names = query.variables()
    copy = next(name for name in (f"R{k or ''}" for k in range(len(names) + 1)) if name not in names)
    for size in (*range(2, len(names)), 1):
        for over in combinations(names, size):
            for original in names:
                if original not in over:
                    yield CopyOf(copy, original, over, tuple(n for n in names if n not in over))


def prove_with_copies(query: Query, goal: LinearEntropy, copies: int) -> tuple[Query, Certificate] | None:
    """The query with up to `copies` copy variables and a certificate of the goal, or None where none was found.

    Tries one copy in every way, then extends each by a second, and so on, up to `PROGRAMS` programs.
    """
    front, left = [query], PROGRAMS
    for _ in range(copies):
        extended = []
        for base in front:
            for candidate in candidates(base):
                if left == 0:
                    return None
                left -= 1
                larger = replace(base, constraints=(*base.constraints, candidate))
                answer = Program(larger).decide(goal)
                if isinstance(answer, Certificate):
                    return larger, answer
                extended.append(larger)
        front = extended
    return None
