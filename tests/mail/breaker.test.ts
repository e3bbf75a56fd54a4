import { expect, test } from "vitest";
import { PaperRoundError } from "../../src/errors.ts";
import { isTrial, openBreaker } from "../../src/mail/breaker.ts";

const fault = (lasting: boolean) => ({
  state: "untried" as const,
  fault: new PaperRoundError("SMTP_UNREACHABLE", "The server can't be reached."),
  lasting,
});
const HOW = { signal: new AbortController().signal, patient: false };

/** A breaker with a clock that moves only by its own pauses. */
function open() {
  const clock = { now: 0, paused: [] as number[] };
  const breaker = openBreaker(
    () => clock.now,
    async (milliseconds) => {
      clock.paused.push(milliseconds);
      clock.now += milliseconds;
    },
  );
  const enter = async (patient = false) => {
    const entered = await breaker.enter({ ...HOW, patient });
    return isTrial(entered) ? entered : null;
  };
  return { breaker, clock, enter };
}

test("one connection tries first; once it is served, all may", async () => {
  const { enter } = open();
  const probe = await enter();
  let others = 0;
  const waiting = [1, 2, 3].map(async () => {
    await enter();
    others++;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(others).toBe(0);
  probe?.served();
  await Promise.all(waiting);
  expect(others).toBe(3);
});

test("when the first connection fails the next one tries, after a pause that doubles", async () => {
  const { enter, clock } = open();
  for (let times = 0; times < 4; times++) (await enter())?.failed(fault(false));
  expect(clock.paused).toEqual([100, 200, 400]);
});

test("after five faults in a row nobody tries, until a minute has passed; then one does", async () => {
  const { enter, clock } = open();
  for (let times = 0; times < 5; times++) (await enter())?.failed(fault(false));
  expect(await enter()).toBeNull();
  clock.now += 60_000;
  const probe = await enter();
  expect(probe).not.toBeNull();
  probe?.failed(fault(false));
  expect(await enter()).toBeNull();
});

test("whoever is patient waits for the server, but not for what somebody must mend", async () => {
  const { enter, clock } = open();
  for (let times = 0; times < 5; times++) (await enter())?.failed(fault(false));
  const probe = await enter(true);
  expect(clock.now).toBeGreaterThanOrEqual(60_000);
  probe?.failed(fault(true));
  expect(await enter(true)).toBeNull();
});

test("a first connection that ends without a word leaves the way to another", async () => {
  const { enter } = open();
  const probe = await enter();
  const next = enter();
  probe?.over();
  expect(await next).not.toBeNull();
});

test("nobody waits any more once the run is aborted", async () => {
  const { breaker } = open();
  const controller = new AbortController();
  controller.abort();
  expect(await breaker.enter({ signal: controller.signal, patient: true })).toBe("over");
});

test("faults of connections that were tried together count once", async () => {
  const { enter } = open();
  const first = await enter();
  first?.served();
  const others = await Promise.all([enter(), enter(), enter(), enter(), enter(), enter()]);
  first?.over();
  for (const other of others) other?.failed(fault(false));
  expect(await enter()).not.toBeNull();
});

test("while others are served, whoever is refused waits until one of them is done", async () => {
  const { breaker, clock, enter } = open();
  const working = await enter();
  working?.served();
  for (let times = 0; times < 8; times++) (await enter())?.failed(fault(false));
  const paused = clock.paused.length;
  // It takes its turn as soon as there is a place, and is not told of a fault.
  working?.over();
  expect(isTrial(await breaker.enter(HOW))).toBe(true);
  expect(clock.paused).toHaveLength(paused);
});

test("the pause of whoever is refused ends when a place is free", async () => {
  const clock = { now: 0 };
  const breaker = openBreaker(
    () => clock.now,
    (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
  );
  const working = await breaker.enter(HOW);
  if (isTrial(working)) working.served();
  const refused = await breaker.enter(HOW);
  if (isTrial(refused)) refused.failed(fault(false));
  const waiting = breaker.enter(HOW);
  if (isTrial(working)) working.over();
  expect(isTrial(await waiting)).toBe(true);
});
