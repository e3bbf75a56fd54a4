import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// `fast` is `npm test`. `journeys` runs whole programs, kills them, and drives a browser; what takes long
// beside the part that it is of (*.slow.test.ts) runs with it.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "fast",
          // Most of the time tests wait, for servers that are silent and programs that start.
          maxWorkers: availableParallelism() + 1,
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/journeys/**", "tests/**/*.slow.test.ts"],
          testTimeout: 60_000,
          sequence: { shuffle: true },
        },
      },
      {
        test: {
          name: "journeys",
          include: ["tests/journeys/**/*.test.ts", "tests/**/*.slow.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          // One at a time: they measure and kill processes on a small machine.
          fileParallelism: false,
        },
      },
    ],
  },
});
