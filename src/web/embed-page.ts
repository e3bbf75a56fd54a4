/** What others need who let people subscribe from elsewhere: a form to copy, and the fields for programs. */
import { html } from "hono/html";
import type { Masthead } from "../mail/letter.ts";
import { apiFields, type Door } from "./door.ts";
import type { Markup } from "./pages.ts";
import { UNPROVEN_SECONDS } from "./proof.ts";
import { xml } from "./xml.ts";

/** Shows what to put into another site. It has no script, and works where scripts are off. */
export function embedPage(
  { name, siteUrl }: Pick<Masthead, "name" | "siteUrl">,
  door: Pick<Door, "cadences" | "minimumSeconds" | "proofOfWork">,
): Markup {
  const snippet = `<form method="post" action="${siteUrl}/subscribe">
  <label>E-mail address <input type="email" name="email" required></label>
  <label>How often <select name="cadence">
${door.cadences.map((each) => `    <option>${each}</option>\n`).join("")}  </select></label>
  <button>Subscribe to ${xml(name)}</button>
</form>`;
  return html`<h1>A form for your own site</h1>
    <p>
      Copy this into a page of yours. It has no script, and leads here, where one more press on the
      button shows that it was a person. Leave the choice of a cadence out if you like.
    </p>
    <pre>${snippet}</pre>
    <h2>For programs</h2>
    <p>
      <code>GET ${siteUrl}/api/subscribe</code> tells the fields, what each may hold, and the seal
      to send back as <code>form</code>. After ${door.minimumSeconds} seconds or
      more${door.proofOfWork > 0 && `, or ${UNPROVEN_SECONDS} without its proof of work`},
      <code>POST</code> them there as a JSON object. The answer is 202 whoever is on the list.
    </p>
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">What it holds</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(apiFields(door)).map(
          ([name, told]) =>
            html`<tr>
              <td><code>${name}</code></td>
              <td>${told}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}
