"""The national registers of persons, and how telling a number of each form is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.at import vnr
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.ch import ssn as ahv
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import cc, nif
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.si import emso
from stdnum.us import ssn


@dataclass(frozen=True, slots=True)
class Register:
    """One kind of number.

    `bare` is how it looks without separators, `written` as people write it, and `chance` the
    share of random digits, as many as it has, that pass: 1/11 for a check digit modulo 11, some
    thousandths where a day of birth must be in it as well (measured, see the test).
    """

    label: str
    bare: re.Pattern[str]
    written: re.Pattern[str] | None
    passes: Callable[[str], bool]
    chance: float


def _register(
    label: str, bare: str, written: str, passes: Callable[[str], bool], chance: float
) -> Register:
    usual = re.compile(written, re.IGNORECASE) if written else None
    return Register(label, re.compile(bare, re.IGNORECASE), usual, passes, chance)


def _is_kvnr(number: str) -> bool:
    """German health insurance: letter as two digits, weights 1 and 2, sums of digits, modulo 10."""
    digits = f"{ord(number[0].upper()) - 64:02}{number[1:]}"
    weighed = (int(each) * (1 + at % 2) for at, each in enumerate(digits[:-1]))
    return sum(each // 10 + each % 10 for each in weighed) % 10 == int(digits[-1])


def _is_latvian(number: str) -> bool:
    """A person's code shares its form with a company's number, whose first digit is above 3."""
    return number[0] in "0123" and pvn.is_valid(number)


_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"

_IN_THEIR_ORDER: tuple[Register, ...] = (
    _register("an Austrian social insurance number", rf"\d{{4}}{_DAY}{_MONTH}\d\d",
              rf"\d{{4}}[ -]{_DAY}\.?{_MONTH}\.?\d\d", vnr.is_valid, 1 / 345),
    _register("a Belgian national number", r"\d{11}",
              r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d", nn.is_valid, 1 / 600),
    _register("a Bulgarian personal number", r"\d{10}", "", egn.is_valid, 1 / 100),
    _register("a Swiss social insurance number", r"756\d{10}",
              r"756[. ]\d{4}[. ]\d{4}[. ]\d\d", ahv.is_valid, 1 / 9000),
    _register("a Czech or Slovak birth number", r"\d{9,10}", r"\d{6}/\d{3,4}",
              rc.is_valid, 1 / 44),
    _register("a German tax number", r"\d{11}",
              r"\d{2} \d{3} \d{3} \d{3}", idnr.is_valid, 1 / 310),
    _register("a German health insurance number", r"[A-Z]\d{9}", "", _is_kvnr, 1 / 11),
    _register("a Danish CPR number", rf"{_DAY}{_MONTH}\d{{6}}",
              rf"{_DAY}{_MONTH}\d\d-\d{{4}}", cpr.is_valid, 1 / 35),
    _register("an Estonian or Lithuanian personal code", r"[1-8]\d{10}", "",
              lambda number: ik.is_valid(number) or asmens.is_valid(number), 1 / 350),
    _register("a Spanish identity number", r"\d{8}[A-Z]", r"\d{8}-[A-Z]", dni.is_valid, 1 / 26),
    _register("a Spanish foreigner's number", r"[XYZ]\d{7}[A-Z]",
              r"[XYZ]-\d{7}-[A-Z]", nie.is_valid, 1 / 28),
    _register("a Finnish personal identity code", rf"{_DAY}{_MONTH}\d\d[-+A-FU-Y]\d{{3}}[\dA-Y]",
              rf"{_DAY}{_MONTH}\d\d[-+A-FU-Y]\d{{3}}[\dA-Y]", hetu.is_valid, 1 / 1300),
    _register("a French social security number", r"[12]\d{4}(?:\d\d|2[AB])\d{8}",
              r"[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", nir.is_valid, 1 / 540),
    _register("an NHS number", r"\d{10}", r"\d{3}[ -]\d{3}[ -]\d{4}", nhs.is_valid, 1 / 11),
    _register("a Greek AMKA", rf"{_DAY}{_MONTH}\d{{7}}", "", amka.is_valid, 1 / 245),
    _register("a Croatian OIB", r"\d{11}", "", oib.is_valid, 1 / 11),
    _register("an Irish PPS number", r"\d{7}[A-W][A-IW]?", "", pps.is_valid, 1 / 27),
    _register("an Icelandic kennitala", rf"{_DAY}{_MONTH}\d{{5}}[089]",
              rf"{_DAY}{_MONTH}\d\d-\d{{3}}[089]", kennitala.is_valid, 1 / 1450),
    _register("an Italian codice fiscale",
              r"[A-Z]{6}[\dL-V]{2}[A-EHLMPRST][\dL-V]{2}[A-Z][\dL-V]{3}[A-Z]",
              r"[A-Z]{3} ?[A-Z]{3} ?[\dL-V]{2}[A-EHLMPRST][\dL-V]{2} ?[A-Z][\dL-V]{3}[A-Z]",
              codicefiscale.is_valid, 1 / 9000),
    _register("a Latvian personal code", rf"{_DAY}{_MONTH}\d{{7}}",
              rf"{_DAY}{_MONTH}\d\d-\d{{5}}", _is_latvian, 1 / 270),
    _register("a Dutch BSN", r"\d{9}", r"\d{4}[. ]\d{2}[. ]\d{3}", bsn.is_valid, 1 / 9),
    _register("a Norwegian birth number", r"\d{11}", r"\d{6} \d{5}",
              fodselsnummer.is_valid, 1 / 1100),
    _register("a PESEL", r"\d{11}", "", pesel.is_valid, 1 / 53),
    _register("a Portuguese citizen card", r"\d{9}[A-Z0-9]{2}\d",
              r"\d{8} \d [A-Z0-9]{2}\d", cc.is_valid, 1 / 10),
    _register("a Portuguese tax number", r"[123]\d{8}", "", nif.is_valid, 1 / 32),
    _register("a Romanian CNP", r"[1-9]\d{12}", "", cnp.is_valid, 1 / 570),
    _register("a Swedish personal number", rf"(?:19|20)?\d\d{_MONTH}{_DAY}\d{{4}}",
              rf"(?:19|20)?\d\d{_MONTH}{_DAY}[-+]\d{{4}}", personnummer.is_valid, 1 / 250),
    _register("an EMŠO or JMBG", rf"{_DAY}{_MONTH}\d{{9}}", "", emso.is_valid, 1 / 285),
    _register("a US social security number", r"(?!)", r"\d{3}-\d{2}-\d{4}", ssn.is_valid, 9 / 10),
)  # fmt: skip
"""In the order of countries; Cyprus, Hungary, Liechtenstein, Luxembourg and Malta are missing."""

REGISTERS = tuple(sorted(_IN_THEIR_ORDER, key=lambda each: each.chance))
"""The most telling first."""

ANY_FORM = re.compile(
    "|".join(f"(?:{each.pattern})" for it in REGISTERS for each in (it.bare, it.written) if each),
    re.IGNORECASE,
)
"""What matches this has the form of a number in one of them at least."""
