"""Describing a dataset in the browser: a table dropped, typed, pasted, mended, and not lost."""

from __future__ import annotations

import csv
import io
import json

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

NAME = "Mustermann-1962"
HEADINGS = ["Datei", "Patient", "Geschlecht", "Alter", "Organ", "Färbung", "Diagnose"]
DIAGNOSIS = "SNOMED CT:408645001 Adenocarcinoma of colon"


def rows(count):
    return [
        [f"{n}.svs", f"{NAME}-{n // 2}", "w", "57", "Kolon", "HE", DIAGNOSIS] for n in range(count)
    ]


def as_csv(table):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([HEADINGS, *table])
    return out.getvalue().encode()


def as_xlsx(table):
    book = Workbook()
    for row in (["Befunde 2026"], HEADINGS, *table):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def begin(visit, data=None, name="export.csv"):
    """Go to the page as a contributor; with `data`, hand over a file."""
    visit.sign_in("contributor")
    visit.go("/prepare")
    if data is None:
        visit.page.get_by_role("button", name="With an empty grid").click()
    else:
        chooser = visit.page.get_by_label("Spreadsheet", exact=True)
        chooser.set_input_files([{"name": name, "mimeType": "", "buffer": data}])
    expect(visit.page.get_by_role("grid")).to_be_visible()
    return visit.page


def cell(page, row, heading):
    """The cell of a row (from 1) under a heading that is in view."""
    column = page.get_by_role("columnheader", name=heading).first.get_attribute("aria-colindex")
    return page.locator(f"[id=c-{row - 1}-{int(column) - 1}]")


@pytest.mark.parametrize("intake", ["deidentified", "identified"])
@pytest.mark.parametrize(("made", "name"), [(as_csv, "e.csv"), (as_xlsx, "e.xlsx")])
def test_a_dropped_table_lands_under_its_columns(visit, world, intake, made, name):
    world.intake = intake
    page = begin(visit, made(rows(3)), name)
    expect(cell(page, 3, "File")).to_have_text("2.svs")
    expect(cell(page, 3, "Being")).to_have_text(f"{NAME}-1")
    expect(page.get_by_text("2 patients · 2 cases · 3 blocks · 3 slides")).to_be_visible()
    identifiers = json.dumps(world.checked)
    # what identifies is seen by no node that takes only what does not
    assert (NAME in identifiers) == (intake == "identified")
    assert ("2.svs" in identifiers) == (intake == "identified")
    assert "Kolon" in identifiers


def test_one_types_and_moves_as_in_a_spreadsheet(visit):
    page = begin(visit)
    page.get_by_role("grid").focus()
    page.keyboard.type("a.svs")
    page.keyboard.press("Enter")
    page.keyboard.type("b.svs")
    page.keyboard.press("Tab")
    expect(cell(page, 1, "File")).to_have_text("a.svs")
    expect(cell(page, 2, "File")).to_have_text("b.svs")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("F2")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    expect(cell(page, 2, "File")).to_have_text("b.svs")
    page.keyboard.press("Delete")
    expect(cell(page, 2, "File")).to_have_text("")
    page.keyboard.press("Control+z")
    expect(cell(page, 2, "File")).to_have_text("b.svs")
    page.keyboard.press("Control+y")
    expect(cell(page, 2, "File")).to_have_text("")
    page.keyboard.press("Control+d")
    expect(cell(page, 2, "File")).to_have_text("a.svs")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("grid")).not_to_be_focused()


def test_a_block_is_copied_and_pasted(visit):
    page = begin(visit, as_csv(rows(2)))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("grid").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[1].startswith("1.svs\t")
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+v")
    expect(cell(page, 4, "File")).to_have_text("1.svs")
    # with headings above it, each column goes where it belongs
    text = "Stain\tFile\n" + "PAS\tnew.svs"
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")
    expect(cell(page, 5, "File")).to_have_text("new.svs")
    expect(page.get_by_text("2 of 2 columns went where they belong")).to_be_visible()


def test_a_finding_stands_beside_its_cell_until_it_is_mended(visit):
    table = rows(4)
    table[1][5] = ""
    page = begin(visit, as_csv(table))
    finding = page.get_by_role("region", name="What to mend").get_by_role("button", name="Row 2")
    expect(finding).to_contain_text("stain is missing")
    finding.click()
    stain = cell(page, 2, "Stain")
    expect(stain).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#cell-finding")).to_contain_text("H&E")
    page.keyboard.type("hem")
    option = page.get_by_role("option", name="Hematoxylin and eosin stain method")
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(stain).to_have_text("Hematoxylin and eosin stain method")
    expect(finding).to_have_count(0)
    expect(stain).not_to_have_attribute("aria-invalid", "true")


def test_a_word_is_decided_by_one_click(visit, world):
    table = rows(2)
    table[0][4] = table[1][4] = "Kollon"
    page = begin(visit, as_csv(table))
    page.get_by_role("tab", name="Words 1").click()
    page.get_by_role("button", name="Colon structure").click()
    expect(page.get_by_text("Every word is known or decided.")).to_be_visible()
    expect(page.get_by_role("row", name="Kollon")).to_contain_text("71854001")
    expect(page.get_by_role("tab", name="Words")).to_have_text("Words")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("tab", name="Words 1")).to_be_visible()


def test_a_closed_tab_loses_nothing(visit, world):
    page = begin(visit, as_csv(rows(2)))
    cell(page, 1, "File").dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("changed.svs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    page.wait_for_function(
        """async () => new Promise(done => {
          const open = indexedDB.open('bigpicture-drafts');
          open.onsuccess = () => {
            const all = open.result.transaction('drafts').objectStore('drafts').getAll();
            all.onsuccess = () => done(JSON.stringify(all.result).includes('changed.svs'));
          };
        })"""
    )
    page.close()
    visit.page = page.context.new_page()
    visit.go("/prepare")
    visit.page.get_by_role("button", name="export").first.click()
    expect(cell(visit.page, 1, "File")).to_have_text("changed.svs")
    assert world.drafts == {}  # this node takes nothing identified
    visit.page.on("dialog", lambda dialog: dialog.accept())
    visit.page.get_by_role("button", name="Where is this kept?").click()
    visit.page.get_by_role("button", name="Delete this draft everywhere").click()
    expect(visit.page.get_by_role("heading", name="Begin", exact=True)).to_be_visible()


def test_a_draft_at_the_node_is_never_overwritten_unawares(visit, world):
    world.intake = "identified"
    page = begin(visit, as_csv(rows(2)))
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    page.wait_for_function("document.readyState === 'complete'")
    while not world.drafts:
        page.wait_for_timeout(20)
    [(name, (_, body))] = world.drafts.items()
    world.drafts[name] = ('"other"', body | {"rows": [["other.svs"]], "columns": ["file"]})
    cell(page, 1, "File").dblclick()
    page.keyboard.type("-mine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("changed in another tab")
    assert world.drafts[name][1]["rows"] == [["other.svs"]]
    page.get_by_role("button", name="Keep mine as another draft").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(cell(page, 1, "File")).to_have_text("0.svs-mine")
    while len(world.drafts) < 2:
        page.wait_for_timeout(20)


def test_two_tabs_of_one_browser_do_not_overwrite_each_other(visit):
    page = begin(visit, as_csv(rows(2)))
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    page.wait_for_timeout(300)
    other = page.context.new_page()
    other.goto(page.url)
    for tab, text in ((other, "second"), (page, "first")):
        cell(tab, 1, "File").dblclick()
        tab.keyboard.type(text)
        tab.keyboard.press("Enter")
        tab.wait_for_timeout(1200)
    expect(page.get_by_role("alert")).to_contain_text("changed in another tab")
    page.get_by_role("button", name="Open the other version").click()
    expect(cell(page, 1, "File")).to_have_text("0.svssecond")


def test_ten_thousand_rows_keep_few_elements(visit):
    page = begin(visit, as_csv(rows(10_000)))
    expect(page.get_by_text("10,000 images")).to_be_visible()
    page.get_by_role("checkbox", name="All columns").check()
    count = "document.querySelectorAll('[role=grid] *').length"
    assert page.evaluate(count) < 1000
    page.get_by_role("grid").focus()
    page.keyboard.press("Control+End")
    expect(cell(page, 10_000, "File")).to_have_text("9999.svs")
    assert page.evaluate(count) < 1000
    page.mouse.move(500, 600)
    for _ in range(30):
        page.mouse.wheel(0, -3000)
    assert page.evaluate(count) < 1000


def test_names_of_slides_make_rows(visit, tmp_path):
    folder = tmp_path / "slides"
    for name in ("a.svs", "b.ndpi", "notes.txt", "c.mrxs", "c/Data0000.dat", "d/1.dcm", "d/2.dcm"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    visit.sign_in("contributor")
    visit.go("/prepare")
    visit.page.get_by_label("Folder of slides").set_input_files(folder)
    expect(visit.page.get_by_role("grid")).to_be_visible()
    expect(cell(visit.page, 4, "File")).to_have_text("d")
    found = [cell(visit.page, n, "File").text_content() for n in (1, 2, 3)]
    assert found == ["a.svs", "b.ndpi", "c.mrxs"]


def test_what_is_taken_along_is_what_the_command_reads(visit, tmp_path):
    from bigpicture.preparation.read import read_tables
    from bigpicture.preparation.understand import understand

    page = begin(visit, as_csv(rows(3)))
    page.get_by_role("tab", name="Dataset").click()
    page.get_by_label("Title").fill("Colon & <more>")
    page.get_by_role("tab", name="Finish").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (Excel)").click()
    place = tmp_path / "table.xlsx"
    download.value.save_as(place)
    assert load_workbook(place).sheetnames == ["slides", "dataset"]
    plan = understand(read_tables(place)).plan
    assert [each.file for each in plan.images] == ["0.svs", "1.svs", "2.svs"]
    assert plan.told("title") == "Colon & <more>"
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (CSV)").click()
    place = tmp_path / "table.csv"
    download.value.save_as(place)
    assert len(understand(read_tables(place)).plan.images) == 3


def test_a_damaged_workbook_is_told_plainly(visit):
    visit.sign_in("contributor")
    visit.go("/prepare")
    broken = as_xlsx(rows(3))[:-200]
    chooser = visit.page.get_by_label("Spreadsheet", exact=True)
    chooser.set_input_files([{"name": "x.xlsx", "mimeType": "", "buffer": broken}])
    expect(visit.page.get_by_role("alert")).to_contain_text("cut off or damaged")


def test_who_may_not_submit_is_told_what_is_needed(visit):
    visit.sign_in("researcher")
    visit.go("/prepare")
    expect(visit.page.get_by_role("alert")).to_contain_text("Contributor")
    expect(visit.page.get_by_role("link", name="Describe")).to_have_count(0)


def test_on_a_phone_nothing_is_wider_than_the_screen(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = begin(visit, as_csv(rows(3)))
    for tab in ("Slides", "Words", "Dataset", "Terms of use", "Finish"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
