/**
 * The wiring board: the only file that opens databases and picks implementations. Everything below
 * gets the values it needs and nothing more.
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isLoopback, type Config } from "./config.ts";
import { archiveMigrations, openArchive, type ArchiveTables } from "./editions/archive.ts";
import { PaperRoundError } from "./errors.ts";
import { openDatabase } from "./io/database.ts";
import { processName } from "./io/process.ts";
import { openTemplates } from "./io/template.ts";
import { openDelivery } from "./mail/delivery.ts";
import type { Masthead } from "./mail/letter.ts";
import { openOutbox, outboxMigrations, type OutboxTables } from "./mail/outbox.ts";
import { smtpTransport } from "./mail/smtp.ts";
import type { Transport } from "./mail/transport.ts";
import { openNewsletter } from "./newsletter.ts";
import { openRounds } from "./rounds.ts";
import { corpusMigrations, openCorpus, type CorpusTables } from "./papers/corpus.ts";
import type { Source } from "./papers/source.ts";
import { fileSource } from "./papers/sources/files.ts";
import type { CalendarDate } from "./papers/text.ts";
import { keptSecret, openLinks } from "./subscribers/links.ts";
import {
  openSubscriberList,
  subscriberMigrations,
  type SubscriberTables,
} from "./subscribers/subscriber-list.ts";

/** Files that come with the program, beside src/. */
export const PACKAGE_DIR = fileURLToPath(new URL("..", import.meta.url));

/** Stands in on this machine until `newsletter.from` is set; `.localhost` is nobody's (RFC 6761). */
const LOCAL_SENDER = "letters@paperround.localhost";

export type App = Awaited<ReturnType<typeof assemble>>;

/** Opens a home's databases and returns the program over them. Close it when done. */
export async function assemble(config: Config, now: () => Date = () => new Date()) {
  const papersDb = await openDatabase<CorpusTables & ArchiveTables>({
    file: join(config.home, "data", "corpus.sqlite"),
    migrations: { ...corpusMigrations, ...archiveMigrations },
  });
  const peopleDb = await openDatabase<SubscriberTables & OutboxTables>({
    file: join(config.home, "subscribers", "subscribers.sqlite"),
    migrations: { ...subscriberMigrations, ...outboxMigrations },
    mode: 0o600,
  });
  const subscribers = openSubscriberList(peopleDb.db, peopleDb.scrub);
  const outbox = openOutbox(peopleDb.db);
  const secret = config.secret ?? keptSecret(join(config.home, "subscribers", "secret"));
  const links = openLinks(secret);
  const templates = openTemplates([join(config.home, "templates"), join(PACKAGE_DIR, "templates")]);
  const masthead = mastheadOf(config);

  const archive = openArchive(papersDb.db);
  const rules = { timeZone: config.newsletter.timeZone, ...config.schedule };

  const newsletter = openNewsletter({
    corpus: openCorpus(papersDb.db),
    archive,
    subscribers,
    outbox,
    links,
    templates,
    masthead,
    sender: {
      name: masthead.name,
      address: config.newsletter.from ?? LOCAL_SENDER,
      contact: masthead.contact,
    },
    rules,
    now,
    deliver: (compose, options) =>
      openDelivery({
        outbox,
        subscribers,
        transport: transportOf(config),
        compose,
        self: processName(),
        now,
        pause: (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds)),
      })(options),
    openLane: () => transportOf(config).openLane(),
    checkListLetter: () => checkListLetter(config),
  });

  const rounds = openRounds({
    newsletter,
    archive,
    outbox,
    rules,
    sources: namedSources(config, [], now),
    now,
  });

  return {
    newsletter,
    rounds,
    subscribers,
    links,
    templates,
    masthead,
    /** Returns the configured sources of those names, or all. Throws SOURCE_UNKNOWN. */
    sources: (names: readonly string[]) => namedSources(config, names, now),
    /** Returns a source over files and folders that were named by hand. */
    files: (paths: readonly string[], listDay: CalendarDate | null) =>
      filesSource(config, "files", paths, listDay, now),
    close: async () => {
      await papersDb.close();
      await peopleDb.close();
    },
  };
}

function filesSource(
  config: Config,
  name: string,
  paths: readonly string[],
  listDay: CalendarDate | null,
  now: () => Date,
): Source {
  // Named by hand, a path is relative to where the command runs; configured, to the home.
  const base = name === "files" ? process.cwd() : config.home;
  const resolved = paths.map((path) => resolve(base, path));
  return {
    name,
    mentions: (notice) => {
      const today = now().toISOString().slice(0, 10);
      return fileSource({ name, paths: resolved, listDay, today }).mentions(notice);
    },
  };
}

function namedSources(config: Config, names: readonly string[], now: () => Date): Source[] {
  const known = config.sources.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const list = known.length > 0 ? `Configured are: ${known.join(", ")}.` : "None is configured.";
    throw new PaperRoundError("SOURCE_UNKNOWN", `There is no source "${unknown}". ${list}`);
  }
  return config.sources
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map(({ name, path }) => filesSource(config, name, [path], null, now));
}

function mastheadOf({ newsletter, edition, web }: Config): Masthead {
  return {
    name: newsletter.name,
    tagline: newsletter.tagline,
    accent: newsletter.accent,
    postalAddress: newsletter.postalAddress,
    contact: newsletter.contact ?? newsletter.from ?? LOCAL_SENDER,
    siteUrl: (newsletter.publicUrl ?? `http://${web.host}:${web.port}`).replace(/\/+$/, ""),
    entries: edition.entries,
  };
}

function transportOf({ smtpUrl, smtp }: Config): Transport {
  if (!smtpUrl) throw notConfigured();
  return smtpTransport({ url: smtpUrl, ...smtp });
}

function notConfigured(): PaperRoundError {
  return new PaperRoundError("SMTP_NOT_CONFIGURED", "No mail server is configured.");
}

/**
 * Throws SMTP_NOT_CONFIGURED; and LETTER_INCOMPLETE when letters would leave this machine without a sender, a postal address
 * (CAN-SPAM) or an https page to leave by (RFC 8058 section 3.1).
 */
function checkListLetter(config: Config): void {
  const { smtpUrl, newsletter } = config;
  if (!smtpUrl) throw notConfigured();
  if (isLoopback(smtpUrl.hostname)) return;
  const missing = [
    !newsletter.from && "newsletter.from (the address that letters come from)",
    !newsletter.postalAddress && "newsletter.postalAddress (shown in every letter's footer)",
    !newsletter.publicUrl?.startsWith("https://") &&
      "newsletter.publicUrl (https, for one-click unsubscribing)",
  ].filter((name) => name !== false);
  if (missing.length === 0) return;
  throw new PaperRoundError(
    "LETTER_INCOMPLETE",
    `Letters to the list leave this machine only with ${missing.join(", ")}.`,
  );
}
