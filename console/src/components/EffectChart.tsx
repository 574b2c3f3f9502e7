// How an effect came to be: a thin line in its band of 95 %, over time, with zero drawn where it stands. In a chunk of its own:
// only who looks at proof loads the charts library.
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { Report } from '../api/queries'
import { useSpeech } from '../i18n'

export type Point = NonNullable<Report['series']>[number]
interface Drawn { at: number; value: number; band: [number, number]; people: number }

const axis = { stroke: 'var(--line-strong)', tick: { fill: 'var(--quiet)', fontSize: 12 }, tickLine: false }

function drawnOf(series: Point[]): Drawn[] {
  return series.flatMap(({ until, relative, chosen, holdout }) =>
    relative?.value !== undefined && relative.low != null && relative.high != null
      ? [{ at: Date.parse(until), value: relative.value, band: [relative.low, relative.high], people: chosen + holdout }] : [])
}

function Told({ point }: { point: Drawn }) {
  const { t, format } = useSpeech()
  return (
    <div className="chart-told">
      <b>{format.signedPercent(point.value)}</b> {t.proof.between(format.signedPercent(point.band[0]), format.signedPercent(point.band[1]))}<br />
      <span className="quiet">{format.date(new Date(point.at).toISOString())} · {t.proof.peopleCount(format.number(point.people))}</span>
    </div>
  )
}

export default function EffectChart({ series }: { series: Point[] }) {
  const { t, format } = useSpeech()
  const drawn = drawnOf(series)
  const [first, last] = [drawn[0], drawn.at(-1)]
  if (!first || !last || drawn.length < 2) return <p className="quiet">{t.proof.chartSoon}</p>
  const short = last.at - first.at < 2 * 86_400_000
  const when = (at: number) => (short ? format.time(new Date(at)) : format.dayShort(new Date(at)))
  const tone = last.band[0] > 0 ? 'teal' : last.band[1] < 0 ? 'brick' : 'amber'
  return (
    <div className="effect-chart">
      <ResponsiveContainer width="100%" height={240} initialDimension={{ width: 600, height: 240 }}>
        <ComposedChart data={drawn} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="at" type="number" scale="time" domain={['dataMin', 'dataMax']} tickFormatter={when} minTickGap={48} {...axis} />
          <YAxis tickFormatter={format.signedPercent} width={64} axisLine={false} {...axis} />
          <Tooltip isAnimationActive={false} cursor={{ stroke: 'var(--line-strong)' }}
            content={({ active, payload }) => (active && payload[0] ? <Told point={payload[0].payload as Drawn} /> : null)} />
          <Area dataKey="band" stroke="none" fill={`var(--${tone}-fill)`} fillOpacity={1} isAnimationActive={false} activeDot={false} />
          <ReferenceLine y={0} stroke="var(--soft)" strokeDasharray="3 3" />
          <Line dataKey="value" stroke={`var(--${tone})`} strokeWidth={1.5} dot={false} isAnimationActive={false} />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  )
}
