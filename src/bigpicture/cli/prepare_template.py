"""`bigpicture prepare --template`: write the table that a person fills in."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from bigpicture.cli.plain import plain
from bigpicture.dicom.find import find_slides
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.preparation.template import dataset_csv, template, template_csv
from bigpicture.standard.rule import Audience


def write_template(
    place: Path, slides: Path | None, audience: Audience, *, by_entity: bool = False
) -> None:
    """Write the template; a file that is there already stays as it is."""
    files = _files(slides) if slides else []
    if place.suffix.lower() == ".csv":
        _write(place, template_csv(audience=audience, files=files))
        beside = place.with_name(f"{place.stem}-dataset.csv")
        _write(beside, dataset_csv(audience=audience))
        written = [place, beside]
    elif place.suffix.lower() == ".xlsx":
        _write(place, template(audience=audience, files=files, by_entity=by_entity))
        written = [place]
    else:
        raise InputError(
            "a template is a workbook or a CSV.", place=place.name, rule=".xlsx or .csv"
        )
    console = Console()
    names = " ".join(plain(str(each)) for each in written)
    console.print(f"Wrote [bold]{names}[/]. Fill it in, then:", highlight=False, soft_wrap=True)
    folder = plain(str(slides)) if slides else "FOLDER_OF_SLIDES"
    console.print(
        f"  bigpicture prepare {folder} {names} --out DATASET_name", highlight=False, soft_wrap=True
    )


def _files(slides: Path) -> list[str]:
    if not slides.is_dir():
        raise InputError("there is no such folder of slides.", place=str(slides))
    found = find_slides(slides, is_recursive=True)
    return [each.relative_to(slides).as_posix() for each in found]


def _write(place: Path, data: bytes) -> None:
    try:
        with place.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise ConflictError(
            "there is such a file already, perhaps filled in.",
            place=str(place),
            remedy="Choose another name.",
        ) from error
    except OSError as error:
        raise InputError(
            f"the template cannot be written ({error.strerror}).", place=str(place)
        ) from error
