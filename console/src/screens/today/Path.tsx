import { Link } from '@tanstack/react-router'
import type { Overview } from '../../api/queries'
import { useSpeech } from '../../i18n'
import { useSigned } from '../../shell/signed'
import { goalPlace } from './places'

type Step = Overview['path']['steps'][number]

function Goals({ step, current }: { step: Step; current: boolean }) {
  const { t } = useSpeech()
  const reached = step.goals.filter(goal => goal.done).length
  const name = t.overview.steps[step.step]
  return (
    <li className={`path-step ${step.done ? 'path-done' : ''}`} aria-current={current ? 'step' : undefined}>
      <details open={current}>
        <summary><b>{name.name}</b> <span className={`tag ${step.done ? 'tag-good' : ''}`}>{t.overview.reached(reached, step.goals.length)}</span></summary>
        <p className="quiet">{name.sentence}</p>
        <ul className="stack-tight">
          {step.goals.map(({ code, role, done }) => (
            <li key={code} className="goal">
              <span className={`goal-mark ${done ? 'on' : ''}`} aria-hidden="true" />
              <span><span className="unseen">{done ? t.overview.done : t.overview.open}: </span><Link {...goalPlace(code)}>{t.overview.goals[code]}</Link> {!done && <span className="quiet">{t.roles[role]}</span>}</span>
            </li>
          ))}
        </ul>
      </details>
    </li>
  )
}

/** Crawl, walk, run, from what is really live; open where the reader stands. */
export function Path({ path }: { path: Overview['path'] }) {
  const { t } = useSpeech()
  const { role } = useSigned()
  const next = path.next[role]
  const current = path.steps.find(step => !step.done)?.step
  return (
    <section className="panel" aria-label={t.overview.path}>
      <div className="head">
        <div>
          <h2>{next ? t.overview.next : t.overview.path}</h2>
          <p>{next ? t.overview.todo[next].say : current ? '' : t.overview.allDone}</p>
        </div>
        {next && <Link className="button" {...goalPlace(next)}>{t.overview.todo[next].open}</Link>}
      </div>
      <ol className="path">{path.steps.map(step => <Goals key={step.step} step={step} current={step.step === current} />)}</ol>
    </section>
  )
}
