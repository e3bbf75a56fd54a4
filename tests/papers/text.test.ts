import { expect, test } from "vitest";
import { webLink } from "../../src/papers/text.ts";

test("a link with another scheme than http or https is none", () => {
  expect(webLink("javascript:alert(1)")).toBeNull();
});
