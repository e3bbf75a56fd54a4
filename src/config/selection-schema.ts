/** The part of the configuration that says how papers are chosen. */
import { z } from "zod";

/** What `selection` in paperround.yaml may hold. */
export const selectionSchema = z
  .strictObject({
    bar: z
      .number()
      .min(0)
      .max(10_000)
      .default(0)
      .describe(
        "A paper leads only if it is expected to come to so many votes. `paperround edition` shows what each is.",
      ),
    fewest: z
      .int()
      .min(1)
      .max(25)
      .default(1)
      .describe(
        "An edition that would lead with fewer papers is quiet; `edition.whenEmpty` says what becomes of it.",
      ),
    lateDays: z
      .int()
      .min(0)
      .max(14)
      .default(7)
      .describe(
        "So many days back a daily edition looks for papers that rose after their own day; 0: not at all.",
      ),
    updates: z
      .int()
      .min(0)
      .max(5)
      .default(1)
      .describe(
        "So many papers may lead a second time in one edition, each with something new to tell, such as its code; 0: never.",
      ),
    variety: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe(
        "What a paper loses of its score that is just like one that leads: 0 to 1. More sets topics further apart, and leaves out papers with more votes.",
      ),
    surprise: z
      .boolean()
      .default(false)
      .describe(
        "Give the last place to a promising paper that few have voted for, labelled as such.",
      ),
  })
  .prefault({})
  .describe("Which papers an edition leads with.");
