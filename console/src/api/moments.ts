// The live stream of moments: read with fetch, because an EventSource sends no header to say which workspace.
import { useEffect, useReducer, useRef } from 'react'
import { workspaceHeader } from './client'
import type { Moment } from './shapes'

const CARDS_MAX = 50
const SILENCE_MS = 45_000 // the server breathes every 15 seconds
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000]

export type StreamState = 'connecting' | 'live' | 'lost' | 'refused'

interface Stream { cards: Moment[]; held: Moment[]; state: StreamState }

type Action = { card: Moment; paused: boolean } | { state: StreamState } | 'resume'

const newestFirst = (cards: Moment[]) => cards.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, CARDS_MAX)

function reduce(stream: Stream, action: Action): Stream {
  if (action === 'resume') return { ...stream, cards: newestFirst([...stream.held, ...stream.cards]), held: [] }
  if ('state' in action) return { ...stream, state: action.state }
  const { card, paused } = action
  if (stream.cards.some(other => other.id === card.id) || stream.held.some(other => other.id === card.id)) return stream
  return paused
    ? { ...stream, held: [card, ...stream.held].slice(0, CARDS_MAX) }
    : { ...stream, cards: newestFirst([card, ...stream.cards]) }
}

function momentOf(block: string): Moment | null {
  const lines = block.split(/\r?\n/)
  if (!lines.includes('event: moment')) return null
  const data = lines.filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart()).join('\n')
  return JSON.parse(data) as Moment
}

async function* blocksOf(body: ReadableStream<Uint8Array>, alive: () => void) {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    alive()
    const blocks = (text + value).split(/\r?\n\r?\n/)
    text = blocks.pop() ?? ''
    yield* blocks
  }
}

/** One connection until it ends or is silent for too long. Answers how it went. */
async function listen(signal: AbortSignal, on: (card: Moment) => void, live: () => void): Promise<'refused' | 'ended' | 'failed'> {
  const silence = new AbortController()
  let timer = 0
  const alive = () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => { silence.abort() }, SILENCE_MS)
  }
  alive()
  try {
    const answer = await fetch('/v1/moments', {
      headers: { Accept: 'text/event-stream', ...workspaceHeader() },
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    })
    if (answer.status === 401 || answer.status === 403) return 'refused'
    if (!answer.ok || !answer.body) return 'failed'
    live()
    for await (const block of blocksOf(answer.body, alive)) {
      const card = momentOf(block)
      if (card) on(card)
    }
    return 'ended'
  } catch {
    return 'failed'
  } finally {
    clearTimeout(timer)
  }
}

const pause = (ms: number, signal: AbortSignal) => new Promise<void>(resolve => {
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve() }, { once: true })
})

/** Newest first; what comes while paused waits in `held`. */
export function useMoments(paused: boolean, enabled: boolean) {
  const [stream, dispatch] = useReducer(reduce, { cards: [], held: [], state: 'connecting' })
  const isPaused = useRef(paused)

  useEffect(() => {
    isPaused.current = paused
    if (!paused) dispatch('resume')
  }, [paused])

  useEffect(() => {
    if (!enabled) return
    const stop = new AbortController()
    const follow = async () => {
      for (let failures = 0; !stop.signal.aborted;) {
        const how = await listen(stop.signal,
          card => { dispatch({ card, paused: isPaused.current }) },
          () => { failures = 0; dispatch({ state: 'live' }) })
        if (stop.signal.aborted) return
        dispatch({ state: how === 'refused' ? 'refused' : 'lost' })
        if (how === 'refused') return
        await pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0, stop.signal)
      }
    }
    void follow()
    return () => { stop.abort() }
  }, [enabled])

  return stream
}
