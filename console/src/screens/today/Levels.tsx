import { Link } from '@tanstack/react-router'
import type { Overview } from '../../api/queries'
import { useSpeech } from '../../i18n'

/** How well people are known: one bar in four parts, each with its label, its share and its moments. */
export function Levels({ people }: { people: Overview['people'] }) {
  const { t, format } = useSpeech()
  const levels = people?.levels ?? []
  const total = levels.reduce((sum, count) => sum + count, 0)
  const from = (index: number) => levels.slice(0, index).reduce((sum, count) => sum + count, 0)
  return (
    <section className="panel" aria-label={t.overview.levels}>
      <h2>{t.overview.levels}</h2>
      {!people && <p className="quiet">{t.overview.notCounted}</p>}
      {people && total === 0 && <p className="quiet">{t.overview.nobodyKnown}</p>}
      {people && total > 0 && (
        <>
          <svg className="levels-bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
            {levels.map((count, index) => <rect key={index} className={`level-${String(index + 1)}`} x={(100 * from(index)) / total} width={(100 * count) / total} height="12" />)}
          </svg>
          <ul className="stack-tight">
            {levels.map((count, index) => (
              <li key={index} className="level-row">
                <span className={`level-key level-${String(index + 1)}`} aria-hidden="true" />
                <span><Link to="/" search={{ level: index + 1 }} hash="moments">{index + 1}. {t.overview.levelNames[index]}<span className="unseen"> {t.overview.levelLink(index + 1)}</span></Link><br /><span className="quiet">{t.overview.levelMeans[index]}</span></span>
                <b className="number">{format.percent(count / total)}</b>
              </li>
            ))}
          </ul>
          <p className="quiet">
            {t.overview.people(format.number(people.count), people.sampled)} {t.overview.asked(format.number(people.asked), format.number(people.recognised))} {t.overview.counted(format.age(people.at))}
          </p>
        </>
      )}
    </section>
  )
}
