"""Given names that are frequent in Europe, folded (no case, no accents), by where they are usual.

Left out, on purpose, are those that are words of pathology or of English as well: Victoria (blue),
Rose (Bengal), Violet, Iris, Mark, Grant, Gene, Elisa, Ana, Tim. `ALSO_WORDS` are names that places,
months and methods bear too: with them alone a name is doubtful.
"""

from __future__ import annotations

from bigpicture.standard.people.listed import listed

_GERMAN = """
alexander andreas annegret anneliese antje astrid axel barbara bernd bernhard bettina birgit
brigitte burkhard christa christian christiane christina christoph claudia cornelia daniela detlef
dieter dirk dorothea eberhard eckhard edeltraud elfriede elke erich erika erwin felix florian
friedrich gabriele georg gerd gerda gerhard gerlinde gertrud gisela gunter gunther hannelore hans
harald hedwig heidi heike heinrich heinz helga helmut herbert hermann hildegard holger horst
hubert ilse ingeborg ingrid irmgard jens joachim johann johannes jorg josef juergen jurgen jutta
karin karl karlheinz katharina kathrin katrin klaus konrad kornelia kurt leopold lieselotte lothar
ludwig lukas manfred marianne markus marlies matthias maximilian mechthild monika norbert oskar
petra rainer reinhard reinhold renate roland rosemarie rudiger rudolf ruth sabine sebastian
siegfried sigrid silke stefan stefanie steffen susanne sven tanja thomas thorsten torsten ulrike
ursula ute uwe volker waltraud werner wilfried wilhelm winfried wolfgang wolfram
"""
_ENGLISH = """
abigail adrian alan alastair albert alfred alice alison amanda amelia amy andrew angela anthony
arthur barry beatrice benjamin beverley brenda brian bridget caroline catherine cheryl christine
christopher claire clive colin craig daniel darren david deborah dennis derek diana donald dorothy
douglas duncan edward edwin eileen elaine eleanor elizabeth ellen emily emma ethan eugene evelyn
fiona francis gareth gary geoffrey george geraldine gillian graham gregory gwendolyn hannah harold
harriet hazel heather helen henry hilary howard hugh irene isabel isabella jacqueline james janet
jason jeffrey jennifer jeremy jessica joan joanne jonathan joseph joshua joyce judith julian julie
karen katherine kathleen keith kenneth kevin laura lauren lawrence leonard leslie lillian linda
lindsay lorraine louise lucy malcolm margaret marjorie martha matthew maureen megan melanie
melissa michael michelle mildred mohammed nancy naomi natalie nathan neil nicholas nicola nigel
norman olive oliver olivia pamela patricia patrick paula peter philip phyllis rachel ralph raymond
rebecca richard robert robin roger ronald rosalind rosemary russell ruth samantha samuel sandra
sarah sharon sheila shirley simon stephanie stephen steven stuart susan suzanne sylvia teresa
theresa timothy tracy trevor valerie vanessa vernon veronica vincent vivian walter wendy william
winifred yvonne zoe
"""
_FRENCH = """
adele agathe agnes alain amandine amelie andre anne antoine arnaud aurelie baptiste benoit
bernadette bernard bertrand brigitte camille cecile celine chantal christelle christophe clemence
colette corinne cyril damien delphine denis didier dominique edith elodie emilie emmanuel eric
estelle etienne fabien fabienne fabrice francois francoise frederic genevieve georges gerard
ghislaine gilbert gilles gregoire guillaume guy helene herve hugues huguette isabelle jacques jean
jeanne jeannine jerome joelle josephine josiane julien juliette laurence laurent lionel luc lucie
lucien ludovic madeleine magali marcel marguerite marie martine mathieu mathilde maurice michel
mireille monique muriel nathalie nicolas nicole noemie odette odile olivier pascal pascale patrice
paulette philippe pierre raphael regis remi renee romain sandrine sebastien segolene serge
severine simone solange sophie stephane suzanne sylvain sylvie therese thibault thierry valentin
veronique virginie xavier yann yves yvette
"""
_IBERIAN = """
adolfo adriana afonso agustin alberto alejandra alejandro alfonso alicia alvaro amelia amparo
anabela andrea andres angel angela antonia antonieta antonio arturo asuncion augusto aurelio
beatriz begona belen benito bernardo blanca bruno caetano candida carla carlos carolina catalina
cecilia celeste conceicao concepcion consuelo cristina daniel diogo dolores duarte edgar edite
eduardo elena emilio encarnacion enrique ernesto esperanza esteban esther eugenia eugenio eulalia
fabio fatima felipe fernanda fernando filipa filipe francisca francisco gabriela gerardo gloria
goncalo gonzalo graca guadalupe guillermo gustavo hector helder helena henrique herminia hugo
idalina ignacio ilda ines inmaculada isabel isaura jaime javier jesus joana joao joaquim joaquin
jorge jose josefa josefina juan juana julia julio leonor lidia lorena lorenzo lourdes lucia luis
luisa lurdes madalena mafalda manuel manuela marcelo margarida margarita maria mariana mariano
mario marisol mateo matias mercedes micaela miguel milagros monica montserrat natalia nieves nuno
nuria otilia pablo paloma patricio paulo pedro pilar rafael raimundo ramon raquel raul ricardo
roberto rocio rodrigo rogelio rosario ruben rui salvador sebastiao serafim sergio silvia soledad
susana tiago tomas trinidad valdemar vasco vera vicente virginia yolanda
"""
_ITALIAN = """
adriano alberto aldo alessandra alessandro alessia alessio alfredo andrea angelo anna annamaria
antonella antonio arianna armando augusto barbara beatrice benedetta bruno carla carlo carmela
caterina chiara cinzia claudio cosimo cristiano daniela daniele dario davide domenico donatella
edoardo elena elisabetta emanuela emanuele enrico enzo ernesto ettore eugenio fabiana fabio
fabrizio federica federico ferdinando filippo filomena flavio francesca francesco franco gabriele
gaetano gennaro giacomo giancarlo gianfranco gianluca gianni gianpaolo gina gino giorgia giorgio
giovanna giovanni giulia giuliana giuliano giulio giuseppe giuseppina grazia graziella guglielmo
guido ilaria irene ivana laura leonardo letizia liliana livia loredana lorenzo luca luciana
luciano ludovica luigi luisa maddalena manuela marcella marcello marco margherita mariangela
marina mario marisa marta massimiliano massimo matilde matteo maurizio mauro michela michele
mirella nicola nicoletta ornella paola paolo pasquale patrizia pierluigi piero pietro raffaele
raffaella renato renzo riccardo rinaldo roberta roberto rocco romano rosanna rosaria salvatore
sandro serena sergio silvana silvano silvio simona stefania stefano susanna tiziana tommaso ugo
umberto valentina valeria vincenza vincenzo vittorio viviana
"""
_DUTCH = """
anneke annelies arie arjan bart bastiaan bernadette bram cees coen cornelis corrie daan diederik
dirkje elly esther evert frans frederik geert geertje gerrit gijs greet greetje hanneke hendrik
hendrika henk hennie herman hilde ingeborg jaap jacob jacoba jacobus janneke jannie jelle jeroen
johanna joost joris jurgen katrien kees koen koenraad lieve lodewijk loes maarten margriet marieke
marijke marjolein marleen mathijs mieke miep mirjam nienke nynke piet pieter reinier riet roel
ruud sander saskia sjaak sjoerd stijn teun theo tineke tjitske tom truus veerle wendelien wiebe
wietske willem willemijn wim wouter
"""
_NORDIC = """
aage agneta agnete aino ake aksel alf anders anette anita anja anna-lena annika arne arvid asa
asbjorn asgeir aslaug aud aune bengt bente berit birgitta birgitte birthe bjarne bjorn bodil borje
britt carina cecilie christer dag dagny egil einar eino eivind ejvind eliisa elin elina elisabet
elisabeth ellinor erkki erling eskil esko eva eva-lotta eveliina finn flemming fredrik frida frode
geir gerd gudmundur gudrun gunilla gunnar gunnhild gunvor gustaf haakon hakan halvor hanna hanne
hannu harri heidi heikki heli helvi henning henrik henry hilkka hilma hjalmar inga ingalill
ingeborg ingemar inger ingvar ingvild irja irma jaakko jan-erik janne jari jarmo jeppe jesper
johan johnny jonas jorgen jorma jouko juha juhani jukka kaarina kaj kalevi kalle kari karin
katariina katja kerstin kirsi kirsten kirsti kjell kjersti knud knut kristian kristiina kristin
kristina kristoffer laila lars lasse leena leif lene lennart liisa linnea lisbeth liselotte maarit
magnhild magnus maija maire malin margareta margit margrethe maritta marja marjatta marjo markku
marko marte martti mats matti merete mette mikael mikko minna mogens morten nanna niels niklas
nils oddvar olav olavi ole olle oluf orjan orvar osmo osten outi paavo paivi palle peder pekka
pentti per-erik pernille petri petter pirjo pirkko poul preben ragnar ragnhild raija randi rasmus
reidar reijo reino riikka riitta rikke ritva rolf runa rune sakari sanna seija seppo sigbritt
sigmund signe sigurd sigurdur siri sirpa siv solveig solvi soren staffan stein steinar stig stine
sture sunniva svein svend synnove taina tapani tapio tarja teemu terhi terje terttu thorvald thyra
tiina timo toivo torbjorn tore torgeir torill torunn trine troels trond trygve tuija tuomas tuula
ulf ulla ulrika urho urpo vaino veikko vibeke vidar viggo vilhelm viljami ville virpi yngvar yngve
yrjo
"""
_SLAVIC = """
agata agnieszka aleksandar aleksander aleksandra ales alicja alina alois anastazja andrej andrzej
aneta aniela antonin apolonia arkadiusz artur barbora beata blanka blazej bogdan bogumil bogumila
boguslaw bohumil bohumila bohuslav bojan boleslaw borislav bozena bronislava bronislaw cezary
czeslaw dagmar dalibor dana danuta dariusz darko dejan dimitar dobroslaw dorota dragan drahomira
dusan dusana edyta eliska elzbieta emilia ewa ewelina ferdynand franciszek frantisek gabriela
genowefa georgi gergana goran gordana grazyna grzegorz halina helenka henryk hristo hynek irena
ireneusz ivana ivaylo iveta iwona jadranka jadwiga jakub jana janina janusz jarmila jaromir
jaroslav jaroslaw jelena jerzy jindrich jiri jirina jitka jolanta jovan jozef jozefina justyna
kaloyan kamil kamila karel karolina katarina katarzyna kazimiera kazimierz kinga klementyna kornel
krasimir krystyna krzysztof kveta ladislav lenka leokadia leszek libor libuse lidija ljiljana
ljubica ljubomir lubomir lubos ludmila lukasz maciej magdalena malgorzata marcin marek mariusz
mariya marketa martina maryla mateusz mieczyslaw mikolaj milada milan milena milica milos miloslav
mirjana mirko miroslav miroslava miroslaw nada nadezda natasa nevenka nikolay oldrich ondrej
otakar patrik pavel pavla pawel piotr plamen premysl przemyslaw radek radoslav radoslaw radovan
rafal renata roman rostislav rozalia rumen ruzena ryszard sava sebastian slavica slavko slavomir
slobodan snezana sonja stanislav stanislava stanislaw stanislawa stefania stjepan stoyan svatopluk
svetlana sylwester sylwia szymon tadeusz tatiana tatjana teodor teofil tomasz tomislav tsvetan
tsvetana urszula vaclav valentina vasil vendula vera veronika vesna vladimir vladimira vladislav
vlasta vojtech waclaw waldemar wanda wieslaw wieslawa witold wladyslaw wojciech yordan yordanka
zbigniew zbynek zdenek zdenka zdzislaw zeljko zhivko zofia zoran zuzana zygmunt
"""
_HUNGARIAN_ROMANIAN = """
adrian agnes alexandru alina anca andras andrea andreea antal aranka arpad attila aurel aurelia
balazs balint bela bogdan borbala camelia catalin cezar ciprian claudiu constantin cornel corneliu
cosmin costel cristian csaba csilla dan-andrei daniela denes dezso doina dorin dragos dumitru
ecaterina edina elena emese emil endre eniko erzsebet eszter etelka eugen felicia ferenc
florentina florin gabor gavril gelu gergely geza gheorghe gheorghita gizella gyorgy gyula hajnalka
horia ibolya ildiko ileana ilie ilona imre ioan ioana ionel ionela ionut istvan iulian iuliana
janos jeno jozsef judit julianna kalman karoly katalin klara krisztian krisztina lajos laszlo
laurentiu lavinia levente liviu loredana luminita magdolna marcel margit marian mariana marianna
maricica marin marton matyas mihaela mihai mihail mihaly miklos mircea mirela nandor nicolae
nicoleta norbert octavian orsolya ovidiu pal paraschiva peter petre petronela petru piroska radu
raluca razvan rezso rodica roxana rozalia sanda sandor sarolta sorin stefan stelian steliana
szabolcs szilvia tamas terez tibor timea tivadar tudor valeria valeriu vasile vasilica vergil
veronica veronika viktor vilmos viorel viorica virgil vlad zita zoltan zsofia zsolt zsuzsanna
"""
_BALTIC_GREEK_AND_OTHERS = """
achilleas aggeliki ahmed ahmet aikaterini aisha aivar aleksandrs aleksej aleksey alexandra
alexandros algirdas ali-reza alvydas amina anastasia anastasios andreas andrei andris angeliki
antonios antonis ants apostolos aristeidis arunas asimina athanasios audrone ausra ayse azra bekir
birute boris charalampos chrisanthi christos chrysoula dainius dalia danute darius despina dimitra
dimitrios dimitris dmitri dmitry eduards eerik efstathios eftychia egidijus egle eirini eleftheria
eleni elif elpida emine emre evangelia evangelos fatih fatma fatoumata fotini fotis galina
gediminas georgia georgios gintaras gintare giorgos grazina grigorios guntis hakim hasan hassan
hatice heino helve huseyin ibrahim igor ilias ilze imants inese ingrida ioanna ioannis ismail ivan
ivars jaan jamal janis jolita jonas juozas jurgis juris kaarel kadri kalliopi karim katerina
kestutis khadija konstantina konstantinos kostas kristjan kyriaki kyriakos laima laimonis leila
leonidas lina linas loreta ludmilla maarja mahmoud mamadou margus maria marios mart-jaan martins
mehmet michail mindaugas mohamed mohammad muhammad mustafa nadezhda nektarios nijole nikolai
nikolaos nikoleta nikos normunds oksana oleksandr olga osman ousmane panagiota panagiotis
paraskevi petros piret rachid rashid regina rimantas ruta salma samira sandris saulius selim
sergei serhii silvija sirje sofia sotiria sotirios spyridon spyros stavros stavroula stelios
stylianos svetlana tarmo tatyana theodora theodoros tiit tonis toomas uldis umar urmas vaclovas
vaidas valdas valdis vasileios vasiliki vassilis vitaliy vladislav volodymyr vytautas yannis
yasmin youssef yusuf zahra zeynep zigmas zita zoi zydrunas
"""
_IN_THEIR_LETTERS = """
αικατερινη αλεξανδρος αναστασια ανδρεας αντωνιος βασιλειος βασιλικη γεωργια γεωργιος δημητρα
δημητριος ειρηνη ελενη ευαγγελια ευαγγελος ιωαννα ιωαννης κωνσταντινα κωνσταντινος μαρια μιχαηλ
νικολαος παναγιωτα παναγιωτης σοφια σπυριδων χαραλαμπος χρηστος александър алексеи анастасия ангел
андреи борис васил величка виолета владимир георги димитър дмитрии екатерина елена иван иванка
ирина йордан йорданка красимир мария михаил наталья николаи ольга пенка петър пламен радка росица
румен светла сергеи стефан стоян татьяна тодор христо цветан юрии
"""

ALSO_WORDS = listed("""
adam alba angel austin belen blanca carmen celeste clara concepcion consuelo dag diana dolores
dominique esperanza florence franco gloria gordon graham guadalupe hazel helena jesus jordan
lourdes luna marin martin mercedes milagros milan natalia nieves olive paloma pascal pilar regina
rocco roman romano rosario russell salvador santiago sava sebastian signe sofia soledad stein stig
theo trinidad valencia venus vera vernon virginia vita warren wayne
""")
"""Names that other things bear too: places, months, saints of hospitals, stains, methods."""

GIVEN_NAMES = (
    listed(
        "".join(
            (
                _GERMAN,
                _ENGLISH,
                _FRENCH,
                _IBERIAN,
                _ITALIAN,
                _DUTCH,
                _NORDIC,
                _SLAVIC,
                _HUNGARIAN_ROMANIAN,
                _BALTIC_GREEK_AND_OTHERS,
                _IN_THEIR_LETTERS,
            )
        )
    )
    | ALSO_WORDS
)
