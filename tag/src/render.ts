// Items as elements: in the shop's own template, or as a plain row of cards. Text is set as text and addresses are checked, so
// nothing of a catalogue becomes markup or script.
import { Decision, Item } from './decide'
import { language } from './page'
import { all, told } from './safe'

const CSS = `.visavis-items{display:flex;gap:16px;margin:0;padding:0;list-style:none;overflow-x:auto}
.visavis-item{flex:0 0 160px;min-width:0}
.visavis-item a{display:block;color:inherit;text-decoration:none}
.visavis-item img{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:8px;background:#8881}
.visavis-item span{display:block;margin-top:4px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}`

let styled = false

/** As a constructed sheet: a strict Content-Security-Policy lets it pass. */
function style() {
  if (styled || !('adoptedStyleSheets' in document)) return
  styled = true
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(CSS)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}

/** Nothing but the web: no javascript:, no data:. */
function web(address: string | undefined): string | undefined {
  if (!address) return undefined
  try {
    return /^https?:$/.test(new URL(address, location.href).protocol) ? address : undefined
  } catch {
    return undefined
  }
}

function money(amount: string | undefined, currency: string | undefined): string {
  if (!amount || !currency) return amount ?? ''
  try {
    return new Intl.NumberFormat(language(), { style: 'currency', currency }).format(Number(amount))
  } catch {
    return `${amount} ${currency}`
  }
}

function textOf(item: Item, field: string): string {
  if (field === 'price' || field === 'listPrice') return money(item[field], item.currency)
  const value = (item as unknown as Record<string, unknown>)[field]
  return typeof value === 'string' ? value : ''
}

/** data-visavis-field="title|price|listPrice|brand|reason|url|image", url on a link and image on an img. */
function fill(element: HTMLElement, item: Item) {
  const field = told(element, 'field')!
  if (element instanceof HTMLAnchorElement && field === 'url') {
    const address = web(item.url)
    if (address) element.href = address
  } else if (element instanceof HTMLImageElement && field === 'image') {
    const address = web(item.image)
    if (address) element.src = address
    element.alt ||= item.title ?? ''
  } else {
    element.textContent = textOf(item, field)
  }
}

function fromTemplate(template: HTMLTemplateElement, item: Item, position: number): HTMLElement[] {
  const piece = document.importNode(template.content, true)
  const roots = [...piece.children] as HTMLElement[]
  for (const element of all('[data-visavis-field]', piece)) fill(element, item)
  for (const root of roots) mark(root, item, position)
  return roots
}

function mark(element: HTMLElement, item: Item, position: number) {
  element.dataset.visavisItem = item.itemId
  element.dataset.visavisPosition = String(position)
}

function card(item: Item, position: number): HTMLElement {
  const entry = document.createElement('li')
  const link = entry.appendChild(document.createElement('a'))
  const address = web(item.url), picture = web(item.image)
  if (address) link.href = address
  if (picture) Object.assign(link.appendChild(document.createElement('img')), { alt: '', loading: 'lazy', src: picture })
  for (const field of ['title', 'price']) {
    const text = link.appendChild(document.createElement('span'))
    text.textContent = textOf(item, field) || (field === 'title' ? item.itemId : '')
  }
  entry.className = 'visavis-item'
  mark(entry, item, position)
  return entry
}

export function render(decision: Decision, template: HTMLTemplateElement | null): HTMLElement[] {
  if (template) return decision.items.flatMap((item, index) => fromTemplate(template, item, index + 1))
  style()
  const list = document.createElement('ul')
  list.className = 'visavis-items'
  list.append(...decision.items.map((item, index) => card(item, index + 1)))
  return [list]
}
