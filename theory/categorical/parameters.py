"""Parameters shared by the topics of the body `categorical` (specification `categorical`, section 1).

All logarithms are natural and information is in nats.
"""

from __future__ import annotations

from theory.parameter import Parameter, integers, reals

V = Parameter("V", "V", "size of the vocabulary", integers(2), (2, 50_000), "tokens")
d = Parameter("d", "d", "width of the hidden state", integers(1), (1, 4096))
block = Parameter("K", "K", "tokens of a block: the next one and K - 1 further ones", integers(2), (2, 8), "tokens")
gamma = Parameter("gamma", r"\gamma", "drafted tokens", integers(1), (1, 8), "tokens")
osc = Parameter("osc", r"\mathrm{osc}", "range of a difference of logits", reals(0, open="lower"), (0.1, 20), "nats")
diam = Parameter(
    "diam", r"\mathrm{diam}", "largest distance of two rows of the unembedding", reals(0, open="lower"), (0.1, 10)
)
