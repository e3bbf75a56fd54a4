/**
 * The wiring board: the only file that opens databases and picks implementations. Everything below
 * gets the values it needs and nothing more.
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kysely } from "kysely";
import {
  mastheadOf,
  senderOf,
  alertAddress,
  checkListLetter,
  checkSender,
  notConfigured,
  signingKeys,
} from "./assemble/sender.ts";
import { openClient } from "./assemble/client.ts";
import { replayedSources } from "./assemble/replay.ts";
import { filesSource, loadModules, namedSources } from "./assemble/sources.ts";
import type { ReplayRooms } from "./backtest/replay.ts";
import type { Config } from "./config.ts";
import { openArchive } from "./editions/archive.ts";
import { openRanking, type Ranking } from "./editions/ranking.ts";
import { openShelves } from "./editions/shelves.ts";
import { otherKeysOf } from "./editions/works.ts";
import { archiveMigrations, type ArchiveTables } from "./editions/archive-tables.ts";
import { CADENCES } from "./editions/period.ts";
import { openDatabase, type Handle, type Migrations } from "./io/database.ts";
import { hostMigrations, type HostTables } from "./io/http-hosts.ts";
import { pause } from "./io/pause.ts";
import { processName } from "./io/process.ts";
import { openTemplates } from "./io/template.ts";
import { openAnswering } from "./mail/answering.ts";
import { openAlerts } from "./mail/alerts.ts";
import { openComposer } from "./mail/composer.ts";
import { deliver } from "./mail/deliver.ts";
import { openDesk } from "./mail/desk.ts";
import { openHolds } from "./mail/holds.ts";
import { openSigner, txtRecord } from "./mail/dkim.ts";
import { forgetLetters } from "./mail/history.ts";
import { openOutbox } from "./mail/outbox.ts";
import { outboxMigrations, type OutboxTables } from "./mail/outbox-tables.ts";
import { openPreflight } from "./mail/preflight.ts";
import { openProviders } from "./mail/providers.ts";
import { smtpTransport } from "./mail/smtp.ts";
import type { Transport } from "./mail/transport.ts";
import { openNewsletter } from "./newsletter.ts";
import { openNewsroom } from "./newsroom.ts";
import { openReaders } from "./readers.ts";
import { openRounds } from "./rounds.ts";
import { openBackground } from "./papers/background.ts";
import { openCatalogue } from "./papers/catalogue.ts";
import { openCorpus } from "./papers/corpus.ts";
import { corpusMigrations, type CorpusTables } from "./papers/corpus-tables.ts";
import { addDays, utcDate } from "./papers/days.ts";
import { gatherLogMigrations, openGatherLog, type GatherLogTables } from "./papers/gather-log.ts";
import { openGatherer } from "./papers/gathering.ts";
import { openEndpoint } from "./papers/summaries/endpoint.ts";
import {
  openSummaryWriter,
  summaryMigrations,
  type SummaryTables,
  type SummaryWriter,
} from "./papers/summaries/writer.ts";
import type { PaperFacts } from "./papers/paper.ts";
import type { CalendarDate } from "./papers/text.ts";
import { keptSecret, openLinks } from "./subscribers/links.ts";
import { openOpinions } from "./subscribers/opinions.ts";
import { openRequests } from "./subscribers/requests.ts";
import { openSubscriberList } from "./subscribers/subscriber-list.ts";
import { openTastes } from "./tastes.ts";
import { subscriberMigrations, type SubscriberTables } from "./subscribers/subscriber-tables.ts";

/** Files that come with the program, beside src/. */
export const PACKAGE_DIR = fileURLToPath(new URL("..", import.meta.url));

export type App = Awaited<ReturnType<typeof assemble>>;

/**
 * Opens a home's databases and returns the program over them. Close it when done. Without `durable`
 * a power cut may take the last commits with it: for measuring what they cost. `mayBeReadOnly` opens a
 * home that can't be written as well.
 */
export async function assemble(
  config: Config,
  now: () => Date = () => new Date(),
  { durable = true, mayBeReadOnly = false } = {},
) {
  // Whatever the configuration gets wrong shows before a file is made or opened.
  const keys = signingKeys(config);
  const signer = keys.length > 0 ? openSigner(keys) : null;
  const alertsTo = alertAddress(config);
  const papersDb = await openDatabase<
    CorpusTables & SummaryTables & ArchiveTables & GatherLogTables & HostTables
  >({
    file: join(config.home, "data", "corpus.sqlite"),
    mayBeReadOnly,
    migrations: {
      ...corpusMigrations,
      ...summaryMigrations,
      ...archiveMigrations,
      ...gatherLogMigrations,
      ...hostMigrations,
    },
  });
  const peopleDb = await openDatabase<SubscriberTables & OutboxTables>({
    file: join(config.home, "subscribers", "subscribers.sqlite"),
    migrations: { ...subscriberMigrations, ...outboxMigrations },
    mode: 0o600,
    durable,
    mayBeReadOnly,
  });
  const unwritable = [papersDb, peopleDb].flatMap((each) => (each.isReadOnly ? [each.file] : []));
  const isReadOnly = unwritable.length > 0;
  const subscribers = openSubscriberList(peopleDb.db, peopleDb.scrub, (tx, key) =>
    forgetLetters(tx as Handle<SubscriberTables & OutboxTables>, key),
  );
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

  const catalogue = openCatalogue(papersDb.db);
  const background = openBackground(catalogue, now);
  const corpus = openCorpus(papersDb.db);
  const composer = openComposer({
    archive,
    catalogue,
    rarity: background,
    otherKeysOf: (papers) => otherKeysOf(corpus, papers),
    links,
    templates,
    masthead,
    language: config.newsletter.language,
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

  const modules = await loadModules(config);
  const means = {
    http: openClient(config, papersDb.db, now),
    now,
    recent: (days: number) => corpus.recent(addDays(utcDate(now()), -days)),
    toldAt: (source: string, days: number, fact?: keyof PaperFacts) =>
      corpus.toldAt(source, addDays(utcDate(now()), -days), fact),
  };
  const summaries = summaryWriter(config, papersDb.db, now);
  const newsletter = openNewsletter({
    newsroom: openNewsroom({
      corpus,
      archive,
      summaries,
      ranking: openRanking(),
      selection: selectionOf(config),
      timeZone: rules.timeZone,
      now,
    }),
    gatherer: openGatherer({ corpus, log: openGatherLog(papersDb.db), now }),
    corpus,
    archive,
    shelves,
    subscribers,
    outbox,
    desk: openDesk({ outbox, holds, providers, subscribers, composer, now }),
    composer,
    summaries,
    preflight: openPreflight({
      composer,
      archive,
      outbox,
      holds,
      masthead,
      templates,
      isSigned: signer !== null,
      now,
    }),
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
    sources: namedSources(config, [], modules, means),
    gatherEveryMs: config.schedule.gatherMinutes * 60_000,
    now,
  });

  const { joining } = config;
  const requests = openRequests(peopleDb.db, joining, peopleDb.oweScrub);
  const readers = openReaders({
    db: peopleDb.db,
    requests,
    subscribers,
    outbox,
    archive,
    links,
    firstEdition: joining.firstEdition,
    oweScrub: peopleDb.oweScrub,
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
    catalogue,
    shelves,
    /** Returns where all that is known of a paper is from. */
    accountOf: corpus.account,
    /** Another after every change to papers or editions, whoever made it. */
    papersVersion: papersDb.version,
    readers,
    tastes: openTastes({ opinions: openOpinions(peopleDb.db), catalogue, background, now }),
    answering,
    subscribers,
    links,
    templates,
    masthead,
    trustedProxies: config.web.trustedProxies,
    searchEngines: config.web.searchEngines,
    /** Throws where a database can't be read, or what is read may be wrong. */
    checkDatabases: async () => {
      for (const { file, isSpoilt } of [papersDb, peopleDb]) {
        if (isSpoilt()) throw new Error(`${file} is being written.`);
      }
      await papersDb.db.selectFrom("editions").select("key").limit(1).execute();
      await peopleDb.db.selectFrom("subscribers").select("key").limit(1).execute();
    },
    /** Takes what was erased out of the files; false while another program keeps it from that. */
    scrubOwed: peopleDb.scrubOwed,
    /** Makes reminders due at the door and forgets what has expired, also without a mail server. */
    tidyDoor: () => requests.tidy(now()),
    /** Whether a database can't be written: then there is only to read. */
    isReadOnly,
    /** The files of those. */
    unwritable,
    door: doorOf(config, isReadOnly),
    now,
    /** The TXT records that the DNS must hold for our signatures to count. */
    dkimRecords: keys.map(txtRecord),
    /** Returns the configured sources of those names, or all. Throws SOURCE_UNKNOWN. */
    sources: (names: readonly string[]) => namedSources(config, names, modules, means),
    /** Returns sources that tell again what was kept in a folder. Throws FILE_NOT_FOUND. */
    replayed: (folder: string) => replayedSources(config, resolve(folder), modules, means),
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

/** Returns the rules by which papers are chosen. */
export function selectionOf({ edition, selection }: Config) {
  return { leads: edition.entries, ...selection };
}

/**
 * Returns newsrooms over one corpus, each with an archive of its own, all in memory and with the time of
 * `now`: for replaying days of the past.
 */
export async function assembleReplay(
  rooms: number,
  rules: {
    readonly ranking: Ranking;
    readonly selection: ReturnType<typeof selectionOf>;
  },
  now: () => Date,
): Promise<ReplayRooms> {
  const open = <Tables>(migrations: Migrations) =>
    openDatabase<Tables>({ file: ":memory:", migrations });
  const papers = await open<CorpusTables>(corpusMigrations);
  const archives = await Promise.all(
    Array.from({ length: rooms }, () => open<ArchiveTables>(archiveMigrations)),
  );
  const corpus = openCorpus(papers.db);
  // The days of a recording are those of UTC, wherever it is replayed.
  const all = { corpus, summaries: null, timeZone: "UTC", ...rules, now };
  const newsrooms = archives.map(({ db }) => openNewsroom({ archive: openArchive(db), ...all }));
  const close = async () => {
    for (const { close: closeOne } of [papers, ...archives]) await closeOne();
  };
  return { corpus, newsrooms, close };
}

/** The rules by which readers may subscribe; they cannot while nothing can ask them to confirm it. */
function doorOf(config: Config, isReadOnly: boolean) {
  const { joining, smtpUrl, edition, newsletter } = config;
  return {
    sender: senderOf(config).address,
    open: joining.open && smtpUrl !== null && !isReadOnly,
    minimumSeconds: joining.minimumSeconds,
    proofOfWork: joining.proofOfWork,
    expiresDays: joining.expiresDays,
    refuseDomains: new Set(joining.refuseDomains),
    refuseRoles: new Set(joining.refuseRoles),
    mailServer: smtpUrl?.hostname ?? null,
    cadences: CADENCES,
    entries: edition.entries,
    timeZone: newsletter.timeZone,
    language: newsletter.language,
  };
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
