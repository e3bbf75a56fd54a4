/**
 * The rival: a linear support vector machine over TF-IDF, with the settings of arxiv-sanity-lite.
 * Features as scikit-learn's TfidfVectorizer makes them (words and pairs without English stop words,
 * sublinear, smooth, of length one, in 5 papers at least and half of them at most, the 10,000 most
 * frequent), and its LinearSVC: squared hinge, balanced classes, C = 0.01, solved by dual coordinate
 * descent (Hsieh et al., 2008), the intercept being one more feature.
 */
/** A paper's features: their numbers and values. */
export interface Row {
  readonly at: Int32Array;
  readonly values: Float64Array;
}

const FEATURES_MAX = 10_000;
const PAPERS_MIN = 5;
const SHARE_MAX = 0.5;
const C = 0.01;
const PASSES_MAX = 10_000;
const TOLERANCE = 1e-6;

/** English words that hold sentences together. */
const STOP_WORDS = new Set(
  `a about above across after again against all almost alone along already also although always am among an
  and another any anything are around as at back be because become been before being below beside between
  beyond both but by can cannot could do does done down due during each either else enough even ever every
  few find first for former from full further get give go had has have he hence her here herself him himself
  his how however if in indeed instead into is it its itself keep last latter least less made many may me
  meanwhile might mine more moreover most mostly much must my myself namely neither never nevertheless next
  no none nor not nothing now of off often on once one only onto or other others otherwise our ours out over
  own part per perhaps rather same see seem several she should show since so some something sometimes still
  such than that the their them then there thereby therefore these they this those though through throughout
  thus to together too toward towards two under until up upon us very via was we well were what whatever when
  where whereas whereby wherein whether which while who whole whose why will with within without would yet
  you your`.split(/\s+/),
);

/** Returns the features of each text. */
export function tfidf(texts: readonly string[]): Row[] {
  const counted = texts.map(countTerms);
  const frequency = new Map<string, { papers: number; times: number }>();
  for (const counts of counted) {
    for (const [term, times] of counts) {
      const known = frequency.get(term) ?? { papers: 0, times: 0 };
      frequency.set(term, { papers: known.papers + 1, times: known.times + times });
    }
  }
  const kept = [...frequency]
    .filter(([, { papers }]) => papers >= PAPERS_MIN && papers <= SHARE_MAX * texts.length)
    .toSorted((a, b) => b[1].times - a[1].times || (a[0] < b[0] ? -1 : 1))
    .slice(0, FEATURES_MAX);
  const numbers = new Map(kept.map(([term], number) => [term, number]));
  const rarities = kept.map(([, { papers }]) => Math.log((1 + texts.length) / (1 + papers)) + 1);
  return counted.map((counts) => {
    const found = [...counts].flatMap(([term, times]) => {
      const number = numbers.get(term);
      if (number === undefined) return [];
      return [[number, (1 + Math.log(times)) * (rarities[number] ?? 0)] as const];
    });
    const length = Math.hypot(...found.map(([, value]) => value)) || 1;
    return {
      at: Int32Array.from(found, ([number]) => number),
      values: Float64Array.from(found, ([, value]) => value / length),
    };
  });
}

function countTerms(text: string): Map<string, number> {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
  const words = (plain.match(/\b[a-z_][a-z0-9_]+\b/g) ?? []).filter(
    (word) => !STOP_WORDS.has(word),
  );
  const counts = new Map<string, number>();
  for (const [at, word] of words.entries()) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    const next = words[at + 1];
    if (next !== undefined) counts.set(`${word} ${next}`, (counts.get(`${word} ${next}`) ?? 0) + 1);
  }
  return counts;
}

/** Returns the decision function, learned from `taught` and what of it is liked. */
export function decide(taught: readonly Row[], liked: readonly boolean[]): (row: Row) => number {
  const weights = learn(taught, liked);
  return (row) => dot(weights, row);
}

function dot(weights: Float64Array, { at, values }: Row): number {
  let sum = weights[FEATURES_MAX] ?? 0;
  for (let k = 0; k < at.length; k++) sum += (weights[at[k] ?? 0] ?? 0) * (values[k] ?? 0);
  return sum;
}

/** Minimises ½ w·w + Σ Cᵢ max(0, 1 - yᵢ w·xᵢ)² over its dual, in a random order made from a seed. */
function learn(rows: readonly Row[], liked: readonly boolean[]): Float64Array {
  const weights = new Float64Array(FEATURES_MAX + 1);
  const likes = liked.filter(Boolean).length;
  const share = (count: number) => rows.length / (2 * Math.max(count, 1));
  const costs = liked.map((isLiked) => C * share(isLiked ? likes : rows.length - likes));
  const signs = liked.map((isLiked) => (isLiked ? 1 : -1));
  const diagonal = rows.map(
    ({ values }, i) =>
      values.reduce((sum, value) => sum + value * value, 1) + 0.5 / (costs[i] ?? 1),
  );
  const alphas = new Float64Array(rows.length);
  const order = rows.map((_, i) => i);
  const random = randomFrom(1);
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    shuffle(order, random);
    let worst = 0;
    for (const i of order) {
      const [row, sign, alpha] = [rows[i], signs[i] ?? 1, alphas[i] ?? 0];
      if (!row) continue;
      const gradient = sign * dot(weights, row) - 1 + alpha / (2 * (costs[i] ?? 1));
      const projected = alpha === 0 ? Math.min(gradient, 0) : gradient;
      worst = Math.max(worst, Math.abs(projected));
      if (projected === 0) continue;
      const next = Math.max(alpha - gradient / (diagonal[i] ?? 1), 0);
      const step = (next - alpha) * sign;
      alphas[i] = next;
      for (let k = 0; k < row.at.length; k++) {
        const at = row.at[k] ?? 0;
        weights[at] = (weights[at] ?? 0) + step * (row.values[k] ?? 0);
      }
      weights[FEATURES_MAX] = (weights[FEATURES_MAX] ?? 0) + step;
    }
    if (worst < TOLERANCE) break;
  }
  return weights;
}

/** Returns numbers from 0 to 1, the same ones for the same seed (a linear congruential generator). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Puts `items` in a random order, where they stand. */
export function shuffle<Item>(items: Item[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [items[last], items[other]];
    if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
  }
}
