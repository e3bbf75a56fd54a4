/** What is made once and used by many, as long as there is room for it. */

/**
 * Returns what is kept under a key, made the first time. What was used least lately goes where there is
 * more than `max`; what could not be made is tried again.
 */
export function keep<Kept>(
  known: Map<string, Promise<Kept>>,
  key: string,
  max: number,
  make: () => Promise<Kept>,
): Promise<Kept> {
  const kept = known.get(key) ?? make();
  const isNew = !known.delete(key);
  known.set(key, kept);
  if (!isNew) return kept;
  const [unused] = known.keys();
  if (known.size > max && unused !== undefined) known.delete(unused);
  kept.catch(() => {
    if (known.get(key) === kept) known.delete(key);
  });
  return kept;
}
