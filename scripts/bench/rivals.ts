/** The usual ways to send a newsletter from Node: MJML and Handlebars for words, nodemailer for mail. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { createTransport, type SendMailOptions } from "nodemailer";
import type { App } from "../../src/assemble.ts";
import { leadEntries, type Edition } from "../../src/editions/edition.ts";
import { editionUrl, letterView } from "../../src/mail/letter.ts";
import { fillSlots } from "../../src/mail/mime.ts";
import { english } from "../../src/mail/wording/english.ts";
import type { Subscriber } from "../../src/subscribers/subscriber.ts";
import { CONNECTIONS, DKIM, SENDER } from "./home.ts";

/** Returns the mail to one reader. */
export type MailMaker = (reader: Subscriber) => Promise<SendMailOptions> | SendMailOptions;

/** Sends all mails over one pool. */
export interface Pool {
  send(readers: readonly Subscriber[], mailOf: MailMaker): Promise<void>;
  close(): void;
}

export function openPool(port: number, signedWith: string | null): Pool {
  const transport = createTransport({
    pool: true,
    host: "127.0.0.1",
    port,
    ignoreTLS: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
    ...(signedWith !== null && { dkim: dkimOptions(signedWith) }),
  });
  return {
    send: async (readers, mailOf) => {
      const waiting = readers.values();
      // Twice as many as there are connections, so that none waits for its next mail.
      const lanes = Array.from({ length: CONNECTIONS * 2 }, async () => {
        for (const reader of waiting) await transport.sendMail(await mailOf(reader));
      });
      await Promise.all(lanes);
    },
    close: () => transport.close(),
  };
}

/** Returns one mail as nodemailer would put it on the wire, for the judges to compare with. */
export async function printMail(mail: SendMailOptions): Promise<Buffer> {
  const printer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  const { message } = await printer.sendMail(mail);
  return message as Buffer;
}

/** MJML and Handlebars once for the edition; for a reader, Handlebars over what came out of that. */
export async function handlebarsMails(app: App, edition: Edition): Promise<MailMaker> {
  const letter = await app.newsletter.set(edition);
  const html = Handlebars.compile(asTemplate(letter.html));
  const text = Handlebars.compile(asTemplate(letter.text), { noEscape: true });
  return (reader) => {
    const values = valuesOf(app, reader);
    return mailOf(app, edition, reader, {
      subject: letter.subject,
      html: html(values),
      text: text(values),
    });
  };
}

/** MJML for each reader anew; the text is the same as above. */
export async function mjmlMails(app: App, edition: Edition): Promise<MailMaker> {
  const view = letterView(edition, app.masthead);
  const leads = leadEntries(edition);
  const { text } = await app.newsletter.set(edition);
  const fillText = Handlebars.compile(asTemplate(text), { noEscape: true });
  return async (reader) => {
    const values = valuesOf(app, reader);
    const footer = {
      why: `You get this letter because ${values.address} subscribed to ${app.masthead.name}.`,
      unsubscribeUrl: values.unsubscribe,
      preferencesUrl: values.preferences,
      contact: app.masthead.contact,
      questions: english.questions(app.masthead.contact),
    };
    const opinionsOf = `${app.masthead.siteUrl}/opinion/${values.opinion}`;
    const entries = view.entries.map((entry, index) => ({
      ...entry,
      opinionUrl: `${opinionsOf}/${leads[index]?.paper.key}`,
    }));
    return mailOf(app, edition, reader, {
      subject: view.subject,
      html: await app.templates.html("letter", { ...view, entries, footer }),
      text: fillText(values),
    });
  };
}

function mailOf(
  app: App,
  edition: Edition,
  reader: Subscriber,
  words: { subject: string; html: string; text: string },
): SendMailOptions {
  const { unsubscribe } = valuesOf(app, reader);
  const name = `${edition.cadence}-${edition.period}`;
  return {
    ...words,
    from: SENDER,
    replyTo: SENDER,
    to: reader.address,
    messageId: `<${name}.${app.links.token("letter", reader.key)}@${DKIM.domain}>`,
    headers: {
      // It would take the quotes for something to encode.
      "List-Id": { prepared: true, value: `"${SENDER.name}" <paper-round.${DKIM.domain}>` },
      "List-Unsubscribe": `<${unsubscribe}>`,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      "List-Archive": `<${editionUrl(app.masthead.siteUrl, edition)}>`,
      "Feedback-ID": `${name}:letter:paper-round:paperround`,
      "Auto-Submitted": "auto-generated",
      Precedence: "bulk",
    },
  };
}

function valuesOf({ links, masthead }: App, { key, moves, address }: Subscriber) {
  const link = (purpose: "unsubscribe" | "preferences") =>
    `${masthead.siteUrl}/${purpose}/${links.token(purpose, { key, moves })}`;
  return {
    address,
    unsubscribe: link("unsubscribe"),
    preferences: link("preferences"),
    opinion: links.token("opinion", { key, moves }),
  };
}

/** Turns the places of a set letter into Handlebars'. HTML has places of names of its own. */
function asTemplate(set: string): string {
  return fillSlots(set, {
    address: "{{address}}",
    unsubscribe: "{{unsubscribe}}",
    preferences: "{{preferences}}",
    opinion: "{{opinion}}",
    htmlAddress: "{{address}}",
    htmlUnsubscribe: "{{unsubscribe}}",
    htmlPreferences: "{{preferences}}",
  });
}

function dkimOptions(home: string) {
  return {
    domainName: DKIM.domain,
    keySelector: DKIM.selector,
    privateKey: readFileSync(join(home, DKIM.keyFile), "utf8"),
    // RFC 8058 section 4 wants both signed; the one of these is not among nodemailer's own choice.
    headerFieldNames: `from:to:subject:date:message-id:reply-to:mime-version:content-type:list-id:list-unsubscribe:list-unsubscribe-post`,
  };
}
