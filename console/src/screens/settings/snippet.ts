// What goes into the shop's pages, as docs/tag.md has it; the hashes are those of these very lines.
const lines = [
  '(function(w,d){w.visavis=w.visavis||function(){(w.visavis.q=w.visavis.q||[]).push(arguments)};',
  'w.visavis.t=performance.now();var s=d.createElement(\'style\');',
  's.textContent=\'[data-visavis-place]:not([data-visavis-ready]){visibility:hidden}\';',
  'd.head.appendChild(s);setTimeout(function(){s.remove()},300)})(window,document)',
]
const stub = lines.join('\n')
const stubHash = 'sha256-hmERqmuM7Opls4tij7+DotXOAG7q1KuLtnFuhlwFRG8='
const styleHash = 'sha256-A7NHc4Q8qedjrmWq0ISWIQNL0HkidMRuzt6SYI2MzPE='

export type Way = 'page' | 'manager' | 'csp'

/** address: of this server, as the shop's pages reach it. */
export function snippet(way: Way, address: string, key: string): string {
  switch (way) {
    case 'page': return `<script>\n${stub}\n</script>\n<script async src="${address}/tag.js" data-key="${key}"></script>`
    // A tag manager takes attributes away from script elements; one that a script makes keeps them.
    case 'manager': return `<script>\n${stub};\n(function(d){var t=d.createElement('script');t.async=true;t.src='${address}/tag.js';\nt.setAttribute('data-key','${key}');d.head.appendChild(t)})(document)\n</script>`
    case 'csp': return `script-src 'self' ${address} '${stubHash}';\nstyle-src 'self' '${styleHash}';\nconnect-src 'self' ${address}`
  }
}
