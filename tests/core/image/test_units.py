import pytest

from napari_unet.core.image.units import micrometres

UNITS = {
    1.0: ("µm", "μm", "um", "\\u00B5m", "micron", "Microns", "micrometers", "micrometre", " um "),
    1e-3: ("nm", "nanometer", "Nanometres"),
    1e-4: ("Å", "angstrom"),
    1e3: ("mm", "millimeters"),
    1e4: ("cm", "centimetre"),
    1e6: ("m", "meters"),
    25400.0: ("inch", "inches"),
    None: ("", "pixel", "pixels", "sec", "none"),
}


@pytest.mark.parametrize(("size", "names"), UNITS.items())
def test_units_are_known_however_they_are_written(size, names):
    assert [micrometres(name) for name in names] == [size] * len(names)
