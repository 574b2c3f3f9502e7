/** Two facing arcs, one ink, one coral. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path className="mark-ink" d="M10 3a9.5 9.5 0 0 0 0 18" />
      <path className="mark-coral" d="M14 3a9.5 9.5 0 0 1 0 18" />
    </svg>
  )
}
