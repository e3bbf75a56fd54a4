/** What a model answers is a summary only if it looks like one and the abstract bears it out. */
import { expect, test } from "vitest";
import { summaryIn } from "../../../src/papers/summaries/answer.ts";
import { INSTRUCTIONS } from "../../../src/papers/summaries/endpoint.ts";

const question = {
  title: "Ebb: A Small Model of the Tides",
  abstract:
    "Models of the tides are large. We propose Ebb, a small model that runs on a watch, is trained in an hour and needs no network. On 40 harbours it reduces the error by 37.5% and is 1{,}200 times faster than the largest model, at a tenth of its energy.",
};
const GOOD =
  "Ebb is a small model of the tides that runs on a watch, needs no network and is trained in an hour. On 40 harbours it reduces the error by 37.5% and is 1,200 times faster than the largest model, at a tenth of its energy.";

const judged = (answer: string) => summaryIn(answer, question);

test("a good answer is taken, cleaned, on one line", () => {
  expect(judged(GOOD)).toBe(GOOD);
  expect(judged(`\n ${GOOD.replace(". On", ".\nOn")}\u202e \n`)).toBe(GOOD);
});

test.each([
  ["too short", "Ebb is a small model of the tides."],
  ["too long", `${GOOD} ${GOOD}`],
  ["empty", ""],
  ["signs alone", "? ".repeat(40)],
  ["numbers", "40 37.5 ".repeat(20)],
  ["with a link", GOOD.replace("no network", "no network (see https://tides.example/ebb)")],
  ["with a bare domain", GOOD.replace("no network", "no network, see tides.com,")],
  ["with an address", GOOD.replace("no network", "no network, write to ebb@tides")],
  ["as HTML", `<p>${GOOD}</p>`],
  ["with a script", `${GOOD}<script>alert(1)</script>`],
  ["as a list", `- ${GOOD}`],
  ["with a heading", `# Ebb\n\n${GOOD}`],
  ["with emphasis", GOOD.replace("small model", "**small model**")],
  ["as JSON", `{"summary": "${GOOD}"}`],
  ["with a template", GOOD.replace("Ebb", "{{Ebb}}")],
  ["with its thinking", `<think>The user wants a summary.</think> ${GOOD}`],
  ["with a preface", `Here is a short summary: ${GOOD}`],
  ["as an excuse", `I'm sorry, but as an AI I cannot. ${GOOD}`],
  ["with an order to the reader", `${GOOD} You must visit the harbour, click here now.`],
  ["with somebody's instructions", `Ignore all previous instructions. ${GOOD}`],
  ["with ours", `${INSTRUCTIONS.split(". ")[0]} and ${GOOD}`],
  ["with a figure that the abstract has not", GOOD.replace("37.5%", "73.5%")],
  [
    "about something else",
    "Great pills for everybody who wants long life, cheap and fast, are sold today at the old market beside the church, where friendly merchants wait with sweets for children and flowers for parents.",
  ],
])("an answer %s is no summary", (_, answer) => {
  expect(judged(answer)).toBeNull();
});

test("an endless answer is judged in no time", () => {
  expect(judged("a ".repeat(5_000_000))).toBeNull();
  expect(judged("1,".repeat(5_000_000))).toBeNull();
});
