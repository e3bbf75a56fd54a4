import { expect, onTestFinished, test } from "vitest";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { shareMessage } from "../../src/mail/message.ts";
import { singleLetters } from "./carry.ts";

const NOW = () => new Date("2026-04-15T07:00:00Z");

test("a letter handed to the local inbox can be read there, newest first", async () => {
  const inbox = await startLocalInbox(NOW);
  onTestFinished(() => inbox.close());
  const url = new URL(`smtp://127.0.0.1:${inbox.port}`);
  const way = singleLetters(url);
  for (const subject of ["First", "Second"]) {
    const message = await shareMessage({
      sender: {
        name: "Paper Round",
        address: "letters@example.org",
        contact: "letters@example.org",
      },
      parts: { subject, text: `${subject} text`, html: `<p>${subject}</p>` },
      list: null,
      signer: null,
    }).for({
      from: "letters@example.org",
      to: "reader@example.org",
      messageId: `${subject}@example.org`,
      date: NOW(),
      unsubscribeUrl: null,
      slots: {},
    });
    await way.send(message);
  }
  way.close();
  expect(inbox.letters().map(({ number, subject, to }) => [number, subject, to])).toEqual([
    [2, "Second", "reader@example.org"],
    [1, "First", "reader@example.org"],
  ]);
  expect(inbox.letter(1)).toMatchObject({ html: "<p>First</p>", text: "First text" });
  expect(inbox.letter(1)?.source).toContain("Subject: First");
  expect(inbox.letter(3)).toBeUndefined();
});
