import { mine, say } from '/shop/words.js'
import { basket, card, draw, find, inCategory, inStock, link, make, ownChoice, place, price, product, tellPage, titleOf, trail, word } from '/shop/shop.js'

const item = find(new URLSearchParams(location.search).get('id'))
if (item) show()
else draw(say('noItem'), make('h1', {}, say('noItem')), make('p', {}, make('a', { href: link('') }, say('backHome'))))

/** What search engines read, and Visavis too. */
function structured() {
  const about = {
    '@context': 'https://schema.org', '@type': 'Product', sku: item.id, name: titleOf(item), description: mine(item.text), brand: { '@type': 'Brand', name: item.brand },
    category: item.category, image: `${location.origin}/shop/images/${item.id}.svg`,
    offers: { '@type': 'Offer', price: item.price.toFixed(2), priceCurrency: 'EUR', availability: `https://schema.org/${inStock(item) ? 'InStock' : 'OutOfStock'}` },
  }
  return make('script', { type: 'application/ld+json', textContent: JSON.stringify(about) })
}

function sizes(button, few) {
  const choose = (id, stock) => {
    button.setAttribute('data-visavis-variant-id', id)
    few.textContent = stock <= 3 ? say('left', stock) : ''
  }
  const first = item.sizes.find(([, , stock]) => stock > 0)
  if (first) choose(first[0], first[2])
  return make('fieldset.sizes', {}, make('legend', {}, say('size')), ...item.sizes.map(([id, size, stock]) => {
    const radio = make('input', { type: 'radio', name: 'size', value: id, disabled: !stock, checked: first?.[0] === id, onchange: () => choose(id, stock) })
    return make('label', {}, radio, make('span', stock ? {} : { 'aria-label': say('soldOutSize', size) }, size))
  }))
}

function buying() {
  const done = make('p.done', { role: 'status' }), few = make('p.few')
  // The event that a click tells stands on the button itself: docs/tag.md, "Attributes".
  const button = make('button.buy', { type: 'button', disabled: !inStock(item), 'data-visavis-event': 'Product Added', 'data-visavis-quantity': 1 },
    inStock(item) ? say('add') : say('soldOut'))
  for (const [name, value] of Object.entries(product(item))) button.setAttribute(`data-visavis-${name.replaceAll('_', '-')}`, value)
  const choice = item.sizes ? sizes(button, few) : null
  if (!item.sizes && item.stock && item.stock <= 3) few.textContent = say('left', item.stock)
  button.onclick = () => {
    basket.add(item.id, button.getAttribute('data-visavis-variant-id') ?? undefined)
    done.replaceChildren(`${say('added')} `, make('a', { href: link('basket.html') }, say('seeBasket')))
  }
  return [choice, few, button, done]
}

function facts() {
  const names = ['color', 'material', 'season', 'activity', 'waterproof', 'weight', 'volume', 'capacity', 'comfort', 'power', 'gender', 'range']
  const rows = names.filter(name => item.attributes[name]).map(name => [say(name), word(item.attributes[name])])
  return make('dl.facts', {}, ...[[say('brand'), item.brand], ...rows].map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))))
}

/** A place that draws itself: with nothing to show, the aisle stays. */
function trailOfVisitor() {
  const others = ownChoice(4, one => one !== item && inCategory(one, item.category.split(' > ').slice(0, 2).join(' > ')))
  const heading = text => make('h2', {}, text)
  const section = make('section.lately', { id: 'lately' }, heading(say('sameAisle')), make('div.grid', {}, ...others.map(item => card(item))))
  visavis('place', { id: 'recemment-vus', selector: '#lately', count: 4, render: (decision, element) => {
    const cards = decision.items.filter(({ itemId }) => find(itemId)).map(({ itemId }, at) => {
      const drawn = card(find(itemId))
      drawn.setAttribute('data-visavis-item', itemId)
      drawn.setAttribute('data-visavis-position', at + 1)
      return drawn
    })
    element.replaceChildren(heading(say('recent')), make('div.grid', {}, ...cards))
  } })
  return section
}

function show() {
  tellPage({ itemId: item.id, category: item.category })
  visavis('track', 'Product Viewed', product(item))
  document.head.append(structured())
  draw(titleOf(item), trail(item.category, true),
    make('div.product', {},
      make('img.picture', { src: `/shop/images/${item.id}.svg`, alt: titleOf(item), width: 600, height: 600 }),
      make('div', {}, make('p.brand', {}, item.brand), make('h1', {}, titleOf(item)),
        make('p.price', {}, make('b', {}, price(item.price)), item.listPrice ? make('s', {}, make('span.aside', {}, `${say('before')} `), price(item.listPrice)) : null),
        make('p', {}, mine(item.text)), ...buying(), make('h2.small', {}, say('details')), facts())),
    place('produit-souvent-avec', say('often'), ownChoice(4, one => one.attributes.range === item.attributes.range && one !== item)),
    trailOfVisitor())
}
