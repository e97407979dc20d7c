import type { QuestionPair } from './questions.ts'

/** Frames in which one word is changed: whatever two words are filled in, the questions want different answers. */
const SWAPPED: readonly (readonly [family: string, frames: readonly string[], words: string])[] = [
  [
    'numbers',
    [
      'How do I cook rice for {} people?',
      'Where is order {}?',
      'What is {} times seven?',
      'What happened {} years before that?',
    ],
    '2 3 12 21 123 132 1,200 12,000 0.5 5 -5 48213 48231 four eleven',
  ],
  ['versions', ['How do I install Node {}?', 'Is {} still supported?'], '20 20.1 20.11 v20 v22 2.0.0 2.0.1 2.0.0-beta'],
  [
    'units',
    ['How far is 5 {}?', 'What does 100 {} of rice cost?'],
    'km miles meters g kg ounces pounds cups litres gallons',
  ],
  [
    'currencies',
    ['How much are 20 {} worth?', 'Do you accept {}?'],
    'dollars euros pounds yen rupees francs pesos $ € £',
  ],
  [
    'dates',
    ['Are you open on {}?', 'What happened on {}?'],
    'Monday Tuesday 2024-03-05 2024-05-03 3/5/2024 5/3/2024 Easter',
  ],
  ['months', ['Is Rome hot in {}?', 'When does school start in {}?'], 'January March May July 1999 2001 winter summer'],
  [
    'places',
    ['What is the capital of {}?', 'Do I need a visa for {}?', 'How do I get to {}?', 'Is {} safe?'],
    'Paris Rome Iran Iraq Niger Nigeria Austria Australia Slovakia Slovenia Georgia Jordan Turkey',
  ],
  [
    'people',
    ['Who is {}?', 'What did {} write?', 'Was {} married?'],
    'Newton Einstein Curie Darwin Mozart Bach Goethe Dante',
  ],
  [
    'products',
    ['How do I cancel {}?', 'Is {} down?', 'How do I use {} with docker?'],
    'netflix spotify zod yup redis postgres fifo lifo numpy scipy react vue koa fastify hulu',
  ],
  [
    'files',
    ['What is in {}?', 'How do I open {}?'],
    'a.txt b.txt config.dev.yaml config.prod.yaml report.pdf report.docx .env .npmrc',
  ],
  [
    'identifiers',
    ['What does {} return?', 'Is {} deprecated?'],
    'getUser setUser get_user user.id user_id map() filter() i++ ++i np.mean',
  ],
  [
    'operators',
    ['What does {} do in C?', 'What does {} mean?'],
    '; : , . .. & && | || == === = ! ? * ** << >> -> => ~',
  ],
  ['brackets', ['What does {} mean in Python?'], '(1,2) [1,2] {1,2} (1) [1] {1} "(1)" "[1]"'],
  [
    'urls',
    ['Summarize {}', 'Is {} down?'],
    'https://a.example https://b.example https://a.example/x a.example/x?y=1 a.example/x?y=2',
  ],
  ['quoted', ['Translate {} into French', 'What does {} mean?'], '"dog" "dogs" "cat" "Cat" "cat." `ls` `ls -a`'],
  [
    'languages',
    ['Translate this into {}', 'Sort a list in {}'],
    'Spanish Portuguese Dutch Danish Java JavaScript C C++ C# Go Rust',
  ],
  [
    'question words',
    ['{} did the war begin?', '{} do cats purr?', '{} was it built?', 'Tell me {} it works'],
    'When Why How Where What Who',
  ],
  ['modal verbs', ['{} I park here?', '{} it rain?', 'What {} I wear?'], 'Can Must Should Will May Do Did Would'],
  ['tenses', ['Who {} president of France?', 'Where {} my order?'], 'is was were has'],
  [
    'prepositions',
    ['Can I eat {} surgery?', 'How do I send money {} India?', 'Is it legal to work {} a visa?'],
    'before after during without with from to for on about',
  ],
  [
    'quantities',
    ['Are {} swans white?', 'How do I delete {} files?'],
    'all some most many few no any both several only',
  ],
  [
    'whose',
    ['How do I change {} password?', 'Where is {} car?'],
    'my your his her their the a our this that Anna’s Ben’s',
  ],
  [
    'ordinals',
    ['What is the {} amendment?', 'Who was the {} president?'],
    'first second third last 1st 2nd 3rd next previous',
  ],
  [
    'opposites',
    ['How do I {} dark mode?', 'How do I {} the server?', 'Why did they {} it?', 'How to {} shares'],
    'enable disable start stop buy sell open close install uninstall add delete lock unlock accept reject encrypt decrypt',
  ],
  [
    'comparatives',
    ['Which laptop is {}?', 'What is the {} car?', 'Is gold {} than silver?'],
    'best worst cheapest fastest slowest biggest smallest better worse heavier lighter good bad',
  ],
  ['adverbs', ['How do I run {}?', 'Does it {} rain in Oslo?'], 'always never often rarely slowly safely alone again'],
  [
    'things',
    ['How do I clean a {}?', 'What is a {}?', 'How much does a {} cost?', 'Can I bring my {}?', 'What is the best {}?'],
    'car bike bicycle phone plane stack queue list function method class cat dog house boat rug',
  ],
  [
    'verbs',
    ['How do I {} an egg?', 'Is it possible to {} an egg?', 'What is the best way to {} an egg?'],
    'boil fry eat cook freeze buy paint hatch',
  ],
  [
    'one and many',
    ['What is the best {}?', 'How do I find my {}?', 'Where is the {}?'],
    'email emails child children box boxes key keys',
  ],
]

/** Frames in which the two blanks are exchanged. */
const EXCHANGED: readonly string[] = [
  'How do I convert {} to {}?',
  'How do I get from {} to {}?',
  'Is {} better than {}?',
  'Did {} beat {}?',
  'How do I import {} into {}?',
  'Should I use {} before {}?',
  'Why does {} hate {}?',
  'Can {} eat {}?',
  'Who told {} about {}?',
]
const EXCHANGED_WORDS = 'dollars euros Paris London Java Python cats dogs csv json'

/** What is added to the end of a question. */
const CLAUSES: readonly string[] = [
  ' in Texas',
  ' without a visa',
  ' for free',
  ' on Windows',
  ' if I am pregnant',
  ' and why',
  ' with a child',
  ' online',
  ' in 5 minutes',
  ' for beginners',
  ', step by step',
  ' after 2020',
]
const PLAIN: readonly string[] = [
  'How do I renew my passport',
  'Can I get a refund',
  'What is a mortgage',
  'Is it legal to keep a fox',
  'How do I install Docker',
  'Why is my dog tired',
  'What are the symptoms of flu',
  'How do I lose weight',
]

/** Ways to ask how to do something, each of which stands for every other. */
const WAYS: readonly string[] = [
  'How do I {}?',
  'How can I {}?',
  'How to {}',
  'how to {}?',
  'What is the best way to {}?',
  "What's the right way to {}?",
  'What are the steps to {}?',
  'Can you tell me how to {}?',
  'Could you please explain how to {}?',
  'Please tell me how I can {}.',
  'I would like to know how to {}.',
  'Hi, how do I {}? Thanks!',
  'Do you know how to {}?',
]
const TASKS =
  'reset a router;cancel a flight;learn French;boil an egg;merge two branches;renew a passport;install Docker on Ubuntu;' +
  'remove a wine stain;write a cover letter;stop biting my nails;sort a list in Python;open a bank account;treat a burn;' +
  'get to the airport;save money on groceries;export my data;change my delivery address;file a complaint;grow tomatoes;' +
  'connect a printer to a laptop'

/** Ways to ask what something is. */
const DEFINITIONS: readonly string[] = [
  'What is {}?',
  "What's {}?",
  'what is {}',
  'Explain {}.',
  'Can you explain {}?',
  'Define {}',
  'What exactly is {}?',
  'What is meant by {}?',
]
const TERMS =
  'inflation;recursion;a black hole;photosynthesis;compound interest;a mutex;machine learning;a mortgage;gluten;jet lag'

/** Generated pairs of questions whose answers differ. */
export function differentFamilies(): QuestionPair[] {
  const swapped = SWAPPED.flatMap(([family, frames, words]) =>
    frames.flatMap((frame) => pairsOf(words.split(' ').map((word) => frame.replace('{}', word))).map(named(family))),
  )
  const exchanged = EXCHANGED.flatMap((frame) =>
    pairsOf(EXCHANGED_WORDS.split(' ')).map(
      ([one, other]) => [fill(frame, one, other), fill(frame, other, one)] as const,
    ),
  )
  const added = PLAIN.flatMap((plain) => [
    ...CLAUSES.map((clause) => [`${plain}?`, `${plain}${clause}?`] as const),
    ...pairsOf(CLAUSES.map((clause) => `${plain}${clause}?`)),
  ])
  return [...swapped, ...exchanged.map(named('exchanged')), ...added.map(named('added clauses'))]
}

/** Generated pairs of questions that ask the same. */
export function sameFamilies(): QuestionPair[] {
  const asked = (name: string, ways: readonly string[], what: string): QuestionPair[] =>
    what.split(';').flatMap((one) => pairsOf(ways.map((way) => way.replace('{}', one))).map(named(name)))
  return [...asked('how', WAYS, TASKS), ...asked('what', DEFINITIONS, TERMS)]
}

function named(family: string): (pair: readonly [string, string]) => QuestionPair {
  return ([a, b]) => ({ family, a, b })
}

function fill(frame: string, one: string, other: string): string {
  return frame.replace('{}', one).replace('{}', other)
}

function pairsOf(all: readonly string[]): (readonly [string, string])[] {
  return all.flatMap((a, at) => all.slice(at + 1).map((b) => [a, b] as const))
}
