// The console's vis-à-vis shows two visitors of the demo shop in two frames of one origin, which share cookies and storage. Here
// the frame's name says whose page this is, and the page gets a jar and a drawer of that visitor's own before anything else
// runs: the shop and the tag are as everywhere. They lie in this tab's storage under the visitor's name and leave with it.
// This visitor follows the reader, so what happens here is nobody's deed: only decisions are asked for, as simulated, and nothing is told.
{
  const whose = () => {
    try {
      return window.top === window ? null : JSON.parse(window.name).visavisAs
    } catch {
      return null
    }
  }
  const as = whose()
  if (as) {
    const real = window.sessionStorage
    const drawer = name => {
      const prefix = `visavis-as:${as.anonymousId || 'nobody'}:${name}:`
      const names = () => Object.keys(real).filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length))
      return {
        getItem: key => real.getItem(prefix + key),
        setItem: (key, value) => real.setItem(prefix + key, value),
        removeItem: key => real.removeItem(prefix + key),
        clear: () => names().forEach(key => real.removeItem(prefix + key)),
        key: index => names()[index] ?? null,
        get length() { return names().length },
      }
    }
    const jar = drawer('cookie'), local = drawer('local'), session = drawer('session')
    Object.defineProperty(window, 'localStorage', { value: local })
    Object.defineProperty(window, 'sessionStorage', { value: session })
    Object.defineProperty(document, 'cookie', {
      get: () => Array.from({ length: jar.length }, (_, index) => jar.key(index)).map(key => `${key}=${jar.getItem(key)}`).join('; '),
      set: text => {
        const [pair, ...attributes] = text.split(';')
        const cut = pair.indexOf('=')
        const gone = attributes.some(attribute => /^\s*max-age=0$/i.test(attribute))
        if (gone) jar.removeItem(pair.slice(0, cut))
        else jar.setItem(pair.slice(0, cut), pair.slice(cut + 1))
      },
    })
    const ask = window.fetch.bind(window)
    window.fetch = (address, options) => {
      const path = new URL(address, location.href).pathname
      if (!path.startsWith('/v1/')) return ask(address, options)
      if (path !== '/v1/decide') return Promise.resolve(new Response('{}'))
      const { events: _, ...question } = JSON.parse(options.body)
      return ask(address, { ...options, body: JSON.stringify({ ...question, context: { ...question.context, simulated: true } }) })
    }
    navigator.sendBeacon = () => true
    const agrees = Boolean(as.anonymousId)
    const choice = { measure: agrees, personalise: agrees, learn: agrees }
    local.setItem('visavis-choice', JSON.stringify({ at: Date.now(), choice }))
    if (agrees) document.cookie = `visavis_id=${as.anonymousId}.${Math.floor(Date.now() / 1000).toString(36)}.7`
    if (agrees && as.userId) {
      window.visavis = function () { (window.visavis.q = window.visavis.q || []).push(arguments) }
      window.visavis('identify', as.userId, {}, as.userSignature)
    }
  }
}
