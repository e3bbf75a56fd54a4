/** The ways that are compared: each says what it sends over, how many letters, and how. */
import { assemble, type App } from "../../src/assemble.ts";
import type { Config } from "../../src/config.ts";
import type { Subscriber } from "../../src/subscribers/subscriber.ts";
import { confirmReaders, DKIM, homeConfig, isCounted, theEdition } from "./home.ts";
import { openCarrier, sendWithLedger, signerOf } from "./ours.ts";
import { handlebarsMails, mjmlMails, openPool } from "./rivals.ts";
import type { Ports } from "./sink.ts";

/** A way that was prepared and is warm. */
export interface Prepared {
  /** Sends and returns how many letters the server took. */
  send(): Promise<number>;
  close(): Promise<void> | void;
}

export interface Way {
  readonly title: string;
  readonly port: keyof Ports;
  /** Letters, as a share of those of the fastest. */
  readonly share: number;
  readonly signed?: boolean;
  readonly prepare: (errand: Errand) => Promise<Prepared>;
}

export interface Errand {
  /** The home to send from, where readers of letters that warm up are confirmed and no others. */
  readonly home: string;
  readonly port: number;
  readonly letters: number;
}

const SIGNED = 0.15;
const RIVAL = 0.015;
/** A server far away is waited for most of the time, whatever the way. */
const FAR = 0.015;

export const WAYS = {
  naive: {
    title: "MJML for every reader, nodemailer",
    port: "near",
    share: 0.0015,
    prepare: (errand) => rival(errand, { everyTime: true }),
  },
  pool: {
    title: "Handlebars, nodemailer's pool",
    port: "near",
    share: RIVAL,
    prepare: (errand) => rival(errand),
  },
  poolSigned: {
    title: "the same, signed by nodemailer",
    port: "near",
    share: RIVAL,
    signed: true,
    prepare: (errand) => rival(errand, { signed: true }),
  },
  plain: {
    title: "ours, without the ledger",
    port: "near",
    share: 1,
    prepare: (errand) => carrier(errand),
  },
  plainChunks: {
    title: "ours in chunks, up to 4 at once",
    port: "nearChunks",
    share: 1,
    prepare: (errand) => carrier(errand, { lettersInFlight: 4 }),
  },
  ledgerNormal: {
    title: "ours, every commit safe from a kill",
    port: "near",
    share: 1,
    prepare: (errand) => ledger(errand, { durable: false }),
  },
  ledger: {
    title: "ours, every commit on the disk",
    port: "near",
    share: 1,
    prepare: (errand) => ledger(errand),
  },
  signedAlone: {
    title: "ours, signed, on one thread",
    port: "near",
    share: SIGNED,
    signed: true,
    prepare: (errand) => carrier(errand, { signed: "alone" }),
  },
  signed: {
    title: "ours, signed in the thread pool",
    port: "near",
    share: SIGNED,
    signed: true,
    prepare: (errand) => carrier(errand, { signed: "pool" }),
  },
  signedLedger: {
    title: "ours, signed, commits on the disk",
    port: "near",
    share: SIGNED,
    signed: true,
    prepare: (errand) => ledger(errand, { signed: true }),
  },
  farPool: {
    title: "nodemailer's pool, server far away",
    port: "far",
    share: FAR,
    prepare: (errand) => rival(errand),
  },
  far: {
    title: "ours, server far away",
    port: "far",
    share: FAR,
    prepare: (errand) => carrier(errand),
  },
  farChunks: {
    title: "ours in chunks, server far away",
    port: "farChunks",
    share: FAR * 4,
    prepare: (errand) => carrier(errand, { lettersInFlight: 4 }),
  },
} as const satisfies Readonly<Record<string, Way>>;

export type WayName = keyof typeof WAYS;

async function rival(
  { home, port, letters }: Errand,
  { signed = false, everyTime = false } = {},
): Promise<Prepared> {
  const app = await assemble(homeConfig(home, port));
  const edition = await theEdition(app);
  const mails = await (everyTime ? mjmlMails : handlebarsMails)(app, edition);
  const pool = openPool(port, signed ? home : null);
  const warm = (await readers(app)).slice(0, Math.ceil(letters / 5));
  await pool.send(warm, mails);
  confirmReaders(home, letters);
  const counted = (await readers(app)).filter(isCounted);
  return {
    send: async () => {
      await pool.send(counted, mails);
      return counted.length;
    },
    close: () => {
      pool.close();
      return app.close();
    },
  };
}

async function readers(app: App): Promise<Subscriber[]> {
  const all = await Array.fromAsync(app.subscribers.all());
  return all.filter(({ state }) => state === "confirmed");
}

async function carrier(
  { home, port, letters }: Errand,
  { signed, lettersInFlight = 1 }: { signed?: "alone" | "pool"; lettersInFlight?: number } = {},
): Promise<Prepared> {
  const config = configOf(home, port, { lettersInFlight });
  const app = await assemble(config);
  const signer = signed ? signerOf(home, { alone: signed === "alone" }) : null;
  const carrier = await openCarrier(app, config, signer);
  await carrier.send(({ state }) => state === "confirmed");
  confirmReaders(home, letters);
  return { send: () => carrier.send(isCounted), close: app.close };
}

async function ledger(
  { home, port, letters }: Errand,
  { signed = false, durable = true } = {},
): Promise<Prepared> {
  const config = configOf(home, port, { dkim: signed ? [DKIM] : [] });
  const app = await assemble(config, undefined, { durable });
  await sendWithLedger(app);
  confirmReaders(home, letters);
  return { send: () => sendWithLedger(app), close: app.close };
}

function configOf(
  home: string,
  port: number,
  { lettersInFlight = 1, dkim = [] }: { lettersInFlight?: number; dkim?: Config["dkim"] },
): Config {
  const config = homeConfig(home, port);
  return { ...config, dkim, smtp: { ...config.smtp, lettersInFlight } };
}
