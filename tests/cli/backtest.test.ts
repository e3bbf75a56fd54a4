/** `paperround backtest` as a user runs it. */
import { expect, test } from "vitest";
import { DAY, recorded } from "../backtest/recorded.ts";
import { homeWith, paperround } from "./program.ts";

test("recorded days are replayed in a home of any time zone", async () => {
  const folder = recorded([{ paper: 1, at: `${DAY}T02:00:00Z`, position: 1 }]);
  const home = homeWith({ "paperround.yaml": "newsletter: { timeZone: America/Los_Angeles }\n" });
  const { exit, out, said } = await paperround(home, ["backtest", folder, "--hours", "3"]);
  expect({ exit, said }).toEqual({ exit: 0, said: "" });
  expect(out).toContain("At 03:00 UTC, 1 day");
});
