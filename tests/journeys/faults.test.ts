import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERRORS, type ErrorCode } from "../../src/errors.ts";
import { emptyHome } from "../home.ts";
import { startFaultServer } from "../mail/fault-server.ts";
import { DAY, homeWith, paperround, sampleHome, statusOf } from "../cli/program.ts";

/** Every fault is told alike: what happened, then what to do and the code; nothing on stdout. */
function fault(code: ErrorCode, sentence: string) {
  const text = RegExp.escape(sentence);
  return {
    exit: ERRORS[code].exit,
    out: "",
    said: expect.stringMatching(`^error [^\\n]*${text}[^\\n]*\\n {6}\\S[^\\n]* \\[${code}\\]\\n$`),
  };
}

test("a slip on the command line is a fault of usage, and leaves no trace", async () => {
  const home = emptyHome();
  const slips = [
    [["sned"], "Unknown command 'sned'. Did you mean send?"],
    [["send", "--fate"], "Unknown option '--fate'. Did you mean --date?"],
    [["edition", "--cadence", "hourly"], "Choose one of daily, weekly, monthly."],
    [["subscribers", "add"], "Missing required argument 'email'."],
    [["preview", "--port", "99999"], "A port is a number from 0 to 65535."],
  ] as const;
  const ended = await Promise.all(slips.map(([argv]) => paperround(home, argv)));
  expect(ended).toEqual(slips.map(([, sentence]) => fault("USAGE", sentence)));
  expect(readdirSync(home)).toEqual([]);
});

test("a slip is answered with the help of the command that it was made in", async () => {
  const home = homeWith({ "paperround.yaml": "" });
  const slips = [
    [["sned"], "paperround"],
    [["preview", "--fate"], "paperround preview"],
    [["preview", "--port", "99999"], "paperround preview"],
    [["subscribers", "add"], "paperround subscribers add"],
    [["subscribers", "ad"], "paperround subscribers"],
    [["outbox", "resolve", "--all"], "paperround outbox resolve"],
  ] as const;
  const ended = await Promise.all(slips.map(([argv]) => paperround(home, argv)));
  expect(ended.map(({ said }) => said.split("\n")[1]?.trim())).toEqual(
    slips.map(([, command]) => `See \`${command} --help\`. [USAGE]`),
  );
});

test("a date that is not of the calendar is named", async () => {
  const home = emptyHome();
  const ended = await paperround(home, ["send", "--date", "2026-02-30"]);
  expect(ended).toEqual(fault("DATE_INVALID", '"2026-02-30" is not a date of the calendar.'));
  expect(ended.said).toContain("Write dates as 2026-04-15.");
  expect(readdirSync(home)).toEqual([]);
});

test("a wrong configuration is named by path, line and column before anything is opened", async () => {
  const home = homeWith({ "paperround.yaml": "newsletter:\n  timeZone: Mars/Olympus\n" });
  const ended = await paperround(home, ["status"]);
  const place = `${join(home, "paperround.yaml")}:2:3: newsletter.timeZone: is not a time zone`;
  expect(ended).toEqual(fault("CONFIG_INVALID", "is not a time zone"));
  expect(ended.said).toContain(place);
  expect(readdirSync(home)).toEqual(["paperround.yaml"]);
});

test("a wrong SMTP_URL is refused without its password", async () => {
  const ended = await paperround(emptyHome(), ["status"], { SMTP_URL: "smtp://u:hunter2@" });
  expect(ended).toEqual(fault("CONFIG_INVALID", "SMTP_URL is not of the form"));
  expect(ended.said).not.toContain("hunter2");
});

test("a file that is not there is named, and --debug shows where it arose", async () => {
  const home = emptyHome();
  const argv = ["gather", "--from", "nowhere.json"];
  const plain = await paperround(home, argv);
  const debugged = await paperround(home, [...argv, "--debug"]);
  expect(plain).toEqual(fault("FILE_NOT_FOUND", join(home, "nowhere.json")));
  expect(debugged.exit).toBe(plain.exit);
  expect(debugged.said.startsWith(plain.said)).toBe(true);
  expect(debugged.said).toMatch(/^\s+at .*files\.ts:\d+/m);
  expect(debugged.said).toContain("cause: Error: ENOENT");
});

test.each([
  ["JSON that is cut short", '[{"paper": {"id"', "FILE_MALFORMED"],
  ["JSON of somebody else", '{"a": 1}', "FORMAT_UNKNOWN"],
] as const)("%s is refused whole, by name", async (_, text, code) => {
  const home = homeWith({ "paperround.yaml": "", "papers.json": text });
  const ended = await paperround(home, ["gather", "--from", "papers.json"]);
  expect(ended).toEqual(fault(code, join(home, "papers.json")));
  expect(await statusOf(home)).toMatchObject({ papers: { count: 0 } });
});

test("an unknown source is answered with those that are known", async () => {
  const yaml = "sources:\n  - name: incoming\n    path: incoming\n";
  const home = homeWith({ "paperround.yaml": yaml });
  const ended = await paperround(home, ["gather", "arxiv"]);
  expect(ended).toEqual(
    fault("SOURCE_UNKNOWN", 'There is no source "arxiv". Configured are: incoming.'),
  );
});

test("a day without papers says which day has some, and publishes nothing", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const smtp = { SMTP_URL: "smtp://127.0.0.1:1" };
  const commands = [
    ["send", "--date", "2020-01-01"],
    ["preview", "--date", "2020-01-01", "--html", "letter.html"],
  ];
  for (const ended of await Promise.all(commands.map((argv) => paperround(home, argv, smtp)))) {
    expect(ended).toEqual(fault("NOTHING_TO_SEND", "Wednesday, 1 January 2020."));
    expect(ended.said).toContain(`newest day with papers is ${DAY}.`);
  }
  expect(readdirSync(home)).not.toContain("letter.html");
  expect(await statusOf(home)).toMatchObject({ latest: null });
});

test("without a reader, or without a server, nothing is published for a list", async () => {
  const empty = await sampleHome();
  const nobody = await paperround(empty, ["send", "--date", DAY]);
  expect(nobody).toEqual(fault("NOTHING_TO_SEND", "Nobody takes the daily letter."));
  expect(nobody.said).toContain("paperround subscribers add EMAIL");

  const home = await sampleHome(["ada@example.org"]);
  const unset = await paperround(home, ["send", "--date", DAY]);
  expect(unset).toEqual(fault("SMTP_NOT_CONFIGURED", "No mail server is configured."));
  expect(unset.said).toContain("Set SMTP_URL");
  expect(await statusOf(home)).toMatchObject({ latest: null });
});

test("a server that does not answer is named; what was owed stays owed", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const smtp = { SMTP_URL: "smtp://user:hunter2@127.0.0.1:1" };
  const [single, list] = await Promise.all([
    paperround(home, ["send", "--date", DAY, "--to", "me@example.org"], smtp),
    paperround(home, ["send", "--date", DAY, "--json"], smtp),
  ]);
  expect(single).toEqual(fault("SMTP_UNREACHABLE", "127.0.0.1:1 can't be reached"));
  expect(list.exit).toBe(1);
  expect(list.said).toMatch(/^error 127\.0\.0\.1:1 can't be reached.*\n.*\[SMTP_UNREACHABLE\]$/m);
  expect(list.said).toContain(`To go on: paperround send --date ${DAY}`);
  expect(JSON.parse(list.out)).toMatchObject({ recipients: 1, accepted: 0, uncertain: 0, owed: 1 });
  expect(`${single.said}${list.said}${list.out}`).not.toContain("hunter2");
});

test("a wrong address is refused before anything is done", async () => {
  const wrong = "reader@example";
  const home = emptyHome();
  const commands = [
    ["send", "--to", wrong, "--date", DAY],
    ["subscribers", "add", "ada@example.org", wrong],
  ];
  const smtp = { SMTP_URL: "smtp://127.0.0.1:1" };
  const ended = await Promise.all(commands.map((argv) => paperround(home, argv, smtp)));
  const expected = fault("ADDRESS_INVALID", '"reader@example" is not an e-mail address.');
  expect(ended).toEqual([expected, expected]);
  expect(await statusOf(home)).toMatchObject({ subscribers: { confirmed: 0 } });
});

test("to remove somebody unknown removes nobody", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const argv = ["subscribers", "remove", "ada@example.org", "grace@example.org"];
  const ended = await paperround(home, argv);
  expect(ended).toEqual(fault("SUBSCRIBER_UNKNOWN", "grace@example.org is not on the list."));
  expect(await statusOf(home)).toMatchObject({ subscribers: { confirmed: 1, unsubscribed: 0 } });
});

test("a file that can't be written is the operator's to mend, not a defect", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const ended = await paperround(home, ["subscribers", "export", "nowhere/readers.csv"]);
  expect(ended).toEqual(fault("FILE_NOT_FOUND", "nowhere/readers.csv"));
});

test("a database that is none is a fault of the database, and stays as it is", async () => {
  const home = homeWith({
    "paperround.yaml": "",
    "data/corpus.sqlite": "not a database, at all\n",
  });
  const ended = await paperround(home, ["status"]);
  expect(ended).toEqual(fault("DATABASE_FAULT", join(home, "data", "corpus.sqlite")));
  expect(readFileSync(join(home, "data", "corpus.sqlite"), "utf8")).toBe(
    "not a database, at all\n",
  );
});

test("what to do about uncertain letters, and whose, must be said", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const slips = [
    [["outbox", "resolve", "--all"], "Say what became of them: --resend or --accept."],
    [["outbox", "resolve", "--accept"], "Name addresses, or --all for those of all readers."],
    [
      ["outbox", "retry", "--all", "--state", "uncertain"],
      "Deliveries that are uncertain can't be retried.",
    ],
    [["outbox", "list", "--state", "lost"], "Choose from due, claimed, sending,"],
  ] as const;
  const ended = await Promise.all(slips.map(([argv]) => paperround(home, argv)));
  expect(ended).toEqual(slips.map(([, sentence]) => fault("USAGE", sentence)));
});

test.each([
  ["rcpt-450", "deferred for now", 4],
  ["rcpt-550", "refused for good", 1],
])("a send whose only letter is %s, %s, answers %i", async (reader, _, exit) => {
  const server = await startFaultServer();
  const home = await sampleHome([`${reader}@example.org`]);
  const ended = await paperround(home, ["send", "--date", DAY], { SMTP_URL: server.url.href });
  expect(ended.exit).toBe(exit);
});
