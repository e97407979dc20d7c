// Word lists of the guard. English. A word that is in none of them has to be in both texts.

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''))
}

/** Words that only link others; a text without any of them is not taken for English. */
export const LINKING: ReadonlySet<string> = words(`
  a an the of to in on at for from by with and or is are was were be do does did can could should would will how what when
  where which who why i you my your me it this that there if as than between about into explain describe tell write list give`)

/** Words that other languages have in many sentences, and English has in none. */
export const FOREIGN: ReadonlySet<string> = words(`
  der das und ist nicht wie ich ein eine mit von auf für warum kann
  le la les est et des du une pourquoi comment quel quelle dans pour avec je vous pas
  el los las una que como por para con qué cómo cuál dónde es mi
  il lo gli che perché sono della di non
  o os uma não qual onde você
  het een niet hoe waarom wat
  hur och inte jag hvordan ikke og jeg det`)

/** Words without which a text says the same, wherever they stand. */
export const EMPTY: ReadonlySet<string> = words(`a an the please kindly`)

/** Words that may stand for each other in a question; the first of a line stands for all. No two of them are opposites. */
export const SYNONYMS: ReadonlyMap<string, string> = lines(`
  buy purchase
  begin start
  big large
  quick fast
  fix repair
  movie film
  car automobile
  doctor physician
  photo photograph
  telephone phone
  delete remove erase
  allow permit
  nation country
  approximately roughly
  error mistake
  ill sick
  job occupation
  kid child
  child children
  assist help
  choose select pick
  create make
  build construct
  obtain acquire
  difference distinction
  function method
  speak talk
  close shut
  until till
  rapidly quickly
  maximum max
  minimum min
  km kilometer kilometre kms
  kg kilogram kilogramme kilo kgs
  cm centimeter centimetre
  mm millimeter millimetre
  color colour
  favorite favourite
  center centre
  organize organise
  analyze analyse
  optimize optimise
  initialize initialise
  summarize summarise
  recognize recognise
  license licence
  gray grey
  program programme
  canceled cancelled
  math maths mathematics
  ok okay
  everybody everyone
  anybody anyone
  somebody someone
  nobody noone
  database db
  javascript js
  typescript ts
  kubernetes k8s
  postgresql postgres
  application app
  advertisement ad
  laboratory lab
  airplane plane aeroplane
  bicycle bike
  refrigerator fridge
  percent percentage
`)

/** Longer ways to say one word, less articles. */
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
  cell phone = telephone
  mobile phone = telephone
  united states of america = U.S.
  united states = U.S.
  united kingdom = U.K.
  great britain = U.K.`
  .trim()
  .split('\n')
  .map((line) => {
    const [phrase = '', stands = ''] = line.split(' = ')
    return { phrase: phrase.trim().split(' '), stands: stands.trim().split(' ') }
  })

/** Cues that turn a sentence around. */
export const NEGATIONS: ReadonlySet<string> = words(`
  not no never without none nobody nothing nowhere neither nor cannot hardly barely scarcely except excluding exclude unless
  instead avoid prevent disallow forbidden lack lacking fail unable`)

/** Words of which one is not the other; each line is a scale. */
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

/** How many, how much, how often. */
export const QUANTITIES: ReadonlySet<string> = words(`
  all some any every each most least more less few fewer many much several both either half double twice triple only just
  always usually often sometimes rarely seldom once max maximum min minimum first last exactly almost nearly total average
  everything something anything everyone someone anyone entire whole single multiple`)

/** What a question asks for. */
export const QUESTION_WORDS: ReadonlySet<string> = words(`
  ?how ?what ?why who whom whose what when where which why how is are was were do does did can could should would will must
  may might has have had`)

/** Words whose meaning hangs on a capital. In both texts they have to be spelled alike. */
export const CASED: ReadonlySet<string> = words(`
  us it who may will mark bill rose march august turkey china chile polish mercury mars word excel windows access edge go
  swift rust java oracle apple amazon meta target gap slack teams notion spring express node docker aids ram rest soap dart
  flask sketch shell visa discover chase ford reading nice bath cork lima jordan georgia frank grant sue pat art hope grace
  and or not in is as at on if to no am pm ad id pi`)

/** Words whose plural, or what looks like one, is another word. */
export const NO_PLURALS: ReadonlySet<string> = words(`
  news goods glasses arms customs works specs thanks means series species physics mathematics economics politics athletics
  ethics statistics analysis basis crisis is this his its was has does us yes as pass class less plus thus always perhaps
  across address process access success business express progress focus status virus bus gas bias canvas atlas
  kubernetes redis postgres jenkins windows aws dns css https js ios macos sas laws laravels travis paris texas dallas
  jesus james charles venus mars uranus corps lens pants jeans trousers scissors headquarters savings earnings looks sales
  contents papers manners minutes spirits waters airs brains forces grounds heads letters regards returns premises damages`)

function lines(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const line of text.trim().split('\n')) {
    const [first = '', ...rest] = line.trim().split(/\s+/)
    for (const word of [first, ...rest]) if (!map.has(word)) map.set(word, map.get(first) ?? first)
  }
  return map
}
