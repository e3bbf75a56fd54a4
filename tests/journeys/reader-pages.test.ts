/** The pages of a reader's own in a real browser: phone and desktop, light and dark, either direction. */
import { existsSync } from "node:fs";
import axe from "axe-core";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { NO_CHOICE } from "../../src/subscribers/subscriber.ts";
import { VERDICTS } from "../../src/subscribers/opinions.ts";
import { publishSample } from "../web/door.ts";
import { startServer } from "../../src/web/server.ts";
import { openSite } from "../../src/web/site.ts";
import { addressOf, openApp } from "../home.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** A hundred looks at pages take a while on a small machine. */
const PATIENCE_MS = 400_000;

/** Returns where the pages are, and every page that a reader can come to by a link. */
async function openWorld(): Promise<{ url: string; paths: string[] }> {
  const server = await startServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  // Nothing is mailed here; the door is open where there is a server to mail with.
  const app = await openApp({ smtpUrl: new URL("smtp://127.0.0.1:9") });
  server.show(openSite({ ...app, report: () => {} }));
  const { subscribers, readers, links } = app;
  const consent = { how: "added", detail: "test", at: "2026-04-15T08:00:00.000Z" } as const;
  const [here, gone] = ["ada@example.org", "left@example.org"].map(addressOf);
  if (!here || !gone) throw new Error("no addresses");
  await subscribers.admit(
    [here, gone].map((address) => ({ address, cadence: "daily", textOnly: false, consent })),
  );
  const [ada, left] = [await subscribers.find(here), await subscribers.find(gone)];
  if (!ada || !left) throw new Error("not admitted");
  await readers.leave(left);
  await publishSample(app);
  const [liked, saved] = (await app.newsletter.edition("daily", "2026-04-15")).entries;
  if (!liked || !saved) throw new Error("no papers");
  await app.tastes.judge(ada, [liked.paper], "more");
  await app.tastes.judge(ada, [saved.paper], "save");
  const interests = { ...ada.interests, keywords: ["diffusion"], muted: ["diffusion"] };
  await readers.save(ada, { ...ada, interests });
  const asking = { ...NO_CHOICE, cadence: "daily", textOnly: false } as const;
  const form = { how: "form", askedFrom: "example.org", wording: "" } as const;
  await readers.ask(
    { address: addressOf("new@example.org"), ...asking, ...form },
    { network: null, seal: null },
  );
  const request = 1 as Parameters<typeof readers.request>[0];
  const preferences = `/preferences/${links.token("preferences", ada)}`;
  const paths = [
    "/",
    "/subscribe",
    "/link",
    "/embed",
    "/privacy",
    `/confirm/${links.token("confirm", request)}`,
    `/refuse/${links.token("refuse", request)}`,
    `/unsubscribe/${links.token("unsubscribe", ada)}`,
    `/unsubscribe/${links.token("unsubscribe", left)}`,
    preferences,
    `${preferences}/erase`,
    `${preferences}/learned`,
    ...VERDICTS.map((verdict) => `/opinion/${links.token("opinion", ada)}/1/${verdict}`),
    "/confirm/x",
  ];
  return { url: server.url, paths };
}

describe.skipIf(!existsSync(executablePath))("in Chromium (skipped where it is absent)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath });
  });
  afterAll(() => browser.close());

  test(
    "everybody can use them, nothing runs out of the side, and nothing is asked of others",
    { timeout: PATIENCE_MS },
    async () => {
      const { url, paths } = await openWorld();
      const problems: string[] = [];
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [320, 1280]) {
          const page = await browser.newPage({
            colorScheme,
            viewport: { width, height: 800 },
            bypassCSP: true,
          });
          page.on("request", (request) => {
            if (!request.url().startsWith(url) && !request.url().startsWith("data:"))
              problems.push(`asks for ${request.url()}`);
          });
          for (const path of paths) {
            await page.goto(url + path);
            for (const direction of ["ltr", "rtl"]) {
              await page.evaluate(`document.documentElement.dir = "${direction}"`);
              const where = `${path}, ${colorScheme}, ${width}, ${direction}`;
              const side = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
              if (Number(side) > 0) problems.push(`${where}: ${String(side)} pixels too wide`);
              await page.evaluate(axe.source);
              const found = await page.evaluate(
                `axe.run({ runOnly: ${JSON.stringify(WCAG)} }).then(({ violations }) => violations.map(({ id }) => id))`,
              );
              for (const id of found as string[]) problems.push(`${where}: ${id}`);
            }
          }
          await page.close();
        }
      }
      expect(problems).toEqual([]);
    },
  );
});
