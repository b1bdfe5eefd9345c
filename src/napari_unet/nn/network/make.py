"""A network made from its configuration, whichever kind it is."""

from __future__ import annotations

from napari_unet.core.config import ModelConfig
from napari_unet.nn.network.geometry import Geometry
from napari_unet.nn.network.program import ProgramNetwork, loaded_program
from napari_unet.nn.network.program_geometry import ProgramGeometry
from napari_unet.nn.network.unet import UNet
from napari_unet.storage.programs import trusted_program

Network = UNet | ProgramNetwork


def new_network(config: ModelConfig) -> Network:
    """Return a new network; a program has the parameters that it came with.

    Raises
    ------
    UserError
        If it is a program that nobody has agreed to run.
    """
    if config.program is None:
        return UNet(config)
    return ProgramNetwork(config, loaded_program(trusted_program(config.program.digest)))


def geometry_of(config: ModelConfig) -> tuple[Geometry | ProgramGeometry, ...]:
    """Return how sizes and positions go through a network, along each axis."""
    if config.program is None:
        return tuple(Geometry.of(config, axis) for axis in range(config.ndim))
    return tuple(ProgramGeometry(*axis) for axis in config.program.axes)
