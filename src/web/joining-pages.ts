/** What is said at the door: the forms, and the answers to them. */
import { html } from "hono/html";
import type { Masthead } from "../mail/letter.ts";
import type { Confirmed } from "../readers/replies.ts";
import type { RequestRecord } from "../subscribers/requests.ts";
import type { Preferences, Subscriber } from "../subscribers/subscriber.ts";
import { cadenceField, clockFields, formatField, type Offer } from "./choices.ts";
import { consentWording } from "./door.ts";
import { topicFields } from "./interest-fields.ts";
import type { Markup } from "./pages.ts";
import { TRAP } from "./visitor.ts";

/** A form as it is shown: empty, or with what was filled in and what is wrong with it. */
export interface JoinForm {
  readonly email: string;
  readonly seal: string;
  readonly problem: string | null;
}

type Name = Pick<Masthead, "name">;

/** Returns the form of the front page: one field and a button. */
export function joinBox(form: JoinForm, masthead: Name): Markup {
  return html`<form class="join" method="post" action="/subscribe">
    ${addressField("Your e-mail address", form)} ${hiddenFields(form)}
    <button>Subscribe</button>
    <p class="meta">
      ${consentWording(masthead)} <a href="/subscribe">Choose more</a> ·
      <a href="/privacy">Privacy</a>
    </p>
  </form>`;
}

/** Returns the page with all that there is to choose. */
export function joinPage(
  form: JoinForm,
  masthead: Name,
  choices: { chosen: Preferences; offer: Offer; guessedZone: string | null },
): Markup {
  const { chosen, offer, guessedZone } = choices;
  return html`<h1>Subscribe</h1>
    <p>
      The trending research papers in your mailbox: what each found and why it is there. No account,
      no password, nothing that watches you read.
    </p>
    <form class="join" method="post" action="/subscribe">
      ${addressField("Your e-mail address", form)} ${hiddenFields(form)}
      ${cadenceField(offer, chosen.cadence)} ${clockFields(chosen, offer, guessedZone)}
      ${formatField(chosen)} ${topicFields(chosen.interests)}
      <button>Subscribe</button>
      <p class="meta">${consentWording(masthead)} <a href="/privacy">Privacy</a></p>
    </form>
    <p class="links">
      <a href="/link">I have lost my link</a> <a href="/embed">A form for your own site</a>
    </p>`;
}

/** Answers a form that has come too soon, too late, or from another site. */
export function pressAgainPage(form: JoinForm, masthead: Name, fields: Markup): Markup {
  return html`<h1>Once more, please</h1>
    <p>One more press on the button, so that we know it is you and not a machine.</p>
    <form class="join" method="post" action="/subscribe">
      ${addressField("Your e-mail address", form)} ${hiddenFields(form)} ${fields}
      <button>Subscribe</button>
      <p class="meta">${consentWording(masthead)} <a href="/privacy">Privacy</a></p>
    </form>`;
}

/** Says the same whoever asks for whomever. */
export function askedPage(email: string, expiresDays: number): Markup {
  return html`<h1>Look into your mailbox</h1>
    <p>
      A letter is on its way to <strong dir="auto">${email}</strong>. Follow its link, and you are
      on the list. Without that nothing happens, and in ${expiresDays}
      ${expiresDays === 1 ? "day" : "days"} the request is forgotten.
    </p>
    <p>
      Nothing there? Look among the unwanted mail. An address gets one such letter a day at most, so
      a second try today is not answered.
    </p>`;
}

export function busyPage(): Markup {
  return html`<h1>Too many at once</h1>
    <p>More has been asked for than we can send without a doubt. Please try again in an hour.</p>`;
}

export function closedPage(): Markup {
  return html`<h1>Nobody can subscribe here for now</h1>
    <p>The archive is open to everybody. <a href="/">All editions</a></p>`;
}

export function unreadablePage(): Markup {
  return html`<h1>This form can't be read</h1>
    <p>
      What came was damaged, or no form. Nothing was changed. <a href="/subscribe">Try again</a>
    </p>`;
}

/** Asks whoever reads at the address; a mail scanner that opens the page says nothing. */
export function confirmPage(request: RequestRecord, { name }: Name): Markup {
  const isMove = request.wish === "move";
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
    <form method="post">
      <button>${isMove ? "Yes, send it here" : "Yes, send me the letter"}</button>
    </form>
    <p class="meta">Asked ${askedText(request)}.</p>
    <p class="meta">If you did not ask for it, close this page, and nothing happens.</p>`;
}

export function confirmedPage(
  confirmed: Extract<Confirmed, { readonly reader: unknown }>,
  preferences: string,
): Markup {
  const { state, reader } = confirmed;
  const isMove = state === "moved";
  return html`<h1>${isMove ? "The letter has moved" : "You are on the list"}</h1>
    <p>
      ${
        isMove
          ? html`From now on the letter goes to <strong>${reader.address}</strong>.`
          : html`The ${reader.cadence} letter comes to <strong>${reader.address}</strong>.`
      }
      ${state === "joined" && firstLetterOf(confirmed.served)}
    </p>
    <p><a href="${preferences}">Change what you get</a></p>`;
}

/** Returns where, when and from where something was asked for, as far as it is known. */
function askedText({ askedAt, askedFrom, askedNetwork }: RequestRecord): string {
  const at = `${askedAt.slice(0, 10)} ${askedAt.slice(11, 16)} UTC`;
  return `on ${askedFrom}, ${at}${askedNetwork === null ? "" : `, from the network ${askedNetwork}`}`;
}

function firstLetterOf(served: boolean): string {
  return served
    ? "The latest edition is on its way; the next one follows when it is out."
    : "The first letter comes when the next edition is out.";
}

/** Shown to whoever opens a confirmation's link again. */
export function wasConfirmedPage(): Markup {
  return html`<h1>This was confirmed</h1>
    <p>There is nothing left to do. To change what comes, use the link in any letter.</p>`;
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

export function refusePage(request: RequestRecord): Markup {
  return html`<h1>This was not you?</h1>
    <p>
      Then the request for <strong>${request.address?.address}</strong> is thrown away, and for 30
      days this form sends nothing more to that address.
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
    <p>No letter comes, and for 30 days none will ask. We are sorry for the disturbance.</p>`;
}

/** Asks for an address to mail the lost links to. */
export function lostLinkPage(form: JoinForm): Markup {
  return html`<h1>Your link is lost?</h1>
    <p>
      Every letter has it, at its foot. If you have none at hand, we mail the link to the address
      that is on the list.
    </p>
    <form class="join" method="post" action="/link">
      ${addressField("The address that gets the letter", form)} ${hiddenFields(form)}
      <button>Mail me the link</button>
    </form>`;
}

export function linkAskedPage(email: string): Markup {
  return html`<h1>Look into your mailbox</h1>
    <p>
      If <strong dir="auto">${email}</strong> is on the list, its links are on their way. There is
      one such letter a day at most.
    </p>`;
}

/** Shows what to put into another site. It has no script, and works where scripts are off. */
export function embedPage(siteUrl: string, { name }: Name): Markup {
  const snippet = `<form method="post" action="${siteUrl}/subscribe">
  <label>E-mail address <input type="email" name="email" required></label>
  <button>Subscribe to ${name.replace(/[&<>]/g, "")}</button>
</form>`;
  return html`<h1>A form for your own site</h1>
    <p>Copy this. It leads here, where one more press on a button confirms that it was a person.</p>
    <pre>${snippet}</pre>
    <p>
      Programs ask at <code>/api/subscribe</code>: a GET tells what to send back, a POST of JSON
      asks.
    </p>`;
}

function addressField(label: string, { email, problem }: JoinForm): Markup {
  return html`<label for="email">${label}</label>
    ${problem !== null && html`<p id="email-problem" class="problem" role="alert">${problem}</p>`}
    <input
      id="email"
      type="email"
      name="email"
      required
      maxlength="254"
      autocomplete="email"
      spellcheck="false"
      value="${email}"
      ${problem === null ? "" : html`aria-invalid="true" aria-describedby="email-problem"`}
    />`;
}

function hiddenFields({ seal }: JoinForm): Markup {
  return html`<input type="hidden" name="form" value="${seal}" />
    <div class="trap" aria-hidden="true">
      <label>Leave this empty <input name="${TRAP}" tabindex="-1" autocomplete="off" /></label>
    </div>`;
}
