import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { CONFIG_FILE } from "../config.ts";
import { withExamples } from "./context.ts";
import { answer, talk } from "./terminal.ts";

/** The first configuration: all that most homes need, with what may be left out commented out. */
const FIRST_CONFIG = `# Paper Round. Every key: docs/reference/config.md
# Secrets are not kept here: set SMTP_URL in the environment or in .env beside this file.

newsletter:
  name: Paper Round
  # Needed once letters leave this machine:
  # from: papers@example.org
  # postalAddress: Example Lab, 1 Main Street, 12345 Town
  # publicUrl: https://papers.example.org
  timeZone: UTC

edition:
  entries: 10

schedule:
  daily: "07:00"
  # An edition may go out up to this many hours late; later it is skipped, and status says why.
  latestHours: 6

# Where \`paperround gather\` and the schedule look for papers. docs/operate.md tells of each kind.
sources:
  # The day's trending papers, with votes, from huggingface.co.
  - name: daily-papers
    kind: hugging-face
  # Files that you put there.
  - name: incoming
    path: incoming
  # All that arXiv announces in some categories:
  # - name: arxiv
  #   kind: arxiv
  #   categories: [cs.CL, cs.LG]
  # Categories and versions of papers that others told of; stars of their code; citations:
  # - name: arxiv-metadata
  #   kind: arxiv-metadata
  # - name: stars
  #   kind: github-stars
  # - name: citations
  #   kind: semantic-scholar
  # Any RSS, Atom or JSON feed:
  # - name: journal
  #   kind: feed
  #   url: https://journal.example/feed.xml

# What the mail server takes in a time, if that is known:
# smtp:
#   limits:
#     second: 10
#     hour: 2000

# Sign letters, where the mail server does not; \`paperround status\` shows what the DNS must hold.
# The key: openssl genrsa -out dkim.pem 2048
# dkim:
#   - selector: letters
#     domain: example.org
#     keyFile: dkim.pem

# web:
#   port: 8025
`;

const FIRST_ENV = `# smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host (TLS at once)
SMTP_URL=
`;

export function addInit(program: Command): void {
  const command = program
    .command("init")
    .description("make a folder a home: a commented paperround.yaml and the folders it names")
    .argument("[dir]", "the folder; the current one if left out", ".")
    .action(init);
  withExamples(command, ["paperround init", "paperround init ~/letters"]);
}

function init(dir: string): void {
  const home = resolve(dir);
  for (const folder of ["data", "incoming"]) mkdirSync(join(home, folder), { recursive: true });
  mkdirSync(join(home, "subscribers"), { recursive: true, mode: 0o700 });
  write(join(home, CONFIG_FILE), FIRST_CONFIG, 0o644);
  write(join(home, ".env"), FIRST_ENV, 0o600);
  const enter = home === process.cwd() ? "" : `  cd ${relative(process.cwd(), home)}\n`;
  answer(
    `A home for your letters: ${home}\n\nNext:\n${enter}` +
      "  paperround gather                   take in the day's papers (or files: --from FILES)\n" +
      "  paperround preview                  look at the letter\n" +
      "  paperround send --to YOUR@ADDRESS   send it to yourself, once SMTP_URL is set in .env",
  );
}

/** Writes a file that is not there yet; what somebody has written is never touched. */
function write(file: string, text: string, mode: number): void {
  if (existsSync(file)) return talk(`kept ${file}`);
  writeFileSync(file, text, { mode, flag: "wx" });
  talk(`wrote ${file}`);
}
