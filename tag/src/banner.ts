// A banner of our own, for shops without a consent manager: refusing is as easy as accepting, the answer is remembered for six
// months whatever it was, and a link on every page opens it again. It lies over the page, in a tree of its own: nothing moves, and
// neither the shop's styles nor ours leak.
import type { Choice } from './consent'

export interface Asked {
  /** what was answered before, less than six months ago */
  choice: Choice | null
  choose: (choice: Choice, text: string) => void
  /** address of the shop's privacy page */
  privacy: string | undefined
}

const WORDS = {
  fr: {
    title: 'Vos données, votre choix',
    intro: `${location.hostname} aimerait, si vous êtes d’accord\u00a0:`,
    measure: ['Mesure d’audience', 'Compter les visites et les achats pour savoir ce qui marche sur ce site.'],
    personalise: ['Personnalisation', 'Choisir les produits et les contenus montrés d’après ce que vous avez vu et acheté.'],
    learn: ['Apprentissage', 'Améliorer les recommandations faites à tous à partir de votre navigation et de vos achats.'],
    after: 'Un cookie vous reconnaît alors pendant 13 mois au plus. Vous pouvez changer d’avis à tout moment.',
    refuse: 'Tout refuser', accept: 'Tout accepter', save: 'Enregistrer ces choix', more: 'Choisir', privacy: 'En savoir plus', link: 'Mes choix de cookies',
  },
  en: {
    title: 'Your data, your choice',
    intro: `If you agree, ${location.hostname} would like to:`,
    measure: ['Measurement', 'Count visits and purchases to know what works on this site.'],
    personalise: ['Personalisation', 'Choose the products and content you see from what you have viewed and bought.'],
    learn: ['Learning', 'Improve everyone’s recommendations using your visits and purchases.'],
    after: 'A cookie then recognises you for 13 months at most. You can change your mind at any time.',
    refuse: 'Refuse all', accept: 'Accept all', save: 'Save these choices', more: 'Choose', privacy: 'Learn more', link: 'My cookie choices',
  },
}
const PURPOSES = ['measure', 'personalise', 'learn'] as const

// Both answers have one style.
const CSS = `:host{all:initial}
*{box-sizing:border-box;font:16px/1.5 Inter,system-ui,sans-serif;color:#1b2333}
section{position:fixed;z-index:2147483647;left:16px;right:16px;bottom:16px;max-width:640px;max-height:calc(100vh - 32px);margin:auto;overflow:auto;
padding:24px;background:#fbfaf7;border:1px solid #9aa3b2;border-radius:8px}
h2{margin:0 0 8px;font-size:20px;font-weight:600}p{margin:0 0 8px}ul{margin:0 0 8px;padding:0;list-style:none}
label{display:flex;gap:8px;padding:4px 0}label b{font-weight:600}input{flex:none;width:20px;height:20px;margin:2px 0;display:none}.picking input{display:block}
.answers{display:grid;grid-template-columns:1fr 1fr;gap:8px;margin:16px 0 8px}
button{min-height:44px;padding:8px 12px;border:1px solid #1b2333;border-radius:8px;cursor:pointer}
.answers button{background:#1b2333;color:#fff}.plain{background:none;border-color:transparent;text-decoration:underline}
.link{position:fixed;z-index:2147483646;left:16px;bottom:16px;background:#fbfaf7;font-size:14px}
p:last-child{margin:0}
@media(max-width:480px){*{font-size:14px}h2{font-size:16px}section{left:8px;right:8px;bottom:8px;padding:16px}}
:focus-visible{outline:3px solid #bf4420;outline-offset:2px}[hidden]{display:none!important}`

const words = document.documentElement.lang.startsWith('fr') || (!document.documentElement.lang && navigator.language.startsWith('fr')) ? WORDS.fr : WORDS.en

const colon = words === WORDS.fr ? '\u00a0: ' : ': '

function make<K extends keyof HTMLElementTagNameMap>(name: K, more: Partial<HTMLElementTagNameMap[K]> = {}, ...inside: (Node | string)[]) {
  const element = Object.assign(document.createElement(name), more)
  element.append(...inside)
  return element
}

export function start({ choice, choose, privacy }: Asked) {
  const host = make('div')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(CSS)
  root.adoptedStyleSheets = [sheet]
  host.lang = words === WORDS.fr ? 'fr' : 'en'

  const boxes = PURPOSES.map(purpose => make('input', { type: 'checkbox', name: purpose }))
  const purposes = make('ul', {}, ...PURPOSES.map((purpose, index) =>
    make('li', {}, make('label', {}, boxes[index]!, make('span', {}, make('b', {}, words[purpose][0]!), colon + words[purpose][1])))))
  const more = make('button', { className: 'plain', onclick: () => pick() }, words.more)
  const save = make('button', { className: 'plain', hidden: true, onclick: () => answer(boxes.map(box => box.checked)) }, words.save)
  const answers = make('div', { className: 'answers' },
    make('button', { name: 'refuse', onclick: () => answer([false, false, false]) }, words.refuse),
    make('button', { name: 'accept', onclick: () => answer([true, true, true]) }, words.accept))
  const title = make('h2', { id: 'title' }, words.title)
  const rest = make('p', {}, more, save)
  if (privacy) rest.append(make('a', { href: privacy }, words.privacy))
  const dialog = make('section', { hidden: true }, title, make('p', {}, words.intro), purposes, make('p', {}, words.after), answers, rest)
  const link = make('button', { className: 'link', hidden: true, onclick: () => open(true) }, words.link)
  dialog.setAttribute('role', 'dialog')
  dialog.setAttribute('aria-labelledby', 'title')
  root.append(dialog, link)

  /** The page's own link is the link, where it has one. */
  const ownLink = () => document.querySelector('[data-visavis-consent]')
  const showLink = () => { link.hidden = !dialog.hidden || !!ownLink() }

  function pick() {
    dialog.classList.add('picking')
    save.hidden = !(more.hidden = true)
    boxes[0]!.focus()
  }
  function open(asked: boolean) {
    boxes.forEach((box, index) => { box.checked = !!choice?.[PURPOSES[index]!] })
    dialog.hidden = false
    showLink()
    if (asked) dialog.querySelector('button')!.focus()
  }
  function answer([measure, personalise, learn]: boolean[]) {
    choice = { measure: !!measure, personalise: !!personalise, learn: !!learn }
    dialog.hidden = true
    dialog.classList.remove('picking')
    save.hidden = !(more.hidden = false)
    showLink()
    choose(choice, `${words.title}. ${words.intro} ${PURPOSES.map(purpose => words[purpose].join(colon)).join(' ')} ${words.after}`)
  }

  document.addEventListener('click', event => {
    if (!(event.target as Element).closest?.('[data-visavis-consent]')) return
    event.preventDefault()
    open(true)
  })
  document.body.prepend(host) // first by keyboard, over the page for the eye
  // A browser that says Global Privacy Control has answered for its owner, who may still say otherwise by the link.
  if (!choice && !navigator.globalPrivacyControl) open(false)
  else showLink()
}
