/** What is said at the door: the forms, and the answers to them. */
import { html } from "hono/html";
import { periodTitle } from "../editions/period.ts";
import type { EditionName } from "../editions/shelves.ts";
import type { Masthead } from "../mail/letter.ts";
import { askedText } from "../mail/notices.ts";
import type { Confirmed } from "../readers/replies.ts";
import type { Address } from "../subscribers/address.ts";
import type { RequestRecord } from "../subscribers/requests.ts";
import type { Preferences, Subscriber } from "../subscribers/subscriber.ts";
import { editionPath } from "./archive-pages.ts";
import { cadenceField, clockFields, formatField, type Offer } from "./choices.ts";
import { chosenList } from "./chosen-list.ts";
import { consentWording, type Opened } from "./door.ts";
import { topicFields } from "./interest-fields.ts";
import type { Markup } from "./pages.ts";
import { UNPROVEN_SECONDS } from "./proof.ts";
import { TRAP, type Fields } from "./visitor.ts";

/** A form as it is shown: empty, or with what was filled in and what is wrong with it. */
export interface JoinForm extends Opened {
  readonly email: string;
  readonly problem: string | null;
}

type Name = Pick<Masthead, "name">;

const SUBSCRIBE = html`<button>Subscribe</button>`;

/** Returns the form of the front page: one field and a button, and a way to more that keeps the address. */
export function joinBox(form: JoinForm, masthead: Name): Markup {
  return html`<form class="join" method="post" action="/subscribe">
    ${addressField("Your e-mail address", form, { button: SUBSCRIBE })} ${hiddenFields(form)}
    <p class="meta">${consentWording(masthead)} <a href="/privacy">Privacy</a></p>
    <p>
      <button class="link" name="more" value="yes" formnovalidate>
        Choose topics, how often and when
      </button>
    </p>
  </form>`;
}

/** Returns the page with all that there is to choose. */
export function joinPage(
  form: JoinForm,
  masthead: Name,
  choices: {
    readonly chosen: Preferences;
    readonly offer: Offer;
    readonly guessedZone: string | null;
    readonly wrong: string | null;
  },
): Markup {
  const { chosen, offer, guessedZone, wrong } = choices;
  return html`<h1>Subscribe</h1>
    <p>
      The trending research papers in your mailbox: what each found, and why it is there. No account
      and no password, and nothing watches you read. All of this can be changed later.
    </p>
    ${wrong !== null && html`<p class="problem" role="alert">${wrong}</p>`}
    <form class="join" method="post" action="/subscribe">
      ${addressField("Your e-mail address", form)} ${hiddenFields(form)}
      ${cadenceField(offer, chosen.cadence)} ${clockFields(chosen, offer, guessedZone)}
      ${formatField(chosen, offer)} ${topicFields(chosen.interests)}
      <button>Subscribe</button>
      <p class="meta">${consentWording(masthead)} <a href="/privacy">Privacy</a></p>
    </form>
    <p class="links">
      <a href="/link">I have lost my link</a> <a href="/embed">A form for your own site</a>
    </p>`;
}

/**
 * Answers a form that has come too soon, too late, or from another site. `chosen` are the other fields
 * that came with it.
 */
export function pressAgainPage(form: JoinForm, masthead: Name, chosen: Fields): Markup {
  const kept = [...chosen].filter(([name]) => !OF_THE_FORM.has(name));
  return html`<h1>Press the button once more</h1>
    <p>That tells us that you are a person. ${kept.length > 0 ? "What you chose is kept." : ""}</p>
    ${waitLine(form)}
    <form class="join" method="post" action="/subscribe">
      ${addressField("Your e-mail address", form, { button: SUBSCRIBE })} ${hiddenFields(form)}
      ${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <p class="meta">${consentWording(masthead)} <a href="/privacy">Privacy</a></p>
    </form>`;
}

function waitLine({ proofOfWork }: Opened): Markup | false {
  const line = `If scripts are off in your browser, wait ${UNPROVEN_SECONDS} seconds before you press.`;
  return proofOfWork > 0 && html`<p>${line}</p>`;
}

/** What is made anew with each form, or stands in it to be seen. */
const OF_THE_FORM: ReadonlySet<string> = new Set(["email", "form", "work", "more", TRAP]);

/** Says the same whoever asks for whomever. */
export function askedPage(email: string, expiresDays: number): Markup {
  return html`<h1>Look into your mailbox</h1>
    <p>
      We have sent a letter to <strong dir="auto">${email}</strong>. Open the link in it, and you
      are on the list. If you don't, nothing happens, and in ${expiresDays}
      ${expiresDays === 1 ? "day" : "days"} we forget that you asked.
    </p>
    <p>
      No letter after a few minutes? Look in the spam folder. We send one such letter a day to an
      address: asking again today brings no second one, but what you chose last is what counts.
    </p>`;
}

/** Says that nothing is taken in: from anybody new, or where no letter can be sent to answer it. */
export function closedPage(isMute = false): Markup {
  if (isMute) {
    return html`<h1>No letter can be sent from here for now</h1>
      <p>
        What you ask for takes a letter to your mailbox, so nothing was taken down. Please come back
        later.
      </p>`;
  }
  return html`<h1>Nobody can subscribe here for now</h1>
    <p>The archive is open to everybody. <a href="/archive">All editions</a></p>`;
}

/** Asks whoever reads at the address; a mail scanner that opens the page says nothing. */
export function confirmPage(request: RequestRecord, { name }: Name): Markup {
  const isMove = request.wish === "move";
  const asked = askedText({ ...request, askedAt: new Date(request.askedAt) });
  return html`<h1>${isMove ? "Is this your new address?" : "Is this letter for you?"}</h1>
    <p>
      ${
        isMove
          ? html`From now on the letter of ${name} would go to
              <strong>${request.address?.address}</strong>.`
          : html`The ${request.cadence} letter of ${name} would come to
              <strong>${request.address?.address}</strong>.`
      }
    </p>
    ${!isMove && chosenList(request)}
    <form method="post">
      <button>${isMove ? "Yes, send it here" : "Yes, send me the letter"}</button>
    </form>
    <p class="meta">Asked ${asked}.</p>
    <p class="meta">If you did not ask for it, close this page, and nothing happens.</p>`;
}

export function confirmedPage(
  confirmed: Extract<Confirmed, { readonly reader: unknown }>,
  preferences: string,
  { sender, latest }: { readonly sender: string; readonly latest: EditionName | null },
): Markup {
  const { state, reader } = confirmed;
  const isMove = state === "moved";
  return html`<h1>${isMove ? "The letter has moved" : "You are on the list"}</h1>
    <p>
      ${
        isMove
          ? html`From now on the letter goes to <strong>${reader.address}</strong>.`
          : html`Thank you. The ${reader.cadence} letter comes to
              <strong>${reader.address}</strong>.`
      }
    </p>
    ${state === "joined" && firstLetter(confirmed.served, latest)}
    <h2>So that it arrives</h2>
    <p>
      The letter comes from <strong>${sender}</strong>. Add this address to your contacts, and your
      mail program will not take it for spam.
    </p>
    <p class="row"><a class="button" href="${preferences}">Change what you get</a></p>`;
}

function firstLetter(served: boolean, latest: EditionName | null): Markup {
  const title = latest && periodTitle(latest.cadence, latest.period);
  const link = latest && html`<a href="${editionPath(latest)}">${title}</a>`;
  return html`<h2>What comes next</h2>
    <p>
      ${
        served
          ? html`The latest edition is on its way${link && html`: ${link}, also to be read here`}.
            The next one follows when it is out.`
          : html`The first letter comes when the next edition is
            out.${link && html` Until then you can read the latest one here: ${link}.`}`
      }
    </p>`;
}

/** Shown to whoever opens a confirmation's link again. */
export function wasConfirmedPage(): Markup {
  return html`<h1>This was confirmed</h1>
    <p>
      There is nothing left to do. To change what comes, use the link at the foot of any letter, or
      <a href="/link">have it mailed to you</a>.
    </p>`;
}

export function gonePage(): Markup {
  return html`<h1>This link is no longer good</h1>
    <p>
      The request behind it has expired, or was withdrawn. Nothing was changed.
      <a href="/subscribe">Ask again</a>
    </p>
    <p>Letters come nevertheless? <a href="/link">Have the link to leave mailed to you.</a></p>`;
}

export function takenPage(): Markup {
  return html`<h1>This address has a subscription of its own</h1>
    <p>Nothing was changed. To join the two, unsubscribe with one of them.</p>`;
}

export function refusePage({ address }: Address): Markup {
  return html`<h1>This was not you?</h1>
    <p>
      Then we throw the request for <strong>${address}</strong> away, and for 30 days we ask that
      address nothing more.
    </p>
    <form method="post"><button>This was not me</button></form>`;
}

/** Answers "this was not me" where somebody has said yes before. */
export function refusedLatePage({ cadence }: Pick<Subscriber, "cadence">): Markup {
  return html`<h1>This was confirmed</h1>
    <p>
      Somebody who reads at this address has said yes since, and the ${cadence} letter is sent. If
      that was not you, end it.
    </p>
    <form method="post"><button name="leave" value="yes">Unsubscribe</button></form>`;
}

export function refusedLeftPage(): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>No further letter comes.</p>`;
}

export function refusedPage(): Markup {
  return html`<h1>Thrown away</h1>
    <p>No letter comes, and for 30 days we ask you nothing. We are sorry for the trouble.</p>`;
}

/** Asks for an address to mail the lost links to. */
export function lostLinkPage(form: JoinForm, isAgain: boolean): Markup {
  return html`<h1>Change or end your subscription</h1>
    <p>
      The links at the foot of every letter do both. If you have no letter at hand, we mail these
      links to the address that gets it.
    </p>
    ${
      isAgain &&
      html`<p class="note" role="status">
          Please press the button once more. That tells us that you are a person.
        </p>
        ${waitLine(form)}`
    }
    <form class="join" method="post" action="/link">
      ${addressField("The address that gets the letter", form, {
        button: html`<button>Mail me the link</button>`,
      })}
      ${hiddenFields(form)}
    </form>`;
}

export function linkAskedPage(email: string): Markup {
  return html`<h1>Look into your mailbox</h1>
    <p>
      If <strong dir="auto">${email}</strong> is on the list, a letter with its links is on the way.
      We send one such letter a day at most.
    </p>`;
}

/** Returns the field of an address, with the button that acts on it beside it if there is one. */
export function addressField(
  label: string,
  { email, problem }: Pick<JoinForm, "email" | "problem">,
  { button }: { readonly button?: Markup } = {},
): Markup {
  const field = html`<input
    id="email"
    type="email"
    name="email"
    required
    maxlength="254"
    autocomplete="email"
    spellcheck="false"
    value="${email}"
    ${problem === null ? "" : html`aria-invalid="true" aria-describedby="email-problem" autofocus`}
  />`;
  return html`<label for="email">${label}</label>
    ${problem !== null && html`<p id="email-problem" class="problem" role="alert">${problem}</p>`}
    ${button ? html`<div class="line">${field} ${button}</div>` : field}`;
}

function hiddenFields({ seal, proofOfWork }: JoinForm): Markup {
  const proof = html`<input type="hidden" name="work" data-bits="${proofOfWork}" />
    <script src="/proof.js" defer></script>`;
  return html`<input type="hidden" name="form" value="${seal}" />${proofOfWork > 0 && proof}
    <div class="trap" aria-hidden="true">
      <label>Leave this empty <input name="${TRAP}" tabindex="-1" autocomplete="off" /></label>
    </div>`;
}
