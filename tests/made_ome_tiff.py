"""OME-TIFF files with known pixels, written from the OME-TIFF specification and 2016-06 schema."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import tifffile

UUID = "urn:uuid:00000000-0000-4000-8000-000000000001"
SECRETS = ("Erika Mustermann", "S-2019-1234", "urn:uuid:0000", "1004486", "2019-03-04")


def values(*shape: int, kind=np.uint16, seed: int = 0) -> np.ndarray:
    """Smooth fields with noise: every plane differs, both bytes are used."""
    *planes, rows, columns = shape
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    limit = np.iinfo(kind).max
    smooth = (x * 7 + y * 5) * (limit // 4096 or 1)
    noise = random.integers(0, limit // 16 + 2, shape)
    steps = np.arange(int(np.prod(planes, dtype=int)) or 1).reshape(*planes, 1, 1) * (limit // 31)
    return ((smooth + noise + steps) % limit).astype(kind)


def attributes(**given) -> str:
    return "".join(f" {key}={quoteattr(str(value))}" for key, value in given.items())


def data(ifd=None, *, z=0, c=0, t=0, count=None, file=None, uuid=None) -> str:
    """A TiffData element."""
    told = {"FirstZ": z, "FirstC": c, "FirstT": t}
    told |= {} if ifd is None else {"IFD": ifd}
    told |= {} if count is None else {"PlaneCount": count}
    inside = "" if uuid is None else f"<UUID{attributes(FileName=file)}>{uuid}</UUID>"
    return f"<TiffData{attributes(**told)}>{inside}</TiffData>"


def image(number=0, *, name="", channels="", planes="", tiff="<TiffData/>", before="", **pixels):
    """An Image element."""
    told = {"ID": f"Pixels:{number}", "DimensionOrder": "XYCZT", "Type": "uint16", "SizeT": 1}
    told |= {"SizeZ": 1, "SizeC": 1, **pixels}
    inside = f"<Pixels{attributes(**told)}>{channels}{tiff}{planes}</Pixels>"
    label = attributes(ID=f"Image:{number}", **({"Name": name} if name else {}))
    return f"<Image{label}>{before}{inside}</Image>"


def document(*images: str, before="", after="", uuid=UUID) -> str:
    space = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    told = attributes(xmlns=space, UUID=uuid, Creator="Invented Writer 1.0")
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<OME{told}>{before}{''.join(images)}{after}</OME>"


def write(path: Path, xml: str, pages, *, levels: int = 0, order="<", **layout) -> None:
    """Write `pages` one a directory, each with `levels` halved ones in its SubIFDs."""
    with tifffile.TiffWriter(path, byteorder=order) as writer:
        for number, page in enumerate(pages):
            photometric = "rgb" if page.ndim == 3 else "minisblack"
            more = {"photometric": photometric, "metadata": None, **layout}
            text = {"description": xml.encode()} if number == 0 else {}
            writer.write(page, subifds=levels or None, **text, **more)
            for level in range(1, levels + 1):
                writer.write(page[:: 2**level, :: 2**level], subfiletype=1, **more)


def fluorescence(path: Path, *, channels=2, planes=3, rows=150, columns=200, kind=np.uint16,
                 levels=1, **layout) -> np.ndarray:  # fmt: skip
    """A slide with all that is read and all that identifies; returns shape (C, Z, rows, columns).

    Planes are written in the order XYCZT: channels run faster than focal planes.
    """
    pixels = values(channels, planes, rows, columns, kind=kind)
    people = (
        '<Experimenter ID="Experimenter:0" FirstName="Erika" LastName="Mustermann" '
        'UserName="Erika Mustermann"/><Instrument ID="Instrument:0">'
        '<Microscope Manufacturer="Invented Optics" Model="Model Nine" SerialNumber="1004486"/>'
        '<Objective ID="Objective:0" NominalMagnification="10"/>'
        '<Objective ID="Objective:1" NominalMagnification="40"/></Instrument>'
    )
    seen = [
        {"Name": "DAPI", "Color": 0x0000FFFF, "EmissionWavelength": 461,
         "ExcitationWavelength": 0.358, "ExcitationWavelengthUnit": "µm"},
        {"Name": "S-2019-1234 red", "Fluor": "Cy5", "Color": -16776961, "EmissionWavelength": 670},
    ]  # fmt: skip
    listed = "".join(
        f"<Channel{attributes(ID=n, SamplesPerPixel=1, **(seen[n] if n < 2 else {}))}/>"
        for n in range(channels)
    )
    exposures = "".join(
        f"<Plane{attributes(TheZ=z, TheC=c, TheT=0, ExposureTime=0.25 * (c + 1), PositionX=1.5)}/>"
        for z in range(planes)
        for c in range(channels)
    )
    xml = document(
        image(
            name="S-2019-1234",
            before="<AcquisitionDate>2019-03-04T05:06:07</AcquisitionDate>"
            "<Description>Erika Mustermann</Description>"
            '<ObjectiveSettings ID="Objective:1"/>',
            channels=listed, planes=exposures, tiff=data(0, count=channels * planes),
            SizeX=columns, SizeY=rows, SizeZ=planes, SizeC=channels, Type=np.dtype(kind).name,
            PhysicalSizeX=0.25, PhysicalSizeY=250, PhysicalSizeYUnit="nm",
            PhysicalSizeZ=1.5,
        ),
        before=people,
        after="<StructuredAnnotations><MapAnnotation ID='Annotation:0'><Value>"
        '<M K="Patient">Erika Mustermann</M></Value></MapAnnotation></StructuredAnnotations>',
    )  # fmt: skip
    pages = [pixels[c, z] for z in range(planes) for c in range(channels)]
    write(path, xml, pages, levels=levels, **layout)
    return pixels
