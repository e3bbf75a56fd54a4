/** Proof of work in a real browser: counted by the page's script, or waited for without one. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions } from "playwright-core";
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { openSite } from "../../src/web/site.ts";
import { emptyHome, openApp } from "../home.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const installed = existsSync(executablePath);
const absent = installed ? "" : " (left out: no browser is installed)";

let browser: Browser;
beforeAll(async () => {
  if (installed) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
afterAll(() => browser?.close());

/** Returns a page of the door, in a browser that speaks to a real server. */
async function openPage(options: BrowserContextOptions) {
  const inbox = await startLocalInbox(() => new Date());
  onTestFinished(() => inbox.close());
  const home = emptyHome();
  const { joining } = readConfig(home, {});
  const smtpUrl = new URL(`smtp://127.0.0.1:${inbox.port}`);
  const asked = { ...joining, proofOfWork: 14, minimumSeconds: 0 };
  const app = await openApp({ smtpUrl, joining: asked }, { home, now: () => new Date() });
  const site = openSite({
    ...app,
    report: (fault) => {
      throw fault;
    },
  });
  const origin = await new Promise<string>((resolve) => {
    const server = serve({ fetch: site.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
    onTestFinished(() => new Promise<void>((closed) => void server.close(() => closed())));
  });
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (fault) => faults.push(fault.message));
  await page.goto(`${origin}/subscribe`);
  return { page, faults };
}

test.skipIf(!installed)(
  `whoever presses before the count is done is sent when it is${absent}`,
  async () => {
    const { page, faults } = await openPage({});
    await page.getByLabel("Your e-mail address").fill("ada@example.org");
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
    expect(faults).toEqual([]);
  },
);

test.skipIf(!installed)(`without scripts the page says how long to wait${absent}`, async () => {
  const { page } = await openPage({ javaScriptEnabled: false });
  await page.getByLabel("Your e-mail address").fill("ada@example.org");
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByRole("heading", { name: "Press the button once more" }).waitFor();
  expect(await page.getByText("wait 30 seconds").count()).toBe(1);
  expect(await page.getByLabel("Your e-mail address").inputValue()).toBe("ada@example.org");
});
