"""Writing an application in a browser: each step of its form."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from applying import ANSWERS, PDF


def step(page, name):
    page.get_by_role("navigation", name="Steps").get_by_role("button", name=name).click()


def write(page, *, member, signatory, uses=("View", "Stream")):
    """Fill in the whole form; people are named by their sign-in names, which are short."""
    page.get_by_label("Title").fill(ANSWERS["title"])
    page.get_by_label("Lay summary").fill(ANSWERS["lay_summary"])
    page.get_by_label("Research question").fill(ANSWERS["research_question"])
    page.get_by_label("Methods, software or AI").check()
    page.get_by_label("Country of your organisation").select_option("SE")
    page.get_by_label("Is the use commercial?").select_option("No")
    page.get_by_label("Methods", exact=True).fill(ANSWERS["methods_summary"])
    step(page, "Who")
    page.get_by_label("Add a member").fill(member)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name=f"Take out {member.title()}")).to_be_visible()
    page.get_by_label("Who signs").fill(signatory)
    page.get_by_role("button", name="Name them").click()
    named = re.compile(f"^{signatory.title()}.*university$", re.IGNORECASE)
    expect(page.get_by_text(named)).to_be_visible()
    step(page, "Where and how long")
    for use in uses:
        page.get_by_role("checkbox", name=use).check()
    page.get_by_label("For how many months").fill("12")
    page.get_by_label("Why all of it").fill(ANSWERS["data_minimisation"])
    page.get_by_label("Security").fill(ANSWERS["security_measures"])
    step(page, "Documents")
    file = {"name": "Votum Ü.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.get_by_label("Document", exact=True).set_input_files(file)
    expect(page.get_by_role("link", name="Votum Ü.pdf")).to_be_visible()
