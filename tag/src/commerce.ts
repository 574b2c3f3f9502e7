// What happens in the shop as its pages say it: attributes, forms that were named for it, and schema.org's JSON-LD.
import { all, isObject, on, parsed, told } from './safe'
import { pageInfo, setPage, track } from './page'
import { accepted } from './consent'
import { Properties } from './send'

const NUMBERS = /^(price|quantity|value|total|revenue|tax|shipping|discount)$/
const OURS = /^(event|on|item|page|place|form|field|template|decision|cart|category-page)$/

function valueOf(name: string, text: string): unknown {
  if (/^[[{]/.test(text)) return parsed(text) ?? text
  return NUMBERS.test(name) && text.trim() && !isNaN(Number(text)) ? Number(text) : text
}

/** data-visavis-product-id="i1" is product_id: "i1". */
function propertiesOf(element: Element): Properties {
  const properties: Properties = {}
  for (const { name, value } of element.attributes) {
    const word = name.startsWith('data-visavis-') ? name.slice(13) : ''
    if (word && !OURS.test(word)) properties[word.replace(/-/g, '_')] = valueOf(word.replace(/-/g, '_'), value)
  }
  return properties
}

/** When an element's event happens: as data-visavis-on says, else as its kind suggests. */
function momentOf(element: Element): string {
  return told(element, 'on') ?? (element.matches('form') ? 'submit' : element.matches('a,button,input') ? 'click' : 'view')
}

const viewed = new WeakSet<Element>()

/** Elements that say what is seen on this page; each once. */
export function tellViews() {
  for (const element of all('[data-visavis-event]')) {
    if (momentOf(element) !== 'view' || viewed.has(element) || !accepted()) continue
    viewed.add(element)
    tell(element)
  }
}

function tell(element: Element, soon = false) {
  const event = told(element, 'event')!
  if (event === 'Product Viewed') productTold = true
  track(event, propertiesOf(element), soon)
}

function startActs() {
  for (const name of ['click', 'submit'])
    on(document, name, event => {
      const element = (event.target as Element).closest?.('[data-visavis-event]')
      if (element && momentOf(element) === name) tell(element, true)
    })
}

// -- forms -----------------------------------------------------------------------------------------------------------------------

const TELLING = /^(checkbox|radio|number|range|date|time|select-one|select-multiple|color)$/
const ADDRESSES = /^(email|tel)$/

/** Choices and figures; an address only where the shop names the field; never what was typed freely, nor passwords or cards. */
function answersOf(form: HTMLFormElement): Properties {
  const answers: Properties = {}
  for (const field of form.elements as unknown as Iterable<HTMLInputElement>) {
    const asked = told(field, 'field')
    const name = asked || field.name
    const secret = /^(cc-|one-time|current-|new-)/.test(field.autocomplete ?? '')
    if (!name || secret || !(TELLING.test(field.type) || (asked !== null && ADDRESSES.test(field.type)))) continue
    if (/^(checkbox|radio)$/.test(field.type)) {
      if (field.checked) answers[name] = field.type === 'radio' || field.hasAttribute('value') ? field.value : true
      else if (field.type === 'checkbox') answers[name] ??= false
    } else if (field.value) {
      answers[name] = field.value
    }
  }
  return answers
}

function startForms() {
  on(document, 'submit', event => {
    const form = (event.target as Element).closest?.<HTMLFormElement>('form[data-visavis-form]')
    if (form) track('Form Submitted', { form: told(form, 'form'), answers: answersOf(form) }, true)
  })
}

// -- schema.org ------------------------------------------------------------------------------------------------------------------

let productTold = false
let current = '' // the product of this page's JSON-LD
let stale = ''   // … which may still stand there when an application has drawn the next page

/** The shop said itself that this page's product was seen: then its JSON-LD is not told again. */
export const sayProductTold = () => { productTold = true }

const first = (value: unknown): unknown => (Array.isArray(value) ? first(value[0]) : value)
const isKind = (thing: Properties, kind: RegExp) => [thing['@type']].flat().some(type => kind.test(String(type)))

function textOf(value: unknown): string | undefined {
  const one = first(value)
  if (typeof one === 'string' || typeof one === 'number') return String(one)
  return isObject(one) ? textOf(one.name ?? one.url) : undefined
}

/** The products that the page is about: not those in lists of others. */
function products(): Properties[] {
  const things = all('script[type="application/ld+json"]').map(script => parsed(script.textContent)).flat()
    .flatMap(thing => (isObject(thing) && Array.isArray(thing['@graph']) ? thing['@graph'] : [thing]))
    .flatMap(thing => (isObject(thing) && isObject(thing.mainEntity) ? [thing.mainEntity] : [thing]))
  return things.filter((thing): thing is Properties => isObject(thing) && isKind(thing, /(^|\/)Product(Group)?$/))
}

function describe(product: Properties): Properties | null {
  const offer = first(product.offers)
  const price = isObject(offer) ? textOf(offer.price ?? offer.lowPrice) : undefined
  const id = textOf(product.sku ?? product.productID ?? product.productGroupID ?? product.mpn)
  if (!id) return null
  return {
    product_id: id, name: textOf(product.name), brand: textOf(product.brand), category: textOf(product.category),
    ...(price && !isNaN(Number(price)) && { price: Number(price), currency: textOf((offer as Properties).priceCurrency) }),
  }
}

/** A page about one product, unless the shop says otherwise. */
export function readProduct(): Properties | null {
  const found = products()
  const product = found.length === 1 ? describe(found[0]!) : null
  current = product ? String(product.product_id) : ''
  if (!product || current === stale) return null
  if (!pageInfo().itemId) setPage({ type: 'product', itemId: current, ...pageInfo() })
  return product
}

export function tellProduct() {
  const product = readProduct()
  if (product && !productTold && accepted()) {
    productTold = true
    track('Product Viewed', product)
  }
}

/** Told anew, after a choice. */
export const tellProductAgain = () => { productTold = false }

/** The page is another one. */
export function leaveProduct() {
  productTold = false
  stale = current
}

export function startCommerce() {
  startActs()
  startForms()
}
