/** The process that compiles MJML: gets a source, answers with HTML or what is wrong with it. */
import toHtml from "mjml";

/** What is answered. */
export type Compiled = { readonly html: string } | { readonly fault: string };

/**
 * What MJML writes into every cell though it says what holds anyway, or what a letter's own style sheet
 * says of itself; mail programs understand half of it.
 */
const NEEDLESS = /(?:word-spacing:normal|word-break:break-word|table-layout:auto);/g;

// An interrupt goes to all processes of a terminal. The program decides when it has no more use for
// this one, which ends with the channel between them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

process.on("message", async (source: string) => {
  process.send?.(await compile(source));
});

async function compile(source: string): Promise<Compiled> {
  try {
    // Without `fonts: {}` some font names make MJML request Google's servers on opening.
    const { html } = await toHtml(source, {
      validationLevel: "strict",
      fonts: {},
      keepComments: false,
    });
    return { html: withoutIndentation(html.replace(NEEDLESS, "")) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** A seventh of what MJML writes is indentation, of which quoted-printable makes three bytes a blank. */
function withoutIndentation(html: string): string {
  if (/<(?:pre|textarea)\b/i.test(html)) return html;
  const lines = html.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join("\n");
}
