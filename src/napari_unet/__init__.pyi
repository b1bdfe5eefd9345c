from .core.annotation import AnnotatedImage, Annotation
from .core.config import (
    DecodeConfig,
    LinkConfig,
    ModelConfig,
    NormalizeConfig,
    SizeConfig,
    TargetConfig,
    TileConfig,
    TrainConfig,
)
from .core.errors import UserError
from .core.link import link
from .core.measure import measure
from .core.metrics import evaluate, evaluate_classes
from .core.model_header import find_model, read_header
from .core.progress import Progress, Stop, drive
from .core.report import ClassReport, Matching, Report, pool
from .core.segmentation import Segmentation
from .core.weight_map import border_weight_map, falk_weight_map
from .io.annotations import annotated, read_annotations, write_annotation
from .io.inputs import find_sources
from .io.ome_zarr import read_zarr
from .io.pairs import find_pairs
from .io.picture import Picture
from .io.read import image_files, read_image
from .io.samples import load_sample
from .io.tiff import write_labels
from .nn.loss import build_target, dice
from .nn.model import Model, load_model, save_model
from .nn.plan import plan
from .nn.prepare import prepare
from .nn.run import Run, RunConfig, Sample, create_run
from .nn.samples import to_samples
from .nn.segment import segment, segment_steps
from .nn.train import TrainResult, train, train_steps
from .nn.unet import UNet
from .scale.batch import batch_steps
from .scale.batch_task import Batch
from .scale.begin import Settings
from .scale.segment import LargeResult, segment_large, segment_large_steps

__version__: str

__all__ = [
    "AnnotatedImage",
    "Annotation",
    "Batch",
    "ClassReport",
    "DecodeConfig",
    "LargeResult",
    "LinkConfig",
    "Matching",
    "Model",
    "ModelConfig",
    "NormalizeConfig",
    "Picture",
    "Progress",
    "Report",
    "Run",
    "RunConfig",
    "Sample",
    "Segmentation",
    "Settings",
    "SizeConfig",
    "Stop",
    "TargetConfig",
    "TileConfig",
    "TrainConfig",
    "TrainResult",
    "UNet",
    "UserError",
    "annotated",
    "batch_steps",
    "border_weight_map",
    "build_target",
    "create_run",
    "dice",
    "drive",
    "evaluate",
    "evaluate_classes",
    "falk_weight_map",
    "find_model",
    "find_pairs",
    "find_sources",
    "image_files",
    "link",
    "load_model",
    "load_sample",
    "measure",
    "plan",
    "pool",
    "prepare",
    "read_annotations",
    "read_header",
    "read_image",
    "read_zarr",
    "save_model",
    "segment",
    "segment_large",
    "segment_large_steps",
    "segment_steps",
    "to_samples",
    "train",
    "train_steps",
    "write_annotation",
    "write_labels",
]
