/**
 * A reader's whole way in a real browser without JavaScript, with a real mail server: subscribe, confirm,
 * read, change, leave by one click, and silence. Between the steps a scanner opens every link.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { simpleParser } from "mailparser";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLocalInbox, type LocalInbox } from "../../src/mail/local-inbox.ts";
import { emptyHome } from "../home.ts";
import { run, start } from "./program.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const installed = existsSync(executablePath);
const absent = installed ? "" : " (left out: no browser is installed)";
const PORT = 18473;
const SITE = `http://127.0.0.1:${PORT}`;
const ADA = "ada@example.org";
const BOB = "bob@example.org";

let browser: Browser;
beforeAll(async () => {
  if (installed) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
afterAll(() => browser?.close());

const dayBefore = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Returns a home with papers of three days, whose edition of today is due. */
function scheduledHome(): string {
  const cwd = emptyHome();
  mkdirSync(join(cwd, "incoming"));
  const papers = [0, 1, 2].flatMap((days) =>
    [1, 2, 3, 4, 5].map((number) =>
      JSON.stringify({
        title: `Paper ${number} of day ${days}`,
        arxivId: `2604.0${days}00${number}`,
        listedOn: dayBefore(days),
      }),
    ),
  );
  writeFileSync(join(cwd, "incoming", "papers.jsonl"), papers.join("\n"));
  const hour = new Date().toISOString().slice(11, 13);
  writeFileSync(
    join(cwd, "paperround.yaml"),
    `schedule:\n  daily: "${hour}:00"\nsources:\n  - name: incoming\n    path: incoming\nweb:\n  port: ${PORT}\njoining:\n  minimumSeconds: 1\n`,
  );
  return cwd;
}

function lettersTo(inbox: LocalInbox, address: string) {
  return inbox.letters().filter(({ to }) => to === address);
}

async function awaitLetters(inbox: LocalInbox, address: string, count: number) {
  for (let waits = 0; lettersTo(inbox, address).length < count && waits < 400; waits++) {
    await sleep(50);
  }
  expect(lettersTo(inbox, address)).toHaveLength(count);
  return lettersTo(inbox, address)[0];
}

function linksOf(letter: { text: string; html: string } | undefined): string[] {
  const found = `${letter?.text} ${letter?.html}`.match(new RegExp(`${SITE}[^\\s"<>]*`, "g")) ?? [];
  return [...new Set(found)];
}

const linkTo = (letter: { text: string; html: string } | undefined, page: string) =>
  linksOf(letter).find((link) => link.startsWith(`${SITE}/${page}/`)) ?? "";

/** Opens every link as mail scanners do: by each harmless method, and in a browser that runs scripts. */
async function scan(
  cwd: string,
  letter: { text: string; html: string } | undefined,
): Promise<void> {
  const links = linksOf(letter);
  expect(links.length).toBeGreaterThan(1);
  const before = peopleIn(cwd);
  const page = await browser.newPage();
  for (const link of links) {
    for (const method of ["GET", "HEAD", "OPTIONS"]) await fetch(link, { method });
    await page.goto(link, { waitUntil: "networkidle" });
  }
  await page.close();
  expect(peopleIn(cwd)).toEqual(before);
}

/** Returns all that is kept of people, what is on its way to them aside. */
function peopleIn(cwd: string) {
  using database = new DatabaseSync(join(cwd, "subscribers", "subscribers.sqlite"), {
    readOnly: true,
  });
  const tables = ["subscribers", "requests", "opinions", "suppressions", "request_log"];
  return tables.map((table) => database.prepare(`select * from ${table}`).all());
}

async function fillIn(page: Page, email: string): Promise<void> {
  await page.goto(SITE);
  await page.getByLabel("Your e-mail address").fill(email);
  await sleep(1100);
  await page.getByRole("button", { name: "Subscribe" }).click();
}

test.runIf(installed)(`a reader comes, reads, changes and leaves${absent}`, async () => {
  const inbox = await startLocalInbox(() => new Date());
  const cwd = scheduledHome();
  const env = { SMTP_URL: `smtp://127.0.0.1:${inbox.port}` };
  const listed = async () =>
    JSON.parse((await run(["subscribers", "list", "--json"], { cwd })).stdout) as {
      address: string;
      state: string;
    }[];
  await run(["subscribers", "add", BOB], { cwd });
  const { child, finished } = start(["serve"], { cwd, env });
  try {
    await awaitLetters(inbox, BOB, 1);
    const page = await browser.newPage({ javaScriptEnabled: false });
    await fillIn(page, ADA);
    expect(await page.textContent("h1")).toBe("Look into your mailbox");

    const question = await awaitLetters(inbox, ADA, 1);
    expect(question?.source).not.toMatch(/^List-/im);
    await scan(cwd, question);
    expect(await listed()).toMatchObject([{ address: BOB }]);
    await page.goto(linkTo(question, "confirm"));
    await page.getByRole("button").click();
    expect(await page.textContent("h1")).toBe("You are on the list");

    const first = await awaitLetters(inbox, ADA, 2);
    expect(first?.text).toContain("Paper 1 of day 0");
    await scan(cwd, first);
    expect(await listed()).toMatchObject([
      { address: BOB, state: "confirmed" },
      { address: ADA, state: "confirmed" },
    ]);
    await page.goto(linkTo(first, "preferences"));
    await page.getByLabel("As plain text").check();
    await page.getByLabel("Papers in a letter").selectOption("3");
    await page.getByRole("button", { name: "Save" }).click();
    expect(await page.textContent("[role=status]")).toContain("Saved.");

    await run(["send", "--date", dayBefore(1), "--yes"], { cwd, env });
    const next = await awaitLetters(inbox, ADA, 3);
    expect(next?.html).toBe("");
    expect(next?.text).toContain("of day 1");
    await scan(cwd, next);
    const mail = await simpleParser(next?.source ?? "");
    const { unsubscribe } = mail.headers.get("list") as unknown as { unsubscribe: { url: string } };
    const answer = await fetch(unsubscribe.url, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toBeNull();

    await run(["send", "--date", dayBefore(2), "--yes"], { cwd, env });
    await awaitLetters(inbox, BOB, 3);
    expect(lettersTo(inbox, ADA)).toHaveLength(3);
    await page.close();
  } finally {
    child.kill("SIGTERM");
  }
  const { code, stderr } = await finished;
  expect(code).toBe(0);
  // Nothing that the log says is a reader's address or secret.
  expect(stderr).not.toContain("example.org");
  expect(stderr).not.toMatch(/\/(confirm|preferences|unsubscribe)\/\d/);
  await inbox.close();
});
