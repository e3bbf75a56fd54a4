/** The part of the configuration that says what readers may bend. */
import { z } from "zod";

/** What `interests` in paperround.yaml may hold. */
export const interestsSchema = z
  .strictObject({
    opinions: z
      .boolean()
      .default(true)
      .describe(
        "Whether letters have links to say more like this, less like this, or save. What readers say there is kept until they reset or erase it.",
      ),
  })
  .prefault({})
  .describe("How readers tell what they like.");
