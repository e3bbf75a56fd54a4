/**
 * What can come of handing a letter to a mail server, and the one place that decides it. The phase
 * counts first: before the first byte of the body everything is known and may be repeated; after it,
 * only a reply tells.
 */
import { PaperRoundError } from "../errors.ts";

/** What the server said: "550", "5.1.1", the text of its reply. */
export interface Reply {
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  /** The name under which the server's own log knows the letter. */
  readonly queueId?: string | undefined;
}

export type Outcome =
  /** The server answered 250 and took responsibility (RFC 5321 section 6.1). */
  | { readonly state: "accepted"; readonly reply: Reply }
  /** Refused for now, or the connection was lost before the body: try again later. */
  | { readonly state: "deferred"; readonly reply: Reply }
  /** Refused for good. */
  | { readonly state: "rejected"; readonly reply: Reply }
  /** The body was on its way and no answer came: it may or may not have arrived. */
  | { readonly state: "uncertain"; readonly reply: Reply }
  | Untried;

/** What can become of a letter that a server was offered. */
export type Settled = Exclude<Outcome, Untried>;

/** No connection, login or sender address to send with: this reader's letter is untouched. */
export interface Untried {
  readonly state: "untried";
  readonly fault: PaperRoundError;
  /** Another try changes nothing before somebody mends it. */
  readonly lasting: boolean;
}

/** As Postfix and Sendmail, Exim, and OpenSMTPD say it: "queued as", "id=", "… Message accepted". */
const QUEUE_ID = /(?:queued as |\bid=|^250 2\.0\.0 )([\w-]{6,64})(?=$|[\s.)]| Message accepted)/i;

/** Characters of a reply that are kept, and those that are read. */
const TEXT_MAX = 500;
const TEXT_READ_MAX = 4000;

/** The parts of a nodemailer error that matter here. */
interface SmtpError extends Error {
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  /** Of an error in TLS. */
  reason?: string | undefined;
}

/**
 * Returns what an error means that arose while sending one letter on an open connection.
 * `bodyBegun`: the first byte of its body has left.
 */
export function judgeFailure(error: SmtpError, bodyBegun: boolean, server: string): Outcome {
  const code = refusalOf(error.responseCode);
  const reply = replyOf(error.response ?? error.message, code);
  if (code === null) return { state: bodyBegun ? "uncertain" : "deferred", reply };
  if (error.command === "MAIL FROM") return refusedSender(reply.text, code, server, error);
  return { state: code >= 500 ? "rejected" : "deferred", reply };
}

/** Returns a code that says no. Any other tells as little as no answer. */
function refusalOf(code: number | undefined): number | null {
  return code !== undefined && code >= 400 && code < 600 ? code : null;
}

/** Returns what a reply of refusal to a reader's letter means. */
export function judgeReply(text: string, code: number): Settled {
  return { state: code >= 500 ? "rejected" : "deferred", reply: replyOf(text, code) };
}

/** A refused sender concerns every letter alike: it is ours or the server's to mend, no reader's fault. */
export function refusedSender(text: string, code: number, server: string, cause?: Error): Untried {
  const said = replyOf(text, code).text;
  return code >= 500
    ? untried("SMTP_REFUSED", `${server} refuses our sender address: ${said}`, true, cause)
    : untried("SMTP_UNREACHABLE", `${server} takes no letters for now: ${said}`, false, cause);
}

/** A server that ends a connection before it has taken any letter. */
export function hungUp(server: string): Untried {
  return untried(
    "SMTP_UNREACHABLE",
    `${server} closes the connection when it is given a letter.`,
    false,
  );
}

/** Returns what an error while connecting, encrypting or logging in means. */
export function judgeConnection(error: SmtpError, server: string): Untried {
  // OpenSSL's messages lead through its source files; its reason says what they mean.
  const message = error.message.includes(":error:") ? error.reason : error.message;
  const text = replyOf(error.response ?? message ?? error.message, null).text;
  if (error.code === "EAUTH" && (error.responseCode ?? 500) >= 500) {
    return untried("SMTP_REFUSED", `${server} refuses our login: ${text}`, true, error);
  }
  // An untrusted certificate comes as a mere socket error, told apart by its text.
  if (error.code === "ETLS" || /certificate|altnames|\bTLS\b|\bSSL\b/i.test(error.message)) {
    return untried(
      "SMTP_NOT_ENCRYPTED",
      `${server} offers no encryption that we can trust: ${text}`,
      true,
      error,
    );
  }
  return untried("SMTP_UNREACHABLE", `${server} can't be reached: ${text}`, false, error);
}

/**
 * Returns a reply's code, enhanced code (RFC 3463) and text, at most 500 characters of it. Servers
 * like to repeat the recipient; the ledger knows whose delivery it is, and an erased reader's address
 * must not stay behind in it.
 */
export function replyOf(text: string, code: number | null): Reply {
  const line = text
    // The patterns below take their time over a reply of a megabyte.
    .slice(0, TEXT_READ_MAX)
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ")
    .replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, "address")
    .trim()
    .slice(0, TEXT_MAX);
  const stated = /^(\d{3})[ -]/.exec(line);
  return {
    code: code ?? (stated ? Number(stated[1]) : null),
    enhanced: /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(line)?.[1] ?? null,
    text: line,
    queueId: QUEUE_ID.exec(line)?.[1],
  };
}

function untried(
  code: "SMTP_NOT_ENCRYPTED" | "SMTP_REFUSED" | "SMTP_UNREACHABLE",
  message: string,
  lasting: boolean,
  cause?: Error,
): Untried {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return { state: "untried", fault: new PaperRoundError(code, sentence, { cause }), lasting };
}
