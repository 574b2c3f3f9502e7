// Nothing of ours may ever throw into the shop's page: whatever the page calls, or the browser calls back, goes through here.

/** The same work, whose faults are told on the console where `data-debug` asks for it, and nowhere else. */
export function safely<A extends unknown[], R>(work: (...given: A) => R): (...given: A) => R | undefined {
  return (...given) => {
    try {
      return work(...given)
    } catch (fault) {
      debug('fault', fault)
      return undefined
    }
  }
}

let talks = false
export const setDebug = (on: boolean) => { talks = on }
export const debug = (...said: unknown[]) => { if (talks) console.info('visavis', ...said) }

export const on = <E extends Event>(target: EventTarget, name: string, work: (event: E) => void, capture = true) =>
  target.addEventListener(name, safely(work) as EventListener, capture)

export const later = (work: () => void, milliseconds: number) => window.setTimeout(safely(work), milliseconds)

export const all = (selector: string, within: ParentNode = document) => [...within.querySelectorAll<HTMLElement>(selector)]

/** data-visavis-NAME of an element. */
export const told = (element: Element, name: string) => element.getAttribute(`data-visavis-${name}`)

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function parsed(json: string | null): unknown {
  try {
    return JSON.parse(json ?? 'null')
  } catch {
    return null
  }
}

/** 128 random bits as a UUID; also where there is no TLS, so no crypto.randomUUID. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 15) | 64
  bytes[8] = (bytes[8]! & 63) | 128
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
