/** Many letters over several connections, with servers that behave one way and another. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { carry, letterTo, type Carried } from "./carry.ts";
import { FAULTS, SILENT_FAULTS, startFaultServer, type Fault } from "./fault-server.ts";

const SHORT = { connect: 2000, command: 150, letter: 150 };

function readers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `reader.${index}@example.org`);
}

function notAccepted(outcomes: readonly Carried[]): string[] {
  return outcomes.filter(({ state }) => state !== "accepted").map(({ state }) => state);
}

const REFUSALS: readonly Fault[] = [
  "rcpt-450",
  "rcpt-550",
  "rcpt-421",
  "rcpt-550-yet-354",
  "data-451",
  "data-554",
  "data-421",
  "dot-451",
  "dot-554",
  "dot-421",
];

test.each([[false], [true]])(
  "refusals at every stage concern their own readers alone; one command at a time: %s",
  async (unpipelined) => {
    const server = await startFaultServer({ unpipelined });
    const to = REFUSALS.flatMap((fault, index) => [
      `fine.${index}@example.org`,
      `${fault}.${index}@example.org`,
      // Two in a row, so that a refusal also rides with a letter that is refused.
      ...(index % 3 === 0 ? [`${fault}.${index + 100}@example.org`] : []),
    ]);
    const outcomes = await carry(server.url, to.map(letterTo));
    const expected = to.map((each) => {
      if (each.startsWith("fine")) return "accepted";
      return /^[\w]+-5/.test(each) ? "rejected" : "deferred";
    });
    expect(outcomes.map(({ state }) => state)).toEqual(expected);
    expect(server.accepted).toEqual(to.filter((each) => each.startsWith("fine")));
    expect(server.trespasses).toEqual([]);
  },
);

test.each([
  ["come byte by byte", { byteByByte: true }],
  ["have several lines and come byte by byte", { byteByByte: true, multiline: true }],
  ["come byte by byte, one command at a time", { byteByByte: true, unpipelined: true }],
  ["begin slowly with the letter", { slow354: 30 }],
  ["begin slowly with the letter, one command at a time", { slow354: 30, unpipelined: true }],
])("a server whose replies %s gets every letter once", async (_, habits) => {
  const server = await startFaultServer(habits);
  const outcomes = await carry(server.url, readers(12).map(letterTo), { connections: 2 });
  expect(notAccepted(outcomes)).toEqual([]);
  expect(server.accepted.toSorted()).toEqual(readers(12).toSorted());
  expect(server.trespasses).toEqual([]);
});

test("a server that takes fewer connections gets every letter over those, and no fault is told", async () => {
  const server = await startFaultServer({ connectionsMax: 2, slow354: 25 });
  const outcomes = await carry(server.url, readers(200).map(letterTo), { connections: 6 });
  expect(notAccepted(outcomes)).toEqual([]);
  expect(server.accepted.toSorted()).toEqual(readers(200).toSorted());
});

test("one that also closes them after some letters does too", async () => {
  const server = await startFaultServer({ connectionsMax: 2, lettersPerConnection: 15 });
  const outcomes = await carry(server.url, readers(200).map(letterTo), { connections: 6 });
  expect(notAccepted(outcomes)).toEqual([]);
  expect(server.accepted.toSorted()).toEqual(readers(200).toSorted());
});

test("a server that won't take a transaction back is left for a new connection", async () => {
  const server = await startFaultServer({ replies: { RSET: "502 5.5.1 Not implemented" } });
  const to = ["rcpt-550@example.org", "a@example.org", "rcpt-450@example.org", "b@example.org"];
  const outcomes = await carry(server.url, to.map(letterTo));
  expect(outcomes.map(({ state }) => state)).toEqual([
    "rejected",
    "accepted",
    "deferred",
    "accepted",
  ]);
  expect(server.connections()).toBe(3);
});

test("half a line while the letter is made ready does not hold the run for ever", async () => {
  const server = await startFaultServer();
  const slow = {
    ...letterTo("half-a-line@example.org"),
    mark: async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return true;
    },
  };
  const [outcome, next] = await carry(server.url, [slow, letterTo("next@example.org")], {
    timeouts: SHORT,
  });
  expect(outcome).toMatchObject({ state: "deferred", marked: true });
  expect(next?.state).toBe("accepted");
});

test("no connection is left behind, however it came to its end", async () => {
  const server = await startFaultServer({ ignoreQuit: true });
  const to = [...FAULTS, ...SILENT_FAULTS].map((fault) => `${fault}@example.org`);
  await carry(server.url, to.map(letterTo), { timeouts: SHORT, connections: 3 });
  await expect.poll(() => server.open(), { timeout: 10_000 }).toBe(0);
});

test("whatever befalls each reader, a letter is settled once or given back, and nobody is accepted twice", async () => {
  const behaviours = [...FAULTS, ...SILENT_FAULTS].filter((fault) => fault !== "dot-endless");
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          { weight: 2, arbitrary: fc.constant("fine") },
          { weight: 1, arbitrary: fc.constantFrom(...behaviours) },
        ),
        { minLength: 1, maxLength: 25 },
      ),
      fc.record({
        unpipelined: fc.boolean(),
        multiline: fc.boolean(),
        byteByByte: fc.boolean(),
        dropAtReset: fc.boolean(),
        lettersPerConnection: fc.integer({ min: 1, max: 9 }),
        connectionsMax: fc.integer({ min: 1, max: 4 }),
      }),
      async (behaviours, habits) => {
        const server = await startFaultServer(habits);
        const to = behaviours.map((each, index) => `${each}.${index}@example.org`);
        // Whoever settles a letter twice throws.
        const outcomes = await carry(server.url, to.map(letterTo), {
          connections: 3,
          timeouts: SHORT,
        });
        const inState = (state: string) =>
          to.filter((_, index) => outcomes[index]?.state === state);
        const accepted = inState("accepted");
        const uncertain = inState("uncertain");
        const known = new Set(["accepted", "deferred", "rejected", "uncertain"]);
        for (const { state, marked, fault } of outcomes) {
          expect(known.has(state) || (state === "untried" && fault !== undefined)).toBe(true);
          expect(marked || !["accepted", "uncertain"].includes(state)).toBe(true);
        }
        expect(new Set(server.accepted).size).toBe(server.accepted.length);
        expect(accepted.filter((each) => !server.accepted.includes(each))).toEqual([]);
        const others = server.accepted.filter((each) => !accepted.includes(each));
        expect(others.filter((each) => !uncertain.includes(each))).toEqual([]);
        expect(server.trespasses).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);
