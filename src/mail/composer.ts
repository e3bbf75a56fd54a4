/**
 * Composes messages: sets an edition's letter once, and prints it for one reader after another, with
 * that reader's own links.
 */
import type { Archive } from "../editions/archive.ts";
import type { Draft } from "../editions/edition.ts";
import type { Templates } from "../io/template.ts";
import type { Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { Signer } from "./dkim.ts";
import {
  editionUrl,
  printLetter,
  setLetter,
  slotValues,
  type Masthead,
  type ReaderLinks,
  type SetLetter,
} from "./letter.ts";
import {
  domainOf,
  shareMessage,
  type Message,
  type Parts,
  type Sender,
  type SharedMessage,
} from "./message.ts";
import type { EditionName } from "./delivery.ts";

export interface ComposerDependencies {
  readonly archive: Pick<Archive, "find">;
  readonly links: Links;
  readonly templates: Templates;
  readonly masthead: Masthead;
  readonly sender: Sender;
  readonly signer: Signer | null;
  readonly now: () => Date;
}

export interface Composer {
  /** Sets the letter of an edition or a draft. Throws TEMPLATE_BROKEN. */
  set(draft: Draft): Promise<SetLetter>;
  /** Returns the letter as `reader` gets it; null stands for somebody not subscribed. */
  print(letter: SetLetter, reader: Subscriber | null): Parts;
  /** Encodes the letter of an edition for those who read it in one of its two forms. */
  share(draft: Draft, letter: SetLetter, textOnly?: boolean): SharedMessage;
  /** Returns the finished message for a subscriber, or for an address that is not on the list. */
  compose(draft: Draft, letter: SetLetter, reader: Subscriber | Address): Promise<Message>;
  /** Returns the message of a published edition for one of its readers. */
  composeDelivery(name: EditionName, reader: Subscriber): Promise<Message>;
  /** Returns the Message-ID of an edition's letter to one subscriber, without brackets. */
  messageId(name: EditionName, subscriber: Subscriber["key"]): string;
}

/** A published edition with its letter, encoded for both kinds of readers. */
interface InDelivery {
  readonly full: SharedMessage;
  readonly textOnly: SharedMessage;
}

/** Editions that a long-running program keeps set: those whose letters may still be deferred. */
const EDITIONS_KEPT = 10;

/** Returns the composer of one newsletter. */
export function openComposer(dependencies: ComposerDependencies): Composer {
  const { archive, links, masthead, sender, signer, templates, now } = dependencies;

  /** What is in delivery: edition and letter are frozen, so each is read, set and encoded once. */
  const inDelivery = new Map<string, Promise<InDelivery>>();

  async function begin(name: EditionName): Promise<InDelivery> {
    const edition = await archive.find(name.cadence, name.period);
    if (!edition) throw new Error(`The outbox names ${editionName(name)}, which is not published.`);
    const letter = await set(edition);
    return { full: share(edition, letter, false), textOnly: share(edition, letter, true) };
  }

  function kept(name: EditionName): Promise<InDelivery> {
    const key = editionName(name);
    const known = inDelivery.get(key);
    if (known) return known;
    const beginning = begin(name);
    const [oldest] = inDelivery.keys();
    if (inDelivery.size >= EDITIONS_KEPT && oldest !== undefined) inDelivery.delete(oldest);
    inDelivery.set(key, beginning);
    beginning.catch(() => inDelivery.delete(key));
    return beginning;
  }

  function share(draft: Draft, letter: SetLetter, textOnly = false): SharedMessage {
    const parts = textOnly ? { ...letter, html: null } : letter;
    const archiveUrl = editionUrl(masthead.siteUrl, draft);
    return shareMessage({
      sender,
      parts,
      list: { archiveUrl, editionName: editionName(draft) },
      signer,
    });
  }

  function set(draft: Draft): Promise<SetLetter> {
    return setLetter(draft, masthead, templates);
  }

  function linksOf(reader: Subscriber): ReaderLinks {
    const link = (purpose: "unsubscribe" | "preferences") =>
      `${masthead.siteUrl}/${purpose}/${links.token(purpose, reader.key)}`;
    return {
      address: reader.address,
      unsubscribeUrl: link("unsubscribe"),
      preferencesUrl: link("preferences"),
    };
  }

  function print(letter: SetLetter, reader: Subscriber | null): Parts {
    return reader ? printLetter(letter, linksOf(reader), reader.textOnly) : letter.unaddressed;
  }

  function compose(
    draft: Draft,
    letter: SetLetter,
    reader: Subscriber | Address,
  ): Promise<Message> {
    if ("consent" in reader)
      return composeFor(draft, share(draft, letter, reader.textOnly), reader);
    const date = now();
    return shareMessage({ sender, parts: letter.unaddressed, list: null, signer }).for({
      to: reader.address,
      messageId: idFor(draft, `${reader.address}:${date.toISOString()}`),
      date,
      unsubscribeUrl: null,
      slots: {},
    });
  }

  function composeFor(
    name: EditionName,
    shared: SharedMessage,
    reader: Subscriber,
  ): Promise<Message> {
    const own = linksOf(reader);
    return shared.for({
      to: reader.address,
      messageId: messageId(name, reader.key),
      date: now(),
      unsubscribeUrl: own.unsubscribeUrl,
      slots: slotValues(own),
    });
  }

  /** The same in every attempt, so that a letter can be found in logs and a resend be recognised. */
  function messageId(name: EditionName, subscriber: Subscriber["key"]): string {
    return idFor(name, `${subscriber}`);
  }

  function idFor(name: EditionName, whom: string): string {
    const mark = links.mark(`${editionName(name)}:${whom}`);
    return `${editionName(name)}.${mark}@${domainOf(sender.address)}`;
  }

  return {
    set,
    share,
    print,
    compose,
    composeDelivery: async (name, reader) => {
      const { full, textOnly } = await kept(name);
      return composeFor(name, reader.textOnly ? textOnly : full, reader);
    },
    messageId,
  };
}

/** Returns "daily-2026-04-15". */
function editionName({ cadence, period }: EditionName): string {
  return `${cadence}-${period}`;
}
