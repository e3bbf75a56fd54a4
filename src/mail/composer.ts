/**
 * Composes messages: sets an edition's letter once, and prints it for one reader after another, with
 * that reader's own links.
 */
import type { Archive } from "../editions/archive.ts";
import { shortened, type Draft } from "../editions/edition.ts";
import type { Templates } from "../io/template.ts";
import type { Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import type { Recipient, Subscriber } from "../subscribers/subscriber.ts";
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
  type ReaderValues,
  type Sender,
  type SharedMessage,
} from "./message.ts";
import { plainNotice, setNotice, type Notice } from "./notices.ts";
import type { EditionName } from "./delivery.ts";
import type { LetterMaker } from "./stock.ts";

export interface ComposerDependencies {
  readonly archive: Pick<Archive, "find">;
  readonly links: Links;
  readonly templates: Templates;
  readonly masthead: Masthead;
  readonly sender: Sender;
  /** Where bounces go, each with the name of a reader behind its local part; null leaves that out. */
  readonly bounces: string | null;
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
  /** Returns the finished message of a notice; a plain one needs no template. Throws TEMPLATE_BROKEN. */
  composeNotice(notice: Notice, to: Address, how?: "set" | "plain"): Promise<Message>;
  /**
   * Returns what makes the letters of a published edition for those who want that many papers; sets and
   * encodes it the first time.
   */
  lettersOf(name: EditionName, papers: number | null): Promise<LetterMaker>;
  /** Returns the Message-ID of an edition's letter to one subscriber, without brackets. */
  messageId(name: EditionName, subscriber: Subscriber["key"]): string;
}

/** Letters that a long-running program keeps set: of editions that may still be deferred. */
const LETTERS_KEPT = 30;

/** Returns the composer of one newsletter. */
export function openComposer(dependencies: ComposerDependencies): Composer {
  const { archive, links, masthead, sender, bounces, signer, templates, now } = dependencies;

  /** What is in delivery: edition and letter are frozen, so each is read, set and encoded once. */
  const inDelivery = new Map<string, Promise<LetterMaker>>();

  async function begin(name: EditionName, papers: number | null): Promise<LetterMaker> {
    const published = await archive.find(name.cadence, name.period);
    if (!published) {
      throw new Error(`The outbox names ${editionName(name)}, which is not published.`);
    }
    const edition = papers === null ? published : shortened(published, papers);
    // A letter that is short by its reader's wish is not short of papers.
    const entries = Math.min(papers ?? masthead.entries, masthead.entries);
    const letter = await setLetter(edition, { ...masthead, entries }, templates);
    // Most lists have no reader of the one kind or the other.
    let full: SharedMessage | null = null;
    let textOnly: SharedMessage | null = null;
    return (reader) => {
      const shared = reader.textOnly
        ? (textOnly ??= share(edition, letter, true))
        : (full ??= share(edition, letter, false));
      return {
        from: returnPath(reader.key),
        print: (sheet) => shared.print(valuesFor(edition, reader), sheet),
      };
    };
  }

  function lettersOf(name: EditionName, papers: number | null): Promise<LetterMaker> {
    const key = `${editionName(name)} ${papers ?? "all"}`;
    const known = inDelivery.get(key);
    if (known) return known;
    const beginning = begin(name, papers);
    const [oldest] = inDelivery.keys();
    if (inDelivery.size >= LETTERS_KEPT && oldest !== undefined) inDelivery.delete(oldest);
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

  function linksOf(reader: Recipient): ReaderLinks {
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
    if ("consent" in reader) {
      return share(draft, letter, reader.textOnly).for(valuesFor(draft, reader));
    }
    return single(letter.unaddressed, editionName(draft), reader);
  }

  async function composeNotice(
    notice: Notice,
    to: Address,
    how: "set" | "plain" = "set",
  ): Promise<Message> {
    const parts =
      how === "plain" ? plainNotice(notice) : await setNotice(notice, masthead, templates);
    return single(parts, notice.kind, to);
  }

  /** A letter to one address, which is of no list. */
  function single(parts: Parts, name: string, { address }: Address): Promise<Message> {
    const date = now();
    return shareMessage({ sender, parts, list: null, signer }).for({
      from: sender.address,
      to: address,
      messageId: `${name}.${links.mark(`${address}:${date.toISOString()}`)}@${domainOf(sender.address)}`,
      date,
      unsubscribeUrl: null,
      slots: {},
    });
  }

  function valuesFor(name: EditionName, reader: Recipient): ReaderValues {
    const own = linksOf(reader);
    return {
      from: returnPath(reader.key),
      to: reader.address,
      messageId: messageId(name, reader.key),
      date: now(),
      unsubscribeUrl: own.unsubscribeUrl,
      slots: slotValues(own),
    };
  }

  /** Names the reader in the address that bounces go to, so that none has to be guessed at (VERP). */
  function returnPath(reader: Subscriber["key"]): string {
    if (bounces === null) return sender.address;
    const at = bounces.lastIndexOf("@");
    return `${bounces.slice(0, at)}+${links.token("bounce", reader)}${bounces.slice(at)}`;
  }

  /** The same in every attempt, so that a letter can be found in logs and a resend be recognised. */
  function messageId(name: EditionName, subscriber: Subscriber["key"]): string {
    return `${editionName(name)}.${links.token("letter", subscriber)}@${domainOf(sender.address)}`;
  }

  return {
    set,
    share,
    print,
    compose,
    composeNotice,
    lettersOf,
    messageId,
  };
}

/** Returns "daily-2026-04-15". */
function editionName({ cadence, period }: EditionName): string {
  return `${cadence}-${period}`;
}
