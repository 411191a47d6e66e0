"""The words of grammar.py."""

from typing import NamedTuple


class Verb(NamedTuple):
    """The forms of a verb."""

    base: str
    third: str
    past: str
    participle: str
    ing: str


def table(text: str) -> dict[str, str]:
    """First word of a line -> the rest of it."""
    return dict(line.split(maxsplit=1) for line in text.strip().splitlines())


# Nouns and adjectives that go with them.
PEOPLE = table("""
teacher    old young friendly strict new
farmer     old poor tired honest busy
doctor     young careful famous new busy
child      small happy quiet clever hungry
girl       tall young clever brave quiet
boy        small shy clever noisy hungry
neighbour  friendly new noisy old kind
driver     tired careful young angry lost
student    young lazy clever new tired
woman      old tall rich kind young
man        old tall rich poor strange
baker      busy friendly old tired good
pilot      young brave calm careful tired
nurse      kind calm young tired careful
lawyer     clever rich busy young honest
sailor     old brave tired lonely young
singer     famous young shy tall good
mayor      new honest old busy popular
""")

ANIMALS = table("""
dog    big black old hungry friendly
cat    small white lazy black old
horse  brown strong wild old fast
bird   small grey wild rare young
cow    brown old white hungry calm
""")

FOOD = table("""
apple  red green sweet
cake   fresh sweet large
soup   hot thick fresh
bread  fresh warm dark
fish   fresh small grilled
""")

THINGS = table("""
book     old thick interesting new
letter   long short important strange
car      red fast old expensive
map      old large torn useful
key      small rusty golden old
picture  large old colourful small
bicycle  blue old fast new
lamp     small bright old broken
table    round wooden large old
coat     warm long heavy grey
radio    old small broken cheap
boat     small wooden old white
""")

# Nouns, the preposition that they take, adjectives.
PLACES = table("""
garden   in small old quiet
house    in old large white
kitchen  in small warm bright
school   at old new large
market   at busy old small
station  at busy new quiet
park     in large green quiet
village  in small old quiet
bridge   on old long narrow
beach    on long empty sunny
office   in large bright new
library  in quiet old large
harbour  in busy small old
forest   in dark old large
hill     on green steep small
""")

# Plurals that are not noun + s.
PLURALS = table("""
child    children
woman    women
man      men
fish     fish
library  libraries
""")

# Base form, third person, past, participle, -ing form.
VERB_TABLE = table("""
see     sees saw seen seeing
find    finds found found finding
buy     buys bought bought buying
sell    sells sold sold selling
paint   paints painted painted painting
carry   carries carried carried carrying
clean   cleans cleaned cleaned cleaning
repair  repairs repaired repaired repairing
lose    loses lost lost losing
hide    hides hid hidden hiding
borrow  borrows borrowed borrowed borrowing
eat     eats ate eaten eating
cook    cooks cooked cooked cooking
like    likes liked liked liking
help    helps helped helped helping
visit   visits visited visited visiting
follow  follows followed followed following
call    calls called called calling
watch   watches watched watched watching
sleep   sleeps slept slept sleeping
laugh   laughs laughed laughed laughing
wait    waits waited waited waiting
walk    walks walked walked walking
work    works worked worked working
sing    sings sang sung singing
run     runs ran run running
sit     sits sat sat sitting
play    plays played played playing
give    gives gave given giving
show    shows showed shown showing
send    sends sent sent sending
say     says said said saying
think   thinks thought thought thinking
know    knows knew known knowing
hope    hopes hoped hoped hoping
want    wants wanted wanted wanting
try     tries tried tried trying
forget  forgets forgot forgotten forgetting
start   starts started started starting
live    lives lived lived living
leave   leaves left left leaving
arrive  arrives arrived arrived arriving
smile   smiles smiled smiled smiling
pick    picks picked picked picking
switch  switches switched switched switching
throw   throws threw thrown throwing
be      is was been being
have    has had had having
do      does did done doing
""")
VERBS = {base: Verb(base, *forms.split()) for base, forms in VERB_TABLE.items()}

# Adverbs, and the two nouns that stand for one.
TIMES = "yesterday today often always never sometimes quickly slowly carefully quietly again early late".split()
BEFORE_VERB = set("often always never sometimes quickly slowly carefully quietly".split())
# Verbs for things, for people, without an object.
HANDLE = "see find buy sell carry clean repair lose hide borrow paint".split()
MEET = "see help visit follow call watch like".split()
ALONE = "sleep laugh wait walk work sing run sit play smile".split()
PARTICLES = {"pick": "up", "switch": "off", "throw": "away"}
