import { execFile, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { emptyHome } from "../home.ts";
import { DAY, homeWith, LAUNCHER, paperround, sampleHome } from "../cli/program.ts";

test("help and version are results: on stdout, with exit code 0", async () => {
  const [help, version] = await Promise.all([
    paperround(emptyHome(), ["--help"]),
    paperround(emptyHome(), ["--version"]),
  ]);
  expect(help).toMatchObject({ exit: 0, said: "" });
  expect(help.out.startsWith("Examples:\n  $ paperround demo")).toBe(true);
  expect(help.out).toContain("Exit codes: 0 done, 1 failed, 2 usage or configuration");
  expect(version).toMatchObject({ exit: 0, said: "" });
  expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("without a command the help is talk, and the exit code that of usage", async () => {
  const ended = await paperround(emptyHome(), []);
  expect(ended).toMatchObject({ exit: 2, out: "" });
  expect(ended.said).toContain("Usage: paperround");
  expect(ended.said).not.toMatch(/^error|outputHelp/m);
});

test("init makes a valid home, and run again keeps every file", async () => {
  const home = emptyHome();
  const first = await paperround(home, ["init", "letters"]);
  expect(first.exit).toBe(0);
  expect(first.out).toContain("  cd letters\n");
  const letters = join(home, "letters");
  expect(readConfig(letters, {})).toMatchObject({
    file: join(letters, "paperround.yaml"),
    smtpUrl: null,
    sources: [{ name: "daily-papers", kind: "hugging-face" }, { name: "incoming" }],
  });
  expect(statSync(join(letters, ".env")).mode & 0o777).toBe(0o600);
  expect(statSync(join(letters, "subscribers")).mode & 0o777).toBe(0o700);

  writeFileSync(join(letters, "paperround.yaml"), "newsletter: { name: Mine }\n");
  writeFileSync(join(letters, ".env"), "SMTP_URL=smtp://127.0.0.1:2525\n");
  const second = await paperround(home, ["init", "letters"]);
  expect(second).toMatchObject({ exit: 0, out: first.out });
  expect(second.said).toContain(`kept ${join(letters, "paperround.yaml")}`);
  expect(readConfig(letters, {}).newsletter.name).toBe("Mine");
  expect(readFileSync(join(letters, ".env"), "utf8")).toContain("2525");
});

test("gather and edition answer in JSON, and gathering again adds nothing", async () => {
  const home = await sampleHome();
  const [again, shown, empty] = await Promise.all([
    paperround(home, ["gather", "--from", "sample.jsonl", "--json"]),
    paperround(home, ["edition", "--date", DAY, "--json"]),
    paperround(home, ["edition", "--date", "2020-01-01", "--json"]),
  ]);
  expect(again.exit).toBe(0);
  expect(JSON.parse(again.out)).toMatchObject({
    papers: { new: 0, changed: 0 },
    readings: 0,
    refused: {},
  });

  expect(shown.exit).toBe(0);
  const edition = JSON.parse(shown.out) as { entries: Record<string, unknown>[] };
  expect(edition).toMatchObject({ cadence: "daily", period: DAY });
  expect(edition).not.toHaveProperty("number");
  expect(edition.entries).toHaveLength(10);
  expect(Object.keys(edition.entries[0] ?? {})).toEqual(
    expect.arrayContaining(["rank", "id", "title", "score", "reason", "signals"]),
  );

  expect(empty.exit).toBe(3);
  expect(JSON.parse(empty.out)).toMatchObject({ candidates: 0, entries: [], runnersUp: [] });
});

test("a dry run and the status answer in JSON, and nothing is published by asking", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const [dry, status] = await Promise.all([
    paperround(home, ["send", "--date", DAY, "--dry-run", "--json"]),
    paperround(home, ["status", "--json"]),
  ]);
  expect(dry.exit).toBe(0);
  expect(JSON.parse(dry.out)).toMatchObject({
    edition: { cadence: "daily", period: DAY, entries: 10 },
    dryRun: true,
    readers: 1,
  });
  expect(status).toMatchObject({ exit: 0, said: "" });
  expect(JSON.parse(status.out)).toMatchObject({
    home,
    papers: { newestDay: DAY },
    subscribers: { confirmed: 1, pending: 0, unsubscribed: 0 },
    latest: null,
    attention: [],
  });
});

test("an import takes the good rows, names the bad ones, and says so by its exit code", async () => {
  const csv = "email,cadence\nada@example.org,daily\nnobody,daily\ngrace@example.org,hourly\n";
  const home = homeWith({ "paperround.yaml": "", "readers.csv": csv });
  const first = await paperround(home, ["subscribers", "import", "readers.csv"]);
  expect(first).toEqual({
    exit: 1,
    out: "1 added, 0 already on the list, 0 suppressed, 2 refused\n",
    said: [
      'readers.csv, row 3, column email: "nobody" has no @\n',
      'readers.csv, row 4, column cadence: "hourly" is none of daily, weekly, monthly\n',
    ].join(""),
  });
  const second = await paperround(home, ["subscribers", "import", "readers.csv", "--json"]);
  expect(JSON.parse(second.out)).toMatchObject({ added: 0, already: 1, suppressed: 0, refused: 2 });
  const list = await paperround(home, ["subscribers", "list"]);
  expect(list).toMatchObject({ exit: 0, said: "" });
  expect(list.out).toMatch(
    /^ADDRESS +STATE +CADENCE +CONSENT\nada@example\.org +confirmed +daily +imported/,
  );
});

test("an export to stdout holds the file alone; one to a file is its owner's alone", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const [piped, named] = await Promise.all([
    paperround(home, ["subscribers", "export"]),
    paperround(home, ["subscribers", "export", "readers.csv"]),
  ]);
  expect(piped).toMatchObject({ exit: 0, said: "" });
  expect(named).toMatchObject({ exit: 0, out: "" });
  expect(readFileSync(join(home, "readers.csv"), "utf8")).toBe(piped.out);
  expect(statSync(join(home, "readers.csv")).mode & 0o777).toBe(0o600);
});

test("an erased reader can't be added again, and the program says why", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const erased = await paperround(home, ["subscribers", "erase", "ada@example.org"]);
  expect(erased).toMatchObject({ exit: 0, out: "erased ada@example.org\n", said: "" });
  const again = await paperround(home, ["subscribers", "add", "ada@example.org"]);
  expect(again.exit).toBe(1);
  expect(again.said).toContain("ada@example.org must not be mailed and was not added.");
  expect(again.said).toContain("[ADDRESS_SUPPRESSED]");
});

test("a pipe that closes early ends the program without a stack trace", async () => {
  const rows = Array.from({ length: 5000 }, (_, index) => `reader${index}@example.org\n`);
  const home = homeWith({ "paperround.yaml": "", "readers.csv": `email\n${rows.join("")}` });
  await paperround(home, ["subscribers", "import", "readers.csv"]);
  const command = '"$0" "$1" subscribers export | head -n 1';
  const argv = ["-c", command, process.execPath, LAUNCHER];
  const { stdout, stderr } = await promisify(execFile)("sh", argv, { cwd: home });
  expect(stdout).toMatch(/^email,[^\n]*\n$/);
  expect(stderr).toBe("");
});

test("a letter written to files holds what was asked for and nothing more", async () => {
  const home = await sampleHome();
  const before = readdirSync(home);
  const argv = ["preview", "--date", DAY, "--html", "l.html", "--text", "l.txt", "--eml", "l.eml"];
  const ended = await paperround(home, argv);
  expect(ended).toMatchObject({
    exit: 0,
    out: "",
    said: "wrote l.html\nwrote l.txt\nwrote l.eml\n",
  });
  expect(
    readdirSync(home)
      .filter((name) => !before.includes(name))
      .toSorted(),
  ).toEqual(["l.eml", "l.html", "l.txt"]);
  expect(readFileSync(join(home, "l.eml"), "utf8")).toContain("To: reader@example.org");
});

/** A node on this machine that is too old to run the program itself. */
const oldNode = ["/usr/local/bin/node", "/usr/bin/node", "/bin/node"].find((path) => {
  if (!existsSync(path)) return false;
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  const [major = 0, minor = 0] = stdout.replace("v", "").split(".").map(Number);
  return major >= 18 && (major < 24 || (major === 24 && minor < 15));
});
const noOldNode = oldNode ? "" : " (left out: no node older than 24.15 is installed)";

test.skipIf(!oldNode)(`an older node starts the program under its own${noOldNode}`, async () => {
  const [version, fault] = await Promise.all([
    paperround(emptyHome(), ["--version"], {}, oldNode),
    paperround(emptyHome(), ["sned"], {}, oldNode),
  ]);
  expect(version).toMatchObject({ exit: 0, said: "" });
  expect(fault).toMatchObject({ exit: 2, out: "" });
  expect(fault.said).toContain("[USAGE]");
});

test("the outbox lists what is open, for people and as JSON", async () => {
  const home = await sampleHome(["ada@example.org"]);
  expect(await paperround(home, ["outbox", "list"])).toMatchObject({
    exit: 0,
    out: "",
    said: "No delivery is in any of these states.\n",
  });
  await paperround(home, ["send", "--date", DAY], { SMTP_URL: "smtp://127.0.0.1:1" });
  const [text, json] = await Promise.all([
    paperround(home, ["outbox", "list", "--date", DAY]),
    paperround(home, ["outbox", "list", "--json"]),
  ]);
  expect(text.out).toMatch(/^due +2026-04-15 +ada@example\.org +0 .*due 20/m);
  expect(JSON.parse(json.out)).toMatchObject([{ state: "due", address: "ada@example.org" }]);
});

test("a dry run to an address names it, leaves nothing, and says when there is nothing", async () => {
  const home = await sampleHome();
  const [text, json, empty] = await Promise.all([
    paperround(home, ["send", "--date", DAY, "--to", "me@example.org", "--dry-run"]),
    paperround(home, ["send", "--date", DAY, "--to", "me@example.org", "--dry-run", "--json"]),
    paperround(home, ["send", "--date", "2020-01-01", "--to", "me@example.org", "--dry-run"]),
  ]);
  expect(text).toMatchObject({ exit: 0, said: "" });
  expect(text.out).toContain("  to me@example.org\n");
  expect(JSON.parse(json.out)).toMatchObject({ dryRun: true, readers: 1 });
  expect([empty.exit, empty.out]).toEqual([3, ""]);
});
