/**
 * The wiring board: the only file that opens databases and picks implementations. Everything below
 * gets the values it needs and nothing more.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kysely } from "kysely";
import { isLoopback, localUrl, type Config } from "./config.ts";
import { openArchive } from "./editions/archive.ts";
import { openShelves } from "./editions/shelves.ts";
import { archiveMigrations, type ArchiveTables } from "./editions/archive-tables.ts";
import { CADENCES, localDate } from "./editions/period.ts";
import { PaperRoundError, reasonOf } from "./errors.ts";
import { openDatabase } from "./io/database.ts";
import { pause } from "./io/pause.ts";
import { processName } from "./io/process.ts";
import { openTemplates } from "./io/template.ts";
import { openAnswering } from "./mail/answering.ts";
import { openAlerts } from "./mail/alerts.ts";
import { openComposer } from "./mail/composer.ts";
import { deliver } from "./mail/deliver.ts";
import { openDesk } from "./mail/desk.ts";
import { openHolds } from "./mail/holds.ts";
import type { Masthead } from "./mail/letter.ts";
import { dnsRecord, loadSigningKey, openSigner, type SigningKey } from "./mail/dkim.ts";
import { domainOf, type Sender } from "./mail/message.ts";
import { openOutbox } from "./mail/outbox.ts";
import { outboxMigrations, type OutboxTables } from "./mail/outbox-tables.ts";
import { openPreflight } from "./mail/preflight.ts";
import { openProviders } from "./mail/providers.ts";
import { smtpTransport } from "./mail/smtp.ts";
import type { Transport } from "./mail/transport.ts";
import { openNewsletter } from "./newsletter.ts";
import { openReaders } from "./readers.ts";
import { openRounds } from "./rounds.ts";
import { openCatalogue } from "./papers/catalogue.ts";
import { openCorpus } from "./papers/corpus.ts";
import { corpusMigrations, type CorpusTables } from "./papers/corpus-tables.ts";
import type { Source } from "./papers/source.ts";
import { openEndpoint } from "./papers/summaries/endpoint.ts";
import {
  openSummaryWriter,
  summaryMigrations,
  type SummaryTables,
  type SummaryWriter,
} from "./papers/summaries/writer.ts";
import { fileSource } from "./papers/sources/files.ts";
import type { CalendarDate } from "./papers/text.ts";
import { isAddress, parseAddress, type Address } from "./subscribers/address.ts";
import { keptSecret, openLinks } from "./subscribers/links.ts";
import { openRequests } from "./subscribers/requests.ts";
import { openSubscriberList } from "./subscribers/subscriber-list.ts";
import { subscriberMigrations, type SubscriberTables } from "./subscribers/subscriber-tables.ts";

/** Files that come with the program, beside src/. */
export const PACKAGE_DIR = fileURLToPath(new URL("..", import.meta.url));

/** Stands in on this machine until `newsletter.from` is set; `.localhost` is nobody's (RFC 6761). */
const LOCAL_SENDER = "letters@paperround.localhost";

export type App = Awaited<ReturnType<typeof assemble>>;

/**
 * Opens a home's databases and returns the program over them. Close it when done. Without `durable`
 * a power cut may take the last commits with it: for measuring what they cost.
 */
export async function assemble(
  config: Config,
  now: () => Date = () => new Date(),
  { durable = true } = {},
) {
  // Whatever the configuration gets wrong shows before a file is made or opened.
  const keys = signingKeys(config);
  const signer = keys.length > 0 ? openSigner(keys) : null;
  const alertsTo = alertAddress(config);
  const papersDb = await openDatabase<CorpusTables & SummaryTables & ArchiveTables>({
    file: join(config.home, "data", "corpus.sqlite"),
    migrations: { ...corpusMigrations, ...summaryMigrations, ...archiveMigrations },
  });
  const peopleDb = await openDatabase<SubscriberTables & OutboxTables>({
    file: join(config.home, "subscribers", "subscribers.sqlite"),
    migrations: { ...subscriberMigrations, ...outboxMigrations },
    mode: 0o600,
    durable,
  });
  const subscribers = openSubscriberList(peopleDb.db, peopleDb.scrub);
  const outbox = openOutbox(peopleDb, processName(), now);
  const holds = openHolds(peopleDb.db);
  const providers = openProviders(config.smtp.domains);
  const secret = config.secret ?? keptSecret(join(config.home, "subscribers", "secret"));
  const links = openLinks(secret, config.oldSecrets);
  const templates = openTemplates([join(config.home, "templates"), join(PACKAGE_DIR, "templates")]);
  const masthead = mastheadOf(config);

  const archive = openArchive(papersDb.db);
  const shelves = openShelves(papersDb.db);
  const rules = { timeZone: config.newsletter.timeZone, ...config.schedule };

  const composer = openComposer({
    archive,
    links,
    templates,
    masthead,
    sender: senderOf(config),
    bounces: config.newsletter.bounces ?? null,
    signer,
    now,
  });
  // One for as long as the program runs, since it remembers when the server was last out of reach.
  let transport: Transport | null = null;
  const theTransport = () => (transport ??= transportOf(config));
  const openSingle = () => {
    checkSender(config);
    return theTransport().openSingle();
  };

  const newsletter = openNewsletter({
    corpus: openCorpus(papersDb.db),
    archive,
    shelves,
    subscribers,
    outbox,
    desk: openDesk({ outbox, holds, providers, subscribers, composer, now }),
    composer,
    summaries: summaryWriter(config, papersDb.db, now),
    preflight: openPreflight({
      composer,
      archive,
      outbox,
      holds,
      masthead,
      isSigned: signer !== null,
      now,
    }),
    leads: config.edition.entries,
    rules,
    now,
    deliver: (options) =>
      deliver(
        {
          outbox,
          holds,
          transport: theTransport(),
          limits: config.smtp.limits,
          providers,
          lettersOf: composer.lettersOf,
          now,
          clock: () => performance.now(),
          pause,
        },
        options,
      ),
    openSingle,
    checkListLetter: () => checkListLetter(config),
  });

  const rounds = openRounds({
    newsletter,
    archive,
    outbox,
    alerts: openAlerts({
      db: peopleDb.db,
      to: alertsTo,
      isSuppressed: subscribers.isSuppressed,
      masthead,
      composer,
      openSingle,
      now,
    }),
    rules,
    whenEmpty: config.edition.whenEmpty,
    sources: namedSources(config, [], now),
    now,
  });

  const { joining } = config;
  const requests = openRequests(peopleDb.db, joining);
  const readers = openReaders({
    db: peopleDb.db,
    requests,
    subscribers,
    outbox,
    archive,
    links,
    firstEdition: joining.firstEdition,
    timeZone: rules.timeZone,
    now,
  });
  const answering = openAnswering({
    requests,
    subscribers,
    archive,
    composer,
    links,
    masthead,
    rules,
    openSingle,
    now,
  });

  return {
    newsletter,
    rounds,
    catalogue: openCatalogue(papersDb.db),
    shelves,
    /** Another after every change to papers or editions, whoever made it. */
    papersVersion: papersDb.version,
    readers,
    answering,
    subscribers,
    links,
    templates,
    masthead,
    trustedProxies: config.web.trustedProxies,
    searchEngines: config.web.searchEngines,
    /** Throws where a database can't be read. */
    checkDatabases: async () => {
      await papersDb.db.selectFrom("editions").select("key").limit(1).execute();
      await peopleDb.db.selectFrom("subscribers").select("key").limit(1).execute();
    },
    door: doorOf(config),
    now,
    /** The TXT records that the DNS must hold for our signatures to count. */
    dkimRecords: keys.map((key) => ({
      name: `${key.selector}._domainkey.${key.domain}`,
      value: dnsRecord(key),
    })),
    /** Returns the configured sources of those names, or all. Throws SOURCE_UNKNOWN. */
    sources: (names: readonly string[]) => namedSources(config, names, now),
    /** Returns a source over files and folders, named from where the program runs. */
    files: (paths: readonly string[], listDay: CalendarDate | null) =>
      filesSource(
        config,
        "files",
        paths.map((path) => resolve(path)),
        listDay,
        now,
      ),
    close: async () => {
      await papersDb.close();
      await peopleDb.close();
    },
  };
}

/** Returns a source over files and folders; the clock is read when it is gathered. */
function filesSource(
  { newsletter }: Config,
  name: string,
  paths: readonly string[],
  listDay: CalendarDate | null,
  now: () => Date,
): Source {
  return {
    name,
    mentions: (notice) => {
      const today = localDate(now(), newsletter.timeZone);
      return fileSource({ name, paths, listDay, today }).mentions(notice);
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
    .map(({ name, path }) => filesSource(config, name, [resolve(config.home, path)], null, now));
}

function mastheadOf(config: Config): Masthead {
  const { newsletter, edition, letter, web } = config;
  return {
    name: newsletter.name,
    tagline: newsletter.tagline,
    accent: newsletter.accent,
    postalAddress: newsletter.postalAddress,
    contact: senderOf(config).contact,
    siteUrl: new URL(newsletter.publicUrl ?? localUrl(web.host, web.port)).href.replace(/\/+$/, ""),
    entries: edition.entries,
    timeZone: newsletter.timeZone,
    thumbnails: letter.thumbnails,
  };
}

/** The rules by which readers may subscribe; they cannot while no server can ask them to confirm it. */
function doorOf({ joining, smtpUrl, edition, newsletter }: Config) {
  return {
    open: joining.open && smtpUrl !== null,
    minimumSeconds: joining.minimumSeconds,
    expiresDays: joining.expiresDays,
    refuseDomains: new Set(joining.refuseDomains),
    refuseRoles: new Set(joining.refuseRoles),
    mailServer: smtpUrl?.hostname ?? null,
    cadences: CADENCES,
    entries: edition.entries,
    timeZone: newsletter.timeZone,
  };
}

function senderOf({ newsletter }: Config): Sender {
  const address = newsletter.from ?? LOCAL_SENDER;
  return { name: newsletter.name, address, contact: newsletter.contact ?? address };
}

/** Throws CONFIG_INVALID for an address that can't be mailed as it is written. */
function alertAddress({ newsletter: { alerts } }: Config): Address | null {
  if (alerts === undefined) return null;
  const parsed = parseAddress(alerts);
  if (isAddress(parsed)) return parsed;
  throw new PaperRoundError("CONFIG_INVALID", `newsletter.alerts ${parsed.invalid}.`);
}

/** Throws CONFIG_INVALID for a key that can't be used, or whose domain is not the sender's. */
function signingKeys(config: Config): SigningKey[] {
  const from = domainOf(senderOf(config).address).toLowerCase();
  const keys = config.dkim.map(({ selector, domain, keyFile }) => {
    // DMARC (RFC 7489 section 3.1.1) counts a signature only of the domain that readers see.
    if (!`.${from}`.endsWith(`.${domain.toLowerCase()}`)) {
      const message = `The DKIM domain ${domain} is not that of newsletter.from (${from}).`;
      throw new PaperRoundError("CONFIG_INVALID", message, {
        remedy: "Set newsletter.from to an address of the domain that signs.",
      });
    }
    return loadSigningKey(readKey(resolve(config.home, keyFile)), { selector, domain });
  });
  if (keys.length > 0 && keys.every(({ algorithm }) => algorithm !== "rsa-sha256")) {
    throw new PaperRoundError("CONFIG_INVALID", "Of the DKIM keys none is RSA.", {
      remedy:
        "Add an RSA key: many receivers do not understand Ed25519 and would see no signature.",
    });
  }
  return keys;
}

function readKey(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const message = `The DKIM key ${file} can't be read: ${reasonOf(cause)}.`;
    throw new PaperRoundError("FILE_NOT_FOUND", message, { cause });
  }
}

function summaryWriter(
  { summaries, summariesKey }: Config,
  db: Kysely<SummaryTables>,
  now: () => Date,
): SummaryWriter | null {
  const { endpoint: url, model, timeoutMs, editionTimeoutMs, budgetPerDay } = summaries;
  if (url === undefined || model === undefined) return null;
  const endpoint = openEndpoint({ url, model, key: summariesKey, timeoutMs });
  return openSummaryWriter({ db, endpoint, budgetPerDay, editionTimeoutMs, now });
}

function transportOf({ smtpUrl, smtp }: Config): Transport {
  if (!smtpUrl) throw notConfigured();
  const { connections, lettersInFlight, allowPlaintext } = smtp;
  return smtpTransport({ url: smtpUrl, connections, lettersInFlight, allowPlaintext }, pause);
}

function notConfigured(): PaperRoundError {
  return new PaperRoundError("SMTP_NOT_CONFIGURED", "No mail server is configured.");
}

/** Throws LETTER_INCOMPLETE when any letter would leave this machine under a name that is not real. */
function checkSender({ smtpUrl, newsletter }: Config): void {
  if (!smtpUrl || isLoopback(smtpUrl.hostname) || newsletter.from) return;
  throw new PaperRoundError(
    "LETTER_INCOMPLETE",
    "Letters leave this machine only with newsletter.from, the address that they come from.",
  );
}

/**
 * Throws SMTP_NOT_CONFIGURED; and LETTER_INCOMPLETE when letters would leave this machine without a
 * sender, a postal address (CAN-SPAM) or an https page to leave by (RFC 8058 section 3.1).
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
