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
  /** No connection, login or sender address to send with: this reader's letter is untouched. */
  | { readonly state: "untried"; readonly fault: PaperRoundError; readonly lasting: boolean };

/** The parts of a nodemailer error that matter here. */
interface SmtpError extends Error {
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
}

/**
 * Returns what an error means that arose while sending one letter on an open connection.
 * `bodyBegun`: the first byte of its body has left.
 */
export function judgeFailure(error: SmtpError, bodyBegun: boolean, server: string): Outcome {
  const code = error.responseCode ?? null;
  const reply = replyOf(error.response ?? error.message, code);
  if (code === null) return { state: bodyBegun ? "uncertain" : "deferred", reply };
  // A refused sender concerns every letter alike: it is ours to mend, not the reader's fault.
  if (error.command === "MAIL FROM" && code >= 500) {
    const message = `${server} refuses our sender address: ${reply.text}`;
    return untried("SMTP_REFUSED", message, true, error);
  }
  return { state: code >= 500 ? "rejected" : "deferred", reply };
}

/** Returns what an error while connecting, encrypting or logging in means. */
export function judgeConnection(error: SmtpError, server: string): Outcome & { state: "untried" } {
  const text = replyOf(error.response ?? error.message, null).text;
  if (error.code === "EAUTH" && (error.responseCode ?? 500) >= 500) {
    return untried("SMTP_REFUSED", `${server} refuses our login: ${text}`, true, error);
  }
  // An untrusted certificate comes as a mere socket error, told apart by its text.
  if (error.code === "ETLS" || /certificate|altnames|\bTLS\b|\bSSL\b/i.test(text)) {
    return untried(
      "SMTP_REFUSED",
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
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ")
    .replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, "address")
    .trim()
    .slice(0, 500);
  const stated = /^(\d{3})[ -]/.exec(line);
  return {
    code: code ?? (stated ? Number(stated[1]) : null),
    enhanced: /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(line)?.[1] ?? null,
    text: line,
  };
}

function untried(
  code: "SMTP_REFUSED" | "SMTP_UNREACHABLE",
  message: string,
  lasting: boolean,
  cause: Error,
): Outcome & { state: "untried" } {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return { state: "untried", fault: new PaperRoundError(code, sentence, { cause }), lasting };
}
