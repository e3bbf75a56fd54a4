import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { readSubscribers, writeCsv, writeJson } from "../../src/subscribers/exchange.ts";
import { openSubscriberList } from "../../src/subscribers/subscriber-list.ts";
import { subscriberMigrations, type SubscriberTables } from "../../src/subscribers/subscriber-tables.ts";
import { NO_CHOICE, type Subscriber, type SubscriberKey } from "../../src/subscribers/subscriber.ts";
import { emptyHome } from "../home.ts";

const NOW = "2026-04-15T08:00:00.000Z";
const CADENCES = ["daily", "weekly", "monthly"];

const read = (text: string) => readSubscribers(text, "readers.csv", CADENCES, NOW);
const readEmails = (text: string) => read(text).admissions.map(({ address }) => address.address);

function subscriber(address: string, changes: Partial<Subscriber> = {}): Subscriber {
  return {
    key: 1 as SubscriberKey,
    address,
    state: "confirmed",
    cadence: "daily",
    textOnly: false,
    ...NO_CHOICE,
    consent: { how: "imported", detail: "old.csv, row 2", at: NOW },
    endedAt: null,
    profile: null,
    leavingReason: null,
    moves: 0,
    away: null,
    ...changes,
  };
}

async function openList() {
  const file = join(emptyHome(), "subscribers.sqlite");
  const database = await openDatabase<SubscriberTables>({ file, migrations: subscriberMigrations });
  onTestFinished(() => database.close());
  return openSubscriberList(database.db, database.scrub);
}

test("a row becomes an admission with its consent: the file, the row, the operator, the time", () => {
  const { admissions, bad } = read("email,cadence,text_only\nAda@example.org,Weekly,YES\n");
  expect(bad).toEqual([]);
  expect(admissions).toEqual([
    {
      address: { address: "Ada@example.org", key: "ada@example.org" },
      cadence: "weekly",
      textOnly: true,
      consent: { how: "imported", detail: "readers.csv, row 2, by the operator", at: NOW },
    },
  ]);
});

test("whatever a row leaves out is daily, with HTML", () => {
  const [admission] = read("email,cadence,text_only\nada@example.org,,\n").admissions;
  expect(admission).toMatchObject({ cadence: "daily", textOnly: false });
});

test.each([
  ["commas", "email,name\nada@example.org,Ada\ngrace@example.org,Grace\n"],
  ["semicolons", "email;name\nada@example.org;Ada, Countess\ngrace@example.org;Grace\n"],
  ["tabs", "name\temail\nAda, Countess\tada@example.org\nGrace\tgrace@example.org\n"],
  ["one column", "email\nada@example.org\ngrace@example.org"],
  ["Windows line ends", "email,name\r\nada@example.org,Ada\r\ngrace@example.org,Grace\r\n"],
  ["old Macintosh line ends", "email\rada@example.org\rgrace@example.org\r"],
  ["a byte order mark", "\ufeffemail,name\nada@example.org,Ada\ngrace@example.org,Grace\n"],
  ["quotes", '"email","name"\n"ada@example.org","Ada ""the first"""\n"grace@example.org",""\n'],
  ["line breaks inside quotes", 'email,name\nada@example.org,"A\nda"\ngrace@example.org,G\n'],
  ["space around cells", " email , name \n ada@example.org , Ada\n grace@example.org ,Grace\n"],
  ["empty lines", "\n\nemail,name\n\nada@example.org,Ada\n\n\ngrace@example.org,Grace\n\n"],
  ["E-mail for a header", "Name,E-mail\nAda,ada@example.org\nGrace,grace@example.org\n"],
  ["EMAIL for a header", "EMAIL\nada@example.org\ngrace@example.org\n"],
  ["too many cells", "email\nada@example.org,x,y\ngrace@example.org,,,\n"],
  ["too few cells", "email,name,cadence\nada@example.org\ngrace@example.org,Grace\n"],
  ["a JSON list of texts", '["ada@example.org", "grace@example.org"]'],
  ["JSON objects", '[{"email":"ada@example.org"},{"email":"grace@example.org","x":1}]'],
  ["JSON with a byte order mark", '\ufeff ["ada@example.org", {"email":"grace@example.org"}]\n'],
])("a file with %s is read", (_, text) => {
  expect(read(text).bad).toEqual([]);
  expect(readEmails(text)).toEqual(["ada@example.org", "grace@example.org"]);
});

test("JSON objects carry preferences", () => {
  const { admissions } = read('[{"email":"a@example.org","cadence":"monthly","text_only":true}]');
  expect(admissions[0]).toMatchObject({ cadence: "monthly", textOnly: true });
});

test("bad rows are named by row and column, and the others come in", () => {
  const { admissions, bad } = read(
    [
      "email,cadence,state",
      "ada@example.org,daily,confirmed",
      "not an address,daily,",
      "",
      "grace@example.org,hourly,",
      ",weekly,",
      "left@example.org,daily,unsubscribed",
      "=cmd|'/c calc'!A1@example.org,daily,",
      "emmy@example.org,monthly,",
    ].join("\n"),
  );
  expect(admissions.map(({ address }) => address.key)).toEqual(["ada@example.org", "emmy@example.org"]);
  expect(bad).toEqual([
    { row: 3, column: "email", problem: '"not an address" has no @' },
    { row: 5, column: "cadence", problem: '"hourly" is none of daily, weekly, monthly' },
    { row: 6, column: "email", problem: "is missing" },
    { row: 8, column: "email", problem: "\"=cmd|'/c calc'!A1@example.org\" is not an e-mail address" },
  ]);
});

test("bad elements of a JSON list are named by their place", () => {
  const { admissions, bad } = read('[null, 5, ["a@b.org"], {"email": 5}, "x", "ada@example.org"]');
  expect(admissions).toHaveLength(1);
  expect(bad.map(({ row, column }) => [row, column])).toEqual([
    [1, "email"],
    [2, "email"],
    [3, "email"],
    [4, "email"],
    [5, "email"],
  ]);
});

test("a problem repeats what was written short, and without what a terminal would obey", () => {
  const [control] = read('email\n"\u001b[31mred\u0007"\n').bad;
  expect(control?.problem).toBe('"�[31mred�" has no @');
  const [long] = read(`email\n${"x".repeat(5000)}\n`).bad;
  expect(long?.problem).toHaveLength('"" is too long'.length + 61);
});

test.each([
  ["nothing", ""],
  ["no header", "ada@example.org\ngrace@example.org\n"],
  ["another header", "name,address\nAda,ada@example.org\n"],
  ["a header that only sounds like it", "email address,name\nada@example.org,Ada\n"],
])("a file with %s is refused, and told how to begin", (_, text) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({
      code: "FILE_MALFORMED",
      message: 'readers.csv, row 1 names no column "email".',
      remedy: expect.stringContaining("email,cadence,text_only"),
    }),
  );
});

test.each([
  ["CSV inside a quoted cell", 'email,name\nada@example.org,Ada\ngrace@example.org,"Gra', "line 3"],
  ["JSON inside a text", '["ada@example.org", "gra', "position"],
  ["JSON inside a list", '[{"email":"ada@example.org"},', "JSON"],
])("%s that was cut short is refused whole, and says where", (_, text, where) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({
      code: "FILE_MALFORMED",
      message: expect.stringMatching(new RegExp(`^readers\\.csv is not whole .*${where}`)),
    }),
  );
});

test("no exported cell is a formula to a spreadsheet", () => {
  const csv = writeCsv(
    ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=cmd|' /C calc'!A0"].map((danger) =>
      subscriber("+tag@example.org", {
        cadence: danger,
        consent: { how: "imported", detail: `${danger}, row 2`, at: NOW },
      }),
    ),
  );
  const cells = csv.split(/,|\r\n/).map((cell) => cell.replace(/^"/, ""));
  expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  expect(csv).toContain("'+tag@example.org");
  expect(csv).toContain("'=cmd|");
});

test("JSON is exported unaltered", () => {
  expect(JSON.parse(writeJson([subscriber("+tag@example.org", { textOnly: true })]))).toEqual([
    {
      email: "+tag@example.org",
      state: "confirmed",
      cadence: "daily",
      text_only: "yes",
      consent_how: "imported",
      consent_detail: "old.csv, row 2",
      consent_at: NOW,
      consent_wording: "",
      consent_confirmed_at: "",
      ended_at: "",
    },
  ]);
});

test.each([
  ["CSV", writeCsv],
  ["JSON", writeJson],
])("what was exported as %s comes back the same", (_, write) => {
  const people = [
    subscriber("+tag@example.org", { textOnly: true }),
    subscriber("-dash@example.org", { cadence: "weekly" }),
    subscriber("o'brien@example.org"),
  ];
  const { admissions, bad } = read(write(people));
  expect(bad).toEqual([]);
  expect(
    admissions.map(({ address, cadence, textOnly }) => [address.address, cadence, textOnly]),
  ).toEqual(people.map(({ address, cadence, textOnly }) => [address, cadence, textOnly]));
});

test.each([
  ["CSV", writeCsv],
  ["JSON", writeJson],
])("an exported list taken in elsewhere as %s revives nobody who had left", async (_, write) => {
  const list = await openList();
  await list.admit(read("email\nada@example.org\n+left@example.org\ngone@example.org\n").admissions);
  for (const { key, address } of await Array.fromAsync(list.all())) {
    if (address === "+left@example.org") await list.unsubscribe(key, NOW);
    if (address === "gone@example.org") await list.remove(key, NOW);
  }
  const text = write(await Array.fromAsync(list.all()));
  const { admissions, bad, notConfirmed } = read(text);
  const elsewhere = await openList();
  expect(await elsewhere.admit(admissions)).toEqual(["added"]);
  expect((await Array.fromAsync(elsewhere.all())).map(({ address }) => address)).toEqual([
    "ada@example.org",
  ]);
  expect([bad, notConfirmed]).toEqual([[], 2]);
  expect(await list.admit(admissions)).toEqual(["already"]);
});
