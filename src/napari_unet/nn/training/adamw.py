"""The optimiser: torch's AdamW without its class, which takes seconds to load a compiler."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim.adamw import adamw


@dataclass
class _Moments:
    """What is remembered of the gradients of one parameter."""

    step: Tensor
    exp_avg: Tensor
    exp_avg_sq: Tensor


class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), as `torch.optim` has it.

    Parameters
    ----------
    parameters
        What is learnt.
    weight_decay
        Share of a parameter, times the learning rate, that is lost in a step.
    """

    def __init__(self, parameters: Iterable[Parameter], weight_decay: float) -> None:
        self._decay = weight_decay
        self._moments = {
            each: _Moments(torch.tensor(0.0), torch.zeros_like(each), torch.zeros_like(each))
            for each in parameters
        }

    def forget_gradients(self) -> None:
        """Begin a step."""
        for parameter in self._moments:
            parameter.grad = None

    def step(self, learning_rate: float) -> None:
        """Change the parameters that have gradients."""
        learnt = [each for each in self._moments if each.grad is not None]
        moments = [self._moments[each] for each in learnt]
        with torch.no_grad():
            adamw(
                list[Tensor](learnt),
                [each.grad for each in learnt if each.grad is not None],
                [each.exp_avg for each in moments],
                [each.exp_avg_sq for each in moments],
                [],
                [each.step for each in moments],
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=learning_rate,
                weight_decay=self._decay,
                eps=1e-8,
                maximize=False,
            )

    def state(self) -> dict[str, Tensor]:
        """Return what continuing needs.

        Returns
        -------
        By the number of the parameter and the name of a moment, float32: ``()`` for the number of
        steps, the parameter's shape for the means.
        """
        moments = enumerate(self._moments.values())
        return {f"{at}.{name}": value for at, each in moments for name, value in vars(each).items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over what `state` returned.

        Parameters
        ----------
        state
            Float32 tensors of the same shapes; what is missing stays as it is.

        Raises
        ------
        RuntimeError
            If the shapes are others.
        """
        for name, value in self.state().items():
            if name in state:
                value.copy_(state[name])
