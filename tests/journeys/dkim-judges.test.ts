/**
 * Puts our signatures before verifiers that others wrote, such as mailbox providers run: each must
 * let every signature of a good letter pass that it can verify, and none of a letter tampered with.
 *
 *     apt-get install -y --no-install-recommends python3-dkim libmail-dkim-perl opendkim
 */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  bodyHash,
  dnsRecord,
  loadSigningKey,
  openSigner,
  type Field,
  type SigningKey,
} from "../../src/mail/dkim.ts";
import { shareMessage, type ListHeaders } from "../../src/mail/message.ts";

interface Judge {
  readonly name: string;
  readonly installed: boolean;
  /** What it is known to verify; RSA is all that can be asked of everybody. */
  readonly algorithms: readonly string[];
  /** Returns, for each file, the algorithms of the signatures that it lets pass. */
  verify(files: readonly string[]): Promise<Record<string, string[]>>;
}

const RSA = "rsa-sha256";
const ED25519 = "ed25519-sha256";
const DOMAIN = "papers.example.org";

const folder = mkdtempSync(join(tmpdir(), "paperround-dkim-"));
const recordsFile = join(folder, "records.json");
const publicKeysFile = join(folder, "public-keys");
const opendkimConfig = join(folder, "opendkim.conf");
afterAll(() => rmSync(folder, { recursive: true }));

const keyOf = ({ privateKey }: { privateKey: KeyObject }, selector: string) =>
  loadSigningKey(privateKey.export({ type: "pkcs8", format: "pem" }), { selector, domain: DOMAIN });
const rsa = keyOf(generateKeyPairSync("rsa", { modulusLength: 2048 }), "pr2026");
const ed25519 = keyOf(generateKeyPairSync("ed25519"), "pr2026e");
const records = Object.fromEntries(
  [rsa, ed25519].map((key) => [`${key.selector}._domainkey.${key.domain}`, dnsRecord(key)]),
);
writeFileSync(recordsFile, JSON.stringify(records));
const lines = Object.entries(records).map(([name, value]) => `${name} ${value}\n`);
writeFileSync(publicKeysFile, lines.join(""));
writeFileSync(opendkimConfig, `TestPublicKeys ${publicKeysFile}\nMode v\nSyslog no\n`);

const VARYING = ["To", "Message-ID", "Date", "List-Unsubscribe"] as const;

/** Returns a letter as the mail room composes it, signed as an edition is. */
async function letter(keys: readonly SigningKey[], list: ListHeaders | null, html: string | null) {
  const { content } = await shareMessage({
    sender: { name: "Papierrunde Zürich", address: `letters@${DOMAIN}`, contact: `desk@${DOMAIN}` },
    parts: { subject: `${"Émotion, 東京 and ".repeat(5)}more`, text: "Hello.\n\n\n", html },
    list,
    signer: null,
  }).for({
    from: `letters@${DOMAIN}`,
    to: "reader@example.net",
    messageId: `daily-2026-04-15.abc@${DOMAIN}`,
    date: new Date(),
    unsubscribeUrl: list && `https://papers.${DOMAIN}/unsubscribe/1-RLBoVthnycOFVxI7Q-8eOw`,
    slots: {},
  });
  const source = content.toString("latin1");
  const end = source.indexOf("\r\n\r\n");
  const header = source.slice(0, end).split(/\r\n(?![\t ])/);
  const fields = header.map((field): Field => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon), field.slice(colon + 1)];
  });
  const varying = VARYING.filter((name) => fields.some(([each]) => each === name));
  const fixed = fields.filter(([name]) => !varying.some((each) => each === name));
  const values = Object.fromEntries(fields) as Record<(typeof VARYING)[number], string>;
  const edition = openSigner(keys).prepare(fixed, varying);
  const hash = bodyHash(content.subarray(end + 4));
  return (await edition.signAsync(values, hash, new Date())) + source;
}

/** A letter that nobody would write: every rule of the relaxed form has something to do. */
function oddLetter(): string {
  const header: Field[] = [
    ["FROM", ` \t"A,  B"\r\n\t<letters@${DOMAIN}>  `],
    ["to", "reader@example.net,\r\n \tother@example.net"],
    ["Subject", ""],
    ["Date", `\t${new Date().toUTCString().replace("GMT", "+0000")}`],
    ["Content-Type", "text/plain;\r\n  charset=iso-8859-1"],
  ];
  const body = " indented \t text \r\n\t\r\n\r\ncaf\xe9  \r\n.\r\n\r\n \r\n\r\n";
  const hash = bodyHash(Buffer.from(body, "latin1"));
  const signature = openSigner([rsa, ed25519]).sign(header, hash, new Date());
  return `${signature}${header.map(([name, value]) => `${name}:${value}\r\n`).join("")}\r\n${body}`;
}

const list = {
  archiveUrl: `https://${DOMAIN}/archive/daily/2026-04-15`,
  editionName: "daily-2026-04-15",
};
const html = `<p>${"Zürich 東京 ".repeat(500)}</p>`;
const good: Record<string, string> = {
  "an edition's letter": await letter([rsa, ed25519], list, html),
  "a letter of text alone": await letter([rsa, ed25519], list, null),
  "a one-off letter": await letter([rsa, ed25519], null, html),
  "a letter with RSA alone": await letter([rsa], list, html),
  "a letter with Ed25519 alone": await letter([ed25519], list, html),
  "an odd letter": oddLetter(),
};

const edition = good["an edition's letter"] ?? "";
const replaced = (before: string | RegExp, after: string) => {
  const changed = edition.replace(before, after);
  if (changed === edition) throw new Error(`there is no ${before} to tamper with`);
  return changed;
};
const tampered: Record<string, string> = {
  "another subject": replaced("\r\nSubject: ", "\r\nSubject: Re: "),
  "another sender's name": replaced("\r\nFrom: ", "\r\nFrom: Evil "),
  "another recipient": replaced("\r\nTo: reader@", "\r\nTo: other@"),
  "another date": replaced(/\r\nDate: \w+/, "\r\nDate: Xyz"),
  "another Message-ID": replaced("\r\nMessage-ID: <", "\r\nMessage-ID: <x"),
  "another link to leave": replaced("/unsubscribe/1-", "/unsubscribe/2-"),
  "another way to leave": replaced("=One-Click", "=Two-Click"),
  "no way to leave in one click": replaced(/List-Unsubscribe-Post:[^\r]*\r\n/, ""),
  "another List-Id": replaced("papierrunde-zurich.", "other."),
  "another boundary": replaced(/(\r\nContent-Type:[^\r]*)/, "$1; x=y"),
  "another feedback loop": replaced("Feedback-ID: ", "Feedback-ID: x"),
  "another body": replaced("Hello.", "Hellp."),
  "more body": `${edition}more\r\n`,
  "a later time of signing": replaced(/ t=\d/g, " t=2"),
};
for (const name of ["From", "To", "Cc", "Reply-To", "Subject", "Date", "Content-Type"]) {
  tampered[`another ${name} on top`] = `${name}: evil@evil.example\r\n${edition}`;
}
for (const name of ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]) {
  tampered[`another ${name} on top`] = `${name}: <https://evil.example/>\r\n${edition}`;
}

const files = new Map(
  [...Object.entries(good), ...Object.entries(tampered)].map(([name, content], index) => {
    const file = join(folder, `${index}.eml`);
    writeFileSync(file, content, "latin1");
    return [name, file];
  }),
);

/** Runs a judge's program; what it prints is the verdict. */
function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  return stdout + stderr;
}

function isInstalled(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}

const DKIMPY = `
import dkim, json, sys
records = json.load(open(sys.argv[1]))
def answer(name, timeout=5):
    return records[name.decode().rstrip(".")].encode()
def passes(message, index):
    try:
        return dkim.DKIM(message).verify(idx=index, dnsfunc=answer)
    except dkim.DKIMException:
        return False
verdicts = {}
for file in sys.argv[2:]:
    message = open(file, "rb").read()
    found = [v for k, v in dkim.DKIM(message).headers if k.lower() == b"dkim-signature"]
    verdicts[file] = [
        dkim.util.parse_tag_value(value)[b"a"].decode()
        for index, value in enumerate(found) if passes(message, index)
    ]
print(json.dumps(verdicts))
`;

const MAIL_DKIM = `
use strict; use warnings;
use JSON::PP; use Mail::DKIM::DNS; use Mail::DKIM::Verifier; use Net::DNS;
sub content { local $/; open(my $file, "<:raw", shift) or die; <$file> }
my $records = decode_json(content(shift @ARGV));
sub Zone::errorstring { "NXDOMAIN" }
sub Zone::send {
  my (undef, $name, $type) = @_;
  my $packet = Net::DNS::Packet->new($name, $type);
  my $value = $records->{$name} or return $packet;
  my @strings = unpack("(A255)*", $value);
  $packet->push(answer => Net::DNS::RR->new(owner => $name, type => "TXT", txtdata => \\@strings));
  return $packet;
}
Mail::DKIM::DNS::resolver(bless {}, "Zone");
my %verdicts;
for my $file (@ARGV) {
  my $verifier = Mail::DKIM::Verifier->new;
  $verifier->PRINT(content($file));
  $verifier->CLOSE;
  $verdicts{$file} = [map { $_->algorithm } grep { $_->result eq "pass" } $verifier->signatures];
}
print encode_json(\\%verdicts);
`;

interface Mailauth {
  dkimVerify(
    message: Buffer,
    options: { resolver: (name: string) => Promise<string[][]> },
  ): Promise<{ results: { algo?: string; status: { result: string } }[] }>;
}

/** Returns mailauth, whose verifier has no types of its own. */
function mailauth(): Mailauth | null {
  const require = createRequire(import.meta.url);
  try {
    return require("mailauth/lib/dkim/verify") as Mailauth;
  } catch {
    return null;
  }
}

const library = mailauth();
const judges: Judge[] = [
  {
    name: "dkimpy (python3-dkim)",
    installed: isInstalled("/usr/bin/python3", ["-c", "import dkim, nacl"]),
    algorithms: [RSA, ED25519],
    verify: async (files) =>
      JSON.parse(run("/usr/bin/python3", ["-c", DKIMPY, recordsFile, ...files])),
  },
  {
    name: "Mail::DKIM (libmail-dkim-perl)",
    installed: isInstalled("/usr/bin/perl", ["-MMail::DKIM", "-MJSON::PP", "-e", "1"]),
    algorithms: [RSA],
    verify: async (files) =>
      JSON.parse(run("/usr/bin/perl", ["-e", MAIL_DKIM, recordsFile, ...files])),
  },
  {
    name: "opendkim",
    installed: isInstalled("/usr/sbin/opendkim", ["-V"]),
    algorithms: [RSA],
    // It answers 0 whatever it finds: what counts is the Authentication-Results that it would add.
    verify: async (files) =>
      Object.fromEntries(
        files.map((file) => {
          const said = run("/usr/sbin/opendkim", ["-x", opendkimConfig, "-vv", "-t", file]);
          const passed = said.matchAll(/\bdkim=pass\b[^;]*\bheader\.a=([\w-]+)/g);
          return [file, [...passed].map((match) => match[1] ?? "")];
        }),
      ),
  },
  {
    name: "mailauth",
    installed: library !== null,
    algorithms: [RSA, ED25519],
    verify: async (files) => {
      const resolver = async (name: string) => [[records[name] ?? ""]];
      const verdicts: Record<string, string[]> = {};
      for (const file of files) {
        const verdict = await library?.dkimVerify(readFileSync(file), { resolver });
        const passed = verdict?.results.filter(({ status }) => status.result === "pass") ?? [];
        verdicts[file] = passed.map(({ algo }) => algo ?? "");
      }
      return verdicts;
    },
  },
];

for (const judge of judges) {
  const absent = judge.installed ? "" : ` (skipped: ${judge.name} is not installed)`;
  test.skipIf(!judge.installed)(
    `${judge.name} lets every good letter pass and none that was tampered with${absent}`,
    async () => {
      const verdicts = await judge.verify([...files.values()]);
      const passed = (name: string) => verdicts[files.get(name) ?? ""] ?? ["no verdict"];
      // More than is asked of a judge is welcome in a good letter, and a fault in a bad one.
      const found = [
        ...Object.keys(good).map((name) => [
          name,
          judge.algorithms.filter((algorithm) => passed(name).includes(algorithm)),
        ]),
        ...Object.keys(tampered).map((name) => [name, passed(name)]),
      ];
      const expected = [
        ...Object.entries(good).map(([name, content]) => [
          name,
          judge.algorithms.filter((algorithm) => content.includes(` a=${algorithm};`)),
        ]),
        ...Object.keys(tampered).map((name) => [name, []]),
      ];
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    },
  );
}
