/** Letters with faults, which an operator's own template can have, and what becomes of them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../src/mail/checks/finding.ts";
import { DAY, sampleHome } from "../cli/program.ts";
import { addressOf, openApp, ROOT } from "../home.ts";
import { startFaultServer } from "./fault-server.ts";

const HIDDEN = '<p style="display:none">Hidden</p>';

/** Gives `home` a template of its own, which has `extra` in it. */
function putTemplate(home: string, extra: string): void {
  const template = readFileSync(join(ROOT, "templates", "letter.mjml.hbs"), "utf8");
  const folder = join(home, "templates");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "letter.mjml.hbs"), template.replace("<h1", `${extra}<h1`));
}

async function homeWithTemplate(extra: string): Promise<string> {
  const home = await sampleHome(["ada@example.org"]);
  putTemplate(home, extra);
  return home;
}

async function open(extra: string) {
  const home = await homeWithTemplate(extra);
  const server = await startFaultServer();
  const clock = { now: new Date(`${DAY}T07:00:00Z`) };
  const app = await openApp({ smtpUrl: server.url }, { home, now: () => clock.now });
  const gather = (file: string) => app.newsletter.gather([app.files([file], null)], () => {});
  return { ...app, home, server, clock, gather };
}

test("an error in the letter stops a send before anything is frozen, unless it is forced", async () => {
  const { newsletter, server } = await open(HIDDEN);
  await expect(newsletter.send("daily", DAY, {})).rejects.toMatchObject({
    code: "LETTER_FAULTY",
    message: 'The letter has 1 error: Text is hidden from readers: "Hidden".',
    remedy: expect.stringContaining("--force"),
  });
  expect(await newsletter.headings(1)).toEqual([]);
  expect(server.accepted).toEqual([]);
  const findings: Finding[] = [];
  const onFindings = (found: readonly Finding[]) => void findings.push(...found);
  await newsletter.send("daily", DAY, { force: true, onFindings });
  expect(server.accepted).toEqual(["ada@example.org"]);
  expect(findings).toContainEqual(expect.objectContaining({ check: "hidden", level: "error" }));
});

test("owed letters are looked at before serve sends them, and held until an operator lets them go", async () => {
  const world = await open("");
  await world.newsletter.publish("daily", DAY);
  const stopped = AbortSignal.abort();
  await world.newsletter.send("daily", DAY, { signal: stopped });
  expect(world.server.accepted).toEqual([]);
  putTemplate(world.home, HIDDEN);
  // Another program, which has not seen the letter.
  const later = await openApp(
    { smtpUrl: world.server.url },
    { home: world.home, now: () => world.clock.now },
  );
  await later.newsletter.deliverOwed({});
  expect(world.server.accepted).toEqual([]);
  const [held] = (await later.newsletter.status()).held;
  expect(held).toMatchObject({
    hold: { kind: "edition", why: expect.stringContaining("Text is hidden from readers") },
    letters: 1,
  });
  if (held) await later.newsletter.resume(held.hold);
  await later.newsletter.deliverOwed({});
  expect(world.server.accepted).toEqual(["ada@example.org"]);
});

test("forcing a send lets its edition go where it was held for its errors", async () => {
  const { newsletter, server } = await open(HIDDEN);
  await newsletter.publish("daily", DAY);
  await newsletter.send("daily", DAY, { force: true, signal: AbortSignal.abort() });
  await newsletter.deliverOwed({});
  expect((await newsletter.status()).held).toEqual([]);
  expect(server.accepted).toEqual(["ada@example.org"]);
});

test("a send that is stopped before its edition is frozen leaves nothing behind", async () => {
  const { newsletter } = await open("");
  await expect(
    newsletter.send("daily", DAY, { signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(await newsletter.headings(1)).toEqual([]);
});

test("nothing that a paper says of itself stops a letter", async () => {
  const { newsletter, home, gather } = await open("");
  const papers = [
    {
      title: String.raw`$\quad$`,
      links: { code: "http://203.0.113.7/demo", pdf: "https://[::1]/x" },
    },
    { title: String.raw`\phantom{}`, links: { project: "https://0x7f.1/x" } },
    { title: "<script>alert(1)</script> {{footer.why}}", abstract: "\u0001 x \u202e y" },
    { title: "RE: FREE MONEY", links: { code: "https://bit.ly/x" } },
    { title: "https://elsewhere.example/", links: { abstract: "javascript:alert(1)" } },
    ...Array.from({ length: 8 }, (_, index) => ({
      title: `大语言模型的推理能力研究${index}`,
      abstract: "本文研究大语言模型在复杂推理任务中的表现，并提出一种新的训练方法。".repeat(6),
      authors: ["李明", "王芳"],
    })),
  ].map((paper, index) => ({
    ...paper,
    arxivId: `2605.${String(index).padStart(5, "0")}`,
    listedOn: "2026-04-14",
  }));
  const file = join(home, "hostile.jsonl");
  writeFileSync(file, papers.map((paper) => JSON.stringify(paper)).join("\n"));
  await gather(file);
  const draft = await newsletter.edition("daily", "2026-04-14");
  expect(draft.entries.length).toBeGreaterThanOrEqual(13);
  const findings = await newsletter.preflight(draft, "list");
  expect(findings.filter(({ level }) => level === "error")).toEqual([]);
  expect(findings.filter(({ message }) => message.includes("of the words"))).toEqual([]);
});

test("a letter to a single address is looked at as well", async () => {
  const { newsletter, server } = await open(HIDDEN);
  const draft = await newsletter.edition("daily", DAY);
  const me = [addressOf("me@example.org")];
  await expect(newsletter.sendTo(draft, me)).rejects.toMatchObject({ code: "LETTER_FAULTY" });
  expect(server.accepted).toEqual([]);
  await newsletter.sendTo(draft, me, { force: true });
  expect(server.accepted).toEqual(["me@example.org"]);
});

test("a round with an error in its letter mails nobody, and says why", async () => {
  const { rounds, server, clock, home, gather } = await open("");
  await rounds.keep(() => {}, {});
  expect(server.accepted).toHaveLength(1);
  putTemplate(home, HIDDEN);
  writeFileSync(
    join(home, "more.jsonl"),
    JSON.stringify({ title: "Paper", arxivId: "2604.00001", listedOn: "2026-04-16" }),
  );
  await gather(join(home, "more.jsonl"));
  clock.now = new Date("2026-04-16T07:00:00Z");
  const said: string[] = [];
  await rounds.keep((text) => said.push(text), {});
  expect(said.join()).toContain("The letter has 1 error: Text is hidden");
  clock.now = new Date("2026-04-16T23:00:00Z");
  const { decided } = await rounds.keep(() => {}, {});
  expect(decided).toMatchObject([
    { outcome: "skipped", reason: expect.stringContaining("Text is hidden from readers") },
  ]);
  expect(server.accepted).toHaveLength(1);
});

test("a warning is told, and the letter goes out", async () => {
  const { rounds, server } = await open('<p style="color:#999">Pale</p>');
  const said: string[] = [];
  await rounds.keep((text) => said.push(text), {});
  expect(said.join()).toMatch(/The letter: In light colours, #999999 on #ffffff has a contrast/);
  expect(server.accepted).toEqual(["ada@example.org"]);
});

test("a letter as it comes has no error and no warning", async () => {
  const { newsletter } = await open("");
  for (const kind of ["list", "single"] as const) {
    const findings = await newsletter.preflight(await newsletter.edition("daily", DAY), kind);
    expect(findings.filter(({ level }) => level !== "note")).toEqual([]);
  }
});
