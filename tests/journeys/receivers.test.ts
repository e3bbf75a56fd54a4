/**
 * Sends an edition through the mail servers that are installed on this machine, each started for the
 * test with a configuration of its own: every letter arrives once, and under the name that the
 * server's own log has for it. One that is not there is skipped, with a word.
 */
import { spawn, type ChildProcess } from "node:child_process";
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { emptyHome, ROOT } from "../home.ts";
import { run } from "./program.ts";

const LETTERS = 500;
const NOBODY = 65_534;

interface Receiver {
  readonly name: string;
  readonly binary: string;
  readonly log: string;
  /** Starts it in `folder`, and returns the process. It writes `mail/box` there. */
  start(binary: string, folder: string, port: number): ChildProcess;
}

const receivers: readonly Receiver[] = [
  { name: "Postfix", binary: "/usr/sbin/postfix", log: "log", start: startPostfix },
  { name: "Exim", binary: "/usr/sbin/exim4", log: "mainlog", start: startExim },
  { name: "OpenSMTPD", binary: "/usr/sbin/smtpd", log: "log", start: startOpenSmtpd },
];

function startPostfix(binary: string, folder: string, port: number): ChildProcess {
  const settings = {
    compatibility_level: "3.6",
    queue_directory: `${folder}/queue`,
    data_directory: `${folder}/data`,
    maillog_file: `${folder}/log`,
    maillog_file_prefixes: folder,
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    myhostname: "mx.example.org",
    mydestination: "",
    alias_maps: "",
    local_recipient_maps: "",
    smtpd_recipient_restrictions: "permit_mynetworks, reject",
    virtual_mailbox_domains: "example.org",
    virtual_mailbox_base: `${folder}/mail`,
    virtual_mailbox_maps: "static:box",
    virtual_mailbox_limit: "0",
    virtual_minimum_uid: "1",
    virtual_uid_maps: `static:${NOBODY}`,
    virtual_gid_maps: `static:${NOBODY}`,
  };
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "proxymap unix - - n - - proxymap",
    "virtual unix - n n - - virtual",
    "anvil unix - - n - 1 anvil",
    "postlog unix-dgram n - n - 1 postlogd",
  ];
  mkdirSync(join(folder, "queue"));
  const main = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(join(folder, "main.cf"), `${main.join("\n")}\n`);
  writeFileSync(join(folder, "master.cf"), `${services.join("\n")}\n`);
  onTestFinished(async () => {
    const stop = spawn(binary, ["-c", folder, "stop"], { stdio: "ignore" });
    await new Promise((resolve) => stop.on("close", resolve));
  });
  return spawn(binary, ["-c", folder, "start-fg"], { stdio: "ignore" });
}

function startExim(binary: string, folder: string, port: number): ChildProcess {
  const settings = [
    `spool_directory = ${folder}/spool`,
    `log_file_path = ${folder}/%slog`,
    "primary_hostname = mx.example.org",
    "domainlist local_domains = example.org",
    "acl_smtp_rcpt = accept",
    // It gives up root's rights for a configuration that is not its usual one.
    "deliver_drop_privilege = true",
    "smtp_accept_max = 0",
    "smtp_accept_queue_per_connection = 0",
    "begin routers",
    "readers:",
    "  driver = accept",
    "  domains = +local_domains",
    "  transport = box",
    "begin transports",
    "box:",
    "  driver = appendfile",
    `  file = ${folder}/mail/box`,
    "  delivery_date_add",
    "  envelope_to_add",
  ];
  for (const written of [folder, join(folder, "mail")]) chmodSync(written, 0o777);
  writeFileSync(join(folder, "exim.conf"), `${settings.join("\n")}\n`);
  const options = ["-C", join(folder, "exim.conf"), "-bdf", "-q1m", "-oX", `127.0.0.1.${port}`];
  const daemon = spawn(binary, options, { stdio: "ignore" });
  onTestFinished(() => void daemon.kill());
  return daemon;
}

function startOpenSmtpd(binary: string, folder: string, port: number): ChildProcess {
  const box = `/usr/libexec/opensmtpd/mail.mboxfile -f %{mbox.from} ${folder}/mail/box`;
  const settings = [
    'table readers { "@" = "nobody" }',
    `listen on 127.0.0.1 port ${port} hostname mx.example.org`,
    `action "box" mda "${box}" virtual <readers>`,
    'match from any for any action "box"',
  ];
  const file = join(folder, "smtpd.conf");
  writeFileSync(file, `${settings.join("\n")}\n`, { mode: 0o600 });
  const log = openSync(join(folder, "log"), "a");
  const daemon = spawn(binary, ["-d", "-f", file], { stdio: ["ignore", log, log] });
  closeSync(log);
  onTestFinished(() => void daemon.kill());
  return daemon;
}

function isInstalled({ binary }: Receiver): boolean {
  try {
    accessSync(binary, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until somebody listens. Throws when the server has ended instead. */
async function waitForPort(port: number, server: ChildProcess): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
    });
    if (isOpen) return;
    if (server.exitCode !== null) throw new Error(`The mail server ended with ${server.exitCode}.`);
    await sleep(50);
  }
}

/** Returns whose letters lie in the box, as often as they do, once it holds as many as it should. */
async function readersIn(box: string, many: number): Promise<string[]> {
  for (let looks = 0; ; looks++) {
    const found = textOf(box).matchAll(/^(?:Delivered-To|Envelope-to): (\S+)$/gim);
    const readers = Array.from(found, ([, reader]) => reader ?? "");
    if (readers.length >= many || looks === 600) return readers;
    await sleep(100);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

test.for(receivers)("$name gets every letter once", async (receiver, { skip }) => {
  skip(
    !isInstalled(receiver),
    `${receiver.name} is not installed: there is no ${receiver.binary}.`,
  );
  skip(process.getuid?.() !== 0, `${receiver.name} is started by root only.`);
  const folder = emptyHome();
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "mail"));
  chownSync(join(folder, "mail"), NOBODY, NOBODY);
  const port = await freePort();
  await waitForPort(port, receiver.start(receiver.binary, folder, port));

  const cwd = emptyHome();
  const env = { SMTP_URL: `smtp://127.0.0.1:${port}` };
  const readers = Array.from({ length: LETTERS }, (_, index) => `reader.${index}@example.org`);
  writeFileSync(join(cwd, "readers.csv"), ["email", ...readers].join("\n"));
  await run(["gather", "--from", join(ROOT, "data", "sample.jsonl")], { cwd });
  await run(["subscribers", "import", "readers.csv"], { cwd });
  const sent = await run(["send", "--date", "2026-04-15", "--json"], { cwd, env });
  expect(JSON.parse(sent.stdout)).toMatchObject({ accepted: LETTERS, uncertain: 0, owed: 0 });

  const arrived = await readersIn(join(folder, "mail", "box"), LETTERS);
  expect(arrived.toSorted()).toEqual(readers.toSorted());
  const list = ["outbox", "list", "--state", "accepted", "--json"];
  const listed = JSON.parse((await run(list, { cwd })).stdout) as { queueId: string | null }[];
  const ids = new Set(listed.map(({ queueId }) => queueId));
  expect(ids.size).toBe(LETTERS);
  const log = textOf(join(folder, receiver.log));
  expect([...ids].filter((id) => id === null || !log.includes(id))).toEqual([]);
});
