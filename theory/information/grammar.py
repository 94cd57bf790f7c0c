"""The grammar of entropic queries, read by recursive descent.

    query      := side REL side [ "given" constraint { ("," | ";" | "and") constraint } ]
    REL        := "<=" | ">=" | "=" | "=="
    side       := ["-"] term { ("+" | "-") term }            term := [rational ["*"]] atom | "0"
    atom       := "H(" group ["|" group] ")" | "I(" group ";" group ["|" group] ")"
                | "TC(" group ";" group {";" group} ["|" group] ")" | "log|" name "|"
    constraint := node "->" node "->" node {"->" node} | node "_||_" node {"_||_" node} ["|" group]
                | node "=" fname "(" group ")" | side REL side
    node       := name | "(" group ")"     group := name {"," name}     name := letter {letter | digit | "_" | "'"}

A comma after the condition of an independence continues the group unless a new constraint starts there. Errors carry
the position (0-based, in characters). Source: specification `categorical`, section 3.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn, cast

from theory.information.constraints import (
    Constraint,
    FunctionOf,
    Group,
    Independence,
    LinearConstraint,
    MarkovChain,
    Relation,
)
from theory.information.linear_entropy import LinearEntropy, Measure, MeasureKind

MEASURES = ("H", "I", "TC")
RESERVED = ("given", "and")
_LONGEST_NUMBER = 100  # Python refuses to read integers beyond some thousand digits
_RELATIONS = {"<=": "<=", ">=": ">=", "=": "=", "==": "="}
_TOKEN = re.compile(
    r"(?P<independent>_\|\|_|⫫)|(?P<arrow>->)|(?P<relation><=|>=|==|=|<|>)|(?P<number>\d+(?:\.\d+)?(?:/\d+)?)"
    r"|(?P<name>[^\W\d_][\w']*)|(?P<sign>[-+*(),;|])"
)


class GrammarError(ValueError):
    """Malformed entropic text: what is wrong, and at which character (0-based)."""

    def __init__(self, message: str, position: int, text: str = "") -> None:
        super().__init__(f"position {position} of {text!r}: {message}" if text else f"position {position}: {message}")
        self.message = message
        self.position = position
        self.text = text


@dataclass(frozen=True)
class Query:
    """`left relation right`, under `constraints`."""

    left: LinearEntropy
    relation: Relation
    right: LinearEntropy
    constraints: tuple[Constraint, ...] = ()

    def goals(self) -> tuple[LinearEntropy, ...]:
        """Expressions that must be non-negative: one for an inequality, two for an equality."""
        difference = self.right - self.left
        if self.relation == "<=":
            return (difference,)
        return (-difference,) if self.relation == ">=" else (-difference, difference)

    def variables(self) -> tuple[str, ...]:
        """Names in order of first appearance."""
        found = [*self.left.variables(), *self.right.variables()]
        return tuple(dict.fromkeys([*found, *(name for c in self.constraints for name in c.variables())]))

    def __str__(self) -> str:
        condition = f" given {', '.join(map(str, self.constraints))}" if self.constraints else ""
        return f"{self.left} {self.relation} {self.right}{condition}"


@dataclass(frozen=True)
class _Token:
    kind: str  # a group name of _TOKEN, or "end"
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            hint = ", write blanks around _||_" if text[position] == "_" else ""
            raise GrammarError(f"unknown character {text[position]!r}{hint}", position, text)
        tokens.append(_Token(cast(str, match.lastgroup), match.group(), position))
        position = match.end()
    return [*tokens, _Token("end", "", len(text))]


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.index = 0
        if len(self.tokens) == 1:
            self.fail("empty input, expected an entropic expression", self.tokens[0])

    def fail(self, message: str, token: _Token) -> NoReturn:
        raise GrammarError(message, token.position, self.text)

    @property
    def now(self) -> _Token:
        return self.tokens[self.index]

    def ahead(self, count: int = 1) -> _Token:
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def take(self) -> _Token:
        token = self.now
        self.index = min(self.index + 1, len(self.tokens) - 1)
        return token

    def shown(self, token: _Token) -> str:
        return repr(token.text) if token.text else "the end"

    def expect(self, sign: str, where: str) -> _Token:
        if self.now.text != sign:
            unbalanced = "unbalanced brackets: " if sign == ")" else ""
            self.fail(f"{unbalanced}expected {sign!r} {where}, found {self.shown(self.now)}", self.now)
        return self.take()

    def end(self) -> None:
        if self.now.text == ")":
            self.fail("unbalanced brackets: ')' closes nothing", self.now)
        if self.now.kind != "end":
            self.fail(f"expected the end, found {self.shown(self.now)}", self.now)

    # ---- names and groups

    def name(self, where: str) -> str:
        token = self.now
        if token.kind != "name":
            what = "empty group" if token.text in (")", "|", ";", ",") else f"found {self.shown(token)}"
            self.fail(f"{what}, expected the name of a variable {where}", token)
        if token.text in RESERVED:
            self.fail(f"{token.text!r} is a reserved word, expected the name of a variable {where}", token)
        return self.take().text

    def group(self, where: str) -> Group:
        names = [self.name(where)]
        while self.now.text == ",":
            self.take()
            names.append(self.name(where))
        return tuple(dict.fromkeys(names))

    def open_group(self, where: str) -> Group:
        """A group without brackets: the comma belongs to it unless a new constraint starts behind."""
        if self.now.text == "(":
            return self.node(where)
        names = [self.name(where)]
        while self.now.text == "," and self.ahead().kind == "name":
            follower = self.ahead(2)
            if not (follower.kind == "end" or follower.text in (",", ";", "and")):
                break
            self.take()
            names.append(self.name(where))
        return tuple(dict.fromkeys(names))

    def node(self, where: str) -> Group:
        if self.now.text != "(":
            return (self.name(where),)
        self.take()
        names = self.group(where)
        self.expect(")", "after the group")
        return names

    # ---- sides

    def measure(self) -> Measure:
        start = self.take()
        if start.text == "log":
            self.expect("|", "after log")
            variable = self.name("in log|...|")
            self.expect("|", "after the variable of log|...|")
            return Measure("log", ((variable,),))
        kind = cast(MeasureKind, start.text)
        self.expect("(", f"after {kind}")
        groups, where = [], f"in {kind}(...)"
        groups.append(self.group(where))
        while self.now.text == ";":
            self.take()
            groups.append(self.group(where))
        given: Group = ()
        if self.now.text == "|":
            self.take()
            given = self.group("after the bar")
        if self.now.text in ("|", ";"):
            self.fail(f"{self.shown(self.now)} after the condition of {kind}, expected ')'", self.now)
        self.expect(")", f"to close {kind}(")
        if kind == "H" and len(groups) > 1:
            self.fail(f"H has {len(groups)} groups, expected one (join names with ',', or use I or TC)", start)
        if kind == "I" and len(groups) == 1:
            self.fail("I has one group, expected two separated by ';'", start)
        if kind == "I" and len(groups) > 2:
            self.fail(f"I has {len(groups)} groups, expected two (use TC)", start)
        if kind == "TC" and len(groups) < 2:
            self.fail("TC has one group, expected at least two separated by ';'", start)
        return Measure(kind, tuple(groups), given)

    def at_measure(self) -> bool:
        opening = {"log": "|"}.get(self.now.text, "(" if self.now.text in MEASURES else None)
        return self.now.kind == "name" and opening is not None and self.ahead().text == opening

    def rational(self) -> Fraction:
        token = self.take()
        if len(token.text) > _LONGEST_NUMBER:
            self.fail(f"a number of {len(token.text)} characters, expected at most {_LONGEST_NUMBER}", token)
        number, _, denominator = token.text.partition("/")
        if denominator and int(denominator) == 0:
            self.fail(f"{token.text} divides by zero", token)
        return Fraction(number) / int(denominator or 1)

    def term(self) -> list[tuple[Measure, Fraction]]:
        start, coefficient = self.now, Fraction(1)
        if start.kind == "number":
            coefficient = self.rational()
            if self.now.text == "*":
                self.take()
            elif not self.at_measure() and not (self.now.kind == "name" and self.now.text not in RESERVED):
                if coefficient:
                    self.fail(
                        f"inhomogeneous: the constant {start.text} is not a statement about entropies in unknown units",
                        start,
                    )
                return []
        if not self.at_measure():
            if self.now.kind == "name" and self.ahead().text == "(":
                self.fail(f"unknown function {self.now.text!r}, expected H, I, TC or log|...|", self.now)
            self.fail(f"expected H(...), I(...), TC(...) or log|...|, found {self.shown(self.now)}", self.now)
        return [(self.measure(), coefficient)]

    def side(self) -> LinearEntropy:
        sign = 1
        if self.now.text == "-":
            self.take()
            sign = -1
        written = [(m, sign * c) for m, c in self.term()]
        while self.now.text in ("+", "-"):
            sign = -1 if self.take().text == "-" else 1
            written += [(m, sign * c) for m, c in self.term()]
        if self.at_measure() or self.now.kind == "number":
            self.fail("two terms without a sign between them, expected '+' or '-'", self.now)
        return LinearEntropy.of(written)

    def relation(self) -> Relation:
        token = self.now
        if token.text in ("<", ">"):
            self.fail(f"strict {token.text!r} cannot be decided over closed cones, expected '{token.text}='", token)
        if token.kind != "relation":
            self.fail(f"expected '<=', '>=' or '=', found {self.shown(token)}", token)
        return cast(Relation, _RELATIONS[self.take().text])

    # ---- constraints and queries

    def constraint(self) -> Constraint:
        if self.at_measure() or self.now.kind == "number" or self.now.text == "-":
            left = self.side()
            relation = self.relation()
            return LinearConstraint(left, relation, self.side())
        start = self.now
        nodes = [self.node("in a constraint")]
        if self.now.kind == "arrow":
            while self.now.kind == "arrow":
                self.take()
                nodes.append(self.node("after ->"))
            if len(nodes) == 2:
                self.fail("a chain of two nodes says nothing (a function is written Y = f(X))", start)
            return MarkovChain(tuple(nodes))
        if self.now.kind == "independent":
            while self.now.kind == "independent":
                self.take()
                nodes.append(self.node("after _||_"))
            given: Group = ()
            if self.now.text == "|":
                self.take()
                given = self.open_group("after the bar")
            return Independence(tuple(nodes), given)
        if self.now.text == "=":
            self.take()
            function = self.now
            if function.text in MEASURES:
                self.fail(f"function named {function.text}: H, I and TC are measures, expected another name", function)
            label = self.name("of a function")
            self.expect("(", f"after the function {label}")
            arguments = self.group(f"in {label}(...)")
            self.expect(")", f"to close {label}(")
            return FunctionOf(nodes[0], label, arguments)
        self.fail(f"expected '->', '_||_' or '= f(...)' in a constraint, found {self.shown(self.now)}", self.now)

    def constraints(self) -> tuple[Constraint, ...]:
        found = [self.constraint()]
        while self.now.text in (",", ";", "and"):
            self.take()
            found.append(self.constraint())
        return tuple(found)

    def query(self) -> Query:
        left = self.side()
        relation = self.relation()
        right = self.side()
        constraints: tuple[Constraint, ...] = ()
        if self.now.text == "given":
            self.take()
            constraints = self.constraints()
        self.end()
        return Query(left, relation, right, constraints)


def parse_expression(text: str) -> LinearEntropy:
    """Read one side, such as `2*H(X,Y) - I(X;Y|Z)`. Raises `GrammarError`."""
    parser = _Parser(text)
    found = parser.side()
    parser.end()
    return found


def parse_constraints(text: str) -> tuple[Constraint, ...]:
    """Read the part after `given`; blank text means no constraint. Raises `GrammarError`."""
    if not text.strip():
        return ()
    parser = _Parser(text)
    found = parser.constraints()
    parser.end()
    return found


def parse_query(text: str, given: str = "") -> Query:
    """Read a query; constraints in `given` are added to those behind the word `given`. Raises `GrammarError`."""
    query = _Parser(text).query()
    return Query(query.left, query.relation, query.right, query.constraints + parse_constraints(given))
