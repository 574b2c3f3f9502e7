import { useState } from 'react'
import { Icon } from '../shell/icons'

/** An item's picture, or that there is none. */
export function Picture({ image }: { image: string }) {
  const [broken, setBroken] = useState(false)
  if (!image || broken) return <span className="picture"><Icon name="picture" /></span>
  return <img className="picture" src={image} alt="" loading="lazy" onError={() => { setBroken(true) }} />
}
