/** The panels beside a letter: why it holds these papers, and where it may go for a test. */
import { html } from "hono/html";
import type { Draft, Entry } from "../../editions/edition.ts";
import { shortDate } from "../../editions/period.ts";
import { votesTogether, type Witness } from "../../editions/estimate.ts";
import type { PaperRoundError } from "../../errors.ts";
import { counted } from "../../io/plural.ts";
import type { SingleResult } from "../../newsletter.ts";
import { latexText } from "../../papers/latex/reader.ts";
import { COUNTS } from "../../papers/readings.ts";
import type { Markup } from "../pages.ts";
import { linkTo, type PreviewState } from "./state.ts";

/** Returns every entry with what its score is made of, the runners-up behind those that lead. */
export function whyView(draft: Draft): Markup {
  const leads = draft.entries.filter(({ lead }) => lead);
  const others = draft.entries.filter(({ lead }) => !lead);
  const best = Math.max(...draft.entries.map(({ score }) => score), Number.MIN_VALUE);
  const list = (entries: readonly Entry[]) =>
    html`<ol class="why" start="${entries[0]?.rank ?? 1}">
      ${entries.map((entry) => whyItem(entry, best))}
    </ol>`;
  return html`<p class="note">
      The score is the number of votes that a paper is expected to come to within weeks, and never
      fewer than it has: one and each number that is foretold, raised to its share, are multiplied,
      and one is taken off.
      ${
        draft.cadence === "daily"
          ? "What is still open about a paper takes up to half of that, and each day of age 3 %."
          : "Ages do not count here: the best of these days."
      }
    </p>
    ${leads.length > 0 ? list(leads) : html`<p>No paper leads this letter.</p>`}
    ${
      others.length > 0 &&
      html`<h2>Runners-up</h2>
        ${list(others)}`
    }`;
}

function whyItem(entry: Entry, best: number): Markup {
  const { paper, rank, score, reason, label, witnesses } = entry;
  const beside = COUNTS.map((signal) => signalText(entry, signal)).filter(Boolean);
  const share = ((score / best) * 100).toFixed(1);
  return html`<li value="${rank}">
    <h3 dir="auto"><span class="rank">${rank}</span> ${latexText(paper.title)}</h3>
    <p class="bar">
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="all" width="100" height="4" />
        <rect class="used" width="${share}" height="4" />
      </svg>
      <span>${rounded(score)}</span>
    </p>
    <p>${label ? `${label.text}. ` : ""}${reason}</p>
    ${beside.length > 0 && html`<p>${beside.join(" · ")}</p>`}
    ${
      witnesses.length > 0 &&
      html`<p>${witnesses.map(witnessText).join(" · ")}</p>
        <p class="reason sum">${sumOf(entry)}</p>`
    }
  </li>`;
}

const WITNESSES: Readonly<Record<Witness["kind"], string>> = {
  votes: "its votes foretell",
  place: "its place on the list foretells",
  paper: "the paper itself foretells",
};

/** Returns "its votes foretell 212 (91.3 %)". */
function witnessText({ kind, votes, weight }: Witness): string {
  return `${WITNESSES[kind]} ${rounded(votes)} (${rounded(weight * 100)} %)`;
}

/** Returns how the parts make the score: "39.1^0.971 × 174^0.029 − 1 = 39.8; × 0.94 … = 37.4". */
function sumOf({ witnesses, signals, score }: Entry): Markup {
  const together = votesTogether(witnesses);
  const expected = Math.max(together, signals.votes ?? 0);
  const left = score / expected;
  const factors = witnesses.map(
    ({ votes, weight }, index) =>
      html`${index > 0 ? " × " : ""}(1 + ${rounded(votes)})<sup>${weight.toFixed(3)}</sup>`,
  );
  return html`${witnesses.length > 1 ? html`${factors} − 1 = ` : ""}${rounded(together)}
  votes${expected > together ? `, and it has ${rounded(expected)} already` : ""}${
    left < 0.9995
      ? `; × ${left.toFixed(3)} for its age and what is still open = ${rounded(score)}`
      : ""
  }`;
}

/** Returns "+44 votes since 14 Apr 18:00 UTC", and the number itself where the reason has none. */
function signalText({ signals, changes, reason }: Entry, signal: (typeof COUNTS)[number]): string {
  const value = signals[signal];
  if (value === undefined) return "";
  const noun = signal.slice(0, -1);
  const said = reason.split(/: |, /).includes(counted(value, noun));
  const change = changes[signal];
  if (!change) return said ? "" : counted(value, noun);
  const by = `${change.by < 0 ? "−" : "+"}${counted(Math.abs(change.by), noun)}`;
  const day = shortDate(change.since.slice(0, 10)).replace(/ \d{4}$/, "");
  const since = `${by} since ${day} ${change.since.slice(11, 16)} UTC`;
  return said ? since : `${counted(value, noun)}, ${since}`;
}

function rounded(value: number): string {
  return value === 0
    ? "0"
    : value
        .toPrecision(3)
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, "");
}

/** Returns the form that sends this letter to an address that may get one. */
export function sendView(
  state: PreviewState,
  { addresses, token }: { addresses: readonly string[]; token: string },
): Markup {
  if (addresses.length === 0) {
    return html`<h2>No address may get a test letter yet</h2>
      <p>Name those that may in <code>paperround.yaml</code>; this page follows at once:</p>
      <pre class="source">
preview:
  testAddresses:
    - you@example.org</pre>
      <p><code>newsletter.contact</code> may get one too, where it is set.</p>`;
  }
  return html`<h2>Send this letter for a test</h2>
    <p>
      As a one-off, over the mail server of <code>SMTP_URL</code>. Nothing is published, and no
      reader's delivery is touched.
    </p>
    <form method="post" action="${linkTo("/send", state)}" class="send">
      <input type="hidden" name="token" value="${token}" />
      <fieldset>
        <legend>To</legend>
        ${addresses.map(
          (address, index) =>
            html`<label
              ><input type="radio" name="to" value="${address}" ${index === 0 ? "checked" : ""} />
              ${address}</label
            >`,
        )}
      </fieldset>
      <label><input type="checkbox" name="force" value="yes" /> Even with errors in it</label>
      <button>Send it</button>
    </form>
    <p class="note">
      Other addresses: add them to <code>preview.testAddresses</code>, or use
      <code>paperround send --to</code>.
    </p>`;
}

/** Says what became of a test letter. */
export function sentView({ address, outcome }: SingleResult): Markup {
  const reply = "reply" in outcome && outcome.reply.text !== "" ? outcome.reply.text : null;
  const fault = "fault" in outcome ? outcome.fault : null;
  return html`<div class="${outcome.state === "accepted" ? "done" : "fault"}" role="status">
    <p><strong>${SENT[outcome.state] ?? outcome.state} ${address.address}.</strong></p>
    ${reply && html`<p>The mail server says: <q>${reply}</q></p>`}
    ${fault && html`<p>${fault.message} ${fault.remedy}</p>`}
  </div>`;
}

/** Says why a test letter was not sent. */
export function notSentView({ message, remedy }: PaperRoundError): Markup {
  return html`<div class="fault" role="alert">
    <p><strong>Not sent.</strong> ${message}</p>
    <p>${remedy}</p>
  </div>`;
}

const SENT: Readonly<Record<string, string>> = {
  accepted: "The mail server took the letter for",
  deferred: "For now the mail server refuses the letter for",
  rejected: "The mail server refuses the letter for",
  uncertain: "The answer was lost: the letter may have reached",
  untried: "The letter was not sent to",
  suppressed: "The list says not to mail it, so no letter went to",
};
