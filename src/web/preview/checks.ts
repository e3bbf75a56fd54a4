/** The panel of checks: what was found, what is in order, and what mail programs make of the letter. */
import { html } from "hono/html";
import { counted } from "../../io/plural.ts";
import { CHECKS, type Finding } from "../../mail/checks/finding.ts";
import type { ClientSupport } from "../../mail/client-support.ts";
import type { Markup } from "../pages.ts";
import type { PreviewHouse, Shown } from "./letters.ts";
import { sizeLine } from "./views.ts";

const LEVELS = { error: "Error", warning: "Warning", note: "Note" } as const;

/** Returns what the checks say of a letter, those that it passes included. */
export async function checksView(shown: Shown, house: PreviewHouse): Promise<Markup> {
  const { html: letter } = shown.parts;
  // Loaded with the first look at this panel, which not every preview takes.
  const { checksOf } = await import("../../mail/checks.ts");
  const { clientSupport } = await import("../../mail/client-support.ts");
  const message = await shown.message();
  const findings = await findingsOf(shown, house, message);
  const kind = shown.notice ? "single" : "list";
  const faulty = new Set(findings.map(({ check }) => check));
  const passed = checksOf({ html: letter, message, kind }).filter((check) => !faulty.has(check));
  const support = letter === null ? null : await clientSupport(letter);
  return html`${sizeLine(shown)}
    <h2>${summaryOf(findings)}</h2>
    <p class="note">${lookedAt(shown)}</p>
    <ul class="findings">
      ${findings.map(findingItem)}
    </ul>
    <h2>In order</h2>
    <ul class="passed">
      ${passed.map((check) => html`<li>${CHECKS[check]}</li>`)}
    </ul>
    ${support && supportTable(support)}`;
}

/** Returns what a send would find; for a reader, what is found in that reader's own letter. */
async function findingsOf(
  { draft, notice, reader, parts, preheader }: Shown,
  { newsletter, masthead, isSigned }: PreviewHouse,
  message: Buffer,
): Promise<readonly Finding[]> {
  if (notice) return newsletter.preflight(notice, "single");
  if (draft && !reader) return newsletter.preflight(draft, "list");
  const { checkLetter } = await import("../../mail/checks.ts");
  const { siteUrl, accent, thumbnails } = masthead;
  return checkLetter({
    ...parts,
    preheader,
    message,
    kind: "list",
    siteUrl,
    accent,
    isSigned,
    allowsImages: thumbnails,
  });
}

function lookedAt({ notice, reader }: Shown): string {
  if (notice) return "Looked at as a letter to one address.";
  if (reader) return "Looked at as this reader gets it.";
  return "Looked at as the list gets it, with HTML and as text only, before a send.";
}

function summaryOf(findings: readonly Finding[]): string {
  const counts = (Object.keys(LEVELS) as Finding["level"][]).map((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count > 0 ? counted(count, level) : "";
  });
  return counts.filter(Boolean).join(", ") || "Nothing to find fault with";
}

function findingItem({ check, level, message, remedy }: Finding): Markup {
  return html`<li class="${level}">
    <p><b>${LEVELS[level]}</b> ${CHECKS[check]}</p>
    <p dir="auto">${message}</p>
    <p class="remedy" dir="auto">${remedy}</p>
  </li>`;
}

function supportTable({ families, asOf, accepted }: ClientSupport): Markup {
  return html`<h2>What mail programs understand</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Programs</th>
          <th scope="col">Understand</th>
          <th scope="col">Wanted</th>
          <th scope="col">Lack</th>
        </tr>
      </thead>
      <tbody>
        ${families.map(
          ({ name, percent, wanted, unsupported }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${percent.toFixed(1)} %</td>
              <td>${wanted} %</td>
              <td>${unsupported.join(", ") || "nothing that is needed"}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="note">By the data of ${asOf}, without asking anybody.</p>
    ${
      accepted.length > 0 &&
      html`<details>
        <summary>${counted(accepted.length, "feature")} that some lack and can do without</summary>
        <dl class="facts">
          ${accepted.map(
            ({ feature, reason }) =>
              html`<dt>${feature}</dt>
                <dd>${reason}</dd>`,
          )}
        </dl>
      </details>`
    }`;
}
