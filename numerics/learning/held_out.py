"""How trained networks do on texts they have not seen: bits, greedy chains, and perplexities of counts beside them.

Main definitions
    HeldOut           bits of every chain token on the true text, and the greedy chain
    held_out          both, for texts of one length with a common prompt length
    position_losses   mean loss at every position, nats
    ngram_perplexity  of n-gram counts, the baseline of a text network

Greedy decoding misses a token only where another has at least its probability, so that every miss costs a bit: the
error of whole chains is at most the mean of min(1, sum min(1, bits)), on any set of texts. Source: specification
`autoregressive`, D14, greedy_nll_bound and experiments E4, E5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from numerics.learning.networks import FloatArray, IntArray, MaskedNetwork


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Bits -log2 p (B, T) of the tokens of B true chains, the chains themselves and the greedy ones, both (B, T)."""

    bits: FloatArray
    chains: IntArray
    greedy: IntArray

    @property
    def error(self) -> float:
        """Share of greedy chains that differ from the true one."""
        return float((self.greedy != self.chains).any(axis=1).mean())

    @property
    def bound(self) -> float:
        """Mean of min(1, sum min(1, bits)): never below the error."""
        return float(np.minimum(1, np.minimum(1, self.bits).sum(axis=1)).mean())

    @property
    def total_bits(self) -> float:
        """Mean sum of bits of a chain: never below the bound."""
        return float(self.bits.sum(axis=1).mean())

    def right(self, last: int) -> tuple[float, float]:
        """Share of texts whose `last` tokens are all right in the greedy chain, and share of those tokens."""
        same = self.greedy[:, -last:] == self.chains[:, -last:]
        return float(same.all(axis=1).mean()), float(same.mean())


@torch.no_grad()
def held_out(network: MaskedNetwork, texts: IntArray, prompt: int, batch: int = 1024) -> HeldOut:
    """Losses and greedy chains of texts (B, N) whose first `prompt` tokens are given."""
    device = network.embedding.device
    losses, greedy = [], []
    for first in range(0, len(texts), batch):
        part = texts[first : first + batch]
        losses.append(network.losses(torch.from_numpy(part).to(device))[prompt - 1 :].T.double().cpu().numpy())
        greedy.append(network.continued(part[:, :prompt], part.shape[1] - prompt)[:, prompt:])
    return HeldOut(np.concatenate(losses) / math.log(2), texts[:, prompt:], np.concatenate(greedy))


@torch.no_grad()
def position_losses(network: MaskedNetwork, texts: IntArray, batch: int = 1024) -> FloatArray:
    """Mean loss of token t + 1 given the t tokens before it in its text, nats, t = 1..N-1: (N - 1,), texts (B, N)."""
    device, total = network.embedding.device, np.zeros(texts.shape[1] - 1)
    for first in range(0, len(texts), batch):
        part = torch.from_numpy(texts[first : first + batch]).to(device)
        total += network.losses(part).double().sum(dim=1).cpu().numpy()
    return total / len(texts)


def ngram_perplexity(training: IntArray, test: IntArray, n: int, vocabulary: int, pseudocount: float = 0.1) -> float:
    """exp of the mean loss on `test` (M,) of (count + pseudocount) / (total + pseudocount V), contexts of n - 1 tokens.

    Raises ValueError when V^n exceeds 63 bits.
    """
    if vocabulary**n >= 2**63:
        raise ValueError(f"{n}-grams over {vocabulary} tokens do not fit 63 bits")
    seen, counts = np.unique(_grams(training, n, vocabulary), return_counts=True)
    contexts, starts = np.unique(seen // vocabulary, return_index=True)
    totals = np.add.reduceat(counts, starts)
    asked = _grams(test, n, vocabulary)
    found = _looked_up(seen, counts, asked) + pseudocount
    among = _looked_up(contexts, totals, asked // vocabulary) + pseudocount * vocabulary
    return float(np.exp(-np.log(found / among).mean()))


def _grams(tokens: IntArray, n: int, vocabulary: int) -> IntArray:
    """Every n tokens in a row as one number."""
    count = len(tokens) - n + 1
    found = np.zeros(count, dtype=np.int64)
    for shift in range(n):
        found = found * vocabulary + tokens[shift : shift + count]
    return found


def _looked_up(keys: IntArray, values: IntArray, asked: IntArray) -> IntArray:
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, values[place], 0)
