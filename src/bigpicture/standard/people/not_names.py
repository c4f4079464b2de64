"""Words that stand where a surname could and are none: eponyms, organisations, the field's words.

Folded (no case, no accents). An eponym may be somebody's surname as well, so that a frequent given
name before it outweighs it; the others never are a name's part.
"""

from __future__ import annotations

from bigpicture.standard.people.listed import listed

EPONYMS = listed("""
addison alcian alport alzheimer ann askanazy auer auerbach banff barr barrett bartholin basedow
behcet bence berger bethesda bielschowsky billroth bloom borrmann bouin bowen bowman brenn brenner
breslow brodie brown brunner brunt budd buerger burkitt burnett byler call callender carnoy caroli
castelman castleman chagas charcot chiari churg churukian clark clarke cloquet congo conn
councilman cowden cowper creutzfeldt crohn cushing danlos dawley denk descemet dieterle disse
dohle donovan dorfman down dressler duchenne dukes dunn dupuytren durck ebner edmondson ehlers
ehrlich ellis ellison elston epstein evans ewing exner fabry fallopian fanconi faraco feulgen
feyrter fischer fite fontana forbus fordyce fuhrman fujimoto gallyas gamna gandy ganser gardner
gartner gaucher ghon giannuzzi giemsa gierke gieson gilbert giordano gleason goldner golgi gomori
goodpasture gottron graaf graves grawitz grimelius grocott grunwald guerin hale hansen harris hart
hashimoto hassall haversian heidenhain heinz helly henle henoch herring hippel hirschsprung
hodgkin hofbauer holzer hopps horton hotchkiss howell howship huntington hurthle hutchinson ishak
ito jadassohn jakob jeghers jewett jolly jones kaposi kawasaki kerckring kernohan kiernan kikuchi
kimmelstiel kimura kinyoun kleiner klinefelter kluver knodell koch kohn kossa krukenberg kuhn
kupffer lafora langer langerhans langhans lauren leder lee leishman lendrum lewy leydig lieberkuhn
lindau lipschutz littre louis lugano luna luschka luxol lynch magnus mallory malpighi marchi
marfan martius masson mayer mccune meckel meissner menetrier merkel milligan mirizzi mohs
monckeberg montgomery morgagni movat mowry mueller muller munro nabothian neelsen negri nevin
niemann nissl norwood nottingham oddi opitz osler paget paneth papanicolaou pappenheim parkinson
pasteur patau pautrier perl perls perrin peutz peyer pick pilar plummer potter purkinje quincke
ranvier rathke raynaud recklinghausen reed reid reinke reissner reye richardson richter riedel
rindfleisch robson rokitansky romanowsky rosai rosenthal roux russell sabin sachs scarff schaumann
scheuer schiff schiller schmorl schneider schonlein schridde schwann sertoli sezary sharpey
siewert sirius sjogren skene spitz spitzer starry stein steiner stensen sternberg sternheimer
still stout strauss sturge sudan swann sweet sweets takayasu tamm thorn todd touton trousseau
turcot turnbull turner valentin vater vegas verhoeff verocay virchow waldeyer waller walthard
warthin weber wegener weibel weigert weil weiss welch werner wharton whipple whitmore widal wilder
wilms wilson wistar wolff wolman wright zahn zeis zenker ziehl zollinger zuckerkandl
""")

ORGANISATIONS = listed("""
academy agency akademie aktiengesellschaft archive associates association azienda biobank
biologicals biosciences biosystems biotech biotechnology campus cancer care center centre centro
centrum charite charity chu clinic clinica clinical clinics clinique college colleges community
company consortium corporation department diagnostics drk egyetem faculdade facultad faculty
federation fondation fondazione foundation fundacion gmbh group haus health healthcare hopital
hopitaux hospices hospital hospitalet hospitalier hospitals house inc industries infirmary
institut institute institutes instituto istituto klinik kliniken klinikum krankenhaus lab
laboratoires laboratories laboratory labs library limited ltd medical medicine memorial ministry
museum nemocnice network nhs oncology ospedale park partners pathology pharma pharmaceuticals
policlinico press project reagents registry research sairaala school science sciences scientific
sjukhus sjukhuset societe society spital spitalul sykehus sykehuset systems szpital technologies
trust universidad universidade universita universitaet universitario universitat universite
universiteit universitet university univerzita uniwersytet uz yliopisto ziekenhuis
""")

SAINTS = listed("st saint sainte san santa santo sankt sao sant sint szent svaty svate")

WORDS = listed("""
a abdomen adenocarcinoma adenokarzinom adenoma aetiology agar age aged all alter and anonym
anonymized anonymous anterior anybody april arbor area arm arrow artery aspect atypical august
autopsy avenue back barbat beach befund bengal benign biopsies biopsy black blanket block blocks
blood blue body bone bowel brain breast brightfield bronchus brother brust by carcinoma case cases
caucasian cell cells cervix charles chronic cohort cohorts colitis collection colon colour comment
component control controls corpus cote cross cruz cyst cytokeratin daily data dataset datasets
date daughter dawley days december desconhecido desconocido diagnose diagnosis diagnostic
discharge disease distal doctor doe dog donna dose droite duct edge ein eine elderly endometrium
eosin epithelium example excision external family father february fegato female femeie femenino
feminin femme femmes femminile ferfi fibrosis field figure file files fille finding findings fine
finland first fixed fluorescence focal foie follow for france frau frauen free from full garcon
gastritis gauche gender geneva germany gland grade grading green gross group haematoxylin harlan
haut head heart hematoxylin hepatic hepatitis higado high his hispanic histology history hombre
homem homme hopkins human ignoto ihc il image images in inconnu inconnue inflammation institute
internal invasion invented island islands ismeretlen italy january jar jersey july june karzinom
keratin kettering kidney known kobieta kvinde kvinna kvinne label lake large lateral leber left
lesion level levels light links liver living local lower lumbar lung lunge lungs lymph lymphknoten
lymphoma macroscopic maksa male malignant mama mamma mand mann mannlich march margin margins
marker markers married maschile maschio masculin masculino mass material mature may medial
melanoma metastases metastasis method methods mezczyzna micro microscopic mies minipig mixed model
moderate monte months mother mountain mouse mucosa mujer mulher muscle muster muz na nainen name
necrosis necunoscut needle negative neoplasm nephritis nerve new neznamy niere nieznany no nobody
node nodes nodule none normal north norway not november nowhere number october of okand old
onbekend one only organ organs other otherwise ovary page pancreas pancreatitis paraffin part
parts patient patients peau pending performed phantom pink placebo polyp portal positive post
posterior poumon prepared present primary procedure prostate proximal pt pulmon pulmonary puncture
purple quality rat rats reaction received rechts rectum red reference references region rein renal
report resection results review right river road rotation sample samples santa scan scanned
scanner scar sconosciuto score screening secondary section sections see segment sein september
sequence series set several severe sex sheet sigmoid signed significant sister site skin slide
slides small smear sodium soft somebody son south specimen specimens spleen springs stage stain
stained staining standard state status stomach street study subject submitted superior surgery
surgical symptoms syndrome system table target test testis text the therapy thigh this thymus
thyroid time tissue tissues title to total toxicity treated treatment trunk tumor tumors tumour
tumours tuntematon two type ukendt ukjent ulcer unbekannt unknown uomo upper ureter urine use
uterus valley van varon vein vessel view volume vrouw wall was wax weeks weiblich weight west
white wife with without woman women year years yellow york zealand zena zone zustand
""")

FAMOUS_NAMES = frozenset(
    each.replace("_", " ")
    for each in listed("""
albert_einstein albrecht_kossel alexander_fleming ambroise_pare ann_arbor baruch_spinoza
ben_gurion blaise_pascal camille_saint carl_gustav carl_zeiss carlo_besta carlos_haya
charles_university christian_doppler claude_bernard claude_huriez edouard_herriot eduardo_mondlane
erasmus_mc ernst_leitz ernst_moritz ernst_ruska fernando_fonseca florence_nightingale
franz_volhard friedrich_alexander friedrich_schiller georg_august georges_pompidou giovanni_bosco
giovanni_paolo gottfried_wilhelm gregorio_maranon gustav_carus gustave_roussy hans_berger
heinrich_heine henri_becquerel henri_mondor jean_bernard jean_minjoz jean_monnet jean_perrin
johann_wolfgang johannes_gutenberg johannes_kepler john_radcliffe jules_bordet julius_maximilians
justus_liebig karl_landsteiner karl_storz katharinen_hospital leon_berard leonardo_da_vinci
ludwig_boltzmann ludwig_maximilians maria_sklodowska marie_curie marie_lannelongue martin_luther
max_delbruck max_planck miguel_servet molinette_torino nicolaus_copernicus otto_von_guericke
paul_brousse paul_ehrlich paul_papin paul_scherrer paul_strauss philipps_marburg pierre_marie
rainer_maria ramon_y_cajal reina_sofia rene_descartes richard_allan robert_bosch robert_debre
robert_koch rudolf_virchow salvador_allende semmelweis_ignac sigmund_freud thomas_jefferson
vincent_van_gogh virgen_macarena wilhelm_conrad wolfgang_goethe
""")
)
"""Names that institutions and companies bear, by their first two words."""
