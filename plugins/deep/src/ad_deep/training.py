"""The training loop of every network of this package.

Rows are on the device already; a mini-batch is a slice of a shuffled copy. All
randomness comes from one generator of the fit's own: torch's, numpy's and
Python's global generators are neither read nor advanced.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from attrs import frozen
from torch import nn

from ad_core.errors import FitError
from ad_deep._adam import Adam
from ad_deep.networks import Network, batches, pack

__all__ = ["Plan", "train"]

Progress = Callable[[int, float], None]

_ROWS = 4096
"""Rows that are watched at once."""


@frozen(kw_only=True)
class Plan:
    """How to train.

    Parameters
    ----------
    n_epochs
        Most passes over the training rows.
    batch_size
        Rows a step; the last batch of a pass may be smaller, even one row.
    learning_rate, weight_decay
        Of `Adam`.
    trim
        Share of each batch's rows, those with the greatest losses, that a step
        leaves out, so that anomalies among the training rows are not learned
        (least trimmed squares; Rousseeuw, 1984). Watched rows are trimmed too.
    validation_fraction
        Share of the rows to hold out and watch; where that is less than one
        row, the training rows are watched.
    patience
        Passes without a better watched loss before training stops; None to
        train for all `n_epochs`, on all rows.
    """

    n_epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    trim: float
    validation_fraction: float
    patience: int | None


@frozen(eq=False)
class _Weights:
    """The packed parameters of a network and one optimiser a player."""

    blocks: tuple[nn.Parameter, ...]
    optimisers: tuple[Adam, ...]

    @classmethod
    def of(cls, network: Network, plan: Plan) -> "_Weights":
        packed: dict[nn.Module, nn.Parameter] = {}
        optimisers = []
        for modules in network.players():
            for module in modules:
                if module not in packed:
                    packed[module] = pack(module)
            optimisers.append(
                Adam(
                    [packed[module] for module in modules],
                    learning_rate=plan.learning_rate,
                    weight_decay=plan.weight_decay,
                )
            )
        return cls(tuple(packed.values()), tuple(optimisers))

    def snapshot(self) -> list[torch.Tensor]:
        return [block.detach().clone() for block in self.blocks]

    def restore(self, snapshot: Sequence[torch.Tensor]) -> None:
        for block, values in zip(self.blocks, snapshot, strict=True):
            block.copy_(values)

    def clear_gradients(self) -> None:
        for block in self.blocks:
            if block.grad is not None:
                block.grad.zero_()


@torch.no_grad()
def train(
    network: Network,
    X: torch.Tensor,
    plan: Plan,
    *,
    generator: torch.Generator,
    whose: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a network in place, and leave it with the best weights.

    A KeyboardInterrupt ends training: the best weights so far are kept and the
    history says so. Before the first pass is over there are none, and it is
    passed on.

    Parameters
    ----------
    network
        An initialised network, on the device of X.
    X
        Scaled rows, float32, shape (n_samples, n_features).
    plan
        How to train.
    generator
        A CPU generator; shuffles and splits the rows.
    whose
        Name of the detector, for messages.
    progress
        Called after each pass with its number and the watched loss.

    Returns
    -------
    dict
        ``train_loss`` (mean of the first player's loss over the steps) and
        ``validation_loss`` (one number a pass; empty without early stopping),
        ``best_epoch`` (from 1) and ``stopped``: ``"epochs"``, ``"patience"`` or
        ``"interrupted"``.

    Raises
    ------
    FitError
        A loss is not finite; the message says at which pass and step.
    """
    rows, watched = _split(X, plan, generator)
    network.start(rows)
    weights = _Weights.of(network, plan)
    best, best_loss = weights.snapshot(), float("inf")
    history: dict[str, Any] = {"train_loss": [], "validation_loss": [], "best_epoch": 0}
    history["stopped"] = "epochs"
    try:
        for epoch in range(1, plan.n_epochs + 1):
            shuffled = rows[torch.randperm(len(rows), generator=generator).to(rows.device)]
            losses = _one_pass(network, weights, shuffled, plan, epoch)
            _check_losses(losses, epoch, whose)
            loss = float(losses[:, 0].mean())
            history["train_loss"].append(loss)
            if watched is not None:
                loss = _watch(network, watched, plan.trim, epoch, whose)
                history["validation_loss"].append(loss)
            if watched is None or loss < best_loss:
                best, best_loss, history["best_epoch"] = weights.snapshot(), loss, epoch
            if progress is not None:
                progress(epoch, loss)
            if plan.patience is not None and epoch - history["best_epoch"] >= plan.patience:
                history["stopped"] = "patience"
                break
    except KeyboardInterrupt:
        if history["best_epoch"] == 0:
            raise
        history["stopped"] = "interrupted"
    weights.restore(best)
    return history


def _split(
    X: torch.Tensor, plan: Plan, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the rows to train on and those to watch."""
    if plan.patience is None:
        return X, None
    n_held = int(plan.validation_fraction * len(X))
    if n_held == 0:
        return X, X
    order = torch.randperm(len(X), generator=generator).to(X.device)
    return X[order[n_held:]], X[order[:n_held]]


def _one_pass(
    network: Network,
    weights: _Weights,
    shuffled: torch.Tensor,
    plan: Plan,
    epoch: int,
) -> torch.Tensor:
    """Take one step a mini-batch and player; return their losses, shape (n_steps, n_players)."""
    means = []
    weigh = partial(_row_weights, trim=plan.trim)
    for batch in batches(shuffled, plan.batch_size):
        for player, optimiser in enumerate(weights.optimisers):
            weights.clear_gradients()
            losses = network.learn(batch, player, epoch, weigh)
            optimiser.step()
            means.append(losses.mean())  # of every row: it tells of each NaN
    return torch.stack(means).view(-1, len(weights.optimisers))


def _row_weights(losses: torch.Tensor, trim: float) -> torch.Tensor:
    """Return weights that sum to 1: the same for all rows but those with the greatest losses."""
    n = len(losses)
    n_kept = n - int(trim * n)
    if n_kept == n:
        return torch.full_like(losses, 1 / n)
    kept = losses.topk(n_kept, largest=False, sorted=False).indices
    return torch.zeros_like(losses).index_fill_(0, kept, 1 / n_kept)


def _check_losses(losses: torch.Tensor, epoch: int, whose: str) -> None:
    finite = torch.isfinite(losses).all(dim=1)
    if bool(finite.all()):
        return
    step = int(torch.argmin(finite.to(torch.int8)))
    values = losses[step]
    value = float(values[~torch.isfinite(values)][0])
    raise FitError(
        f"{whose}: the loss became {value} at epoch {epoch}, step {step + 1} of {len(losses)}; "
        "lower learning_rate, or scale the data with scale='standard'"
    )


def _watch(network: Network, watched: torch.Tensor, trim: float, epoch: int, whose: str) -> float:
    """Return the trimmed mean of the watched loss."""
    losses = torch.cat([network.monitor(part) for part in batches(watched, _ROWS)])
    mean = float(losses.mean())
    if not math.isfinite(mean):
        raise FitError(
            f"{whose}: the loss on held-out rows became {mean} at epoch {epoch}; "
            "lower learning_rate, or scale the data with scale='standard'"
        )
    return float(losses @ _row_weights(losses, trim))
