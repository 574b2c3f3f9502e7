import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useItems, type ItemFound } from '../../api/catalogue'
import { DataTable, type Column } from '../../components/DataTable'
import { Picture } from '../../components/Picture'
import { Asked, Empty } from '../../components/Said'
import { useSpeech } from '../../i18n'
import type { CatalogueSearch } from '../Catalogue'

interface Props { search: CatalogueSearch; change: (next: CatalogueSearch) => void }

/** Asks while one types; the address follows. */
function Filters({ search, change }: Props) {
  const { t } = useSpeech()
  const [q, setQ] = useState(search.q ?? '')
  const [category, setCategory] = useState(search.category ?? '')
  const put = (part: Partial<Record<'q' | 'category' | 'stock', string>>) => {
    const { q: words = search.q, category: path = search.category, stock = search.stock } = part
    change({ ...(words && { q: words }), ...(path && { category: path }), ...((stock === 'in' || stock === 'out') && { stock }) })
  }
  const soon = useDebouncedCallback(put, 250)
  return (
    <form className="row row-end" role="search" onSubmit={event => { event.preventDefault(); put({ q: q.trim(), category: category.trim() }) }}>
      <TextInput label={t.catalogue.words} description={t.catalogue.wordsRule} value={q} w={320} maw="100%" type="search"
        onChange={event => { setQ(event.currentTarget.value); soon({ q: event.currentTarget.value.trim() }) }} />
      <TextInput label={t.catalogue.category} description={t.catalogue.categoryRule} value={category} w={280} maw="100%"
        onChange={event => { setCategory(event.currentTarget.value); soon({ category: event.currentTarget.value.trim() }) }} />
      <Select label={t.catalogue.stock} w={180} allowDeselect={false} value={search.stock ?? 'all'} onChange={value => { put({ stock: value ?? 'all' }) }}
        data={[{ value: 'all', label: t.catalogue.stocks.all }, { value: 'in', label: t.catalogue.stocks.in }, { value: 'out', label: t.catalogue.stocks.out }]} />
    </form>
  )
}

function useColumns(): Column<ItemFound>[] {
  const { t, format } = useSpeech()
  return [
    { id: 'title', head: t.catalogue.item, names: true, plain: item => item.title,
      cell: item => <span className="item-cell"><Picture image={item.image ?? ''} /><Link to="/catalogue/$id" params={{ id: item.id }}>{item.title}</Link></span> },
    { id: 'id', head: t.item.id, cell: item => item.id, plain: item => item.id },
    { id: 'brand', head: t.item.brand, cell: item => item.brand, plain: item => item.brand },
    { id: 'category', head: t.item.category, cell: item => item.category, plain: item => item.category },
    { id: 'price', head: t.item.price, number: true, cell: item => (item.price ? format.price(item.price, item.currency) : '–'), plain: item => item.price },
    { id: 'currency', head: t.item.currency, apart: true, cell: item => item.currency, plain: item => item.currency },
    { id: 'stock', head: t.item.stock, number: true, plain: item => item.stock,
      cell: item => (item.hidden ? <span className="tag tag-wait">{t.catalogue.hidden}</span> : !item.available ? <span className="tag tag-bad">{t.catalogue.stocks.out}</span> : item.stock === undefined ? t.catalogue.available : format.number(item.stock)) },
    { id: 'variants', head: t.item.variantsHead, number: true, apart: true, cell: item => format.number(item.variants), plain: item => item.variants },
    { id: 'updated', head: t.overview.changed, cell: item => <time dateTime={item.updated} title={format.date(item.updated)}>{format.age(item.updated)}</time>, plain: item => item.updated },
  ]
}

function NoItem({ search, clear, count }: { search: CatalogueSearch; clear: () => void; count: number }) {
  const { t } = useSpeech()
  const filtered = search.q ?? search.category ?? search.stock
  if (count > 0 && filtered)
    return <Empty title={t.catalogue.noneSuch}><p className="lead">{t.catalogue.noneSuchNext}</p><div><Button variant="default" onClick={clear}>{t.today.clear}</Button></div></Empty>
  return <Empty title={t.catalogue.noItem}><p className="lead">{t.catalogue.noItemNext}</p><p className="row"><Link to="/catalogue" search={{ view: 'file' }}>{t.catalogue.view.file}</Link><Link to="/catalogue" search={{ view: 'feeds' }}>{t.catalogue.add}</Link></p></Empty>
}

export function Items({ search, change }: Props) {
  const { t, format } = useSpeech()
  const query = useItems(search)
  const columns = useColumns()
  const items = query.data?.pages.flatMap(page => page.items) ?? []
  const count = query.data?.pages[0]?.count ?? 0
  const [cleared, setCleared] = useState(0)
  const clear = () => {
    setCleared(cleared + 1) // the fields begin anew with it
    change({})
  }
  return (
    <>
      <Filters key={cleared} search={search} change={change} />
      <Asked query={query}>
        {() => items.length === 0 && !query.hasNextPage ? <NoItem search={search} clear={clear} count={count} /> : (
          <>
            <DataTable name="items" label={t.catalogue.view.items} columns={columns} rows={items} keyOf={item => item.id}
              more={<p className="quiet" role="status">{t.catalogue.found(format.number(items.length), query.hasNextPage, format.number(count))}</p>} />
            {query.hasNextPage && <div><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{items.length === 0 ? t.catalogue.lookOn : t.catalogue.more}</Button></div>}
          </>
        )}
      </Asked>
    </>
  )
}
