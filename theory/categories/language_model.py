"""The language model as a diagram: context -> hidden sequence -> hidden state -> next token.

Main definitions
    embedding, backbone, head   the three boxes; the first two are deterministic
    encoder, generator          emb ≫ backbone, and all of it
    surplus_diagram             the model with a source: context X, state H, next token W and what follows, F

Source: specification `categorical`, D12-D14; Zhang 2025, sections 3 and 4.

>>> print(generator)
emb ≫ backbone ≫ head
>>> from theory.categories.normal_form import is_deterministic
>>> is_deterministic(encoder), is_deterministic(generator)
(True, False)
"""

from __future__ import annotations

from theory.categories.term import Box, Copy, Discard, Id, Term
from theory.categories.types import Ob

X = Ob("X")  # contexts, V*
E = Ob("E")  # embedded sequences, H_seq
H = Ob("H")  # hidden states, R^d
W = Ob("W")  # the next token, V
F = Ob("F")  # the block of further tokens

embedding = Box("emb", X, E, deterministic=True)
backbone = Box("backbone", E, H, deterministic=True)
head = Box("head", H, W)

encoder: Term = embedding >> backbone
generator: Term = encoder >> head

source = Box("source", (), X)  # the law μ of the contexts
continuation = Box("data", X, (W, F))  # the next token and the block after it, drawn from the source

# the data law: the state is a function of the context, the tokens are drawn from the context
data_diagram: Term = source >> Copy(X) >> (Copy(X) >> Id(X) @ encoder) @ continuation
# the same without the context: the joint law of (H, W, F), of which the surplus I(H; F | W) is read
surplus_diagram: Term = data_diagram >> Discard(X) @ Id((H, W, F))
# the model law: the next token is drawn from the head
model_diagram: Term = source >> Copy(X) >> Id(X) @ (encoder >> Copy(H) >> Id(H) @ head)
