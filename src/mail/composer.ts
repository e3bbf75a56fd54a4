/**
 * Composes messages: sets an edition's letter once, and prints it for one reader after another, with
 * that reader's own links.
 */
import type { Archive } from "../editions/archive.ts";
import type { Draft, Edition } from "../editions/edition.ts";
import type { Templates } from "../io/template.ts";
import type { Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { Signer } from "./dkim.ts";
import { editionUrl, printLetter, setLetter, type Masthead, type SetLetter } from "./letter.ts";
import {
  composeMessage,
  domainOf,
  type ListHeaders,
  type Message,
  type Parts,
  type Sender,
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
  /** Returns the finished message for a subscriber, or for an address that is not on the list. */
  compose(draft: Draft, letter: SetLetter, reader: Subscriber | Address): Promise<Message>;
  /** Returns the message of a published edition for one of its readers. */
  composeDelivery(name: EditionName, reader: Subscriber): Promise<Message>;
  /** Returns the Message-ID of an edition's letter to one subscriber, without brackets. */
  messageId(name: EditionName, subscriber: Subscriber["key"]): string;
}

/** Editions that a long-running program keeps set: those whose letters may still be deferred. */
const EDITIONS_KEPT = 10;

/** Returns the composer of one newsletter. */
export function openComposer(dependencies: ComposerDependencies): Composer {
  const { archive, links, masthead, sender, signer, templates, now } = dependencies;

  /** Editions in delivery, with their letters: both are frozen, so each is read and set once. */
  const inDelivery = new Map<string, Promise<{ edition: Edition; letter: SetLetter }>>();

  async function frozen(name: EditionName): Promise<{ edition: Edition; letter: SetLetter }> {
    const edition = await archive.find(name.cadence, name.period);
    if (!edition) throw new Error(`The outbox names ${editionName(name)}, which is not published.`);
    return { edition, letter: await set(edition) };
  }

  function kept(name: EditionName): Promise<{ edition: Edition; letter: SetLetter }> {
    const key = editionName(name);
    const known = inDelivery.get(key);
    if (known) return known;
    const setting = frozen(name);
    const [oldest] = inDelivery.keys();
    if (inDelivery.size >= EDITIONS_KEPT && oldest !== undefined) inDelivery.delete(oldest);
    inDelivery.set(key, setting);
    setting.catch(() => inDelivery.delete(key));
    return setting;
  }

  function set(draft: Draft): Promise<SetLetter> {
    return setLetter(draft, masthead, templates);
  }

  function print(letter: SetLetter, reader: Subscriber | null): Parts {
    if (!reader) return letter.unaddressed;
    const link = (purpose: "unsubscribe" | "preferences") =>
      `${masthead.siteUrl}/${purpose}/${links.token(purpose, reader.key)}`;
    const values = {
      address: reader.address,
      unsubscribeUrl: link("unsubscribe"),
      preferencesUrl: link("preferences"),
    };
    return printLetter(letter, values, reader.textOnly);
  }

  function compose(
    draft: Draft,
    letter: SetLetter,
    reader: Subscriber | Address,
  ): Promise<Message> {
    const subscriber = "consent" in reader ? reader : null;
    const list: ListHeaders | null = subscriber && {
      unsubscribeUrl: `${masthead.siteUrl}/unsubscribe/${links.token("unsubscribe", subscriber.key)}`,
      archiveUrl: editionUrl(masthead.siteUrl, draft),
      editionName: editionName(draft),
    };
    return composeMessage({
      sender,
      to: reader.address,
      parts: print(letter, subscriber),
      messageId: subscriber
        ? messageId(draft, subscriber.key)
        : idFor(draft, `${reader.address}:${now().toISOString()}`),
      date: now(),
      list,
      signer,
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
    print,
    compose,
    composeDelivery: async (name, reader) => {
      const { edition, letter } = await kept(name);
      return compose(edition, letter, reader);
    },
    messageId,
  };
}

/** Returns "daily-2026-04-15". */
function editionName({ cadence, period }: EditionName): string {
  return `${cadence}-${period}`;
}
