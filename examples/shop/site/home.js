import { say } from '/shop/words.js'
import { aisles, draw, inCategory, items, link, make, ownChoice, place, word } from '/shop/shop.js'

const hero = make('section.hero', {},
  make('div', {}, make('h1', {}, say('heroTitle')), make('p', {}, say('heroText')),
    make('p.doors', {}, make('a.door', { href: link('category.html', { c: 'Chaussures' }) }, say('heroShoes')),
      make('a.door.second', { href: link('category.html', { c: 'Campement' }) }, say('heroCamp')))))

const faces = { Chaussures: 'hiking-boots-02', 'Vêtements': 'rain-jacket-01', Sacs: 'trek-pack-02', Campement: 'dome-tent-02', 'Matériel': 'rope-02' }
const tile = name => make('a.tile', { href: link('category.html', { c: name }) },
  make('img', { src: `/shop/images/${faces[name] ?? items.find(item => inCategory(item, name)).id}.svg`, alt: '', width: 300, height: 300, loading: 'lazy' }),
  make('span', {}, word(name)))

const promise = at => make('li', {}, make('b', {}, say(`promise${at}`)), make('span', {}, say(`promise${at}Text`)))

draw(say('home'), hero,
  place('accueil-tendances', say('trending'), ownChoice(4), 'eager'),
  make('section', {}, make('h2', {}, say('aisles')), make('div.tiles', {}, ...aisles.map(tile))),
  place('accueil-pour-vous', say('forYou'), ownChoice(4, item => item.listPrice)),
  make('ul.promises', {}, ...[1, 2, 3].map(promise)))
