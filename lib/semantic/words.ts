// The guard's word lists, for English. A word on no list must occur in both texts.

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''))
}

/** Function words; a text without any is not considered English. */
export const LINKING: ReadonlySet<string> = words(`
  a an the of to in on at for from by with and or is are was were be do does did can could should would will how what when
  where which who why i you my your me it this that there if as than between about into explain describe define compare summarize suggest tell write list give`)

/** Words that are frequent in other languages, and don't occur in English. */
export const FOREIGN: ReadonlySet<string> = words(`
  der das und ist nicht wie ich ein eine mit von auf für warum kann
  le la les est et des du une pourquoi comment quel quelle dans pour avec je vous pas
  el los las una que como por para con qué cómo cuál dónde es mi
  il lo gli che perché sono della di non
  o os uma não qual onde você
  het een niet hoe waarom wat
  hur och inte jag hvordan ikke og jeg det`)

/** Synonyms in questions; the first of each line replaces the others. No two of them are opposites. */
export const SYNONYMS: ReadonlyMap<string, string> = lines(`
  begin start
  big large
  largest biggest
  quickly rapidly
  fix repair
  car automobile
  doctor physician
  lawyer attorney
  photo photograph
  telephone phone
  delete remove
  allow permit
  need require
  use utilize utilise
  recommend suggest
  approximately roughly
  ill sick
  child children kid
  mother mom mum
  father dad
  assist help
  choose select
  build construct
  difference distinction
  speak talk
  sofa couch
  tv television
  until till
  max maximum
  min minimum
  km kilometer kilometre kms
  kg kilogram kilogramme kilo kgs
  cm centimeter centimetre
  mm millimeter millimetre
  center centre
  meter metre
  liter litre
  theater theatre
  fiber fibre
  license licence
  defense defence
  offense offence
  gray grey
  program programme
  aluminum aluminium
  jewelry jewellery
  judgment judgement
  pajamas pyjamas
  donut doughnut
  yogurt yoghurt
  catalog catalogue
  math maths mathematics
  ok okay
  everybody everyone
  anybody anyone
  somebody someone
  nobody noone
  database db
  javascript js
  kubernetes k8s
  postgres postgresql
  advertisement ad
  laboratory lab
  airplane aeroplane
  refrigerator fridge
  percent percentage
`)

const AMERICAN: readonly (readonly [RegExp, string])[] = [
  [/(?<=\w{3})is(?=(?:e|ed|er|es|ing|ation)$)/, 'iz'],
  [/(?<=\w{3})lys(?=(?:e|ed|er|ing)$)/, 'lyz'],
  [/^((?:un|dis)?(?:colo|favo|hono|behavio|neighbo|labo|flavo|harbo|humo|rumo|endeavo))u(?=r)/, '$1'],
  [/^(cancel|travel|model|label|level|fuel|signal)l(?=ed$|ing$|er$)/, '$1'],
]

/** The American spelling of a British word. Any other word is unchanged, or becomes one that does not exist. */
export function americanSpelling(word: string): string {
  return AMERICAN.reduce((text, [pattern, one]) => text.replace(pattern, one), word)
}

/** Phrases for single words, without articles. */
export const PHRASES: readonly { readonly phrase: readonly string[]; readonly stands: readonly string[] }[] = `
  get rid of = delete
  capital city = capital
  a lot of = many
  lots of = many
  in order to = to
  such as = like
  for example = like
  as well as = and
  is able to = can
  are able to = can
  am unable to = can not
  is unable to = can not
  are unable to = can not
  am not able to = can not
  cell phone = mobile
  mobile phone = mobile
  log in = login
  log into = login to
  sign in = login
  sign into = login to`
  .trim()
  .split('\n')
  .map((line) => {
    const [phrase = '', stands = ''] = line.split(' = ')
    return { phrase: phrase.trim().split(' '), stands: stands.trim().split(' ') }
  })

/** Words that negate a sentence. */
export const NEGATIONS: ReadonlySet<string> = words(`
  not no never without none nobody nothing nowhere neither nor cannot hardly barely scarcely except excluding exclude unless
  instead avoid prevent disallow forbidden lack lacking fail unable`)

/** Words that exclude each other; each line is a scale. */
export const OPPOSITES: ReadonlyMap<string, string> = lines(`
  increase decrease reduce raise lower grow shrink
  enable disable
  on off
  up down
  open close shut
  start stop begin end finish
  install uninstall
  add remove delete subtract
  before after
  above below
  inside outside
  buy sell
  win lose
  hot cold warm cool
  good bad
  best worst better worse
  safe unsafe dangerous
  legal illegal
  possible impossible
  true false
  left right
  north south east west
  ascending descending
  maximum minimum
  largest smallest biggest
  highest lowest
  longest shortest
  oldest newest youngest
  fast slow quick
  rich poor
  cheap expensive
  early late
  first last
  push pull
  import export
  encrypt decrypt
  encode decode
  upload download
  lock unlock
  mount unmount
  connect disconnect
  attach detach
  advantage disadvantage
  advantages disadvantages
  benefits drawbacks risks
  pros cons
  include exclude
  accept reject
  allow deny forbid
  public private
  sync async
  synchronous asynchronous
  vertical horizontal
  odd even
  hard easy soft difficult
  positive negative
  internal external
  input output
  client server
  parent child
  male female
  men women
  lend borrow
  gain lose
  love hate
  light dark heavy
  strong weak
  deep shallow
  wide narrow
  thick thin
  young old new
  day night
  summer winter
  morning evening
  healthy unhealthy
  agree disagree
  appear disappear
  like dislike
  join leave
  send receive
  give take
  hire fire
  freeze melt boil
  expand contract
  prove disprove
`)

/** Words for how many, how much and how often. */
export const QUANTITIES: ReadonlySet<string> = words(`
  all some any every each most least more less few fewer many much several both either half double twice triple only just
  always usually often sometimes rarely seldom once max maximum min minimum first last exactly almost nearly total average
  everything something anything everyone someone anyone entire whole single multiple`)

/** Question words. */
export const QUESTION_WORDS: ReadonlySet<string> = words(`
  ?how ?what ?why who whom whose what when where which why how is are was were do does did can could should would will must
  may might has have had`)

/** Words whose meaning changes with a capital letter. Both texts must write them alike. */
export const CASED: ReadonlySet<string> = words(`
  us it who may will mark bill rose march august turkey china chile polish mercury mars word excel windows access edge go
  swift rust java oracle apple amazon meta target gap slack teams notion spring express node docker aids ram rest soap dart
  flask sketch shell visa discover chase ford reading nice bath cork lima jordan georgia frank grant sue pat art hope grace
  ruby pandas spark hive scratch unity steam zoom gemini falcon llama pages numbers keynote safari echo drive lambda
  path pin sat get post put patch head act
  and or not in is as at on if to no am pm ad id pi`)

/** Words that a statement begins with. */
export const SUBJECTS: ReadonlySet<string> = words(`
  i you he she it we they this that these those there my your his her its our their the a an`)

/** Abbreviations that mean the same in lower case. */
export const ACRONYMS: ReadonlySet<string> = words(`
  ai api aws cli cpu css csv dna dns faq gcp gdp gpt gpu hiv html http https ide ios ip json jwt llm mba mri nasa npm orm pdf
  php rna rss sdk seo sms sql ssd ssh ssl svg tcp tls tv udp ui uk url usb usd utc ux vpn xml yaml`)

/** A text with one of these may be about words themselves: whoever asks how to spell "colour" does not mean "color". */
export const OF_WORDS: ReadonlySet<string> = words(`
  spell spelled spelt spelling word words phrase letter letters syllable syllables rhyme rhymes synonym synonyms antonym antonyms plural
  singular tense verb noun adjective mean means meaning definition define etymology grammar grammatical grammatically correct
  pronounce pronounced pronunciation say said called translate translation translated`)

/** Words whose plural form, or what looks like one, is another word. */
export const NO_PLURALS: ReadonlySet<string> = words(`
  news goods glasses arms customs works specs thanks means series species physics mathematics economics politics athletics
  ethics statistics analysis basis crisis is this his its was has does us yes as pass class less plus thus always perhaps
  across address process access success business express progress focus status virus bus gas bias canvas atlas
  kubernetes redis postgres jenkins windows aws dns css https js ios macos sas laws laravels travis paris texas dallas
  jesus james charles venus mars uranus corps lens pants jeans trousers scissors headquarters savings earnings looks sales
  contents woods shorts trunks papers manners minutes spirits waters airs brains forces grounds heads letters regards returns premises damages`)

function lines(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const line of text.trim().split('\n')) {
    const [first = '', ...rest] = line.trim().split(/\s+/)
    for (const word of [first, ...rest]) if (!map.has(word)) map.set(word, map.get(first) ?? first)
  }
  return map
}
