/**
 * Composes messages: sets an edition's letter once, and prints it for one reader after another, with
 * that reader's own links.
 */
import type { Archive } from "../editions/archive.ts";
import { isPublished, type Draft, type Edition, type Entry } from "../editions/edition.ts";
import { LANGUAGE_TAGS, type Language } from "../config/language.ts";
import type { OtherKeys } from "../editions/works.ts";
import type { Templates } from "../io/template.ts";
import type { Catalogue } from "../papers/catalogue.ts";
import { isWithdrawn, type Paper } from "../papers/paper.ts";
import type { Rarity } from "../papers/terms.ts";
import type { Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import { PAPER_COUNTS, type Recipient, type Subscriber } from "../subscribers/subscriber.ts";
import { openCatchUp, type CatchUpDependencies } from "./catch-up.ts";
import type { Signer } from "./dkim.ts";
import { keep } from "./keeping.ts";
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
import { asWished, hasOwnChoice, openOwnLetters, ownDraft } from "./own-letters.ts";
import { plainNotice, setNotice, type Notice } from "./notices.ts";
import type { EditionName } from "./delivery.ts";
import type { LetterMaker } from "./stock.ts";
import { wordingIn } from "./wording.ts";

export interface ComposerDependencies {
  readonly archive: Pick<Archive, "find" | "others" | "previous">;
  readonly catalogue: Pick<Catalogue, "papers">;
  /** Returns how rare terms are, for readers with a choice of their own. */
  readonly rarity: () => Promise<Rarity>;
  /** Returns under which other keys the works of papers are known. */
  readonly otherKeysOf: (papers: readonly Paper[]) => Promise<OtherKeys>;
  readonly links: Links;
  readonly templates: Templates;
  readonly masthead: Masthead;
  /** Of letters whose reader has chosen none. */
  readonly language: Language;
  readonly sender: Sender;
  /** Where bounces go, each with the name of a reader behind its local part; null leaves that out. */
  readonly bounces: string | null;
  readonly signer: Signer | null;
  readonly now: () => Date;
}

export interface Composer {
  /** Sets the letter of an edition or a draft, as everybody or one reader gets it. Throws TEMPLATE_BROKEN. */
  set(draft: Draft, reader?: Subscriber | null): Promise<SetLetter>;
  /** Returns the letter with the links of `reader`; null stands for somebody not subscribed. */
  print(letter: SetLetter, reader: Subscriber | null): Parts;
  /** Encodes the letter of an edition for those who read it in one of its two forms. */
  share(draft: Draft, letter: SetLetter, textOnly?: boolean): SharedMessage;
  /** Returns the finished message for a subscriber, or for an address that is not on the list. */
  compose(draft: Draft, letter: SetLetter, reader: Subscriber | Address): Promise<Message>;
  /** Returns the finished message of a notice; a plain one needs no template. Throws TEMPLATE_BROKEN. */
  composeNotice(notice: Notice, to: Address, how?: "set" | "plain"): Promise<Message>;
  /** Returns what makes the letter of a published edition for a reader; sets and encodes it the first time. */
  lettersOf(name: EditionName, reader: Recipient): Promise<LetterMaker>;
  /** Returns the Message-ID of an edition's letter to one subscriber, without brackets. */
  messageId(name: EditionName, subscriber: Subscriber["key"]): string;
}

/**
 * Letters that a long-running program keeps set: two editions in every language and length, so that one
 * whose letters are deferred does not push out the one at hand.
 */
const LETTERS_KEPT = 2 * LANGUAGE_TAGS.length * (PAPER_COUNTS.length + 1);
/** These hold whole editions, with what is behind them: one in every language, and two to spare. */
const OWN_KEPT = LANGUAGE_TAGS.length + 2;

/** Returns the composer of one newsletter. */
export function openComposer(dependencies: ComposerDependencies): Composer {
  const { archive, catalogue, links, masthead, sender, bounces, signer, templates, now } =
    dependencies;
  const { otherKeysOf } = dependencies;

  /** What is in delivery: edition and letter are frozen, so each is read, set and encoded once. */
  const inDelivery = new Map<string, Promise<LetterMaker>>();
  /** The same of editions that are in delivery to readers with a choice of their own. */
  const chosen = new Map<string, Promise<(reader: Recipient) => Promise<LetterMaker>>>();
  const otherKeysIn = (entries: readonly Entry[]) => otherKeysOf(entries.map(({ paper }) => paper));

  const catchUpBeside = (
    its: Pick<CatchUpDependencies, "edition" | "others" | "otherKeys" | "rarity" | "wording">,
  ) => openCatchUp({ archive, catalogue, otherKeysOf, timeZone: masthead.timeZone, ...its });

  async function publishedAs(name: EditionName): Promise<Edition> {
    const published = await archive.find(name.cadence, name.period);
    if (published) return published;
    throw new Error(`The outbox names ${editionName(name)}, which is not published.`);
  }

  const languageOf = (reader: Pick<Recipient, "language"> | null) =>
    reader?.language ?? dependencies.language;

  async function begin(
    name: EditionName,
    { papers, language }: { papers: number | null; language: Language },
  ): Promise<LetterMaker> {
    const published = await publishedAs(name);
    const { edition, entries } = asWished(published, masthead, papers);
    const wording = wordingIn(language);
    const letter = await setLetter(edition, { ...masthead, entries }, templates, wording);
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

  async function lettersOf(name: EditionName, reader: Recipient): Promise<LetterMaker> {
    const language = languageOf(reader);
    if (hasOwnChoice(reader)) {
      const key = `${editionName(name)} ${language}`;
      const make = await keep(chosen, key, OWN_KEPT, () => beginOwn(name, language));
      return make(reader);
    }
    const { papers } = reader;
    const key = `${editionName(name)} ${language} ${papers ?? "all"}`;
    return keep(inDelivery, key, LETTERS_KEPT, () => begin(name, { papers, language }));
  }

  /** Sets an edition for readers with a choice of their own; their letters are spliced from that. */
  async function beginOwn(
    name: EditionName,
    language: Language,
  ): Promise<(reader: Recipient) => Promise<LetterMaker>> {
    const edition = await publishedAs(name);
    const others = await othersOf(name);
    const rarity = await dependencies.rarity();
    const wording = wordingIn(language);
    const otherKeys = await otherKeysIn([...edition.entries, ...others]);
    const catchUp = catchUpBeside({ edition, others, otherKeys, rarity, wording });
    const choosing = { masthead, rarity, otherKeys, wording, catchUp };
    const own = await openOwnLetters({ ...choosing, edition, others, templates });
    const archiveUrl = editionUrl(masthead.siteUrl, edition);
    const list = { archiveUrl, editionName: editionName(edition) };
    const openForm = (textOnly: boolean) => {
      const formOf = (parts: Parts) => (textOnly ? { ...parts, html: null } : parts);
      const parts = formOf(own.parts);
      const shared = shareMessage({ sender, parts, list, signer, ownSubjects: true });
      return { shared, add: (more: Parts) => shared.add(formOf(more)) };
    };
    const forms = new Map<boolean, ReturnType<typeof openForm>>();
    return async (reader) => {
      const form = forms.get(reader.textOnly) ?? openForm(reader.textOnly);
      forms.set(reader.textOnly, form);
      const { subject, slots, blocks, papers } = await own.letterFor(reader, form.add);
      return () => ({
        from: returnPath(reader.key),
        papers,
        print: (sheet) => {
          const values = valuesFor(edition, reader);
          const all = { ...values.slots, ...slots };
          return form.shared.print({ ...values, subject, slots: all, blocks }, sheet);
        },
      });
    };
  }

  /**
   * Returns the candidates that an edition has no entry for, as the corpus knows them now: without those
   * that were withdrawn since.
   */
  async function othersOf({ cadence, period }: EditionName): Promise<Entry[]> {
    const others = await archive.others(cadence, period);
    const candidates = await catalogue.papers(others.map(({ paper }) => paper));
    const papers = new Map(candidates.map(({ paper }) => [paper.key, paper]));
    return others.flatMap((other) => {
      const paper = papers.get(other.paper);
      return paper && !isWithdrawn(paper)
        ? [{ ...other, paper, lead: false, witnesses: [], written: null }]
        : [];
    });
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

  async function set(draft: Draft, reader: Subscriber | null = null): Promise<SetLetter> {
    const wording = wordingIn(languageOf(reader));
    if (!reader) return setLetter(draft, masthead, templates, wording);
    const { papers } = reader;
    if (!hasOwnChoice(reader)) {
      const { edition, entries } = asWished(draft, masthead, papers);
      return setLetter(edition, { ...masthead, entries }, templates, wording);
    }
    const others = draft.others ?? (isPublished(draft) ? await othersOf(draft) : []);
    const rarity = await dependencies.rarity();
    const otherKeys = await otherKeysIn([...draft.entries, ...others]);
    const catchUp = catchUpBeside({ edition: draft, others, otherKeys, rarity, wording });
    const choosing = { masthead, rarity, otherKeys, wording, catchUp };
    const own = await ownDraft({ ...draft, others }, reader, choosing);
    return setLetter(own, masthead, templates, wording);
  }

  function linksOf(reader: Recipient): ReaderLinks {
    const link = (purpose: "unsubscribe" | "preferences") =>
      `${masthead.siteUrl}/${purpose}/${links.token(purpose, reader)}`;
    return {
      address: reader.address,
      unsubscribeUrl: link("unsubscribe"),
      preferencesUrl: link("preferences"),
      opinionToken: masthead.opinions ? links.token("opinion", reader) : "",
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
