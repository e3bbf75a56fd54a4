/** Our own ways to send: the mail room with the ledger, and without it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../../src/assemble.ts";
import type { Config } from "../../src/config.ts";
import { pause } from "../../src/io/pause.ts";
import { openComposer } from "../../src/mail/composer.ts";
import { loadSigningKey, openSigner, type Signer } from "../../src/mail/dkim.ts";
import { smtpTransport } from "../../src/mail/smtp.ts";
import type { LetterMaker } from "../../src/mail/stock.ts";
import type { Letter, Supply, Transport } from "../../src/mail/transport.ts";
import type { Subscriber } from "../../src/subscribers/subscriber.ts";
import { DAY, DKIM, SENDER, theEdition } from "./home.ts";

/** Readers that are read from the list at a time, some before they are needed. */
const PAGE = 500;

/** Sends by the program's own verb; returns how many letters were accepted by this run. */
export async function sendWithLedger({ newsletter }: App): Promise<number> {
  const { delivery } = await newsletter.send("daily", DAY, {});
  return delivery.settled.accepted ?? 0;
}

/** Carries letters to the server and writes nothing down. */
export interface Carrier {
  /** Sends to those of the list that `isMeant` picks; returns how many letters were accepted. */
  send(isMeant: (reader: Subscriber) => boolean): Promise<number>;
}

/** `signer` is null where letters go unsigned. */
export async function openCarrier(
  app: App,
  config: Config,
  signer: Signer | null,
): Promise<Carrier> {
  if (!config.smtpUrl) throw new Error("There is no server to send to.");
  const composer = openComposer({
    archive: { ...app.newsletter, others: async () => [], previous: async () => null },
    catalogue: app.catalogue,
    // Nobody there has a choice of their own.
    rarity: async () => ({ of: () => 0 }),
    otherKeysOf: async () => new Map(),
    links: app.links,
    templates: app.templates,
    masthead: app.masthead,
    language: "en",
    sender: { ...SENDER, contact: SENDER.address },
    bounces: null,
    signer,
    now: () => new Date(),
  });
  const [someone] = await Array.fromAsync(firstOf(app.subscribers.all()));
  if (!someone) throw new Error("There is nobody on the list.");
  const make = await composer.lettersOf(await theEdition(app), someone);
  const transport = smtpTransport({ ...config.smtp, url: config.smtpUrl }, pause);
  return { send: (isMeant) => carryAll(app, transport, make, isMeant) };
}

/** Returns a signer with the home's key, which computes signatures where it is called if `alone`. */
export function signerOf(home: string, { alone }: { alone: boolean }): Signer {
  const signer = openSigner([loadSigningKey(readFileSync(join(home, DKIM.keyFile)), DKIM)]);
  if (!alone) return signer;
  return {
    ...signer,
    prepare: (fixed, varying) => {
      const { sign } = signer.prepare(fixed, varying);
      return { sign, signAsync: async (...letter) => sign(...letter) };
    },
  };
}

async function* firstOf<Item>(items: AsyncIterable<Item>): AsyncIterable<Item> {
  for await (const item of items) {
    yield item;
    return;
  }
}

async function carryAll(
  app: App,
  transport: Transport,
  make: LetterMaker,
  isMeant: (reader: Subscriber) => boolean,
): Promise<number> {
  let accepted = 0;
  const letterTo = (reader: Subscriber): Letter => ({
    ...make(reader),
    to: reader.address,
    mayLeave: async () => true,
    settle: ({ state }) => {
      if (state === "accepted") accepted++;
    },
    giveBack: () => {},
  });
  const supply = supplyOf(app, isMeant, letterTo);
  const fault = await transport.carry(supply, {
    signal: new AbortController().signal,
    patient: false,
  });
  if (fault) throw fault;
  return accepted;
}

function supplyOf(
  { subscribers }: App,
  isMeant: (reader: Subscriber) => boolean,
  letterTo: (reader: Subscriber) => Letter,
): Supply {
  const list = subscribers.all()[Symbol.asyncIterator]();
  const ready: Subscriber[] = [];
  let isOver = false;
  let filling: Promise<void> | null = null;

  async function fill(): Promise<void> {
    for (let read = 0; read < PAGE && !isOver; read++) {
      const { value, done } = await list.next();
      if (done) isOver = true;
      else if (isMeant(value)) ready.push(value);
    }
    filling = null;
  }

  function atHand(): Letter | null {
    if (ready.length < PAGE / 2 && !isOver) filling ??= fill();
    const reader = ready.shift();
    return reader ? letterTo(reader) : null;
  }

  return {
    atHand,
    next: async () => {
      for (;;) {
        const letter = atHand();
        if (letter || !filling) return letter;
        await filling;
      }
    },
  };
}
