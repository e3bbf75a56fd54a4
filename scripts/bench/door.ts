/**
 * Measures what a sign-up costs: from the POST to the answer, when its confirmation is queued durably.
 * Asks for addresses that are new, on the list, waiting, gone, and not to be mailed, in turns, and shows
 * that the time tells them apart no better than chance would.
 *
 *     node scripts/bench/door.ts [REQUESTS]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble, type App } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import { isAddress, parseAddress, type Address } from "../../src/subscribers/address.ts";
import { NO_CHOICE } from "../../src/subscribers/subscriber.ts";
import { startServer } from "../../src/web/server.ts";
import { sealForm } from "../../src/web/visitor.ts";
import { openSite } from "../../src/web/site.ts";

const KINDS = ["new", "on the list", "waiting", "left", "erased"] as const;
type Kind = (typeof KINDS)[number];
/** A page that does nothing, between the others: what the machine itself takes at that time. */
const IDLE = "(a page alone)";

const requests = Number(process.argv[2] ?? 2000);
/** Readers beside those who are asked for. */
const LIST_LENGTH = 20_000;
const DAY_MS = 24 * 3_600_000;

const home = mkdtempSync(join(tmpdir(), "paperround-door-"));
let clock = Date.now() - 3 * DAY_MS;
const now = () => new Date(clock);
const server = await startServer({ host: "127.0.0.1", port: 0 });
const defaults = readConfig(home, { PAPERROUND_CONFIG: "" });
const plenty = { networkHour: 1e9, neighbourhoodHour: 1e9, domainHour: 1e9, day: 1e9 };
const app = await assemble(
  {
    ...defaults,
    smtpUrl: new URL("smtp://127.0.0.1:9"),
    joining: { ...defaults.joining, minimumSeconds: 0, limits: plenty },
  },
  now,
);
try {
  server.show(openSite({ ...app, report: (fault) => console.error(fault) }));
  const addresses = await prepare(app);
  clock = Date.now();
  report(await measure(app, addresses));
} finally {
  await server.close();
  await app.close();
  rmSync(home, { recursive: true });
}

/** Puts everybody where their kind says, days ago, so that each is owed a notice once more. */
async function prepare({ subscribers, readers }: App): Promise<Map<Kind, Address[]>> {
  const each = Math.ceil(requests / KINDS.length);
  const addresses = new Map(
    KINDS.map((kind) => {
      const name = kind.replaceAll(" ", "-");
      return [
        kind,
        Array.from({ length: each }, (_, at) => addressOf(`${name}${at}@d${at % 97}.example`)),
      ];
    }),
  );
  const others = Array.from({ length: LIST_LENGTH }, (_, at) => addressOf(`r${at}@example.org`));
  const consent = { how: "added", detail: "bench", at: now().toISOString() } as const;
  const listed = [
    ...(addresses.get("on the list") ?? []),
    ...(addresses.get("left") ?? []),
    ...others,
  ];
  await subscribers.admit(
    listed.map((address) => ({ address, cadence: "daily", textOnly: false, consent })),
  );
  for (const address of addresses.get("left") ?? []) {
    const reader = await subscribers.find(address);
    if (reader) await readers.leave(reader);
  }
  for (const address of addresses.get("erased") ?? []) {
    await subscribers.erase(address, now().toISOString());
  }
  const asking = { ...NO_CHOICE, cadence: "daily", textOnly: false } as const;
  const form = { how: "form", askedFrom: "bench", wording: "" } as const;
  for (const address of addresses.get("waiting") ?? []) {
    await readers.ask({ address, ...asking, ...form }, { network: null, seal: null });
  }
  return addresses;
}

/** Asks for one of each kind after the other, in an order that changes with every round. */
async function measure(
  { links }: App,
  addresses: ReadonlyMap<Kind, readonly Address[]>,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>([...KINDS, IDLE].map((kind) => [kind, []]));
  for (let round = 0; round * KINDS.length < requests; round++) {
    const idle = performance.now();
    await (await fetch(`${server.url}/privacy`)).arrayBuffer();
    times.get(IDLE)?.push(performance.now() - idle);
    for (let turn = 0; turn < KINDS.length; turn++) {
      const kind = KINDS[(turn + round) % KINDS.length] as Kind;
      const email = addresses.get(kind)?.[round]?.address ?? "";
      const body = new URLSearchParams({ email, form: sealForm(links, new Date(clock)) });
      const begun = performance.now();
      const answer = await fetch(`${server.url}/subscribe`, { method: "POST", body });
      await answer.arrayBuffer();
      const time = performance.now() - begun;
      if (answer.status !== 200) throw new Error(`${kind}: ${answer.status}`);
      times.get(kind)?.push(time);
    }
  }
  return times;
}

function report(times: ReadonlyMap<string, readonly number[]>): void {
  const all = KINDS.flatMap((kind) => times.get(kind) ?? []);
  const row = (name: string, values: readonly number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2);
    console.log([name.padEnd(16), at(0.5), at(0.9), at(0.99)].join("\t"));
  };
  console.log(["asked for       ", "p50 ms", "p90 ms", "p99 ms"].join("\t"));
  for (const [kind, values] of times) row(kind, values);
  row("all requests", all);
}

function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (isAddress(parsed)) return parsed;
  throw new TypeError(`"${text}" ${parsed.invalid}.`);
}
