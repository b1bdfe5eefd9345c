from .core.annotation.annotation import AnnotatedImage, Annotation
from .core.config import (
    DecodeConfig,
    GreyConfig,
    LinkConfig,
    ModelConfig,
    NormalizeConfig,
    SizeConfig,
    TargetConfig,
    TileConfig,
)
from .core.decoding.fit import Fit
from .core.decoding.segmentation import Segmentation
from .core.errors import UserError
from .core.evaluation.metrics import evaluate, evaluate_classes
from .core.evaluation.report import ClassReport, Matching, Report, pool
from .core.instances.link import link
from .core.instances.measure import measure
from .core.measuring.objects import measure_objects, measure_steps
from .core.measuring.request import Evidence, MeasureRequest
from .core.pairing.compartments import Compartments, compartments
from .core.pairing.config import PairConfig
from .core.pairing.grow import grow_cells
from .core.pairing.measure import MeasuredCells, measure_cells, measure_cells_steps
from .core.pairing.pair import Pairing, pair_objects
from .core.progress import Progress, Stop, drive
from .core.provenance.record import Provenance
from .core.provenance.settings import Settings
from .core.segment_request import SegmentRequest
from .core.targets.weight_map import border_weight_map, falk_weight_map
from .core.train_config import TrainConfig
from .io.annotations.read import annotated, read_annotations
from .io.annotations.write import write_annotation
from .io.bundled import load_sample
from .io.exchange.content import Content
from .io.exchange.export import Export, export_steps
from .io.listing import image_files
from .io.ome_zarr import read_zarr
from .io.pairs.find import find_pairs
from .io.picture import Picture
from .io.provenance.read import read_provenance
from .io.provenance.settings import read_settings
from .io.read import read_image
from .io.sources import find_sources
from .io.tiff.write import write_labels
from .nn.exchange.export import export_model
from .nn.foreign.take_in import import_model
from .nn.model import Model, load_model, save_model
from .nn.network.unet import UNet
from .nn.prediction.segment import segment, segment_steps
from .nn.training.loss import build_target, dice
from .nn.training.plan import plan
from .nn.training.prepare import prepare
from .nn.training.train import TrainResult, train, train_steps
from .runs.config import RunConfig
from .runs.create import create_run
from .runs.folder import Run
from .runs.from_annotations import to_samples
from .runs.sample import Sample
from .scale.batch.batch import Batch
from .scale.batch.steps import batch_steps
from .scale.large.segment import LargeResult, segment_large, segment_large_steps
from .scale.share.pack import share
from .scale.share.parcel import Parcel
from .scale.share.unpack import Laid, open_shared
from .storage.model_card import ModelCard
from .storage.model_header import find_model, read_header

__version__: str

__all__ = [
    "AnnotatedImage",
    "Annotation",
    "Batch",
    "ClassReport",
    "Compartments",
    "Content",
    "DecodeConfig",
    "Evidence",
    "Export",
    "Fit",
    "GreyConfig",
    "Laid",
    "LargeResult",
    "LinkConfig",
    "Matching",
    "MeasureRequest",
    "MeasuredCells",
    "Model",
    "ModelCard",
    "ModelConfig",
    "NormalizeConfig",
    "PairConfig",
    "Pairing",
    "Parcel",
    "Picture",
    "Progress",
    "Provenance",
    "Report",
    "Run",
    "RunConfig",
    "Sample",
    "SegmentRequest",
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
    "compartments",
    "create_run",
    "dice",
    "drive",
    "evaluate",
    "evaluate_classes",
    "export_model",
    "export_steps",
    "falk_weight_map",
    "find_model",
    "find_pairs",
    "find_sources",
    "grow_cells",
    "image_files",
    "import_model",
    "link",
    "load_model",
    "load_sample",
    "measure",
    "measure_cells",
    "measure_cells_steps",
    "measure_objects",
    "measure_steps",
    "open_shared",
    "pair_objects",
    "plan",
    "pool",
    "prepare",
    "read_annotations",
    "read_header",
    "read_image",
    "read_provenance",
    "read_settings",
    "read_zarr",
    "save_model",
    "segment",
    "segment_large",
    "segment_large_steps",
    "segment_steps",
    "share",
    "to_samples",
    "train",
    "train_steps",
    "write_annotation",
    "write_labels",
]
