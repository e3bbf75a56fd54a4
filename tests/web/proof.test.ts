/** Proof of work at the door, where the operator asks for it: counted, or waited for. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { isProven } from "../../src/web/proof.ts";
import { openDoor } from "./door.ts";

const BITS = 10;

/** Returns the first count that will do, by the definition. */
function prove(seal: string, bits: number): string {
  for (let count = 0; ; count += 1) {
    const digest = createHash("sha256").update(`${seal}:${count}`).digest();
    const written = [...digest.subarray(0, 4)].map((byte) => byte.toString(2).padStart(8, "0"));
    if (written.join("").startsWith("0".repeat(bits))) return String(count);
  }
}

/** Returns what the page of a form carries. */
async function opened(page: Response) {
  const text = await page.text();
  const seal = /name="form" value="([^"]+)"/.exec(text)?.[1] ?? "";
  return { seal, bits: Number(/data-bits="(\d+)"/.exec(text)?.[1] ?? 0), text };
}

test("a proof holds for its own seal and for no more bits than it has", () => {
  for (const bits of [1, 8, 12]) {
    const work = prove("seal", bits);
    expect(isProven("seal", work, bits)).toBe(true);
    expect(isProven("other", work, bits + 12)).toBe(false);
    expect(isProven("seal", work, 32)).toBe(false);
  }
});

test.each(["", "-1", "1e3", "0x10", "1 ", "9".repeat(16), "NaN", "１"])(
  "%j is no count",
  (work) => {
    expect(isProven("seal", work, 0)).toBe(false);
  },
);

test("nothing is asked for unless the operator wants it, and no page has a script", async () => {
  const door = await openDoor();
  for (const path of ["/", "/subscribe", "/link"]) {
    const page = await door.get(path);
    expect(page.headers.get("Content-Security-Policy")).not.toContain("script-src");
    expect(await page.text()).not.toContain("<script");
  }
  expect((await door.get("/proof.js")).status).toBe(404);
});

test("a form with its proof is taken at once, and one without after half a minute", async () => {
  const door = await openDoor({ proofOfWork: BITS, minimumSeconds: 2 });
  const page = await door.get("/subscribe");
  expect(page.headers.get("Content-Security-Policy")).toContain("script-src 'self'");
  const { seal, bits, text } = await opened(page);
  expect(bits).toBe(BITS);
  expect(text).toContain('<script src="/proof.js" defer></script>');
  const send = (email: string, form: string, work: string) =>
    door.post("/subscribe", { email, form, work, remark: "" });
  door.later(3000);
  const again = await opened(await send("eve@example.org", seal, "0"));
  expect(again.text).toContain("Press the button once more");
  expect(again.text).toContain("wait 30 seconds");
  expect(again.text).not.toContain('name="work" value');
  expect(await (await send("ada@example.org", seal, prove(seal, BITS))).text()).toContain(
    "Look into your mailbox",
  );
  door.later(28_000);
  expect(await (await send("bob@example.org", again.seal, "")).text()).toContain("once more");
  door.later(3000);
  expect(await (await send("bob@example.org", again.seal, "")).text()).toContain("Look into");
  expect((await door.attend()).map(({ to }) => to)).toEqual(["ada@example.org", "bob@example.org"]);
});

test("programs are told what to count, and held to it", async () => {
  const door = await openDoor({ proofOfWork: BITS, minimumSeconds: 0 });
  const told = (await (await door.get("/api/subscribe")).json()) as {
    form: string;
    proofOfWork: number;
    fields: Record<string, string>;
  };
  expect(told.proofOfWork).toBe(BITS);
  expect(told.fields["work"]).toContain("10 zero bits");
  const email = "ada@example.org";
  const refused = await door.postJson("/api/subscribe", { email, form: told.form });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toEqual({ error: expect.stringContaining('"work"') });
  const work = prove(told.form, BITS);
  const taken = await door.postJson("/api/subscribe", { email, form: told.form, work });
  expect(taken.status).toBe(202);
});

test("who has lost a link proves it likewise", async () => {
  const door = await openDoor({ proofOfWork: BITS });
  const { seal } = await opened(await door.get("/link"));
  door.later(3000);
  const fields = { email: "ada@example.org", form: seal, remark: "" };
  expect(await (await door.post("/link", fields)).text()).toContain("once more");
  const proven = { ...fields, work: prove(seal, BITS) };
  expect(await (await door.post("/link", proven)).text()).toContain("Look into your mailbox");
});
