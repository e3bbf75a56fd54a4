/** How a hold is told, the same wherever it is: what is held back, why, and how to go on. */
import { daysOf, periodTitle } from "../editions/period.ts";
import type { EditionName } from "../mail/delivery.ts";
import type { HeldBack } from "../mail/desk.ts";
import { PAUSED, type Held } from "../mail/holds.ts";

/** Returns a hold as one flat object, as `--json` answers have it. */
export function heldJson({ hold, domains, letters }: HeldBack) {
  const { since, why } = hold;
  return hold.kind === "edition"
    ? { kind: hold.kind, ...hold.edition, since, why, letters }
    : { kind: hold.kind, domain: hold.domain, domains, since, why, letters };
}

/** Returns "letters to example.org", all of a provider's domains, or the title of an edition. */
export function whatIsHeld({ hold, domains }: Pick<HeldBack, "hold" | "domains">): string {
  return hold.kind === "edition"
    ? periodTitle(hold.edition.cadence, hold.edition.period)
    : `letters to ${domains.join(", ")}`;
}

/** Says that something is held back, why, and how it goes on. */
export function heldText(held: HeldBack): string {
  const { hold } = held;
  const what = whatIsHeld(held);
  const isHeld =
    hold.kind === "edition" ? `${what} is held` : `${what.replace(/^l/, "L")} are held`;
  const then = hold.why === PAUSED ? "To go on" : "Look into it, then";
  return `${isHeld} back: ${hold.why}. ${then}: ${resumeCommand(hold)}`;
}

/** Returns the command that lifts a hold. */
export function resumeCommand(held: Held): string {
  return held.kind === "edition"
    ? `paperround outbox resume ${editionOptions(held.edition)}`
    : `paperround outbox resume --domain ${held.domain}`;
}

/** Returns the command that delivers what is owed of an edition. */
export function sendCommand(edition: EditionName): string {
  return `paperround send ${editionOptions(edition)}`;
}

/** Returns the options that name an edition. */
export function editionOptions({ cadence, period }: EditionName): string {
  const date = `--date ${daysOf(cadence, period).last}`;
  return cadence === "daily" ? date : `${date} --cadence ${cadence}`;
}
