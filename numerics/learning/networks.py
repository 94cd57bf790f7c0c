"""The masked networks of the published experiments: every position has its own linear map of every earlier position.

Main definitions
    NetworkSize        V tokens, T positions, width d, with or without the shared hidden layer; exact counts
    MaskedNetwork      logits at position t from tokens 1..t: linear, or with two ReLU layers
    collapsed          the V x V tables that a linear network adds up: it is a factored linear decoder
    from_tables        the linear network of width d >= V with given tables and a constant first token

y_t = sum over i <= t of M_{t,i} E[x_i]. Linear: logits U y_t + b. Otherwise: U relu(L relu(y_t) + l) + b. Position t
predicts token t + 1, so nothing is asked of position T unless the text goes on. Only the T(T+1)/2 blocks on and below
the diagonal exist: row t is a d x (t d) matrix, and all rows lie behind one another in one flat parameter. A dense map
with a mask stores twice as many numbers and computes half of its products for nothing.

Conventions: positions and tokens count from 0 in code. Logits are natural logarithms. This module imports torch.
Source: specification `autoregressive`, D15, 2H and section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Precision = Literal["float32", "bfloat16"]


class NetworkError(ValueError):
    """A size, a text or a table does not fit the network."""


@dataclass(frozen=True)
class NetworkSize:
    """V tokens in the vocabulary, T positions, width d; `hidden` adds the two ReLUs and the shared d x d layer."""

    vocabulary: int
    positions: int
    width: int
    hidden: bool = False

    def __post_init__(self) -> None:
        for name, least in (("vocabulary", 2), ("positions", 1), ("width", 1)):
            if getattr(self, name) < least:
                raise NetworkError(f"{name} is {getattr(self, name)}, expected an integer >= {least}")

    @property
    def block_count(self) -> int:
        """Blocks on and below the diagonal, T(T + 1)/2."""
        return self.positions * (self.positions + 1) // 2

    @property
    def parameter_count(self) -> int:
        """Trained numbers: blocks, embedding, unembedding with its bias, and the hidden layer where there is one."""
        return self.block_count * self.width**2 + self._around

    @property
    def dense_count(self) -> int:
        """Numbers that a dense map with a mask stores: its square, a bias that is not needed, and the T x T mask."""
        return (self.positions * self.width) ** 2 + self.positions * self.width + self.positions**2 + self._around

    @property
    def _around(self) -> int:
        v, d = self.vocabulary, self.width
        return 2 * v * d + v + (d * d + d if self.hidden else 0)


class _BlockRows(torch.autograd.Function):
    """y_t = row_t x[:, : (t+1) d] for every t; autograd's own slices would write a zero-padded gradient for every t."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, blocks: Tensor, width: int, low: bool) -> Tensor:
        """Map x (B, N d) to (N, B, d); `low` multiplies in bfloat16 and keeps float32 results."""
        ctx.save_for_backward(x, blocks)
        ctx.width, ctx.low = width, low
        count = x.shape[1] // width
        out = x.new_empty(count, x.shape[0], width)
        for t, row in _rows(blocks, count, width):
            _multiply(x[:, : (t + 1) * width], row.T, out[t], low)
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """Gradients of x and of all blocks; rows that were not read get zeros."""
        x, blocks = ctx.saved_tensors
        width, low, gradient = ctx.width, ctx.low, gradients[0].contiguous()  # (N, B, d)
        count = x.shape[1] // width
        of_x, of_blocks = torch.zeros_like(x), torch.zeros_like(blocks)
        changes = dict(_rows(of_blocks, count, width))
        for t, row in _rows(blocks, count, width):
            read = slice(0, (t + 1) * width)
            _multiply(gradient[t].T, x[:, read], changes[t], low)
            if low:
                of_x[:, read] += (gradient[t].bfloat16() @ row.bfloat16()).float()
            else:
                of_x[:, read].addmm_(gradient[t], row)
        return of_x, of_blocks, None, None


class MaskedNetwork(nn.Module):
    """The network of D15, initialised from `seed` alone; `device="meta"` makes it without any storage.

    Initialisation of the published code: blocks uniform within 1/sqrt(T d), embedding standard normal, unembedding and
    hidden layer, with their biases, uniform within 1/sqrt(d).
    """

    def __init__(
        self, size: NetworkSize, seed: int = 0, *, precision: Precision = "float32", device: str = "cpu"
    ) -> None:
        super().__init__()
        self.size = size
        self.precision = precision
        d = size.width
        self.embedding = nn.Parameter(torch.empty(size.vocabulary, d, device=device))
        self.blocks = nn.Parameter(torch.empty(size.block_count * d * d, device=device))
        self.unembedding = nn.Linear(d, size.vocabulary, device=device)
        self.hidden = nn.Linear(d, d, device=device) if size.hidden else None
        if device != "meta":
            self._initialise(torch.Generator(device).manual_seed(seed))

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        self.embedding.normal_(generator=generator)
        reach = (self.size.positions * self.size.width) ** -0.5
        self.blocks.uniform_(-reach, reach, generator=generator)
        for name, parameter in self.named_parameters():
            if name.startswith(("unembedding", "hidden")):
                parameter.uniform_(-(self.size.width**-0.5), self.size.width**-0.5, generator=generator)

    @property
    def bias_names(self) -> frozenset[str]:
        """Parameters that weight decay leaves alone."""
        return frozenset(name for name, _ in self.named_parameters() if name.endswith("bias"))

    def block(self, t: int, i: int) -> Tensor:
        """M_{t,i}, (d, d), for 0 <= i <= t < T."""
        if not 0 <= i <= t < self.size.positions:
            raise NetworkError(f"there is no block ({t}, {i}), expected 0 <= i <= t < {self.size.positions}")
        d = self.size.width
        return _row(self.blocks, t, d)[:, i * d : (i + 1) * d]

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits (N, B, V), position first, of texts (B, N), N <= T: [t, b] is for the token after tokens[b, : t + 1].

        Raises NetworkError for a text of more than T tokens.
        """
        batch, count = tokens.shape
        if not 1 <= count <= self.size.positions:
            raise NetworkError(f"a text of {count} tokens, expected 1 to {self.size.positions}")
        x = functional.embedding(tokens, self.embedding).reshape(batch, -1)  # (B, N d)
        y: Tensor = _BlockRows.apply(x, self.blocks, self.size.width, self.precision == "bfloat16")  # type: ignore[no-untyped-call]  # torch's own method carries no annotations
        return self.read_out(y)

    def read_out(self, y: Tensor) -> Tensor:
        """Logits (..., V) of the sums y (..., d)."""
        if self.hidden is not None:
            y = functional.relu(self.hidden(functional.relu(y)))
        logits: Tensor = self.unembedding(y)
        return logits

    def losses(self, tokens: Tensor) -> Tensor:
        """-ln of the probability of every next token, nats: (N - 1, B), position first, for texts (B, N)."""
        logits = self(tokens[:, :-1])  # (N - 1, B, V)
        targets = tokens[:, 1:].T
        found = functional.cross_entropy(logits.flatten(0, 1), targets.reshape(-1), reduction="none")
        return found.view(targets.shape)

    @torch.no_grad()
    def continued(
        self, prompts: IntArray, length: int, *, temperature: float = 0.0, rng: np.random.Generator | None = None
    ) -> IntArray:
        """Texts (B, n + length) that begin with the prompts (B, n): one row of blocks a token.

        Temperature 0 is greedy decoding, ties to the first token; otherwise tokens are drawn with probabilities
        softmax(logits / temperature) from `rng`. Raises NetworkError for a text that does not fit the T positions (the
        last token needs none), or a temperature without a generator.
        """
        count, n = prompts.shape
        if not 1 <= n <= n + length <= self.size.positions + 1:
            raise NetworkError(f"a prompt of {n} and {length} tokens, expected 1 to {self.size.positions + 1} in all")
        if temperature < 0 or (temperature > 0 and rng is None):
            raise NetworkError(f"temperature {temperature}, expected 0, or a positive one with a generator")
        device, d = self.embedding.device, self.size.width
        tokens = np.empty((count, n + length), dtype=np.int64)
        tokens[:, :n] = prompts
        x = torch.empty(count, (n + length) * d, device=device, dtype=self.embedding.dtype)
        x[:, : n * d] = functional.embedding(torch.from_numpy(prompts).to(device), self.embedding).reshape(count, -1)
        y = torch.empty(count, d, device=device, dtype=self.embedding.dtype)
        for t in range(n - 1, n + length - 1):
            _multiply(x[:, : (t + 1) * d], _row(self.blocks, t, d).T, y, self.precision == "bfloat16")
            logits = self.read_out(y)
            tokens[:, t + 1] = _chosen(logits, temperature, rng)
            chosen = torch.from_numpy(tokens[:, t + 1]).to(device)
            x[:, (t + 1) * d : (t + 2) * d] = functional.embedding(chosen, self.embedding)
        return tokens


def collapsed(network: MaskedNetwork, t: int, i: int) -> FloatArray:
    """U M_{t,i} E^T, (V, V): entry (a, v) is what token v at position i adds to the logit of a at position t.

    Raises NetworkError for a network with a hidden layer.
    """
    if network.hidden is not None:
        raise NetworkError("a network with a hidden layer is no sum of tables")
    with torch.no_grad():
        found = network.unembedding.weight.double() @ network.block(t, i).double() @ network.embedding.double().T
    return found.cpu().numpy()


def from_tables(tables: dict[tuple[int, int], FloatArray], biases: FloatArray, first: int, width: int) -> MaskedNetwork:
    """The linear network, in float64, with tables W_{t,i} (V, V) and biases (T, V), on texts whose first token is
    `first`.

    Both factors are the identity beside zeros, and the biases of position t are added to the column of the constant
    token in block (t, 0). Raises NetworkError when d < V, or for tables that are missing or of another shape.
    """
    positions, v = biases.shape
    if width < v:
        raise NetworkError(f"width {width} is below the vocabulary of {v}")
    network = MaskedNetwork(NetworkSize(v, positions, width)).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.embedding[:, :v] = torch.eye(v)
        network.unembedding.weight[:, :v] = torch.eye(v)
        for t in range(positions):
            for i in range(t + 1):
                if (t, i) not in tables or tables[t, i].shape != (v, v):
                    raise NetworkError(f"no table of shape ({v}, {v}) for positions ({t}, {i})")
                network.block(t, i)[:v, :v] = torch.from_numpy(tables[t, i])
            network.block(t, 0)[:v, first] += torch.from_numpy(biases[t])
    return network


def _chosen(logits: Tensor, temperature: float, rng: np.random.Generator | None) -> IntArray:
    if temperature == 0 or rng is None:
        return np.asarray(logits.argmax(dim=1).cpu().numpy())
    laws = torch.softmax(logits.double() / temperature, dim=1).cumsum(dim=1).cpu().numpy()  # (B, V)
    # The last entry may fall short of 1 by rounding: it is left out, so that a draw beyond it is the last token.
    below: IntArray = (laws[:, :-1] <= rng.random(len(laws))[:, None]).sum(axis=1)
    return below


def _multiply(left: Tensor, right: Tensor, out: Tensor, low: bool) -> None:
    if low:
        out.copy_(left.bfloat16() @ right.bfloat16())
    else:
        torch.mm(left, right, out=out)


def _row(blocks: Tensor, t: int, width: int) -> Tensor:
    """Row t, (d, (t + 1) d), a view."""
    start = t * (t + 1) // 2 * width * width
    return blocks[start : start + (t + 1) * width * width].view(width, (t + 1) * width)


def _rows(blocks: Tensor, count: int, width: int) -> Iterator[tuple[int, Tensor]]:
    return ((t, _row(blocks, t, width)) for t in range(count))


@torch.no_grad()
def table_norms(network: MaskedNetwork) -> FloatArray:
    """Frobenius norms of the tables U M_{t,i} E^T of a linear network, (T, T), 0 above the diagonal.

    From d x d matrices alone: ||U M E^T||^2 = tr(U^T U M E^T E M^T). Raises NetworkError with a hidden layer.
    """
    if network.hidden is not None:
        raise NetworkError("a network with a hidden layer is no sum of tables")
    d, positions = network.size.width, network.size.positions
    out = network.unembedding.weight.double()
    left, right = out.T @ out, network.embedding.double().T @ network.embedding.double()  # (d, d)
    found = np.zeros((positions, positions))
    for t, row in _rows(network.blocks, positions, d):
        blocks = row.double().view(d, t + 1, d).transpose(0, 1)  # (t + 1, d, d)
        squares = torch.einsum("nij,nij->n", left @ blocks, blocks @ right)
        found[t, : t + 1] = squares.clamp(min=0).sqrt().cpu().numpy()
    return found
