"""Which fields of an export name a person: those of FHIR, and those of any other system."""

from __future__ import annotations

import re
from enum import StrEnum


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


class FieldKind(StrEnum):
    """What a field of an export may become."""

    NEVER = "names a person or says how to reach one"
    BIRTH = "is a date of birth"
    IDENTIFIER = "is an identifier"
    FREE_TEXT = "is free text"


_NEVER_OF_FHIR = _names(
    "name telecom address contact photo communication maritalStatus multipleBirthBoolean "
    "multipleBirthInteger generalPractitioner managingOrganization link "
    "performer author recorder asserter collector requester interpreter resultsInterpreter "
    "operator enterer informationSource witness family given line city postalCode valueHumanName "
    "valueAddress valueContactPoint"
)
_BIRTH_OF_FHIR = frozenset(("birthDate", "_birthDate", "deceasedDateTime"))
_IDENTIFIERS_OF_FHIR = frozenset(
    ("id", "identifier", "accessionIdentifier", "uid", "reference", "requisition", "fullUrl")
)
_FREE_TEXT_OF_FHIR = _names(
    "div note comment comments conclusion description patientInstruction valueString "
    "presentedForm valueMarkdown valueAnnotation title data"
)

_NEVER = _names(
    "surname lastname firstname middlename familyname givenname maidenname fullname forename "
    "patientname personname name telecom address street city postcode postalcode zip zipcode phone "
    "telephone mobile email mail fax photo contact nextofkin insurance "
    "nachname vorname familienname geburtsname strasse straße wohnort plz telefon versicherung "
    "nom prenom prénom adresse codepostal ville apellido apellidos nombre direccion domicilio "
    "cognome indirizzo achternaam voornaam sukunimi etunimi osoite efternamn förnamn fornamn "
    "gatuadress fornavn etternavn nazwisko imie imię adres prijmeni jmeno"
)
_BIRTH = _names(
    "birthdate dateofbirth dob birthday birth geburtsdatum geburtstag datenaissance naissance "
    "fechanacimiento fechadenacimiento datanascita datadinascita geboortedatum syntymäaika "
    "syntymaaika födelsedatum fodelsedatum fødselsdato dataurodzenia deathdate dateofdeath"
)
_NUMBERS = _names(
    "mrn ssn nhs nhsnumber patientid patientnumber socialsecuritynumber nationalid personalid "
    "passport insurancenumber personnummer henkilötunnus henkilotunnus hetu cpr bsn pesel "
    "codicefiscale dni nir kvnr versichertennummer patientennummer fødselsnummer"
)
_PERSONAL = _names("patient person doctor physician pathologist next of kin")
_FREE_TEXT = _names(
    "text note notes comment comments conclusion report remark remarks freetext narrative "
    "macroscopy microscopy macroscopicdescription microscopicdescription clinicalhistory history "
    "befund bemerkung kommentar beschreibung"
)


_OF_ADDRESS = _names(
    "address telecom identifier street city postcode postalcode zip zipcode phone telephone mobile "
    "email mail fax photo strasse straße wohnort plz telefon adresse codepostal ville direccion "
    "domicilio indirizzo osoite gatuadress adres insurance versicherung line"
)


def is_of_address(field: str) -> bool:
    """Whether a field says where a person lives, or how to reach one."""
    return field.lower() in _OF_ADDRESS or any(
        word.lower() in _OF_ADDRESS for word in _WORD.findall(field)
    )


def kind_of_fhir(field: str) -> FieldKind | None:
    """What a field of FHIR is, by its name; None where it may become any cell."""
    if field in _NEVER_OF_FHIR:
        return FieldKind.NEVER
    if field in _BIRTH_OF_FHIR:
        return FieldKind.BIRTH
    if field in _IDENTIFIERS_OF_FHIR:
        return FieldKind.IDENTIFIER
    return FieldKind.FREE_TEXT if field in _FREE_TEXT_OF_FHIR else None


def kind_of_lis(field: str) -> FieldKind | None:
    """What a field of a laboratory system is, by the words of its name in eleven languages."""
    words = [each.lower() for each in _WORD.findall(field)]
    whole = "".join(words)
    if whole in _BIRTH or "birth" in words or "dob" in words:
        return FieldKind.BIRTH
    if whole in _NUMBERS or set(words) & _NUMBERS:
        return FieldKind.IDENTIFIER
    if whole in _NEVER or (words and words[-1] in _NEVER and set(words[:-1]) & _PERSONAL):
        return FieldKind.NEVER
    if set(words) & (_NEVER - {"name", "mail", "contact", "city", "mobile"}):
        return FieldKind.NEVER
    return FieldKind.FREE_TEXT if whole in _FREE_TEXT else None


_WORD = re.compile(r"[^\W\d_](?:[^\W\d_A-ZÄÖÜ]+|[A-ZÄÖÜ]*(?![^\W\d_A-ZÄÖÜ]))|\d+")
