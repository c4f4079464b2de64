"""Words that stand before a name, a day of birth or a number, in the languages of Europe.

Parts of regular expressions, matched without regard to case unless said; a line is an alternative.
Accents are optional where people leave them out.
"""

from __future__ import annotations

import re


def _any(text: str) -> str:
    """One alternative of the lines of `text`."""
    return "|".join(text.split())


PATIENT = _any(r"""
patient(?:in|e|ens|en|a|ul|ka|s)?|pat\.|pt\.|subject|client
paci[eê]nte|paziente|pati[eë]nt(?:e)?|pasient(?:en)?|potilas|p[aå]cient(?:ka)?|pacjent(?:ka)?
beteg|pacients|pacientas|ασθεν[ηή]ς|пациент(?:ка)?|болной|malad(?:e)?
""")
"""Who is spoken of: in sixteen languages, often one word."""

NAME = _any(r"""
name|person|full\s?name|surname|last\s?name|family\s?name|first\s?name|given\s?name|forename|maiden\s?name
nachname|vorname|familienname|zuname|geburtsname|m[aä]dchenname|vor-?\s?und\s?(?:zu|nach)name
nom|pr[eé]nom|nom\sde\sfamille|nom\sde\sjeune\sfille|nom\set\spr[eé]nom
nombre|apellidos?|nombre\sy\sapellidos|nome|cognome|nome\se\scognome|apelido|sobrenome
nome\scompleto
naam|achternaam|voornaam|meisjesnaam|namn|efternamn|f[oö]rnamn|navn|etternavn|efternavn|fornavn
nimi|sukunimi|etunimi|nazwisko|imi[eę]|imi[eę]\si\snazwisko|jm[eé]no|p[rř][ií]jmen[ií]|meno
priezvisko
n[eé]v|vezet[eé]kn[eé]v|keresztn[eé]v|nume|prenume|nume\s[sș]i\sprenume|ime|prezime|priimek
ime\sin\spriimek
eesnimi|perekonnanimi|v[aā]rds|uzv[aā]rds|vardas|pavard[eė]|[oό]νομα|επ[ωώ]νυμο|ονοματεπ[ωώ]νυμο
име|фамилия|имя|презиме
""")

TITLE = (
    r"Herrn?|Frau|Hr\.|Fr\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Mme\.?|Mlle\.?|Madame|Monsieur|Mademoiselle"
    r"|Sr\.|Sra\.|Srta\.|Se[ñn]or(?:a|ita)?|Do[ñn]a|Sig\.(?:ra|na)?|Signor[ea]?|Signora|Dott\.(?:ssa)?"
    r"|Dr\.?(?:\s?med\.)?|Dra\.|Prof\.?|Professor|Dhr\.|De\sheer|Mevr\.|Mevrouw|Mw\.|Meneer|Fru|Fröken"
    r"|Frøken|Herra|Rouva|Pani?\s(?=[A-ZŁŚŻ][a-ząęółśżźćń]+(?:sk[ai]|ck[ai]|cz|wicz|ak|ek|ik|ow[ai])\b)"
    r"|Pán|Paní|D-l|D-na|Domnul|Doamna|Κος|Κα|Г-н|Г-жа|MUDr\."
)
"""Forms of address and titles; their case counts: `MS` is a method, `Pan` most often a stain."""

STAFF = _any(r"""
signed(?:\sout)?(?:\sby)?|reported\sby|report(?:ing)?\spathologist|pathologist|physician|surgeon
consultant
dictated\sby|reviewed\sby|referring|referred\sby|operator|technician|clinician|observer
general\spractitioner
gez\.|gezeichnet|befundet\svon|befunder(?:in)?|pathologe|pathologin|einsender(?:in)?|arzt|[aä]rztin
hausarzt
sign[eé](?:\spar)?|m[eé]decin|docteur|pathologiste|prescripteur|firmado(?:\spor)?|m[eé]dico
pat[oó]logo
firmato(?:\sda)?|medico|patologo|assinado(?:\spor)?|arts|patholoog|huisarts|l[aä]kare|patolog|lege
l[aæ]ge
l[aä][aä]k[aä]ri|patologi|lekarz|l[eé]ka[rř]|orvos|medic|ιατρ[oό]ς|лекар
""")

BIRTH = _any(r"""
date\sof\sbirth|birth\s?date|birthday|born(?:\son)?|d\.?o\.?b\.?
geburtsdatum|geb\.?\s?-?datum|geb\.?|geboren(?:\sam)?|geburtstag|gebdat
date\sde\snaissance|n[eé]\(e\)\sle|n[eé]e?\sle|n[eé]e?\sen|ddn|d\.d\.n\.?
fecha\sde\snacimiento|f\.?\s?nac\.?|f\.?\s?de\snac\.?|nacid[oa](?:\sel)?|fec\.?\s?nac\.?
data\sdi\snascita|nat[oa]\sil|nat[oa]\sa\s[\w\s]{1,20}\sil|data\snasc\.?
data\sde\snascimento|nascid[oa](?:\sem|\sa)?|d\.?\s?nasc\.?
geboortedatum|geb\.?\s?dat\.?|geboren\sop|f[oö]delsedatum|f[oö]dd?|f[oø]dselsdato|f[oø]dt
syntym[aä]aika|syntynyt|synt\.|urodzon[yae]|ur\.|data\surodzenia
datum\snarozen[ií]|narozen[ay]?|nar\.|d[aá]tum\snarodenia|naroden[yýáa]
sz[uü]l\.?|sz[uü]let[eé]si\s(?:id[oöő]|d[aá]tum)|sz[uü]letett
data\sna[sș]terii|n[aă]scut[aă]?(?:\s[iî]n|\sla)?|n[aă]sc\.?
datum\srojstva|rojen[a]?|ro[dđ]en[a]?|datum\sro[dđ]enja|datum\srodenja
s[uü]nniaeg|s[uü]nd\.|s[uü]ndinud|dzim[sš]anas\sdatums|dzimu[sš]i?|gimimo\sdata|gim\.|gim[eęu][s]?i?
f[aæ]dd(?:ur)?|f[aæ][dð]ingardagur|ημερομην[ιί]α\sγ[εέ]ννησης|γενν[ηή]θηκε|ημ\.\sγενν\.?
дата\sна\sраждане|роден[а]?|родился|родилась|дата\sрождения|р\.
""")

NUMBER = _any(r"""
nhs(?:\s?(?:no|number|nr))?\.?|national\s(?:id(?:entity)?|insurance|registry|number)[\w\s]{0,12}
ssn|social\ssecurity[\w\s]{0,8}
personal\s(?:id(?:entity)?|identification)[\w\s]{0,8}|id\s?(?:no|number|nr)\.?|mrn
hospital\s(?:no|number)
patient(?:en|s)?[\s-]?(?:id|no|nr|nummer|number)\.?|pat\.?-?\s?(?:nr|id)\.?
sozialversicherungsnummer|svnr|sv-nr\.?|versicherten(?:nummer|nr)\.?|kvnr|steuer-?id[\w\s]{0,12}
identifikationsnummer
ahv(?:-?(?:nr|nummer))?\.?|avs|num[eé]ro\s(?:de\s)?s[eé]curit[eé]\ssociale|nir|nss|n[°º]\ss[eé]cu
insee
dni|nie|nif|n[uú]mero\sde\sidentidad|tarjeta\ssanitaria|codice\sfiscale|c\.?f\.?
cart[aã]o\sde\scidad[aã]o|n[uú]mero\sde\sutente
bsn|burgerservicenummer|rijksregister(?:nummer|nr)?\.?|num[eé]ro\snational|nrn|personnummer|pnr
f[oø]dselsnummer|fnr
cpr(?:-?(?:nr|nummer))?\.?|henkil[oö]tunnus|hetu|kennitala|kt\.|pesel|rodn[eé]\s[cč][ií]slo
r\.?[cč]\.?
taj|oib|emšo|emso|jmbg|cnp|egn|егн|isikukood|personas\skods|asmens\skodas|amka|αμκα
pps(?:n|\sno)?\.?
""")

OF_AGE = _any(r"""
years?|yrs?|y\.?o\.?|-?\s?years?-?\s?olds?|jahre?n?|-?\s?j[aä]hrige?[rsn]?|j\.|ans|a[nñ]os|anni
anos|jaar|-?jarige?
[aå]r|-?[aå]rig|-?\s?vuotias|vuotta|lat|-?letni[aey]?|let|rok[uůy]?|[eé]ves|ani|godina|let[a]?
aastat?|gadi|met[uų]|χρον[ωώ]ν|ετ[ωώ]ν|години|лет
""")


def compiled(*parts: str) -> re.Pattern[str]:
    """One expression of several parts, without regard to case."""
    return re.compile("".join(parts), re.IGNORECASE)
