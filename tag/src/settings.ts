// What the <script> line says, and the stub before it. Read once.
import { setDebug } from './safe'

export type Call = ArrayLike<unknown>

/** window.visavis: the stub's at first, a queue with the time it began to hide; then ours. */
export interface Front {
  (...call: unknown[]): void
  q?: Call[]
  t?: number
  loaded?: boolean
}

declare global {
  interface Window { visavis?: Front }
  interface Navigator { globalPrivacyControl?: boolean }
}

const script = document.currentScript as HTMLScriptElement | null
const data = script?.dataset ?? {}

/** Where the server answers: what stands before /tag.js, a path of the shop's own domain included. */
export const base = (script?.src ?? '').replace(/\/tag\.js.*$/, '')
export const key = data.key ?? ''
/** manual, banner, auto, or the name of a consent manager */
export const consentFrom = data.consent ?? 'auto'
export const consentNames = data.consentNames
export const consentVendor = data.consentVendor
export const privacyPage = data.privacy
export const cookieDomain = data.cookieDomain
/** Milliseconds after which the shop's own content stays. */
export const deadline = Number(data.deadline) || 300
export const stubTime = window.visavis?.t

setDebug('debug' in data)
