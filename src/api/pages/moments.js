/* The live list of moments: GET /v1/moments (server-sent events over fetch, because EventSource cannot send a key), each drawn
 * as who · where · when → what, because …, under …  Only the frame's words stand here; text goes in as text, never as markup. */

const CARDS_MAX = 50;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const SILENCE_MS = 45000; // three of the server's pings
const PARTS_MAX = 3;
const NEWS_MS = 8000;

const WORDS = {
  fr: {
    question: 'Qui reçoit quoi, et pourquoi\u202f?',
    lead: 'Chaque carte est un moment\u00a0: une personne, un emplacement, un choix et ses raisons.',
    other: 'English', otherLabel: 'Show this page in English',
    keyLabel: 'Clé secrète', open: 'Ouvrir',
    keyHelp: 'Elle a été affichée au démarrage (vv_sk_…). Elle reste dans cet onglet.',
    keyWrong: 'Cette clé n’ouvre pas la liste des moments. Il faut une clé secrète en cours de validité.',
    pause: 'Mettre en pause', resume: (n) => n ? `Reprendre (${n} en attente)` : 'Reprendre', forget: 'Changer de clé',
    live: 'En direct', connecting: 'Connexion…', paused: 'En pause',
    waiting: (s) => `Connexion perdue, nouvel essai dans ${s}\u00a0s`,
    emptyTitle: 'Aucun moment pour l’instant',
    emptyText: 'Demandez un choix comme le ferait une page de la boutique, avec votre clé d’écriture\u00a0: il apparaîtra ici.',
    keyWord: 'CLÉ',
    nobody: 'Visiteur anonyme', visitor: 'Visiteur', level: (n) => `niveau ${n} sur 4`,
    basis: { granted: '✓ a accepté', denied: '✕ a refusé', objected: '✕ s’y oppose', minor: '✕ mineur', unknown: '? sans choix connu', contextual: '– contexte seul', none: '– rien lu' },
    names: {}, // a shop names its placements itself; the demo's names are known in the other language
    pages: { home: 'page d’accueil', product: 'page produit', cart: 'panier', category: 'page de rayon', search: 'recherche' },
    simulated: 'simulé', now: 'à l’instant',
    chosen: 'Choisi', nothing: 'Rien\u00a0: la page garde son propre contenu.',
    second: 'Venait ensuite\u00a0: ', because: 'Parce que', sum: 'Total', rest: (n) => `${n} autres raisons`,
    noReason: 'Aucun candidat n’a été noté.',
    under: 'Dans ce cadre', left: (n) => n > 1 ? `${n} écartés\u00a0: ` : '1 écarté\u00a0: ', noneLeft: 'Aucun candidat écarté',
    explored: '⚄ Ordre tiré au hasard, pour apprendre', exploited: 'Pas d’exploration',
    personal: 'Choix propre à cette personne', shared: 'Choix identique pour tous ici', policy: (n) => `Version publiée ${n}`,
    why: 'Pourquoi pas…\u202f?', close: 'Refermer',
    removed: 'Écartés', also: 'Montrés', story: 'Ce qui s’est passé', raw: 'Explication brute', score: 'score',
    news: (n) => n > 1 ? `${n} nouveaux moments` : '1 nouveau moment',
  },
  en: {
    question: 'Who gets what, and why?',
    lead: 'Each card is one moment: a person, a placement, a choice and its reasons.',
    other: 'Français', otherLabel: 'Afficher cette page en français',
    keyLabel: 'Secret key', open: 'Open',
    keyHelp: 'It was printed at start (vv_sk_…). It stays in this tab.',
    keyWrong: 'This key does not open the list of moments. A secret key in force is needed.',
    pause: 'Pause', resume: (n) => n ? `Resume (${n} waiting)` : 'Resume', forget: 'Change key',
    live: 'Live', connecting: 'Connecting…', paused: 'Paused',
    waiting: (s) => `Connection lost, trying again in ${s} s`,
    emptyTitle: 'No moment yet',
    emptyText: 'Ask for a choice as a page of the shop would, with your write key: it shows up here.',
    keyWord: 'KEY',
    nobody: 'Anonymous visitor', visitor: 'Visitor', level: (n) => `level ${n} of 4`,
    basis: { granted: '✓ agreed', denied: '✕ refused', objected: '✕ objects', minor: '✕ a minor', unknown: '? no known choice', contextual: '– context only', none: '– nothing read' },
    names: { 'Accueil : tendances': 'Home: trending', 'Accueil : pour vous': 'Home: for you', 'Panier : pour compléter': 'Basket: to go with it', 'Produit : souvent avec': 'Product: often with it', 'Vus récemment': 'Recently viewed' },
    pages: { home: 'home page', product: 'product page', cart: 'basket', category: 'category page', search: 'search' },
    simulated: 'simulated', now: 'just now',
    chosen: 'Chosen', nothing: 'Nothing: the page keeps its own content.',
    second: 'Came next: ', because: 'Because', sum: 'Total', rest: (n) => `${n} other reasons`,
    noReason: 'No candidate was scored.',
    under: 'Under', left: (n) => `${n} left out: `, noneLeft: 'No candidate left out',
    explored: '⚄ Order drawn at random, to learn', exploited: 'No exploration',
    personal: 'A choice for this person', shared: 'The same choice for everyone here', policy: (n) => `Policy version ${n}`,
    why: 'Why not…?', close: 'Close',
    removed: 'Left out', also: 'Shown', story: 'What happened', raw: 'Raw explanation', score: 'score',
    news: (n) => n > 1 ? `${n} new moments` : '1 new moment',
  },
};

const $ = (id) => document.getElementById(id);
let language = localStorage.getItem('language') ?? (/^fr\b/i.test(navigator.language || 'fr') ? 'fr' : 'en');
if (!WORDS[language]) language = 'fr';
const words = () => WORDS[language];

const cards = new Map(); // decision id → {card, element, told: {language: explanation}, open}
let key = '';
let paused = false;
let held = []; // while paused
let stream; // AbortController of the open stream
let state = ['idle'];
let fresh = 0; // not announced yet

/* --- small tools --- */

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

function drawing(className, ...paths) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 40 40');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  for (const [d, colour] of paths) {
    const path = document.createElementNS(svg.namespaceURI, 'path');
    path.setAttribute('d', d);
    if (colour) path.setAttribute('stroke', colour);
    svg.append(path);
  }
  return svg;
}

const number = (value, signed) => new Intl.NumberFormat(language, {
  minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: signed ? 'exceptZero' : 'auto' }).format(value);

function ago(at) {
  const seconds = Math.round((Date.now() - at) / 1000);
  if (seconds < 10) return words().now;
  const format = new Intl.RelativeTimeFormat(language, { style: 'narrow' });
  if (seconds < 60) return format.format(-seconds, 'second');
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), 'minute');
  if (seconds < 86400) return format.format(-Math.round(seconds / 3600), 'hour');
  return format.format(-Math.round(seconds / 86400), 'day');
}

const pictureAddress = (text) => /^(https:\/\/|\/(?![/\\])|data:image\/)/i.test(text ?? '') ? text : '';

/* --- the parts of a card --- */

/* Two facing arcs in colours that follow from the pseudonym: the same visitor looks the same. */
function avatar(who) {
  const arcs = ['M17 8a12.5 12.5 0 0 0 0 24', 'M23 8a12.5 12.5 0 0 1 0 24'];
  if (!who) return drawing('avatar nobody', [arcs[0]], [arcs[1]]);
  const bits = parseInt(who.replaceAll('-', '').slice(-6), 16) || 0;
  const hue = (turn) => `hsl(${(bits >> turn) % 360} 55% 52%)`;
  return drawing('avatar', [arcs[0], hue(0)], [arcs[1], hue(9)]);
}

function head(card) {
  const w = words();
  const basis = card.basis in w.basis ? card.basis : 'none';
  const mood = basis === 'granted' ? 'granted' : basis === 'unknown' ? 'unsure' : /^(denied|objected|minor)$/.test(basis) ? 'refused' : '';
  const name = card.who ? `${w.visitor} ${card.who.slice(-4)}` : w.nobody;
  const dots = make('span', 'level', '●'.repeat(card.level) + '○'.repeat(Math.max(0, 4 - card.level)));
  dots.setAttribute('aria-hidden', 'true');
  const level = card.who && card.level ? make('span', '', dots, ` ${w.level(card.level)}`) : '';
  const page = w.pages[card.page] ?? card.page;
  const at = new Date(card.at);
  const when = make('time', 'when', ago(at));
  when.dateTime = card.at;
  when.title = at.toLocaleString(language);
  return make('header', 'head', avatar(card.who),
    make('div', 'who',
      make('h2', 'name', name),
      make('p', 'facts', level, make('span', mood, w.basis[basis]), card.simulated ? make('span', 'label', w.simulated) : ''),
      make('p', 'facts', make('span', '', w.names[card.name] || card.name || card.placement), page ? make('span', '', page) : '', card.pageItem ? make('span', '', card.pageItem) : '')),
    when);
}

function picture(item) {
  const address = pictureAddress(item.image);
  const image = make(address ? 'img' : 'span', 'picture');
  if (address) {
    image.alt = '';
    image.loading = 'lazy';
    image.src = address;
  }
  return image;
}

function chosen(card, told) {
  const w = words();
  const box = make('section', '', make('h3', '', w.chosen));
  if (!card.items.length) box.append(make('p', 'nothing', told.fallback?.sentence || w.nothing));
  const list = make('ol', 'items');
  card.items.forEach((item, index) => {
    const reason = told.items?.[index]?.reason ?? item.reason;
    list.append(make('li', 'item', picture(item), make('div', '', make('p', 'title', item.title || item.itemId), make('p', 'reason', reason))));
  });
  box.append(list);
  if (told.runnerUp) box.append(make('p', 'second', w.second + (told.runnerUp.title || told.runnerUp.itemId)));
  return box;
}

/* Each bar begins where the one before ended, so that they visibly sum to the last. */
function bar(from, to, scale) {
  const box = make('div', 'bar');
  const piece = make('i', to < from ? 'less' : '');
  piece.style.left = `${100 * Math.min(from, to) / scale}%`;
  piece.style.width = `${100 * Math.abs(to - from) / scale}%`;
  box.append(piece);
  return box;
}

function because(told) {
  const w = words();
  const box = make('section', '', make('h3', '', w.because));
  const first = told.items?.[0];
  if (!first?.contributions?.length) {
    box.append(make('p', 'nothing', told.basis?.sentence || w.noReason));
    return box;
  }
  const sorted = [...first.contributions].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const rest = sorted.length > PARTS_MAX ? sorted.splice(PARTS_MAX - 1) : [];
  const rows = sorted.map((part) => [part.sentence.replace(/\s*:\s*[+\u2212-]?[\d.,]+$/, ''), part.value]);
  if (rest.length) rows.push([w.rest(rest.length), rest.reduce((sum, part) => sum + part.value, 0)]);
  let reached = 0;
  const scale = Math.max(...rows.map(([, value]) => (reached += value)), 1e-9);
  reached = 0;
  const list = make('ul', 'parts');
  for (const [label, value] of rows) {
    list.append(make('li', 'part', make('span', '', label), make('span', '', number(value, true)), bar(reached, reached + value, scale)));
    reached += value;
  }
  list.append(make('li', 'part sum', make('span', '', w.sum), make('span', '', number(first.score))));
  box.append(list);
  return box;
}

function under(card, told) {
  const w = words();
  const counts = told.removedCounts ?? [];
  const total = counts.reduce((sum, row) => sum + row.count, 0);
  const lines = [
    total ? w.left(total) + counts.map((row) => `${row.sentence} (${row.count})`).join(', ') : w.noneLeft,
    card.explored ? w.explored : w.exploited,
    card.personalised ? w.personal : w.shared,
    card.items.length ? told.fallback?.sentence : '',
    w.policy(card.policy),
  ];
  return make('section', '', make('h3', '', w.under), make('ul', 'under', ...lines.filter(Boolean).map((line) => make('li', '', line))));
}

function details(card, told) {
  const w = words();
  const row = (item, className, before = '') => make('li', '', before, make('span', className, item.title || item.itemId), `\u00a0– ${item.sentence || `${w.score} ${number(item.score)}`}`);
  const section = (title, list) => list.length ? [make('h3', '', title), make('ul', '', ...list)] : [];
  const raw = make('details', '', make('summary', '', w.raw));
  const text = make('pre', '', JSON.stringify(told, null, 2));
  text.tabIndex = 0;
  raw.append(text);
  const next = told.runnerUp ? [row(told.runnerUp, '', w.second)] : [];
  return make('div', 'more',
    ...section(w.also, (told.items ?? []).map((item) => row(item)).concat(next)),
    ...section(w.removed, (told.removed ?? []).map((item) => row(item, 'gone'))),
    ...section(w.story, (told.sentences ?? []).map((line) => make('li', '', line))),
    raw);
}

function draw(entry) {
  const { card } = entry;
  const w = words();
  const told = entry.told[language] ?? card.explanation ?? {};
  const button = make('button', 'plain', entry.open ? w.close : w.why);
  button.type = 'button';
  button.setAttribute('aria-expanded', String(entry.open));
  button.addEventListener('click', () => {
    entry.open = !entry.open;
    draw(entry);
    entry.element.querySelector('button').focus();
  });
  const article = make('article', 'moment', head(card), make('div', 'body', chosen(card, told), make('div', 'side', because(told), under(card, told))),
    make('div', '', button), entry.open ? details(card, told) : '');
  article.lang = language;
  entry.element.replaceChildren(article);
  if (!entry.told[language] && (card.lang ?? 'fr') !== language) translate(entry);
}

/* A card speaks the shop's language; in the other one it is asked for again. Its record may still be on its way to the disk. */
async function translate(entry) {
  const wanted = language;
  entry.told[wanted] = entry.card.explanation; // asked once; stays when there is no answer
  for (const ms of [0, 1500]) {
    await wait(Math.max(ms, 500 + Date.parse(entry.card.at) - Date.now()));
    const answer = await fetch(`/v1/decisions/${encodeURIComponent(entry.card.id)}?as=marketer&lang=${wanted}`, { headers: { Authorization: `Bearer ${key}` } }).catch(() => undefined);
    if (answer?.ok) {
      entry.told[wanted] = await answer.json();
      if (language === wanted && cards.has(entry.card.id)) draw(entry);
      return;
    }
  }
}

/* --- the list --- */

function add(card) {
  if (cards.has(card.id)) return;
  const entry = { card, element: make('li'), told: {}, open: false };
  cards.set(card.id, entry);
  draw(entry);
  entry.element.firstChild.classList.add('fresh');
  $('moments').prepend(entry.element);
  fresh++;
  for (const [id, old] of cards) {
    if (cards.size <= CARDS_MAX) break;
    if (old.element.contains(document.activeElement)) continue;
    old.element.remove();
    cards.delete(id);
  }
  show();
}

function take(card) {
  if (!paused) return add(card);
  if (held.length === CARDS_MAX) held.shift();
  held.push(card);
  show();
}

function show() {
  const w = words();
  const [name, value] = state;
  $('state').dataset.state = paused ? 'waiting' : name;
  const text = paused ? w.paused : typeof w[name] === 'function' ? w[name](value) : w[name] ?? '';
  if ($('state').textContent !== text) $('state').textContent = text;
  $('pause').textContent = paused ? w.resume(held.length) : w.pause;
  $('pause').classList.toggle('pressed', paused);
  $('ask').hidden = Boolean(key);
  $('tools').hidden = !key;
  $('empty').hidden = !key || cards.size > 0 || name !== 'live';
}

function setState(...next) {
  state = next;
  show();
}

function curl() {
  return `curl ${location.origin}/v1/decide -u ${words().keyWord}: \\\n  -H 'content-type: application/json' \\\n`
    + `  -d '{"context":{"page":{"type":"home"}},\n       "placements":[{"id":"accueil-tendances"}]}'`;
}

function speak() {
  const w = words();
  document.documentElement.lang = language;
  document.title = `${w.question} · Visavis`;
  const texts = { question: w.question, lead: w.lead, language: w.other, 'key-label': w.keyLabel, open: w.open, 'key-help': w.keyHelp,
    forget: w.forget, 'empty-title': w.emptyTitle, 'empty-text': w.emptyText, 'empty-curl': curl() };
  for (const [id, text] of Object.entries(texts)) $(id).textContent = text;
  $('language').lang = language === 'fr' ? 'en' : 'fr';
  $('language').setAttribute('aria-label', w.otherLabel);
  for (const entry of cards.values()) draw(entry);
  show();
}

/* --- the stream --- */

/* Calls on() with the data of each event named moment. */
async function readEvents(body, on, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    text += value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop();
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
      if (data && lines.some((line) => /^event:\s*moment$/.test(line))) on(JSON.parse(data));
    }
  }
}

/* One connection. Answers whether anything came; throws REFUSED when the key is not good enough. */
const REFUSED = Symbol('refused');
async function listen(mine) {
  const call = new AbortController();
  const stop = () => call.abort();
  mine.signal.addEventListener('abort', stop, { once: true });
  let timer;
  const alive = () => { clearTimeout(timer); timer = setTimeout(stop, SILENCE_MS); };
  alive();
  try {
    const answer = await fetch('/v1/moments', { headers: { Authorization: `Bearer ${key}`, Accept: 'text/event-stream' }, cache: 'no-store', signal: call.signal });
    if (answer.status === 401 || answer.status === 403) throw REFUSED;
    if (!answer.ok || !answer.body) return false;
    setState('live');
    await readEvents(answer.body, take, alive);
    return true;
  } catch (error) {
    if (error === REFUSED) throw error;
    return state[0] === 'live';
  } finally {
    clearTimeout(timer);
    mine.signal.removeEventListener('abort', stop);
  }
}

async function follow() {
  stream?.abort();
  const mine = stream = new AbortController();
  for (let failures = 0; !mine.signal.aborted;) {
    setState('connecting');
    try {
      failures = await listen(mine) ? 0 : failures + 1;
    } catch {
      if (mine.signal.aborted) return;
      forget();
      $('key-error').textContent = words().keyWrong;
      $('key').focus();
      return;
    }
    const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] * (0.75 + Math.random() / 2);
    for (let left = Math.ceil(pause / 1000); left > 0 && !mine.signal.aborted; left--) {
      setState('waiting', left);
      await wait(1000);
    }
  }
}

/* --- the key: in this tab only, never left in the address bar --- */

function use(text) {
  key = text.trim();
  sessionStorage.setItem('key', key);
  $('key').value = '';
  $('key-error').textContent = '';
  follow();
}

function forget() {
  stream?.abort();
  sessionStorage.removeItem('key');
  key = '';
  paused = false;
  held = [];
  cards.clear();
  $('moments').replaceChildren();
  setState('idle');
}

function keyFromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get('key');
  if (found) history.replaceState(null, '', location.pathname + location.search);
  return found;
}

$('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  if ($('key').value.trim()) use($('key').value);
});
$('forget').addEventListener('click', () => { forget(); $('key').focus(); });
$('pause').addEventListener('click', () => {
  paused = !paused;
  if (!paused) held.splice(0).forEach(add);
  show();
});
$('language').addEventListener('click', () => {
  language = language === 'fr' ? 'en' : 'fr';
  localStorage.setItem('language', language);
  speak();
});
addEventListener('hashchange', () => {
  const found = keyFromAddress();
  if (found) { forget(); use(found); }
});
setInterval(() => document.querySelectorAll('time.when').forEach((element) => { element.textContent = ago(new Date(element.dateTime)); }), 10000);
setInterval(() => {
  if (fresh) $('news').textContent = words().news(fresh);
  fresh = 0;
}, NEWS_MS);

speak();
const known = keyFromAddress() ?? sessionStorage.getItem('key');
if (known) use(known);
