/** Gathering through the whole program: services in trouble, days gone by, modules, kept answers. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig, type Config } from "../../src/config.ts";
import { mentionsOf } from "../../src/papers/mentions.ts";
import type { Source } from "../../src/papers/source.ts";
import { emptyHome, openApp, ROOT } from "../home.ts";
import { reply, startWebServer, type Answering } from "../io/web-server.ts";

const ignore = () => {};
const NOW = new Date("2026-04-15T08:00:00Z");

const listed = (day: string, number: number) =>
  JSON.stringify([
    {
      paper: {
        id: `2604.0000${number}`,
        title: `Paper ${number}`,
        upvotes: number,
        submittedOnDailyAt: `${day}T01:00:00Z`,
      },
    },
  ]);

/** Returns the program over a home whose configuration is `yaml`; hosts on loopback are allowed. */
async function openHome(yaml: string, home = emptyHome()) {
  writeFileSync(
    join(home, "paperround.yaml"),
    `${yaml}\nnetwork:\n  allowHosts: ["127.0.0.1"]\n  keepAnswers: true\n`,
  );
  const config: Config = readConfig(home, {});
  return { home, app: await openApp(config, { home, now: () => NOW }) };
}

const serviceAt = (url: string, more = "") =>
  `sources:\n  - { name: hf, kind: hugging-face, url: "${url}", days: 1${more} }\n`;

test("a service is gathered by its name, each reading is kept, and again changes nothing", async () => {
  const server = await startWebServer((_request, response) =>
    reply(response, listed("2026-04-15", 3)),
  );
  const { app } = await openHome(serviceAt(server.url));
  const first = await app.newsletter.gather(app.sources(["hf"]), ignore);
  expect(first).toMatchObject({ papers: { new: 1 }, readings: 1 });
  const again = await app.newsletter.gather(app.sources([]), ignore);
  expect(again).toMatchObject({
    papers: { new: 0, changed: 0, unchanged: 1 },
    readings: 0,
  });
  expect((await app.newsletter.status()).sources).toMatchObject([
    { source: "hf", sightings: 1, fault: null, okAt: NOW.toISOString() },
  ]);
});

test("a service on this machine is not asked unless its host is allowed", async () => {
  const server = await startWebServer((_request, response) => reply(response, "[]"));
  const home = emptyHome();
  writeFileSync(join(home, "paperround.yaml"), serviceAt(server.url));
  const app = await openApp(readConfig(home, {}), { home, now: () => NOW });
  await expect(app.newsletter.gather(app.sources([]), ignore)).rejects.toMatchObject({
    code: "HTTP_FORBIDDEN",
    message: expect.stringContaining("Source hf: 127.0.0.1"),
    remedy: expect.stringContaining('put "127.0.0.1" into network.allowHosts'),
  });
  expect(server.seen).toEqual([]);
});

const troubles: readonly (readonly [string, Answering, string])[] = [
  [
    "429",
    (_request, response) => reply(response, "", { "retry-after": "7200" }, 429),
    "HTTP_REFUSED",
  ],
  ["500", (_request, response) => reply(response, "", {}, 500), "HTTP_UNREACHABLE"],
  ["silent", () => {}, "SOURCE_LATE"],
  [
    "in another shape",
    (_request, response) => reply(response, '[{"article": {"paper": {"id": 5}}}]'),
    "SOURCE_SHAPE",
  ],
  [
    "cut short",
    (_request, response) => reply(response, listed("2026-04-15", 3).slice(0, -9)),
    "SOURCE_SHAPE",
  ],
];
test.each(troubles)(
  "a service that is %s is named, and what was known stays",
  async (_what, answer, code) => {
    let isWell = true;
    const server = await startWebServer((request, response) =>
      isWell ? reply(response, listed("2026-04-15", 3)) : answer(request, response),
    );
    const { app } = await openHome(serviceAt(server.url, ", timeoutSeconds: 4"));
    await app.newsletter.gather(app.sources([]), ignore);
    isWell = false;
    await expect(app.newsletter.gather(app.sources([]), ignore)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^Source hf: /),
    });
    const [health] = (await app.newsletter.status()).sources;
    expect(health).toMatchObject({
      okAt: NOW.toISOString(),
      fault: expect.stringMatching(/^Source hf/),
    });
    expect((await app.newsletter.edition("daily", "2026-04-15")).entries).toHaveLength(1);
  },
);

test("a look back goes past a day in trouble, comes back to it, and is done once", async () => {
  let broken = true;
  const server = await startWebServer(({ path }, response) => {
    const day = /date=([\d-]+)/.exec(path)?.[1] ?? "";
    if (broken && day === "2026-04-02") return reply(response, "", {}, 404);
    reply(response, listed(day, Number(day.slice(-1))));
  });
  const { app } = await openHome(serviceAt(server.url));
  const span = { since: "2026-04-01", until: "2026-04-03" };
  const days = () => server.seen.map(({ path }) => /date=([\d-]+)/.exec(path)?.[1]);
  await expect(app.newsletter.gather(app.sources([]), ignore, { span })).rejects.toMatchObject({
    code: "HTTP_REFUSED",
  });
  broken = false;
  await app.newsletter.gather(app.sources([]), ignore, { span });
  expect(days()).toEqual(["2026-04-01", "2026-04-02", "2026-04-03", "2026-04-02"]);
  const said: string[] = [];
  await app.newsletter.gather(app.sources([]), (text) => said.push(text), {
    span,
  });
  expect(said[0]).toBe("Source hf: 2026-04-01 gathered before.");
  expect(server.seen).toHaveLength(4);
  await app.newsletter.gather(app.sources([]), ignore, { span, again: true });
  expect(server.seen).toHaveLength(7);
});

test("days are gathered again where a source is set otherwise by then", async () => {
  const server = await startWebServer((_request, response) => reply(response, "[]"));
  const home = emptyHome();
  const span = { since: "2026-04-01", until: "2026-04-01" };
  for (const path of ["", "", "/mirror", ", timeoutSeconds: 9"]) {
    const [url, more] = path.startsWith("/") ? [server.url + path, ""] : [server.url, path];
    const { app } = await openHome(serviceAt(url, more), home);
    await app.newsletter.gather(app.sources([]), ignore, { span });
    await app.close();
  }
  expect(server.seen.map(({ path }) => path.split("?")[0])).toEqual([
    "/api/daily_papers",
    "/mirror/api/daily_papers",
  ]);
});

test("a look back leaves a service alone that answers nothing three times in a row", async () => {
  const server = await startWebServer((_request, response) => reply(response, "", {}, 404));
  const { app } = await openHome(serviceAt(server.url));
  const span = { since: "2026-04-01", until: "2026-04-05" };
  const said: string[] = [];
  const looked = app.newsletter.gather(app.sources([]), (text) => said.push(text), { span });
  await expect(looked).rejects.toMatchObject({ code: "HTTP_REFUSED" });
  expect(server.seen).toHaveLength(3);
  expect(said[0]).toMatch(/^2026-04-01 was not gathered. Source hf: .* status 404/);
});

test("a day on which all is refused that may be refused is no trouble", async () => {
  const home = emptyHome();
  const refused = (more: string) => `export const source = ({ z }) => ({ kind: "x",
    settings: z.object({}), open: () => ({ name: "x",
    async *mentions() { yield { refused: "gone", at: "here"${more} }; } }) })`;
  writeFileSync(join(home, "well.mjs"), refused(", isExpected: true"));
  writeFileSync(join(home, "ill.mjs"), refused(""));
  const named = (name: string) => `{ name: ${name}, kind: module, path: ${name}.mjs }`;
  const { app } = await openHome(`sources: [${named("well")}, ${named("ill")}]`, home);
  const report = await app.newsletter.gather(app.sources(["well"]), ignore);
  expect(report.refused).toEqual({ gone: 1 });
  const ill = app.newsletter.gather(app.sources(["ill"]), ignore);
  await expect(ill).rejects.toMatchObject({ code: "SOURCE_SHAPE" });
});

test("answers that were kept are told again without asking anybody", async () => {
  let votes = 3;
  const server = await startWebServer((_request, response) =>
    reply(response, listed("2026-04-15", votes++)),
  );
  const { app, home } = await openHome(serviceAt(server.url));
  await app.newsletter.gather(app.sources([]), ignore);
  const folder = join(home, "data/answers");
  expect(readdirSync(folder)).toEqual(["20260415T080000Z_hf"]);
  const other = await openHome(serviceAt("http://127.0.0.1:1"));
  const report = await other.app.newsletter.gather(other.app.replayed(folder), ignore);
  expect(report).toMatchObject({ papers: { new: 1 }, readings: 1 });
  expect(server.seen).toHaveLength(1);
  expect((await other.app.newsletter.status()).sources).toEqual([]);
});

test("what was looked up of known papers is left out of a replay, and said to be", async () => {
  const server = await startWebServer(({ path }, response) =>
    reply(
      response,
      path.startsWith("/repos")
        ? '{"stargazers_count": 42}'
        : listed("2026-04-15", 3).replace(
            '"title"',
            '"githubRepo": "https://github.com/a/b", "title"',
          ),
    ),
  );
  const stars = `  - { name: stars, kind: github-stars, url: "${server.url}" }\n`;
  const { app, home } = await openHome(serviceAt(server.url) + stars);
  await app.newsletter.gather(app.sources([]), ignore);
  const other = await openHome(serviceAt("http://127.0.0.1:1") + stars);
  const said: string[] = [];
  const sources = other.app.replayed(join(home, "data/answers"));
  await other.app.newsletter.gather(sources, (text) => said.push(text));
  expect(said).toEqual(["Source stars adds to known papers and was left out."]);
});

/** The module that docs/extend.md shows. */
function documentedModule(): string {
  const page = readFileSync(join(ROOT, "docs/extend.md"), "utf8");
  const [, code] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  return code ?? "";
}

test("the source that the documentation shows works as it stands", async () => {
  const code = documentedModule();
  expect(code.split("\n").length).toBeLessThanOrEqual(41);
  const server = await startWebServer((_request, response) =>
    reply(
      response,
      JSON.stringify([
        {
          title: "A Title",
          doi: "10.1000/182",
          accepted: "2026-04-15",
          reads: 12,
        },
        { title: "" },
        null,
      ]),
    ),
  );
  const home = emptyHome();
  mkdirSync(join(home, "sources"));
  writeFileSync(join(home, "sources/journal.mjs"), code);
  const yaml = `sources:
  - name: journal
    kind: module
    path: sources/journal.mjs
    settings: { url: "${server.url}" }\n`;
  const { app } = await openHome(yaml, home);
  const report = await app.newsletter.gather(app.sources([]), ignore);
  expect(report).toMatchObject({
    papers: { new: 1 },
    readings: 1,
    refused: { "no title": 2 },
  });
});

test.each([
  ["throws", "throw new Error('no such thing')", "SOURCE_BROKEN"],
  ["exports nothing", "export const x = 1", "SOURCE_BROKEN"],
  [
    "tells nonsense",
    `export const source = ({ z }) => ({ kind: "x", settings: z.object({}),
       open: () => ({ name: "x", async *mentions() { yield { title: 5 }; yield null; } }) })`,
    "SOURCE_SHAPE",
  ],
  [
    "never ends",
    `export const source = ({ z }) => ({ kind: "x", settings: z.object({}),
       open: () => ({ name: "x", async *mentions() { await new Promise(() => {}); } }) })`,
    "SOURCE_LATE",
  ],
  ["never loads", "await new Promise(() => {}); export const source = null;", "SOURCE_BROKEN"],
  [
    "can't be opened",
    `export const source = ({ z }) => ({ kind: "x", settings: z.object({}),
       open: () => { throw new Error("no such thing"); } })`,
    "SOURCE_BROKEN",
  ],
  [
    "opens as nothing",
    'export const source = ({ z }) => ({ kind: "x", settings: z.object({}), open: () => ({}) })',
    "SOURCE_BROKEN",
  ],
])("a module that %s harms its own source only", async (_what, code, expected) => {
  const home = emptyHome();
  writeFileSync(join(home, "mine.mjs"), code);
  const yaml = `sources:
  - { name: mine, kind: module, path: mine.mjs, timeoutSeconds: 1 }
  - { name: incoming, path: incoming }\n`;
  mkdirSync(join(home, "incoming"));
  writeFileSync(join(home, "incoming/a.jsonl"), '{"title": "A Title", "listedOn": "2026-04-15"}');
  const { app } = await openHome(yaml, home);
  await expect(app.newsletter.gather(app.sources(["mine"]), ignore)).rejects.toMatchObject({
    code: expected,
    message: expect.stringMatching(/^Source mine/),
  });
  await app.newsletter.gather(app.sources(["incoming"]), ignore);
  expect((await app.newsletter.status()).papers.count).toBe(1);
});

test("a module that stumbles over days is named, and says nothing of an empty one", async () => {
  const home = emptyHome();
  writeFileSync(
    join(home, "mine.mjs"),
    `export const source = ({ z }) => ({ kind: "x", settings: z.object({}), open: () => ({
       name: "x", async *mentions() {}, cut: () => [{ since: 5 }], whyEmpty: () => { throw 5; } }) })`,
  );
  const { app } = await openHome("sources: [{ name: mine, kind: module, path: mine.mjs }]", home);
  const span = { since: "2026-04-01", until: "2026-04-02" };
  await expect(app.newsletter.gather(app.sources([]), ignore, { span })).rejects.toMatchObject({
    code: "SOURCE_BROKEN",
    message: expect.stringMatching(/^Source mine: it can't cut days/),
  });
  expect(app.sources([])[0]?.whyEmpty?.("2026-04-15")).toBeNull();
});

test.each(["listedOn", "announcedOn", "publishedOn", "observedAt"])(
  "a %s in the future is refused, whichever source tells it",
  async (field) => {
    const line = (title: string, when: string) => JSON.stringify({ title, [field]: when });
    const lines = `${line("Later", "2099-01-01")}\n${line("Now", "2026-04-15")}`;
    const home = emptyHome();
    writeFileSync(join(home, "a.jsonl"), lines);
    const server = await startWebServer((_request, response) => reply(response, lines));
    const { app } = await openHome(
      `sources: [{ name: near, path: a.jsonl }, { name: far, kind: jsonl, url: "${server.url}" }]`,
      home,
    );
    for (const name of ["near", "far"]) {
      const report = await app.newsletter.gather(app.sources([name]), ignore);
      expect(report.refusals).toEqual([
        {
          refused: "date in the future",
          at: expect.stringMatching(/^Later, 2099-01-01/),
        },
      ]);
    }
    expect((await app.newsletter.status()).papers.count).toBe(1);
  },
);

test("a service that tells a million things that are none of ours is left early, and others go on", async () => {
  const server = await startWebServer((_request, response) =>
    reply(response, "x\n".repeat(1_900_000)),
  );
  const { app } = await openHome(
    `sources:\n  - { name: lines, kind: jsonl, url: "${server.url}/lines" }\n`,
  );
  let beats = 0;
  const heart = setInterval(() => void beats++, 1);
  onTestFinished(() => clearInterval(heart));
  const gathering = app.newsletter.gather(app.sources(["lines"]), ignore);
  await expect(gathering).rejects.toMatchObject({
    code: "SOURCE_SHAPE",
    message: "Source lines: Of what it told, more than 10,000 items were refused.",
  });
  // Whoever tells all at once would let nothing else have a turn.
  expect(beats).toBeGreaterThan(10);
});

test("a source that is stopped while it tells much at once is stopped", async () => {
  let told = 0;
  const source: Source = {
    name: "much",
    timeoutMs: 60_000,
    async *mentions() {
      for (; told < 1_000_000; told++) yield { refused: "nothing", at: "here", isExpected: true };
    },
  };
  const stop = new AbortController();
  const read = (async () => {
    const asked = { say: ignore, span: null, now: () => new Date(), stop: stop.signal };
    for await (const _ of mentionsOf(source, asked));
  })();
  setTimeout(() => stop.abort(), 5);
  await expect(read).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(told).toBeLessThan(1_000_000);
});

test("a server that trickles until the time is over is given back, so that the next is asked at once", async () => {
  const server = await startWebServer(({ path }, response) => {
    if (path !== "/slow") return reply(response, '{"title":"A title"}\n');
    response.writeHead(200);
    const drop = setInterval(() => response.write("{"), 100);
    response.on("close", () => clearInterval(drop));
  });
  const home = emptyHome();
  const source = (name: string) =>
    `  - { name: ${name}, kind: jsonl, url: "${server.url}/${name}", timeoutSeconds: 1 }\n`;
  const yaml = `sources:\n${source("slow")}${source("fine")}`;
  const { app } = await openHome(yaml, home);
  const gather = (name: string) => app.newsletter.gather(app.sources([name]), ignore);
  await expect(gather("slow")).rejects.toMatchObject({ code: "SOURCE_LATE" });
  // As a program ends that gathers once.
  await app.close();
  const other = await openHome(yaml, home);
  const { papers } = await other.app.newsletter.gather(other.app.sources(["fine"]), ignore);
  expect(papers.new).toBe(1);
});
