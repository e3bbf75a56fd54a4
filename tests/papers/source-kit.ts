/**
 * What every source must keep to, whatever it reads. A new source passes it with a server of the test's
 * own that answers as the service does.
 */
import { expect } from "vitest";
import { openClient } from "../io/http-client.ts";
import { faultOfMention } from "../../src/papers/contract.ts";
import type { Paper, Sighting } from "../../src/papers/paper.ts";
import { mentionsOf } from "../../src/papers/mentions.ts";
import {
  isRefusal,
  type Means,
  type Mention,
  type Refusal,
  type Source,
  type SourceKind,
  type Span,
} from "../../src/papers/source.ts";

export interface Told {
  readonly sightings: readonly Sighting[];
  readonly refusals: readonly Refusal[];
  readonly remarks: readonly string[];
}

/** Opens a source as the configuration does, with the real client over loopback. */
export async function openSource<Settings>(
  kind: SourceKind<Settings>,
  settings: object,
  changes: Partial<Means> & { readonly papers?: readonly Paper[] } = {},
): Promise<Source> {
  const { papers = [], ...means } = changes;
  const { http } = await openClient({ now: means.now ?? (() => new Date()) });
  return kind.open(kind.settings.parse({ name: "tried", kind: kind.kind, ...settings }), {
    name: "tried",
    http,
    now: () => new Date(),
    key: null,
    recent: async () => papers,
    toldAt: async () => new Map(),
    ...means,
  });
}

/** After all that any test tells: what a service can't know is not the kit's matter. */
const now = () => new Date("9999-01-01");

/** Returns all that a source tells, each of which must keep to the contract. */
export async function tellAll(source: Source, span: Span | null = null): Promise<Told> {
  const mentions: Mention[] = [];
  const remarks: string[] = [];
  const say = (text: string) => remarks.push(text);
  for await (const mention of mentionsOf(source, { say, span, now })) {
    expect(faultOfMention(mention)).toBeNull();
    mentions.push(mention);
  }
  return {
    sightings: mentions.flatMap((mention) => (isRefusal(mention) ? [] : [mention])),
    refusals: mentions.filter(isRefusal),
    remarks,
  };
}

/**
 * Holds that a source has its name, tells the same twice, stops when told, and fails with a code where
 * `down` is the same source over a server that is. Returns true, to be expected.
 */
export async function passesTheKit(source: Source, down: Source): Promise<true> {
  expect(source.name).toBe("tried");
  expect(source.timeoutMs).toBeGreaterThan(0);
  const [first, second] = [await tellAll(source), await tellAll(source)];
  expect(first.sightings.length).toBeGreaterThan(0);
  expect(second.sightings.map(({ facts }) => facts)).toEqual(
    first.sightings.map(({ facts }) => facts),
  );
  await expect(tellAll(down)).rejects.toMatchObject({ code: "HTTP_UNREACHABLE" });
  const stop = AbortSignal.abort();
  const stopped = async () => {
    for await (const _ of mentionsOf(source, { say: () => {}, span: null, now, stop }));
  };
  await expect(stopped()).rejects.toMatchObject({ code: "INTERRUPTED" });
  return true;
}
