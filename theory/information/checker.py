"""Independent checker of the JSON documents of `boundlab prove`: standard library only, nothing of the prover.

It reads the query and the constraints again from their text, expands every atom over joint entropies from the
definitions, and accepts
- a proof, if each goal is *coefficient by coefficient* the sum of the certificate's terms: Shannon measures and
  cardinality bounds with coefficients >= 0, constraints (equalities with any sign, inequalities >= 0), and instances of
  the copy lemma for fresh variables;
- a refutation, if the probabilities are rationals with sum 1 under which all constraints hold and the goal is negative:
  sum_i n_i log p_i with whole n_i has the sign of prod p_i^n_i - 1, which whole numbers decide.
Everything else is refused, with the reason. Sources: definitions of the specification `categorical`, 3.4-3.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import Any

Set = frozenset[str]
Key = tuple[str, Set]  # ("h", S) for the joint entropy of S, ("log", {X}) for log|X|
Form = dict[Key, Fraction]
Frozen = frozenset[tuple[Key, Fraction]]
Fact = tuple[Form, bool]  # form = 0 if True, else form >= 0

_NAME = r"[^\W\d_][\w']*"
_GROUP = rf"{_NAME}(?:,{_NAME})*"
_ATOM = re.compile(rf"(?<![\w'])(?P<kind>H|I|TC)\((?P<body>[^()]*)\)|(?<![\w'])log\|(?P<log>{_NAME})\|")
_TERM = re.compile(rf"\s*(?P<sign>[+-]?)\s*(?:(?P<number>\d+(?:/\d+)?)\*)?(?P<atom>{_ATOM.pattern})\s*")
_FUNCTION = re.compile(rf"\(?(?P<node>{_GROUP})\)? = (?P<name>{_NAME})\((?P<arguments>{_GROUP})\)")
_RATIONAL = re.compile(r"-?\d+(?:/\d+)?")


class Refused(Exception):
    """Why a document is not accepted."""


def defects(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with the document, one line each; empty exactly if it is accepted."""
    try:
        _check(document)
    except Refused as refusal:
        return (str(refusal),)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        return (f"malformed document: {type(error).__name__}: {error}",)
    return ()


def accepts(document: Mapping[str, Any]) -> bool:
    """Whether the document's proof or refutation holds."""
    return not defects(document)


def _check(document: Mapping[str, Any]) -> None:
    goals = _goals(document["query"])
    given = [_constraint(text) for text in document["given"]]
    if document["answer"] == "proved":
        hypotheses = {(_frozen(form), equality) for facts in given for form, equality in facts}
        copies = _copies(document.get("copies", ()), _variables(document))
        totals: list[Form] = [{} for _ in goals]
        for number, record in enumerate(document["certificate"], start=1):
            coefficient = _rational(record["coefficient"], f"term {number}")
            form = _term(record, coefficient, hypotheses, copies, number)
            for key, value in form.items():
                total = totals[_index(record.get("goal", 0), len(goals))]
                total[key] = total.get(key, Fraction(0)) + coefficient * value
        for goal, total in zip(goals, totals, strict=True):
            for key in sorted({*goal, *total}, key=str):
                difference = goal.get(key, Fraction(0)) - total.get(key, Fraction(0))
                if difference:
                    raise Refused(f"the goal and the sum of the terms differ by {difference} on {_shown(key)}")
    elif document["answer"] == "refuted":
        witness = document["witness"]
        law = _law(witness)
        for text, facts in zip(document["given"], given, strict=True):
            for form, equality in facts:
                found = _sign(form, law, witness)
                if found < 0 or (equality and found > 0):
                    raise Refused(f"the distribution does not satisfy {text}")
        if all(_sign(goal, law, witness) >= 0 for goal in goals):
            raise Refused("the distribution does not violate the query")
    else:
        raise Refused(f"the answer is {document['answer']!r}: there is nothing to accept")


def _index(goal: Any, count: int) -> int:
    if not isinstance(goal, int) or not 0 <= goal < count:
        raise Refused(f"a term belongs to goal {goal!r}, expected 0 to {count - 1}")
    return goal


def _term(
    record: Mapping[str, Any],
    coefficient: Fraction,
    hypotheses: set[tuple[Frozen, bool]],
    copies: set[Frozen],
    number: int,
) -> Form:
    """The term's expansion, if it may be used with this coefficient."""
    kind, text = record["kind"], record["term"]
    form = _form(text)
    if kind == "shannon":
        found = _ATOM.fullmatch(text)
        if found is None or found["kind"] not in ("H", "I"):
            raise Refused(f"term {number}, {text}, is not one Shannon measure H or I")
    elif kind == "cardinality":
        found = re.fullmatch(rf"log\|({_NAME})\| - H\(({_NAME})\)", text)
        if found is None or found[1] != found[2]:
            raise Refused(f"term {number}, {text}, is not a bound log|X| - H(X)")
    elif kind in ("equality", "inequality"):
        if (_frozen(form), kind == "equality") not in hypotheses:
            raise Refused(f"term {number}, {text}, is not an {kind} among the constraints")
    elif kind == "copy":
        if _frozen(form) not in copies:
            raise Refused(f"term {number}, {text}, is not an instance of the copy lemma")
    else:
        raise Refused(f"term {number} is of unknown kind {kind!r}")
    if coefficient < 0 and kind in ("shannon", "cardinality", "inequality"):
        raise Refused(f"term {number}, {text} >= 0, has the negative coefficient {coefficient}")
    return form


# ---- text to linear forms


def _rational(text: Any, where: str) -> Fraction:
    if not isinstance(text, str) or not _RATIONAL.fullmatch(text):
        raise Refused(f"{where}: {text!r} is not an exact rational")
    return Fraction(text)


def _group(text: str) -> Set:
    if not re.fullmatch(_GROUP, text):
        raise Refused(f"{text!r} is not a group of names")
    return frozenset(text.split(","))


def _sum(parts: Iterable[tuple[Fraction | int, Iterable[tuple[Set, int]]]]) -> Form:
    form: Form = {}
    for factor, pieces in parts:
        for names, value in pieces:
            if names:
                key = ("h", names)
                form[key] = form.get(key, Fraction(0)) + Fraction(factor) * value
    return {key: value for key, value in form.items() if value}


def _total_correlation(groups: list[Set], given: Set) -> list[tuple[Set, int]]:
    pieces = [(group | given, 1) for group in groups]
    return [*pieces, (frozenset().union(*groups) | given, -1), (given, 1 - len(groups))]


def _atom(found: re.Match[str]) -> Form:
    if found["log"]:
        return {("log", frozenset([found["log"]])): Fraction(1)}
    body, _, condition = found["body"].partition("|")
    groups = [_group(part) for part in body.split(";")]
    given = _group(condition) if condition else frozenset[str]()
    if len(groups) not in {"H": (1,), "I": (2,)}.get(found["kind"], range(2, 100)):
        raise Refused(f"{found[0]} has {len(groups)} groups")
    if found["kind"] == "H":
        return _sum([(1, [(groups[0] | given, 1), (given, -1)])])
    return _sum([(1, _total_correlation(groups, given))])


def _form(text: str) -> Form:
    """A sum of signed rational multiples of atoms."""
    total: Form = {}
    position = 0
    while position < len(text) and text.strip() != "0":
        found = _TERM.match(text, position)
        if found is None or (position and not found["sign"]):
            raise Refused(f"{text!r} is not a sum of entropies")
        factor = Fraction(found["number"] or 1) * (-1 if found["sign"] == "-" else 1)
        atom = _ATOM.fullmatch(found["atom"])
        for key, value in _atom(atom).items() if atom else ():
            total[key] = total.get(key, Fraction(0)) + factor * value
        position = found.end()
    return {key: value for key, value in total.items() if value}


def _goals(text: str) -> list[Form]:
    """Forms that the relation says to be non-negative."""
    left, relation, right = _relation(text)
    difference = _sum_of(right, left, -1)
    negated = {key: -value for key, value in difference.items()}
    return {"<=": [difference], ">=": [negated], "=": [negated, difference]}[relation]


def _relation(text: str) -> tuple[Form, str, Form]:
    found = re.fullmatch(r"(.*?) (<=|>=|=) (.*)", text)
    if found is None:
        raise Refused(f"{text!r} is not a relation")
    return _form(found[1]), found[2], _form(found[3])


def _sum_of(first: Form, second: Form, factor: int) -> Form:
    total = dict(first)
    for key, value in second.items():
        total[key] = total.get(key, Fraction(0)) + factor * value
    return {key: value for key, value in total.items() if value}


def _constraint(text: str) -> list[Fact]:
    """The facts that one constraint states."""
    if " _||_ " in text:
        body, _, condition = text.partition(" | ")
        groups = [_group(node.strip("()")) for node in body.split(" _||_ ")]
        given = _group(condition) if condition else frozenset[str]()
        return [(_sum([(1, _total_correlation(groups, given))]), True)]
    if " -> " in text:
        nodes = [_group(node.strip("()")) for node in text.split(" -> ")]
        if len(nodes) < 3:
            raise Refused(f"{text!r} is a chain of fewer than three nodes")
        steps = range(1, len(nodes) - 1)
        before = [frozenset[str]().union(*nodes[:j]) for j in range(len(nodes))]
        return [(_sum([(1, _total_correlation([before[j], nodes[j + 1]], nodes[j]))]), True) for j in steps]
    found = _FUNCTION.fullmatch(text)
    if found is not None and found["name"] not in ("H", "I", "TC"):
        node, arguments = _group(found["node"]), _group(found["arguments"])
        return [(_sum([(1, [(node | arguments, 1), (arguments, -1)])]), True)]
    left, relation, right = _relation(text)
    difference = _sum_of(right, left, -1) if relation == "<=" else _sum_of(left, right, -1)
    return [(difference, relation == "=")]


def _copies(records: Iterable[Mapping[str, Any]], known: set[str]) -> set[Frozen]:
    """Facts of the copy lemma: R is drawn by the law of A given C, so (R, C) ~ (A, C) and R -> C -> rest."""
    allowed: set[Frozen] = set()
    for record in records:
        copy, original, over = record["copy"], record["of"], frozenset(record["over"])
        if not re.fullmatch(_NAME, copy) or copy in known:
            raise Refused(f"the copy {copy!r} is not a fresh name")
        if original not in known or not over <= known or original in over:
            raise Refused(f"{copy} copies {original} over {','.join(sorted(over))}, which are not earlier variables")
        rest = frozenset(known) - over
        for size in range(len(over) + 1):
            for chosen in combinations(sorted(over), size):
                both = [(frozenset({copy, *chosen}), 1), (frozenset({original, *chosen}), -1)]
                allowed.add(_frozen(_sum([(1, both)])))
        allowed.add(_frozen(_sum([(1, _total_correlation([frozenset([copy]), rest], over))])))
        known = known | {copy}
    return allowed


def _variables(document: Mapping[str, Any]) -> set[str]:
    """Names of variables in the query and the constraints, also of those that cancel."""
    found: set[str] = set()
    for text in (document["query"], *document["given"]):
        for atom in _ATOM.finditer(text):
            found |= set(re.findall(_NAME, atom["log"] or atom["body"]))
        found |= set(re.findall(_NAME, re.sub(rf"{_NAME}\(", "(", _ATOM.sub("", text))))
    return found


def _frozen(form: Form) -> Frozen:
    return frozenset(form.items())


def _shown(key: Key) -> str:
    names = ",".join(sorted(key[1]))
    return f"log|{names}|" if key[0] == "log" else f"H({names})"


# ---- distributions


def _law(witness: Mapping[str, Any]) -> list[tuple[dict[str, int], Fraction]]:
    names = witness["variables"]
    law = []
    for values, text in witness["distribution"]:
        if len(values) != len(names):
            raise Refused(f"an atom has {len(values)} values, expected {len(names)}")
        law.append((dict(zip(names, values, strict=True)), _rational(text, "a probability")))
    if any(p <= 0 for _, p in law) or sum(p for _, p in law) != 1:
        raise Refused("the probabilities are not positive with sum 1")
    return law


def _sign(form: Form, law: list[tuple[dict[str, int], Fraction]], witness: Mapping[str, Any]) -> int:
    """Sign of the form under the law, by whole numbers."""
    powers: dict[Fraction, Fraction] = {}  # the form is sum powers[p] log p
    for (kind, names), value in form.items():
        masses: dict[tuple[int, ...], Fraction] = {}
        for atom, probability in law:
            place = tuple(atom[name] for name in sorted(names))
            masses[place] = masses.get(place, Fraction(0)) + probability
        if kind == "log":
            size = Fraction(max(len(masses), int((witness.get("sizes") or {}).get(next(iter(names)), 0))))
            powers[size] = powers.get(size, Fraction(0)) + value
            continue
        for mass in masses.values():
            powers[mass] = powers.get(mass, Fraction(0)) - value * mass
    scale = lcm(*(power.denominator for power in powers.values()))
    up = down = 1
    for base, power in powers.items():
        exponent = int(power * scale)
        top, bottom = (base.numerator, base.denominator) if exponent >= 0 else (base.denominator, base.numerator)
        up, down = up * top ** abs(exponent), down * bottom ** abs(exponent)
    return (up > down) - (up < down)
