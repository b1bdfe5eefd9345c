"""The processes that train one network together, and the one that does so alone.

Every process runs the same training on its share of each batch. Two laws make the result that of
one process: what is a sum over the batch is summed over the processes, and all of them yield
alike, so that a stop reaches them at the same place. The first process decides and writes.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.nn.device import choose_device
from napari_unet.nn.training.loss import Batch
from napari_unet.nn.training.shared_norm import share_norms
from napari_unet.processes.launch import RANKS_HERE, ranks

if TYPE_CHECKING:
    from lightning_fabric import Fabric


T = TypeVar("T")

_BACKENDS = {"cpu": "gloo", "cuda": "cpu:gloo,cuda:nccl"}
_LONGEST_PAUSE = timedelta(days=30)
"""How long processes wait for the first one, which may have been told to pause."""


class NewStart(UserError):  # noqa: N818 - a request, not an error
    """The training can go on only if all its processes start again."""


class SingleProcess:
    """One process that trains by itself: nothing is shared.

    Attributes
    ----------
    rank, count
        The number of this process, from 0 on, and how many there are.
    """

    rank, count = 0, 1

    @property
    def first(self) -> bool:
        """Whether this is the process that decides and writes."""
        return self.rank == 0

    def part(self, batch: Batch) -> Batch:
        """Return this process's share of a batch."""
        return batch

    def total(self, values: Tensor) -> Tensor:
        """Return the sum over all processes of values of the same shape.

        The gradient passes as it is: every process computes the same loss from the sum, and has
        the gradient of its own share.
        """
        return values

    def shared(self, make: Callable[[], T]) -> T:
        """Return what the first process makes."""
        return make()

    def everyone(self, steps: Steps[T]) -> Steps[list[T]]:
        """Do the steps of each process side by side; all get all results, in order."""
        return [(yield from steps)]

    def spread(self, network: nn.Module) -> nn.Module:
        """Return the network to train with: statistics and gradients are those of all."""
        return network

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients of a loss, ``()``, that is the same in every process."""
        loss.backward()  # type: ignore[no-untyped-call]

    def leave(self) -> None:
        """End the connection."""


class Distributed(SingleProcess):
    """One of several processes, connected by Lightning Fabric.

    Parameters
    ----------
    fabric
        Launched already.
    """

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self.rank, self.count = fabric.global_rank, fabric.world_size

    def part(self, batch: Batch) -> Batch:
        """Return this process's share of a batch: as many patches for each."""
        size = len(batch.image) // self.count
        mine = slice(self.rank * size, (self.rank + 1) * size)
        return Batch(*(getattr(batch, entry.name)[mine] for entry in fields(Batch)))

    def total(self, values: Tensor) -> Tensor:
        """Return the sum over all processes, of the same shape; see `SingleProcess.total`."""
        summed: Tensor = _Total.apply(values)  # type: ignore[no-untyped-call]
        return summed

    def shared(self, make: Callable[[], T]) -> T:
        """Return what the first process makes; the others wait for it."""
        made: T = self._fabric.broadcast(make() if self.first else None)  # type: ignore[assignment]
        return made

    def everyone(self, steps: Steps[T]) -> Steps[list[T]]:
        """Do the steps of each process side by side; see `SingleProcess.everyone`.

        Each yields until the last has ended, so that all yield the same number of times.
        """
        here, result, working = Progress("waiting"), None, 1
        with closing(steps):
            while True:
                if working:
                    try:
                        here = next(steps)
                    except StopIteration as end:
                        result, working = end.value, 0
                if not self.total(torch.tensor(working)):
                    break
                yield here
        results: list[Any] = [None] * self.count
        torch.distributed.all_gather_object(results, result)
        return results

    def spread(self, network: nn.Module) -> nn.Module:
        """Return the network to train with; see `SingleProcess.spread`."""
        share_norms(network, self.total, self.count)
        return self._fabric.setup_module(network, move_to_device=False)

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients of a loss, ``()``.

        They are averaged over the processes, so the loss is enlarged.
        """
        self._fabric.backward(loss * self.count)

    def leave(self) -> None:
        """End the connection."""
        torch.distributed.destroy_process_group()


SINGLE_PROCESS = SingleProcess()


class _Total(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.detach().clone(memory_format=torch.contiguous_format)
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0]


def join(device: str) -> SingleProcess:
    """Join the processes that torchrun or `launch` has started, if there are any.

    Parameters
    ----------
    device
        As for `choose_device`.

    Raises
    ------
    UserError
        If there are not as many devices, or Lightning Fabric is not installed.
    """
    count = ranks()
    if count == 1:
        return SINGLE_PROCESS
    here = int(os.environ.get(RANKS_HERE, count))
    check_processes(device, here)
    return Distributed(_connected(choose_device(device).kind, here, count))


def check_processes(name: str, count: int) -> None:
    """Raise a `UserError` unless so many processes can train on this machine.

    Parameters
    ----------
    name
        The device, as for `choose_device`.
    count
        How many processes; each needs a GPU of its own, and on a CPU all share it.
    """
    if find_spec("lightning_fabric") is None:
        raise UserError(
            "Training with several processes needs Lightning Fabric: "
            'pip install "napari-unet-studio[cluster]".'
        )
    device = choose_device(name)
    there = torch.cuda.device_count() if device.kind == "cuda" else 1
    if device.kind != "cpu" and count > there:
        raise UserError(
            f"{count} processes need {count} GPUs, and there {'is' if there == 1 else 'are'} "
            f"{there} ({device.name}): ask for fewer, or train on the CPU.",
            about="device cpu",
        )


def check_share(batch: int, count: int) -> None:
    """Raise a `UserError` unless a batch can be shared out equally among so many processes."""
    if batch % count:
        fitting = [str(number) for number in range(1, batch + 1) if batch % number == 0]
        raise UserError(
            f"{batch} patches in a batch cannot be shared out equally among {count} processes: "
            f"train with {', '.join(fitting)}."
        )


def is_parted(error: BaseException) -> bool:
    """Tell whether an error says that another process has ended."""
    if not isinstance(error, RuntimeError) or not torch.distributed.is_available():
        return False
    # gloo raises a bare RuntimeError; only its words tell
    return isinstance(error, torch.distributed.DistError) or "gloo" in str(error)


def _connected(kind: str, here: int, count: int) -> Fabric:
    # one process needs none of it
    from lightning_fabric import Fabric  # noqa: PLC0415
    from lightning_fabric.plugins.environments.torchelastic import (  # noqa: PLC0415
        TorchElasticEnvironment,
    )
    from lightning_fabric.strategies.ddp import DDPStrategy  # noqa: PLC0415

    logging.getLogger("lightning_fabric").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning_fabric")
    # of 1 x 1 convolutions: both are the same there
    warnings.filterwarnings("ignore", message="Grad strides do not match")
    strategy = DDPStrategy(
        process_group_backend=_BACKENDS[kind], timeout=_LONGEST_PAUSE, broadcast_buffers=False
    )
    fabric = Fabric(
        accelerator=kind,
        devices=here,
        num_nodes=count // here,
        strategy=strategy,
        plugins=[TorchElasticEnvironment()],
    )
    fabric.launch()
    return fabric
