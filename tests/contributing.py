"""Contributing a dataset in a browser: described, its terms of use chosen, its slides sent."""

from __future__ import annotations

import csv
import io
import re

from playwright.sync_api import expect

from filled_table import DATASET, SLIDE

WIZARD = {
    *("type_of_dataset", "allowed_uses", "geography", "duration_of_use", "legal_basis"),
}
"""What is asked for in the steps of the terms of use, and not among the dataset's fields."""


def table(names):
    """An export with the fields of the dataset left to the form."""
    out = io.StringIO()
    rows = [
        {**SLIDE, "File": f"{name}.svs", "Being": f"P-{n}", "Case": f"C-{n}"}
        for n, name in enumerate(names)
    ]
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def describe(page, names):
    """From an export to a description that is complete, on the page where one prepares."""
    chooser = page.get_by_label("Spreadsheet", exact=True)
    chooser.set_input_files([{"name": "export.csv", "mimeType": "", "buffer": table(names)}])
    page.get_by_role("tab", name="Dataset").click()
    for name, text in DATASET.items():
        if name not in WIZARD:
            page.locator(f"[data-field={name}]").locator("input, textarea").fill(text)
    choose_terms(page)
    expect(page.get_by_role("progressbar").first).to_have_attribute("aria-valuenow", "100")


def choose_terms(page):
    """The terms of use: health research that is not commercial, for two years at most."""
    page.get_by_role("tab", name="Terms of use").click()
    page.get_by_label("Type of dataset").select_option(DATASET["type_of_dataset"])
    page.get_by_label("Legal basis").fill(DATASET["legal_basis"])
    onward(page, "Access")
    page.get_by_label("Access rests on").select_option("consent")
    onward(page, "Uses")
    page.get_by_label(DATASET["allowed_uses"]).check()
    page.get_by_label("Only health and biomedical research").check()
    onward(page, "Limits")
    page.get_by_label("Where it may be used").select_option(DATASET["geography"])
    page.get_by_label("How long it may be used").select_option(DATASET["duration_of_use"])
    page.get_by_label("No commercial use NCU").check()
    page.get_by_label("For a number of months").check()
    page.get_by_label("TS: one number of months").fill("24")
    meaning = page.get_by_role("complementary", name="What this means")
    expect(meaning).to_contain_text("ends after 24 months at the latest")
    onward(page, "In return")
    onward(page, "Responsibility")
    page.get_by_label("Controllers").fill("Invented University Hospital")


def onward(page, step):
    page.get_by_role("button", name=f"Next: {step}").click()


def send(page, slides, keys):
    """Send the slides of what is described, and keep the keys; returns the submission."""
    page.get_by_role("tab", name="Send").click()
    page.get_by_label("Slides", exact=True).set_input_files(slides)
    expect(page.get_by_text(re.compile(f"^{len(slides)} of {len(slides)} row"))).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Keys (CSV)").click()
    download.value.save_as(keys)
    page.get_by_role("button", name=re.compile(r"^Send \d+ slides?$")).click()
    page.wait_for_url("**/submissions/bb-*")
    return page.url.rpartition("/")[2]
