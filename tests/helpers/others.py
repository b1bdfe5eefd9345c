"""Packages of bioimage.io as other programs write them, made of small networks."""

import hashlib
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import torch
import yaml
from PIL import Image
from torch import nn

_LAYERS = {
    2: (nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d, nn.InstanceNorm2d),
    3: (nn.Conv3d, nn.ConvTranspose3d, nn.MaxPool3d, nn.InstanceNorm3d),
}
STANDARDISED = {
    "id": "zero_mean_unit_variance",
    "kwargs": {"axes": ["channel", "y", "x"]},
}


class SmallUNet(nn.Module):
    """A U-Net of one level, as a stranger would write it."""

    def __init__(self, gives=1, norm=False, valid=False, ndim=2, features=4, takes=1):
        super().__init__()
        conv, up, pool, instance = _LAYERS[ndim]
        self.valid = valid

        def double(before, after):
            norms = [instance(after) if norm else nn.Identity() for _ in range(2)]
            first = conv(before, after, 3, padding=0 if valid else 1)
            second = conv(after, after, 3, padding=0 if valid else 1)
            return nn.Sequential(first, norms[0], nn.ReLU(), second, norms[1], nn.ReLU())

        self.down, self.pool = double(takes, features), pool(2)
        self.low, self.up = double(features, 2 * features), up(2 * features, features, 2, 2)
        self.fuse, self.last = double(2 * features, features), conv(features, gives, 1)

    def forward(self, x):
        skip = self.down(x)
        up = self.up(self.low(self.pool(skip)))
        if self.valid:
            skip = skip[:, :, 4:-4, 4:-4]
        return torch.sigmoid(self.last(self.fuse(torch.cat([skip, up], 1))))


def small(seed=0, **shape):
    """Return an untrained network that depends on nothing but the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SmallUNet(**shape).eval()


def standardised(image):
    return ((image - image.mean()) / (image.std() + 1e-6)).astype(np.float32)


def npy(array):
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


def script(network, traced=None):
    """Return a network as TorchScript, scripted or traced with an input."""
    module = torch.jit.script(network) if traced is None else torch.jit.trace(network, traced)
    file = BytesIO()
    torch.jit.save(module, file)
    return file.getvalue()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def files_of(network, image, normalized=standardised):
    """Return the files of a package: the program, and what goes in and comes out of its test."""
    with torch.no_grad():
        output = network(torch.from_numpy(normalized(image))).numpy()
    return {"w.pt": script(network), "in.npy": npy(image), "out.npy": npy(output)}


def described(files, ndim=2, least=16, step=2, channels=None, **more):
    """Return what a package of the form 0.5 says; `step` 0 for inputs of one size."""
    letters = "zyx"[-ndim:]
    size = {"min": least, "step": step} if step else least
    takes, gives = (np.load(BytesIO(files[name])).shape for name in ("in.npy", "out.npy"))
    names = channels or [f"channel{index}" for index in range(gives[1])]
    lost = takes[2] - gives[2]
    lengths = [{"tensor_id": "raw", "axis_id": letter, "offset": -lost} for letter in letters]
    told = {
        "type": "model",
        "format_version": "0.5.3",
        "name": "Discs of others",
        "description": "Finds discs",
        "authors": [{"name": "Ada Lovelace"}, {"name": "Grace Hopper"}],
        "license": "MIT",
        "cite": [{"text": "U-Net", "doi": "10.1007/978-3-319-24574-4_28"}],
        "documentation": "README.md",
        "covers": ["cover.png"],
        "inputs": [
            {
                "id": "raw",
                "axes": [
                    {"type": "batch"},
                    {"type": "channel", "channel_names": [f"c{n}" for n in range(takes[1])]},
                    *({"type": "space", "id": letter, "size": size} for letter in letters),
                ],
                "data": {"type": "float32"},
                "preprocessing": [
                    {"id": "ensure_dtype", "kwargs": {"dtype": "float32"}},
                    {**STANDARDISED, "kwargs": {"axes": ["channel", *letters]}},
                ],
                "test_tensor": {"source": "in.npy", "sha256": sha256(files["in.npy"])},
            }
        ],
        "outputs": [
            {
                "id": "found",
                "axes": [
                    {"type": "batch"},
                    {"type": "channel", "channel_names": names},
                    *(
                        {"type": "space", "id": letter, "size": length}
                        for letter, length in zip(letters, lengths, strict=True)
                    ),
                ],
                "data": {"type": "float32"},
                "test_tensor": {"source": "out.npy", "sha256": sha256(files["out.npy"])},
            }
        ],
        "weights": {
            "torchscript": {
                "source": "w.pt",
                "sha256": sha256(files["w.pt"]),
                "pytorch_version": "2.0.0",
            }
        },
    }
    return told | more


def described_04(files, shape=None, **more):
    """Return what a package of the form 0.4 says, 2D."""
    kwargs = {"mode": "per_sample", "axes": "cyx"}
    told = {
        "type": "model",
        "format_version": "0.4.9",
        "name": "Discs of others",
        "description": "Finds discs",
        "authors": [{"name": "Ada Lovelace"}],
        "license": "MIT",
        "inputs": [
            {
                "name": "raw",
                "axes": "bcyx",
                "data_type": "float32",
                "shape": shape or {"min": [1, 1, 16, 16], "step": [0, 0, 2, 2]},
                "preprocessing": [{"name": "zero_mean_unit_variance", "kwargs": kwargs}],
            }
        ],
        "outputs": [
            {
                "name": "found",
                "axes": "bcyx",
                "data_type": "float32",
                "halo": [0, 0, 8, 8],
                "shape": {
                    "reference_tensor": "raw",
                    "scale": [1, 1, 1, 1],
                    "offset": [0, 0, 0, 0],
                },
            }
        ],
        "test_inputs": ["in.npy"],
        "test_outputs": ["out.npy"],
        "weights": {"torchscript": {"source": "w.pt", "sha256": sha256(files["w.pt"])}},
    }
    return told | more


def write(path, told, files):
    with ZipFile(path, "w") as zipped:
        zipped.writestr("rdf.yaml", yaml.safe_dump(told))
        zipped.writestr("README.md", "# Discs of others\nSee there. # Validation\nNone.")
        picture = BytesIO()
        Image.new("L", (2, 1)).save(picture, "png")
        zipped.writestr("cover.png", picture.getvalue())
        for name, data in files.items():
            zipped.writestr(name, data)
    return path
