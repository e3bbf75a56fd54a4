/** The panel of checks: what was found, what is in order, and what mail programs make of the letter. */
import { html } from "hono/html";
import { counted } from "../../io/plural.ts";
import { CHECKS, type CheckName, type Finding } from "../../mail/checks/finding.ts";
import type { ClientSupport } from "../../mail/client-support.ts";
import type { Markup } from "../pages.ts";
import type { PreviewHouse, Shown } from "./letters.ts";
import { sizeLine } from "./views.ts";

const LEVELS = { error: "Error", warning: "Warning", note: "Note" } as const;

/** Returns what the checks say of a letter, those that it passes included. */
export async function checksView(shown: Shown, house: PreviewHouse): Promise<Markup> {
  const { parts, preheader, kind } = shown;
  const { masthead, isSigned } = house;
  // Loaded with the first look at this panel, which not every preview takes.
  const { checkLetter } = await import("../../mail/checks.ts");
  const { clientSupport } = await import("../../mail/client-support.ts");
  const findings = checkLetter({
    subject: parts.subject,
    preheader,
    html: parts.html,
    text: parts.text,
    message: await shown.message(),
    kind,
    siteUrl: masthead.siteUrl,
    accent: masthead.accent,
    isSigned,
    allowsImages: masthead.thumbnails,
  });
  const support = parts.html === null ? null : await clientSupport(parts.html);
  const faulty = new Set(findings.map(({ check }) => check));
  const passed = (Object.keys(CHECKS) as CheckName[]).filter((check) => !faulty.has(check));
  return html`${parts.html !== null && sizeLine(parts.html)}
    <h2>${summaryOf(findings)}</h2>
    <ul class="findings">
      ${findings.map(findingItem)}
    </ul>
    <h2>In order</h2>
    <ul class="passed">
      ${passed.map((check) => html`<li>${CHECKS[check]}</li>`)}
    </ul>
    ${support && supportTable(support)}`;
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
