// The reader's language: chosen here, else the browser's, else the account's. A text that one language lacks is a type error.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { en } from './en'
import { fr } from './fr'
import { formatsOf, type Formats, type Language } from './format'

export type { Language }
/** Every text, written in English; French has the same ones. */
export type Texts = typeof en

const name = 'visavis.language'
const texts: Record<Language, Texts> = { fr, en }
const isLanguage = (text: string | null): text is Language => text === 'fr' || text === 'en'

interface Speech {
  language: Language
  t: Texts
  format: Formats
  speak: (language: Language) => void
  /** The account's language, for whose browser speaks neither of ours. */
  suggest: (language: Language) => void
}

const Spoken = createContext<Speech | null>(null)

function knownLanguage(): Language | null {
  const kept = localStorage.getItem(name)
  const spoken = navigator.language.slice(0, 2)
  return isLanguage(kept) ? kept : isLanguage(spoken) ? spoken : null
}

export function Speech({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => knownLanguage() ?? 'fr')
  useEffect(() => { document.documentElement.lang = language }, [language])
  const speech = useMemo<Speech>(() => ({
    language,
    t: texts[language],
    format: formatsOf(language),
    speak(wanted) {
      localStorage.setItem(name, wanted)
      setLanguage(wanted)
    },
    suggest(wanted) {
      if (knownLanguage() === null) setLanguage(wanted)
    },
  }), [language])
  return <Spoken value={speech}>{children}</Spoken>
}

export function useSpeech(): Speech {
  const speech = useContext(Spoken)
  if (!speech) throw new Error('outside of Speech')
  return speech
}
