r"""Terms in LaTeX, as `str` writes them on the board.

>>> from theory.categories.term import Box, Copy
>>> from theory.categories.types import Ob
>>> print(latex(Box("f", (), Ob("X")) >> Copy(Ob("X"))))
f \gg \Delta_{X}
"""

from __future__ import annotations

from theory.categories.term import Box, Compose, Copy, Discard, Id, Swap, Tensor, Term
from theory.categories.types import Ty


def latex(term: Term) -> str:
    """The term in LaTeX's mathematical mode."""
    match term:
        case Compose():
            return r" \gg ".join(f"({latex(t)})" if isinstance(t, Tensor) else latex(t) for t in term.factors)
        case Tensor():
            return r" \otimes ".join(f"({latex(t)})" if isinstance(t, Compose) else latex(t) for t in term.parts)
        case Box():
            return name_latex(term.name)
        case Copy():
            return rf"\Delta_{{{type_latex(term.type)}}}"
        case Discard():
            return rf"{{!}}_{{{type_latex(term.type)}}}"
        case Swap():
            return rf"\sigma_{{{type_latex(term.left)},{type_latex(term.right)}}}"
        case Id():
            return f"1_{{{type_latex(term.type)}}}"
    raise TypeError(f"{type(term).__name__} is no term")


def type_latex(value: Ty) -> str:
    """A type in LaTeX."""
    return r" \otimes ".join(name_latex(ob.name) for ob in value) or "I"


def name_latex(name: str) -> str:
    """A name of one letter as it is, a longer one upright."""
    if len(name) == 1:
        return name
    return r"\mathrm{" + "".join(f"\\{c}" if c in "#$%&_{}" else c for c in name) + "}"
