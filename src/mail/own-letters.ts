/**
 * Letters of a reader's own choice. Each paper of an edition is set once, as an entry and as a title,
 * whoever gets it; a letter is a splice of those that its reader's choice names, in one frame. What the
 * frame says of the choice (subject, length, note) are the reader's own values.
 */
import { openChoices, type Choice, type Chosen, type Choices } from "../editions/choice.ts";
import { leadEntries, shortened, type Draft, type Entry } from "../editions/edition.ts";
import type { OtherKeys } from "../editions/works.ts";
import { wrap, type Templates } from "../io/template.ts";
import { isEmpty } from "../papers/interests.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { Rarity } from "../papers/terms.ts";
import type { Recipient } from "../subscribers/subscriber.ts";
import type { CatchUp } from "./catch-up.ts";
import { escapeHtml } from "./escape.ts";
import { ownLine } from "./entry-view.ts";
import { emptyLine, noteOf, preheaderOf, subjectOf } from "./headline.ts";
import {
  addressed,
  blockName,
  HTML_BYTES_MAX,
  HTML_SLOTS,
  letterView,
  readingLine,
  TEXT_SLOTS,
  WHOLE,
  wordsOf,
  type Masthead,
} from "./letter.ts";
import type { Parts } from "./message.ts";
import { block, encodeBody, endOfBlocks, slot, type ChosenBlock } from "./mime.ts";
import type { Shortened, Wording } from "./wording/wording.ts";

/** What one reader's letter holds. */
export interface OwnLetter {
  readonly subject: string;
  readonly slots: Readonly<Record<string, string>>;
  readonly blocks: readonly ChosenBlock[];
  /** The papers that lead it. */
  readonly papers: readonly PaperKey[];
}

export interface OwnLetters {
  /** The frame with the entries of the edition. */
  readonly parts: Parts;
  /** Returns what a reader's letter holds. `add` is told of further papers that were set for it. */
  letterFor(reader: Recipient, add: (parts: Parts) => void): Promise<OwnLetter>;
}

/** What it takes to choose from an edition for a reader, and to say so. */
interface Choosing {
  readonly masthead: Masthead;
  readonly rarity: Rarity;
  readonly otherKeys: OtherKeys;
  readonly wording: Wording;
  readonly catchUp: CatchUp;
}

interface OwnLettersDependencies extends Choosing {
  readonly edition: Draft;
  /** Candidates behind the last entry. */
  readonly others: readonly Entry[];
  readonly templates: Templates;
}

/** Candidates behind the last entry are set as many at a time: whoever follows one follows more. */
const SET_AT_ONCE = 20;
/** Papers that a letter leads with, however many its reader asks for. */
const PLACES_MAX = 25;
const TAIL = WHOLE.tail;
/** Below it all titles of a choice fit beside its entries. */
const TITLE_BYTES = 900;

/** Whether a reader's letter is of their own choice. */
export function hasOwnChoice({ interests, profile, history }: Recipient): boolean {
  const { kept = null, seen = [], pause } = history ?? {};
  const isKept = kept !== null || seen.length > 0 || pause !== undefined;
  return !isEmpty(interests) || profile !== null || isKept;
}

/** Returns an edition as long as a reader wishes it, and how many papers make it a full one. */
export function asWished<Kind extends Draft>(
  edition: Kind,
  masthead: Pick<Masthead, "entries">,
  papers: number | null,
): { readonly edition: Kind; readonly entries: number } {
  return {
    edition: papers === null ? edition : shortened(edition, papers),
    entries: fullLength(masthead, papers),
  };
}

/** A letter that is short by its reader's wish is not short of papers. */
function fullLength({ entries }: Pick<Masthead, "entries">, papers: number | null): number {
  return Math.min(papers ?? entries, entries);
}

/** Returns a reader's choice from an edition. */
function choiceFor(
  choices: Choices,
  { interests, profile, history, papers }: Recipient,
  leads: number,
): Choice {
  const places = Math.min(papers ?? leads, PLACES_MAX);
  const { seen = [], kept = null } = history ?? {};
  return choices.choose({ interests, profile }, { places, tail: TAIL, seen, kept });
}

/** Returns an edition as one reader gets it, to be set for them alone. */
export async function ownDraft(
  draft: Draft,
  reader: Recipient,
  choosing: Choosing,
): Promise<Draft> {
  const { rarity, otherKeys, masthead, wording, catchUp } = choosing;
  const all = [...draft.entries, ...(draft.others ?? [])];
  const choices = openChoices(all, rarity, { bar: masthead.bar, otherKeys });
  const choice = choiceFor(choices, reader, masthead.entries);
  const asEntry = (lead: boolean) => (chosen: Chosen) => {
    const own = chosen.why ? { own: wording.own(chosen.why.kind, chosen.why.what) } : {};
    return { ...chosen.entry, lead, ...(lead ? own : {}) };
  };
  const missed = await catchUp(reader);
  const leads = [...choice.entries, ...missed];
  const entries = [...leads.map(asEntry(true)), ...choice.tail.map(asEntry(false))];
  const note = ownNoteOf({ ...choice, entries: leads }, missed.length, {
    reader,
    edition: draft,
    ...choosing,
  });
  return { ...draft, entries, note };
}

/** Sets the papers of an edition for readers with a choice of their own. Throws TEMPLATE_BROKEN. */
export async function openOwnLetters(dependencies: OwnLettersDependencies): Promise<OwnLetters> {
  const { edition, others, masthead, templates, rarity, otherKeys, wording, catchUp } =
    dependencies;
  const all = [...edition.entries, ...others];
  const choices = openChoices(all, rarity, { bar: masthead.bar, otherKeys });
  const known = new Map<PaperKey, { title: string; words: number; size: number }>();
  const places = new Map(others.map(({ paper }, place) => [paper.key, place]));
  let setting: Promise<void> = Promise.resolve();

  async function set(entries: readonly Entry[]): Promise<Parts> {
    const leads = entries.map((entry) => ({ ...entry, lead: true }));
    const view = letterView({ ...edition, entries: leads }, masthead, { wording });
    const asTitles = { ...edition, entries: leads.map(asTitle) };
    const titles = letterView(asTitles, masthead, { fit: ALL_TITLES, wording });
    const frame = { ...view, tail: titles.tail, cut: "", empty: "" };
    const text = templates.text("letter", inFrame(frame, leads, "text"));
    const html = await templates.html("letter", inFrame(frame, leads, "html"));
    for (const [index, { paper }] of leads.entries()) {
      const shown = view.entries[index];
      if (!shown) continue;
      const { title } = shown;
      known.set(paper.key, { title, words: wordsOf(shown), size: 0 });
    }
    measure(html, leads);
    return { subject: "", text, html };
  }

  /** Sizes are those of the HTML, which is what mail programs clip. */
  function measure(html: string, leads: readonly Entry[]): void {
    for (const lead of leads) {
      const from = html.indexOf(block(blockName(lead)));
      const rest = html.slice(from + 1);
      const to = rest.search(NEXT_BLOCK);
      const size = encodeBody({ text: "", html: rest.slice(0, to < 0 ? undefined : to) }).size;
      const about = known.get(lead.paper.key);
      if (about) known.set(lead.paper.key, { ...about, size });
    }
  }

  function inFrame(
    view: ReturnType<typeof letterView>,
    leads: readonly Entry[],
    form: "text" | "html",
  ) {
    const slots = form === "text" ? TEXT_SLOTS : HTML_SLOTS;
    const own = (name: string) => slot(form === "text" ? name : `html_${name}`);
    const { entries, ...rest } = addressed({ view, leads, masthead, wording }, slots);
    return {
      ...rest,
      entries: entries.map((entry) => ({ ...entry, own: slot("html_why"), ownLine: slot("line") })),
      subject: own("subject"),
      preheader: own("preheader"),
      // A letter of no papers has no length, and no dot before it.
      edition: { ...rest.edition, label: `${rest.edition.label}${own("length")}` },
      summaryLine: "",
      note: own("note"),
      tail: {
        title: view.tail.title,
        begin: block(TAIL_HEADING),
        entries: view.tail.entries.map((title, index) => {
          const lead = leads[index];
          return lead ? { ...title, begin: block(titleName(lead)) } : title;
        }),
        end: endOfBlocks(),
      },
    };
  }

  const parts = await set(edition.entries);
  const frameSize = sizeOfFrame(parts);

  /** Has all that is chosen set, in turns. */
  function ensure(chosen: readonly Chosen[], add: (parts: Parts) => void): Promise<void> {
    setting = setting.then(async () => {
      for (const { entry } of chosen) {
        if (known.has(entry.paper.key)) continue;
        const first = places.get(entry.paper.key);
        // What was missed is in no list of this edition.
        const next = first === undefined ? [entry] : others.slice(first, first + SET_AT_ONCE);
        const missing = next.filter(({ paper }) => !known.has(paper.key));
        further.push(await set(missing));
      }
    });
    return setting.then(() => {
      // What was set for one reader is there for those who get another form of the letter, too.
      for (const more of further.slice(added.get(add) ?? 0)) add(more);
      added.set(add, further.length);
    });
  }
  const further: Parts[] = [];
  const added = new WeakMap<(parts: Parts) => void, number>();

  async function letterFor(reader: Recipient, add: (parts: Parts) => void): Promise<OwnLetter> {
    const ofEdition = choiceFor(choices, reader, masthead.entries);
    const missed = await catchUp(reader);
    const whole = { ...ofEdition, entries: [...ofEdition.entries, ...missed] };
    await ensure([...whole.entries, ...whole.tail], add);
    const sizeOf = ({ entry }: Chosen) => known.get(entry.paper.key)?.size ?? 0;
    const choice = fitted(whole, HTML_BYTES_MAX - frameSize, sizeOf);
    const { entries, tail } = choice;
    const titles = entries.map(({ entry }) => known.get(entry.paper.key)?.title ?? "");
    const words = entries.reduce(
      (sum, { entry }) => sum + (known.get(entry.paper.key)?.words ?? 0),
      0,
    );
    const shown = missed.filter((each) => entries.includes(each)).length;
    const ownNote = ownNoteOf(choice, shown, { reader, edition, masthead, wording });
    const note = [ownNote, wording.cut(leftOut(whole, choice))].filter(Boolean).join(" ");
    const subject = subjectOf(titles, titles.length, edition, wording);
    const length = readingLine(titles.length, words, wording);
    return {
      subject,
      slots: slotsFor({
        subject,
        preheader: preheaderOf(titles, wording) || note,
        length: length && ` · ${length}`,
        note,
      }),
      blocks: [
        ...entries.map((chosen) => entryBlock(chosen, wording)),
        ...(tail.length > 0 ? [{ name: TAIL_HEADING }] : []),
        ...tail.map(titleBlock),
      ],
      papers: entries.map(({ entry }) => entry.paper.key),
    };
  }

  return { parts, letterFor };
}

/**
 * Returns a choice whose letter takes no more than `room` bytes, so that mail programs don't clip it.
 * Titles are left out first, then the last entries, those last that are the reader's own.
 */
export function fitted(choice: Choice, room: number, sizeOf: (chosen: Chosen) => number): Choice {
  const own = choice.entries.filter(({ why }) => why !== null);
  const others = choice.entries.filter(({ why }) => why === null);
  let left = room;
  const fitting = new Set([...own, ...others].filter((chosen) => (left -= sizeOf(chosen)) > 0));
  const titles = Math.max(0, Math.floor(left / TITLE_BYTES));
  return {
    ...choice,
    entries: choice.entries.filter((chosen) => fitting.has(chosen)),
    tail: choice.tail.slice(0, titles),
  };
}

/** Returns what a choice that was fitted to a mail has lost. */
function leftOut(whole: Choice, choice: Choice): Shortened {
  return {
    isShort: false,
    titles: null,
    noRunnersUp: whole.tail.length > 0 && choice.tail.length === 0,
    onWebOnly: whole.entries.length - choice.entries.length,
  };
}

/** Stands where there are titles below it. */
const TAIL_HEADING = "tail";
const ALL_TITLES = { ...WHOLE, tail: Infinity };
// oxlint-disable-next-line no-control-regex -- the fence that no text can hold
const NEXT_BLOCK = /\u0001\[/;

function asTitle(entry: Entry): Entry {
  return { ...entry, lead: false };
}

function titleName(entry: Entry): string {
  return `t${blockName(entry)}`;
}

/** Returns the size of the HTML around the blocks. */
function sizeOfFrame({ html }: Parts): number {
  // oxlint-disable-next-line no-control-regex -- the fence that no text can hold
  const bare = (html ?? "").replace(/\u0001\[\w+\u0001[\s\S]*?(?=\u0001\[)/g, "");
  return encodeBody({ text: "", html: bare }).size;
}

function entryBlock({ entry, why }: Chosen, wording: Wording): ChosenBlock {
  const text = why ? wording.own(why.kind, why.what) : "";
  return { name: blockName(entry), slots: { line: ownLine(text), html_why: escapeHtml(text) } };
}

function titleBlock({ entry }: Chosen): ChosenBlock {
  return { name: titleName(entry) };
}

/** Returns what stands in the slots of text, in its lines, and of HTML. */
function slotsFor(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => [
      // What goes on a line that has begun keeps its blank before it.
      [name, value.startsWith(" ") ? value : wrap(value)],
      [`html_${name}`, escapeHtml(value)],
    ]),
  );
}

/** Says what is unusual about a reader's letter, `missed` of whose papers are at its end. */
function ownNoteOf(
  choice: Choice,
  missed: number,
  { reader, edition, masthead, wording }: Noting,
): string {
  const caughtUp = missed > 0 && wording.caughtUp(wording.counted(missed, "paper"));
  const isOwn = !isEmpty(reader.interests) || reader.profile !== null;
  const full = fullLength(masthead, reader.papers);
  const note =
    isOwn || choice.entries.length === 0
      ? choiceNoteOf(choice, edition, wording)
      : noteOf(edition, choice.entries.length - missed, full, wording);
  return [caughtUp, note].filter(Boolean).join(" ");
}

interface Noting extends Pick<Choosing, "masthead" | "wording"> {
  readonly reader: Recipient;
  readonly edition: Draft;
}

/** Says how a letter was chosen, or why there is nothing in it. */
function choiceNoteOf({ entries, muted }: Choice, draft: Draft, wording: Wording): string {
  if (entries.length === 0) {
    if (leadEntries(draft).length === 0) return emptyLine(draft, wording);
    return muted > 0 ? wording.allMuted : wording.noneLeft;
  }
  const liked = entries.filter(({ why }) => why?.kind === "liked").length;
  const followed = entries.filter(({ why }) => why !== null).length - liked;
  return wording.chosen(followed, liked);
}
