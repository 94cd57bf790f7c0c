"""The numeric functor: a diagram of `theory.categories` as a kernel of `numerics.kernels`.

Main definitions
    network_of           the normal form of a term as plain data
    numeric              the kernel of a term; one contraction, nothing is multiplied by identities
    joint                the law of the distinct wires of the outputs when the inputs have a given law
    numeric_batch        many interpretations at once
    categorical_entropy  D between t ≫ Δ and Δ ≫ t ⊗ t, row by row, through the diagrams

Conventions: `spaces` gives every object (or its name) a size or labels, `kernels` every box name its rows: a matrix
(inputs, outputs), an array with one axis a wire, or a `Kernel`. Boxes flagged deterministic must be 0/1.

Source: specification `categorical`, 3.2.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.information.divergences import Divergence
from numerics.kernels.kernel import Kernel, Space, check_rows, sizes, spaces_of
from numerics.kernels.network import Network, NetworkBox, contract, joint_table
from theory.categories.evaluation import Spaces, labels, require_boxes, resolve
from theory.categories.normal_form import Hypergraph, normal_form
from theory.categories.term import Copy, Term
from theory.categories.types import Ob

FloatArray = NDArray[np.float64]


def network_of(graph: Hypergraph, spaces: Mapping[Ob, Sequence[Hashable]]) -> Network:
    """The hypergraph as plain data, with the size of every wire."""
    boxes = tuple(
        NetworkBox(node.box.name, node.inputs, results)
        for node, results in zip(graph.nodes, graph.results, strict=True)
    )
    return Network(tuple(len(spaces[ob]) for ob in graph.types), len(graph.dom), boxes, graph.outputs)


def numeric(term: Term | Hypergraph, spaces: Spaces, kernels: Mapping[str, Any]) -> Kernel:
    """The kernel of a term.

    Raises KernelError for an object without a space or a box without a kernel, ValueError for rows that are no laws
    (the message names the row and its sum) or a flagged box that is not 0/1.
    """
    graph, found = _resolved(term, spaces)
    array = contract(network_of(graph, found), _arrays(graph, found, kernels, 0))
    name = "diagram" if isinstance(term, Hypergraph) else str(term)
    return Kernel(labels(graph.dom, found), labels(graph.cod, found), array, name)


def numeric_batch(term: Term | Hypergraph, spaces: Spaces, kernels: Mapping[str, Any], batch: int = 1) -> FloatArray:
    """The arrays of many interpretations, shape batch axes + inputs + outputs; the arrays have `batch` leading axes."""
    graph, found = _resolved(term, spaces)
    return contract(network_of(graph, found), _arrays(graph, found, kernels, batch), batch)


def joint(
    term: Term | Hypergraph, spaces: Spaces, kernels: Mapping[str, Any], law: Any = None
) -> tuple[FloatArray, tuple[int, ...]]:
    """The law of the distinct wires among the outputs, and which wire of the normal form each axis is.

    `law` is the law of the inputs, shape sizes of the inputs; a term without inputs needs none.
    """
    graph, found = _resolved(term, spaces)
    start = None if law is None else np.asarray(law, dtype=np.float64)
    if start is not None:
        check_rows(start.reshape(1, -1), "the law of the inputs")
    table = joint_table(network_of(graph, found), _arrays(graph, found, kernels, 0), start)
    return table, tuple(dict.fromkeys(graph.outputs))


def categorical_entropy(term: Term, divergence: Divergence, spaces: Spaces, kernels: Mapping[str, Any]) -> FloatArray:
    """H_D(t)(x) for every point x of the inputs, shape (points,): D9 read off the two diagrams."""
    copied = numeric(term >> Copy(term.cod), spaces, kernels)
    twice = numeric(Copy(term.dom) >> term @ term, spaces, kernels)
    return divergence(copied.matrix, twice.matrix)


def _resolved(term: Term | Hypergraph, spaces: Spaces) -> tuple[Hypergraph, dict[Ob, Space]]:
    graph = term if isinstance(term, Hypergraph) else normal_form(term)
    return graph, resolve(graph, spaces)


def _arrays(
    graph: Hypergraph, spaces: Mapping[Ob, Space], kernels: Mapping[str, Any], batch: int
) -> dict[Hashable, FloatArray]:
    found: dict[Hashable, FloatArray] = {}
    for box in require_boxes(graph, kernels):
        dom, cod = labels(box.dom, spaces), labels(box.cod, spaces)
        rows = kernels[box.name]
        if isinstance(rows, Kernel):
            if (rows.dom, rows.cod) != (spaces_of(dom), spaces_of(cod)):
                raise ValueError(f"the kernel of the box {box.name} lives on other spaces than the box")
            array = rows.array
        else:
            array = np.asarray(rows, dtype=np.float64)
        shape = sizes(dom) + sizes(cod)
        if array.shape[batch:] != shape:
            if prod(array.shape[batch:]) != prod(shape):
                raise ValueError(
                    f"the kernel of the box {box.name} has shape {array.shape[batch:]}, expected {shape} "
                    f"or the matrix ({prod(sizes(dom))}, {prod(sizes(cod))})"
                )
            array = array.reshape(array.shape[:batch] + shape)
        flat = array.reshape((*array.shape[:batch], prod(sizes(dom)), prod(sizes(cod))))
        check_rows(flat, f"the kernel of the box {box.name}", () if batch else dom)
        if box.deterministic and not ((array == 0) | (array == 1)).all():
            raise ValueError(f"the box {box.name} is flagged deterministic, but its kernel has entries other than 0, 1")
        found[box.name] = array
    return found
