/** The views of a letter: in frames, as text, in an inbox, by its headers and its source. */
import { html } from "hono/html";
import { encodeBody } from "../../mail/mime.ts";
import type { Markup } from "../pages.ts";
import type { Shown } from "./letters.ts";
import { linkTo, type PreviewState } from "./state.ts";

/** Gmail shows this much of a letter's HTML and cuts off the rest. */
export const CLIP_BYTES = 102 * 1024;

/** Returns the letter in one frame or two. */
export function framesView(shown: Shown, state: PreviewState): Markup {
  const { parts } = shown;
  if (parts.html === null) return html`<p class="note">This reader gets plain text only.</p>`;
  const src = linkTo("/letter.html", state, { view: "letter", width: "both" });
  const screens = [
    { name: "desktop", title: "Desktop", shown: ["both", "desktop"] },
    { name: "phone", title: "Phone, 390 pixels", shown: ["both", "phone"] },
    { name: "small", title: "Small phone, 320 pixels", shown: ["small"] },
  ].filter(({ shown }) => shown.includes(state.width));
  return html`${sizeLine(shown)}
    ${
      state.scheme === "inverted" &&
      html`<p class="note">
        A simulation: some programs, such as Gmail on phones, turn a light letter's colours around
        like this. Theirs differ in detail.
      </p>`
    }
    <div class="screens">
      ${screens.map(
        ({ name, title }) =>
          html`<figure class="${name}">
            <figcaption>${title}</figcaption>
            <iframe
              class="${state.scheme}"
              name="${name}"
              sandbox="allow-popups allow-popups-to-escape-sandbox"
              src="${src}"
              title="The letter. ${title}"
            ></iframe>
          </figure>`,
      )}
    </div>`;
}

/** Says how large the letter's HTML is on its way, beside what Gmail takes. */
export function sizeLine({ parts, draft, reader }: Shown): Markup {
  if (parts.html === null) return html``;
  const bytes = encodeBody({ text: "", html: parts.html }).size;
  const share = Math.min(100, (bytes / CLIP_BYTES) * 100);
  return html`<p class="size">
    <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="all" width="100" height="4" />
      <rect class="used" width="${share.toFixed(1)}" height="4" />
    </svg>
    ${kilobytes(bytes)} KB of the 102 KB that Gmail shows
    ${draft && !reader ? "(as a one-off; a reader's own links add to that)" : ""}
  </p>`;
}

export function kilobytes(bytes: number): string {
  return (bytes / 1024).toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** Returns the text part. */
export function textView({ parts }: Shown): Markup {
  return html`<pre class="paper" dir="auto" role="region" tabindex="0" aria-label="Text part">
${parts.text}</pre>`;
}

/** Returns the letter as a row of an inbox, on a desktop and on a phone. */
export function inboxView({ parts, preheader }: Shown, sender: string): Markup {
  // What programs show beside a subject is the beginning of what can be read in the letter.
  const begun = parts.text.replace(/\s+/g, " ").trim();
  const beside = begun.startsWith(preheader) ? begun : `${preheader} ${begun}`;
  const cells = html`<strong class="from">${sender}</strong>
    <span class="what"
      ><b dir="auto">${parts.subject}</b>
      <span class="beside" dir="auto">${beside.slice(0, 240)}</span></span
    >
    <span class="when">07:00</span>`;
  return html`<h2>On a desktop</h2>
    <div class="row wide">${cells}</div>
    <h2>On a phone, 390 pixels</h2>
    <div class="row narrow">${cells}</div>
    <dl class="facts">
      <dt>Subject</dt>
      <dd>${[...parts.subject].length} characters</dd>
      <dt>Preheader</dt>
      <dd>${[...preheader].length} characters</dd>
    </dl>`;
}

/** What the headers of a letter are for. */
const HEADER_USES: Readonly<Record<string, string>> = {
  "dkim-signature": "Signs body and headers (RFC 6376).",
  from: "Who it is from; what DMARC looks at.",
  "reply-to": "Where replies go.",
  to: "The reader.",
  subject: "What an inbox shows; encoded where it is not ASCII (RFC 2047).",
  date: "When the letter was made.",
  "message-id": "The same in every attempt, so that a resend is recognised.",
  "list-id": "Names the list, for filters (RFC 2919).",
  "list-unsubscribe": "Where a mail program unsubscribes (RFC 2369).",
  "list-unsubscribe-post": "Makes that one click (RFC 8058).",
  "list-archive": "The edition on the web (RFC 2369).",
  "feedback-id": "Names the edition in Gmail's complaint figures.",
  "auto-submitted": "Keeps out-of-office replies away (RFC 3834).",
  precedence: "The same, for old programs.",
  "mime-version": "The letter has parts (RFC 2045).",
  "content-type": "Which parts: text first, then HTML, which is preferred.",
};

/** Returns the headers of the finished message, each with what it is for. */
export function headersView(message: Buffer): Markup {
  return html`<dl class="headers">
    ${headersOf(message).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>
            <code>${value}</code>
            <small>${HEADER_USES[name.toLowerCase()] ?? ""}</small>
          </dd>`,
    )}
  </dl>`;
}

/** Returns the header fields of a message by name, folded as they are. */
function headersOf(message: Buffer): (readonly [string, string])[] {
  const end = message.indexOf("\r\n\r\n");
  const head = message.subarray(0, end === -1 ? message.length : end).toString("latin1");
  return head.split(/\r\n(?![ \t])/).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
}

/** Returns the HTML as it was set, and the message as it goes out. */
export function sourceView({ parts }: Shown, message: Buffer): Markup {
  return html`${
      parts.html !== null &&
      html`<h2>HTML, ${kilobytes(Buffer.byteLength(parts.html))} KB</h2>
        <pre class="source" tabindex="0" aria-label="HTML">${parts.html}</pre>`
    }
    <h2>The message as it is sent, ${kilobytes(message.length)} KB</h2>
    <pre class="source" tabindex="0" aria-label="Message">${message.toString("latin1")}</pre>`;
}
