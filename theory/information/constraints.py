"""Hypotheses of an entropic statement, and the linear facts they amount to.

Main definitions: `MarkovChain`, `Independence`, `FunctionOf`, `LinearConstraint` and the `Fact`s (an expression
that is 0, or that is non-negative) that each of them states. Source: specification `categorical`, section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from theory.information.linear_entropy import LinearEntropy, Measure, entropy, mutual_information

Relation = Literal["<=", ">=", "="]
Group = tuple[str, ...]


def _node(group: Group) -> str:
    return group[0] if len(group) == 1 else f"({','.join(group)})"


@dataclass(frozen=True)
class Fact:
    """`expression = 0` if `equality`, else `expression >= 0`; `origin` is the constraint as the user would write it."""

    expression: LinearEntropy
    equality: bool
    origin: str

    def __str__(self) -> str:
        return f"{self.expression} {'=' if self.equality else '>='} 0"


@dataclass(frozen=True)
class MarkovChain:
    """X1 -> X2 -> ... -> Xk: all before are independent of the next, given the present (k >= 3)."""

    nodes: tuple[Group, ...]

    def __post_init__(self) -> None:
        if len(self.nodes) < 3:
            raise ValueError(f"a Markov chain of {len(self.nodes)} nodes says nothing, expected at least 3")

    def facts(self) -> tuple[Fact, ...]:
        """I(X1,...,X_{j-1}; X_{j+1} | X_j) = 0 for j = 2..k-1."""
        found = []
        for j in range(1, len(self.nodes) - 1):
            before = [name for node in self.nodes[:j] for name in node]
            measure = mutual_information(before, self.nodes[j + 1], self.nodes[j])
            found.append(Fact(LinearEntropy.of([(measure, 1)]), True, str(self)))
        return tuple(found)

    def variables(self) -> Group:
        return tuple(dict.fromkeys(name for node in self.nodes for name in node))

    def __str__(self) -> str:
        return " -> ".join(_node(node) for node in self.nodes)


@dataclass(frozen=True)
class Independence:
    """Mutual (conditional) independence of the nodes: TC(nodes|given) = 0."""

    nodes: tuple[Group, ...]
    given: Group = ()

    def __post_init__(self) -> None:
        if len(self.nodes) < 2:
            raise ValueError(f"independence of {len(self.nodes)} node says nothing, expected at least 2")

    def facts(self) -> tuple[Fact, ...]:
        """One equality: for two nodes a mutual information, for more a total correlation."""
        measure = Measure("I" if len(self.nodes) == 2 else "TC", self.nodes, self.given)
        return (Fact(LinearEntropy.of([(measure, 1)]), True, str(self)),)

    def variables(self) -> Group:
        return tuple(dict.fromkeys([name for node in self.nodes for name in node] + list(self.given)))

    def __str__(self) -> str:
        condition = f" | {','.join(self.given)}" if self.given else ""
        return " _||_ ".join(_node(node) for node in self.nodes) + condition


@dataclass(frozen=True)
class FunctionOf:
    """node = name(arguments): H(node|arguments) = 0."""

    node: Group
    name: str
    arguments: Group

    def facts(self) -> tuple[Fact, ...]:
        return (Fact(LinearEntropy.of([(entropy(self.node, self.arguments), 1)]), True, str(self)),)

    def variables(self) -> Group:
        return tuple(dict.fromkeys([*self.node, *self.arguments]))

    def __str__(self) -> str:
        return f"{_node(self.node)} = {self.name}({','.join(self.arguments)})"


@dataclass(frozen=True)
class LinearConstraint:
    """Any linear entropic relation, e.g. H(R) = H(A)."""

    left: LinearEntropy
    relation: Relation
    right: LinearEntropy

    def facts(self) -> tuple[Fact, ...]:
        difference = self.right - self.left if self.relation == "<=" else self.left - self.right
        return (Fact(difference, self.relation == "=", str(self)),)

    def variables(self) -> Group:
        return tuple(dict.fromkeys([*self.left.variables(), *self.right.variables()]))

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"


@dataclass(frozen=True)
class CopyOf:
    """The copy lemma: `copy` is drawn by the law of `original` given `over`, apart from everything else.

    So (copy, over) has the law of (original, over), and copy -> over -> rest, where `rest` are all other variables, the
    original among them. Adding such a variable restricts nothing: it exists beside every distribution.
    Source: Zhang and Yeung, IEEE Trans. Inf. Theory 44 (1998); specification `categorical`, section 3.6.
    """

    copy: str
    original: str
    over: Group
    rest: Group

    def __post_init__(self) -> None:
        if self.original not in self.rest or {self.copy, *self.over} & set(self.rest) or self.copy in self.over:
            raise ValueError(
                f"{self} is no instance of the copy lemma: the original belongs to the rest, the copy is new"
            )

    def facts(self) -> tuple[Fact, ...]:
        """H(copy,S) = H(original,S) for S inside `over`, and I(copy;rest|over) = 0."""
        found = []
        for size in range(len(self.over) + 1):
            for chosen in combinations(sorted(self.over), size):
                pair = [(entropy((self.copy, *chosen)), 1), (entropy((self.original, *chosen)), -1)]
                found.append(Fact(LinearEntropy.of(pair), True, str(self)))
        apart = mutual_information((self.copy,), self.rest, self.over)
        return (*found, Fact(LinearEntropy.of([(apart, 1)]), True, str(self)))

    def variables(self) -> Group:
        return (self.copy, *self.over, *self.rest)

    def __str__(self) -> str:
        return f"{self.copy} a copy of {self.original} over {','.join(self.over)}"


Constraint = MarkovChain | Independence | FunctionOf | LinearConstraint | CopyOf
