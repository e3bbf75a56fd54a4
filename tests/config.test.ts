import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isLoopback, readConfig } from "../src/config.ts";
import { PaperRoundError } from "../src/errors.ts";
import { emptyHome } from "./home.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

function homeWith(files: Readonly<Record<string, string>>): string {
  const home = emptyHome();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  return home;
}

/** Returns the fault that reading a configuration ends in. */
function faultOf(read: () => unknown): PaperRoundError {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof PaperRoundError) return thrown;
    throw thrown;
  }
  throw new Error("The configuration was accepted.");
}

function yamlFault(yaml: string) {
  const home = homeWith({ "paperround.yaml": yaml });
  const fault = faultOf(() => readConfig(home, {}));
  expect(fault.code).toBe("CONFIG_INVALID");
  expect(fault.exit).toBe(2);
  return fault.message.replaceAll(join(home, "paperround.yaml"), "FILE");
}

test("without a file the defaults hold, in the folder itself", () => {
  const home = emptyHome();
  expect(readConfig(home, {})).toEqual({
    newsletter: {
      name: "Paper Round",
      tagline: "Trending research papers",
      postalAddress: "",
      timeZone: "UTC",
      language: "en",
      accent: "#0b57d0",
    },
    edition: { entries: 10, whenEmpty: "skip" },
    letter: { thumbnails: false },
    interests: { opinions: true },
    preview: { testAddresses: [] },
    schedule: { daily: "07:00", latestHours: 6, gatherMinutes: 60 },
    network: { allowHosts: [], keepAnswers: false },
    selection: { bar: 0, fewest: 1, lateDays: 7, surprise: false, updates: 1, variety: 0.1 },
    sources: [],
    dkim: [],
    smtp: { connections: 5, domains: [], lettersInFlight: 1, limits: {}, allowPlaintext: false },
    summaries: {
      budgetPerDay: { requests: 50, tokens: 200_000 },
      timeoutMs: 20_000,
      editionTimeoutMs: 90_000,
    },
    web: { host: "127.0.0.1", port: 8025, trustedProxies: [], searchEngines: true },
    home,
    file: null,
    smtpUrl: null,
    secret: null,
    summariesKey: null,
    sourceKeys: { "github-stars": null, "semantic-scholar": null },
    proxies: { http: null, https: null, no: [] },
    oldSecrets: [],
    joining: {
      open: true,
      firstEdition: true,
      expiresDays: 7,
      remindHours: 48,
      minimumSeconds: 2,
      proofOfWork: 0,
      refuseDomains: [],
      refuseRoles: expect.arrayContaining(["postmaster", "noreply"]),
      limits: { networkHour: 20, neighbourhoodHour: 100, domainHour: 200, day: 2000 },
    },
  });
});

test("old secrets are words between spaces, each long enough to sign with", () => {
  const [one, two] = ["a".repeat(32), "b".repeat(40)];
  const read = (text: string) => readConfig(emptyHome(), { PAPERROUND_OLD_SECRETS: text });
  expect(read(` ${one}\n${two} `).oldSecrets).toEqual([one, two]);
  expect(() => read(`${one} short`)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: expect.not.stringContaining("short "),
    }),
  );
});

test.each([
  ["an empty file", ""],
  ["a file of comments", "# nothing yet\n"],
])("%s means the defaults, and makes the folder a home", (_, yaml) => {
  const home = homeWith({ "paperround.yaml": yaml });
  const config = readConfig(home, {});
  expect(config).toMatchObject({ home, file: join(home, "paperround.yaml") });
  expect(config.newsletter.name).toBe("Paper Round");
});

test("what the file says holds; the rest stays at its default", () => {
  const yaml =
    "newsletter:\n  name: Lab Letter\n  timeZone: Europe/Berlin\nedition:\n  entries: 5\n";
  const config = readConfig(homeWith({ "paperround.yaml": yaml }), {});
  expect(config.newsletter).toMatchObject({ name: "Lab Letter", timeZone: "Europe/Berlin" });
  expect(config.newsletter.accent).toBe("#0b57d0");
  expect(config.edition.entries).toBe(5);
});

test("the home is found upward from a folder inside it; the nearest one wins", () => {
  const home = homeWith({ "paperround.yaml": "newsletter: { name: Outer }\n" });
  const inner = join(home, "a", "b");
  mkdirSync(inner, { recursive: true });
  expect(readConfig(inner, {})).toMatchObject({ home, newsletter: { name: "Outer" } });
  writeFileSync(join(home, "a", "paperround.yaml"), "newsletter: { name: Inner }\n");
  expect(readConfig(inner, {})).toMatchObject({
    home: join(home, "a"),
    newsletter: { name: "Inner" },
  });
});

test("PAPERROUND_CONFIG names the file, from wherever the command runs", () => {
  const home = homeWith({ "other.yaml": "newsletter: { name: Named }\n" });
  const config = readConfig(emptyHome(), { PAPERROUND_CONFIG: join(home, "other.yaml") });
  expect(config).toMatchObject({ home, newsletter: { name: "Named" } });
});

test("a file that PAPERROUND_CONFIG names in vain is named in the fault", () => {
  const home = emptyHome();
  const fault = faultOf(() => readConfig(home, { PAPERROUND_CONFIG: "nowhere.yaml" }));
  expect(fault.code).toBe("CONFIG_NOT_FOUND");
  expect(fault.message).toContain(join(home, "nowhere.yaml"));
  expect(fault.remedy).toContain("paperround init");
});

test.each([
  ["edition:\n  entries: 26\n", "FILE:2:3: edition.entries: ", "must be 25 or less"],
  ["edition:\n  entries: 0\n", "FILE:2:3: edition.entries: ", "must be 1 or more"],
  ["edition:\n  entries: 2.5\n", "FILE:2:3: edition.entries: ", "must be a whole number, not 2.5"],
  ["edition:\n  entries: ten\n", "FILE:2:3: edition.entries: ", 'must be a number, not "ten"'],
  [
    "\n\nnewsletter:\n  timeZone: Mars/Olympus\n",
    "FILE:4:3: newsletter.timeZone: ",
    "Europe/Berlin",
  ],
  ['newsletter:\n  timeZone: ""\n', "FILE:2:3: newsletter.timeZone: ", "is not a time zone"],
  ["newsletter:\n  accent: '#ffff00'\n", "FILE:2:3: newsletter.accent: ", "too light"],
  ["newsletter:\n  accent: #0b57d0\n", "FILE:2:3: newsletter.accent: ", "write it quoted"],
  ["newsletter:\n  accent: blue\n", "FILE:2:3: newsletter.accent: ", "is not a colour"],
  ["newsletter:\n  name: ''\n", "FILE:2:3: newsletter.name: ", "must not be empty"],
  ['newsletter:\n  name: "A\\r\\nBcc: b@example.org"\n', "FILE:2:3: newsletter.name: ", "one line"],
  ["newsletter:\n  from: nobody\n", "FILE:2:3: newsletter.from: ", "is not an e-mail address"],
  ["newsletter:\n  publicUrl: ftp://x.org\n", "FILE:2:3: newsletter.publicUrl: ", "https://"],
  ["newsletter:\n  publicUrl: javascript:1\n", "FILE:2:3: newsletter.publicUrl: ", "https://"],
  ["schedule:\n  daily: '25:00'\n", "FILE:2:3: schedule.daily: ", '"07:00"'],
  ["schedule:\n  latestHours: -1\n", "FILE:2:3: schedule.latestHours: ", "must be 0 or more"],
  ["web:\n  port: 70000\n", "FILE:2:3: web.port: ", "must be 65535 or less"],
  ["smtp:\n  connections: 0\n", "FILE:2:3: smtp.connections: ", "must be 1 or more"],
  [
    "sources:\n  - name: good\n    path: x\n  - name: Not Good\n    path: y\n",
    "FILE:4:5: sources.1.name: ",
    "a-z",
  ],
  ["sources:\n  - name: good\n", "FILE:2:5: sources.0.path: ", "is missing"],
  [
    `newsletter:\n  name: ${"x".repeat(61)}\n`,
    "FILE:2:3: newsletter.name: ",
    "may have 60 characters at most",
  ],
  [
    "newsletter:\n  name: 2026\n",
    "FILE:2:3: newsletter.name: ",
    'must be text; write it quoted, like "2026"',
  ],
  ["newsletter:\n  name:\n", "FILE:2:3: newsletter.name: ", "has no value"],
  ["newsletter:\n  language: xx\n", "FILE:2:3: newsletter.language: ", "must be one of en, de, fr"],
  ["letter:\n  thumbnails: sometimes\n", "FILE:2:3: letter.thumbnails: ", "must be true or false"],
  ["web:\n  port: .inf\n", "FILE:2:3: web.port: ", "must be a number, not Infinity"],
  ["sources: files\n", "FILE:1:1: sources: ", "must be a list"],
  [
    "sources:\n  - name: a\n    kind: fax\n",
    "FILE:3:5: sources.0.kind: ",
    "must be one of files, hugging-face",
  ],
  [
    "sources:\n  - { name: a, kind: arxiv, categories: [] }\n",
    "FILE:2:29: sources.0.categories: ",
    "must not be empty",
  ],
  [
    "dkim: [{}, {}, {}]\n".replaceAll("{}", "{ selector: a, domain: b, keyFile: c }"),
    "FILE:1:1: dkim: ",
    "may have 2 items at most",
  ],
  [
    "newsletter: letters\n",
    "FILE:1:1: newsletter: ",
    'must hold keys, each with its value, not "letters"',
  ],
  ["just text\n", "FILE:1:1: the file: ", "must hold keys, each with its value"],
])("the fault in %j names path, line, column and key", (yaml, place, expected) => {
  const message = yamlFault(yaml);
  expect(message.startsWith(place)).toBe(true);
  expect(message).toContain(expected);
  expect(message).not.toContain("\n");
});

test("a section whose keys are all commented out means its defaults", () => {
  const home = homeWith({ "paperround.yaml": "newsletter:\n  # name: X\nedition:\n" });
  expect(readConfig(home, {}).newsletter.name).toBe("Paper Round");
});

test("an unknown key is named with its line: a slip is not ignored", () => {
  expect(yamlFault("newsletter:\n  name: X\n\n  tiemZone: UTC\n")).toMatch(
    /^FILE:4:3: newsletter\.tiemZone: is no key that is known here$/,
  );
  expect(yamlFault("edition: {}\nschedul:\n  daily: '07:00'\n")).toMatch(
    /^FILE:2:1: schedul: is no key/,
  );
});

test("all faults of a file are told at once", () => {
  const message = yamlFault("edition:\n  entries: 99\nweb:\n  port: -1\n");
  expect(message.split("\n").map((line) => line.slice(0, 7))).toEqual(["FILE:2:", "FILE:4:"]);
});

test("each unknown key is told of in a line of its own", () => {
  const message = yamlFault("edition:\n  one: 1\n  two: 2\n");
  expect(message).toBe(
    "FILE:2:3: edition.one: is no key that is known here\n" +
      "FILE:3:3: edition.two: is no key that is known here",
  );
});

test.each([
  [
    "a bracket",
    "web:\n  port: 1\n  trustedProxies: [\n    a,\nedition:\n",
    /^FILE:3:19: the \[ that begins here is not closed\.$/,
  ],
  [
    "a bracket at the end",
    "newsletter:\n  name: [\n",
    /^FILE:2:9: the \[ that begins here is not closed\.$/,
  ],
  [
    "a brace in a bracket",
    "sources: [\n  { name: a\n",
    /^FILE:2:3: the \{ that begins here is not closed\.$/,
  ],
  [
    "a quote",
    "newsletter:\n  name: 'A\nedition:\n",
    /^FILE:2:9: the ' that begins here is not closed\.$/,
  ],
  ["an alias of nothing", "newsletter: *letters\n", /^FILE: Unresolved alias .*letters\.$/],
  ["a tab", "newsletter:\n\tname: X\n", /^FILE:2:1: /],
  ["a key twice", "web:\n  port: 1\n  port: 2\n", /^FILE:3:3: /],
])("YAML that is broken by %s is refused with the place", (_, yaml, place) => {
  expect(yamlFault(yaml)).toMatch(place);
});

test(".env beside the file fills in what the environment lacks, and the environment wins", () => {
  const home = homeWith({
    "paperround.yaml": "",
    ".env": `# comment\nSMTP_URL=smtp://from-file:25\nPAPERROUND_SECRET=${SECRET}\n`,
  });
  expect(readConfig(home, {}).smtpUrl?.host).toBe("from-file:25");
  const config = readConfig(home, { SMTP_URL: "smtps://from-environment" });
  expect(config.smtpUrl?.host).toBe("from-environment");
  expect(config.secret).toBe(SECRET);
});

const withModel = (endpoint: string, more = "") =>
  `summaries:\n  endpoint: ${endpoint}\n  model: small\n${more}`;

test.each([
  "https://models.example/v1",
  "http://127.0.0.1:11434/v1",
  "http://localhost",
  "http://[::1]:8080/v1",
])("a model may be asked at %s", (endpoint) => {
  const { summaries } = readConfig(homeWith({ "paperround.yaml": withModel(endpoint) }), {});
  expect(summaries).toMatchObject({ endpoint, model: "small", timeoutMs: 20_000 });
});

test.each([
  ["http://models.example/v1", /must be https/],
  ["http://127.0.0.1@models.example/v1", /must be https/],
  ["http://localhost.models.example/v1", /must be https/],
  ["https://user:password@models.example/v1", /password/],
  ["ftp://models.example", /is not a web address/],
])("no abstract is sent to %s", (endpoint, message) => {
  expect(yamlFault(withModel(endpoint))).toMatch(message);
});

test("an endpoint without a model, or a model without one, is refused", () => {
  const needsBoth = /FILE:1:1: summaries: needs both/;
  expect(yamlFault("summaries:\n  endpoint: https://models.example/v1\n")).toMatch(needsBoth);
  expect(yamlFault("summaries:\n  model: small\n")).toMatch(needsBoth);
});

test("the key to the model comes from the environment, else from the file that is named", () => {
  const yaml = withModel("https://models.example/v1", "  keyFile: model-key\n");
  const home = homeWith({ "paperround.yaml": yaml, "model-key": "from-file\n" });
  expect(readConfig(home, {}).summariesKey).toBe("from-file");
  const environment = { PAPERROUND_SUMMARIES_KEY: "from-environment" };
  expect(readConfig(home, environment).summariesKey).toBe("from-environment");
  const broken = { PAPERROUND_SUMMARIES_KEY: "two\r\nlines" };
  const fault = faultOf(() => readConfig(home, broken));
  expect(fault).toMatchObject({ code: "CONFIG_INVALID" });
  expect(fault.message).not.toContain("two");
});

test("an empty SMTP_URL, as `init` writes it, is none", () => {
  expect(readConfig(homeWith({ ".env": "SMTP_URL=\n" }), {}).smtpUrl).toBeNull();
});

test("a secret may lie in a file, relative to the home", () => {
  const home = homeWith({ smtp: " smtp://u:p@mail.example.org:587\n", key: `${SECRET}\n` });
  const config = readConfig(home, { SMTP_URL_FILE: "smtp", PAPERROUND_SECRET_FILE: "key" });
  expect(config.smtpUrl?.href).toBe("smtp://u:p@mail.example.org:587");
  expect(config.secret).toBe(SECRET);
});

test("a secret's file that is not there is named", () => {
  const home = emptyHome();
  const fault = faultOf(() => readConfig(home, { SMTP_URL_FILE: "nowhere" }));
  expect(fault.code).toBe("FILE_NOT_FOUND");
  expect(fault.message).toContain(join(home, "nowhere"));
});

test.each([
  "user:hunter2@mail.example.org",
  "http://user:hunter2@mail.example.org",
  "smtp://user:hunter2@",
  "smtp://user:hunter2@mail.example.org:99999",
  "smtp://user:hunter2@mail example.org",
  "hunter2",
])("a wrong SMTP_URL is refused without repeating the password: %s", (url) => {
  const fault = faultOf(() => readConfig(emptyHome(), { SMTP_URL: url }));
  expect(fault.code).toBe("CONFIG_INVALID");
  expect(fault.message).toBe("SMTP_URL is not of the form smtp://user:password@host:port.");
  expect(JSON.stringify([fault.message, fault.remedy, fault.stack, fault.cause])).not.toContain(
    "hunter2",
  );
});

test("a secret shorter than 32 characters is refused and not repeated", () => {
  expect(readConfig(emptyHome(), { PAPERROUND_SECRET: SECRET }).secret).toBe(SECRET);
  const short = SECRET.slice(1);
  const fault = faultOf(() => readConfig(emptyHome(), { PAPERROUND_SECRET: short }));
  expect(fault.code).toBe("CONFIG_INVALID");
  expect(fault.message).not.toContain(short);
  expect(fault.remedy).toContain("openssl rand -hex 32");
});

test("DATABASE_URL is refused: letters must not go out beside the database that was meant", () => {
  const fault = faultOf(() =>
    readConfig(emptyHome(), { DATABASE_URL: "postgres://u:hunter2@db/x" }),
  );
  expect(fault.code).toBe("CONFIG_INVALID");
  expect(fault.message).not.toContain("hunter2");
});

test("the configuration is frozen to its depth", () => {
  const yaml = "sources:\n  - name: a\n    path: b\n";
  const config = readConfig(homeWith({ "paperround.yaml": yaml }), {});
  const parts = [config, config.newsletter, config.sources, config.sources[0], config.web];
  expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.8.9.10", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["127.0.0.1.example.org", false],
  ["localhost.example.org", false],
  ["mail.example.org", false],
  ["", false],
])("%j is this machine: %s", (host, local) => {
  expect(isLoopback(host)).toBe(local);
});

test("domains that are refused may lie in a file, one a line", () => {
  const home = homeWith({
    "paperround.yaml":
      "joining:\n  refuseDomains: [first.example]\n  refuseDomainsFile: throw-away.txt\n",
    "throw-away.txt": "# of others\n\nSecond.example\r\nthird.example # seen in May\n",
  });
  const { refuseDomains } = readConfig(home, {}).joining;
  expect(refuseDomains).toEqual(["first.example", "second.example", "third.example"]);
});

test.each([
  ["is not there", {}, "FILE_NOT_FOUND", /throw-away\.txt/],
  [
    "holds no domain",
    { "throw-away.txt": "a.example\nhttps://b.example/\n" },
    "CONFIG_INVALID",
    /:2: "https/,
  ],
])("a file of domains that %s is named", (_, files, code, said) => {
  const yaml = "joining:\n  refuseDomainsFile: throw-away.txt\n";
  const home = homeWith({ "paperround.yaml": yaml, ...files });
  const fault = faultOf(() => readConfig(home, {}));
  expect(fault.code).toBe(code);
  expect(fault.message).toMatch(said);
});
