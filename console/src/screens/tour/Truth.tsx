// What the shop has learned of somebody simulated, beside what is true of them.
import { usePerson } from '../../api/queries'
import type { Simulated, Taste, Visitor } from '../../api/tour'
import { Asked } from '../../components/Said'
import { useSpeech } from '../../i18n'

const SHOWN = 6
const SOME = 0.3 // of a taste, in standard deviations of the strongest

interface Opinion { attribute: string; value: string }

const isSame = (a: Opinion, b: Opinion) => a.attribute === b.attribute && a.value === b.value

function List({ title, rows }: { title: string; rows: { about: Opinion; word: string; kind: string }[] }) {
  const { t } = useSpeech()
  return (
    <div className="stack-tight">
      <h3>{title}</h3>
      <ul className="opinions">
        {rows.map(({ about, word, kind }) => (
          <li key={`${about.attribute} ${about.value}`}>
            <span><span className="quiet">{t.people.attributes[about.attribute] ?? about.attribute}</span> {about.value}</span>
            <span className={`tag ${kind}`}>{word}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Of categories and brands: in these people's tastes differ most. */
const isStrong = ({ attribute }: Opinion) => attribute === 'category' || attribute === 'brand'

function Learned({ visitor, tastes }: { visitor: Visitor; tastes: Taste[] }) {
  const { t } = useSpeech()
  const wordOf = (taste: number) => (taste > SOME ? { word: t.tour.liked, kind: 'tag-good' } : taste < -SOME ? { word: t.tour.disliked, kind: 'tag-bad' }
    : { word: t.tour.unknown, kind: '' })
  return (
    <Asked query={usePerson(`anonymous_id:${visitor.anonymousId}`)}>
      {({ affinities }) => {
        const truths = tastes.filter(isStrong)
        const learned = affinities.toSorted((a, b) => b.weight - a.weight).flatMap(about => truths.find(truth => isSame(truth, about)) ?? [])
        return (
          <div className="opinions-two">
            {learned.length === 0
              ? <div className="stack-tight"><h3>{t.tour.learned}</h3><p className="quiet">{t.tour.nothingLearned}</p></div>
              : <List title={t.tour.learned} rows={learned.slice(0, SHOWN).map(truth => ({ about: truth, ...wordOf(truth.taste) }))} />}
            <List title={t.tour.real} rows={truths.slice(0, SHOWN).map(about => (learned.some(one => isSame(one, about))
              ? { about, word: t.tour.known, kind: 'tag-good' } : { about, word: t.tour.secret, kind: 'tag-wait' }))} />
          </div>
        )
      }}
    </Asked>
  )
}

/** Without consent nothing was learned of anybody: what is told then is the level-1 visitor's nothing. */
export function Truth({ person, visitor }: { person: Simulated; visitor: Visitor | null }) {
  const { t, format } = useSpeech()
  const shown = visitor ?? person.visitors[0]
  return (
    <section className="panel" aria-labelledby="truth">
      <div className="stack-tight">
        <h2 id="truth">{t.tour.truth(person.name)}</h2>
        <p className="quiet">{t.tour.truthLead}</p>
      </div>
      {shown && <Learned key={shown.anonymousId} visitor={shown} tastes={person.truth.tastes} />}
      <p className="quiet">{t.tour.facts(person.truth.discounts, format.number(Math.round(person.truth.visitsPerDay * 70) / 10))}</p>
    </section>
  )
}
