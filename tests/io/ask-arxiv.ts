/** A process that asks an arXiv at HOME, URL so many times: `node ask-arxiv.ts HOME URL TIMES`. */
import { assemble } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";

const [home = "", url = "", times = "1"] = process.argv.slice(2);
const config = {
  ...readConfig(home, {}),
  network: { allowHosts: ["127.0.0.1"], keepAnswers: false },
  sources: [
    {
      name: "arxiv",
      kind: "arxiv" as const,
      categories: ["cs.LG"],
      url,
      feedUrl: url,
      timeoutSeconds: 60,
    },
  ],
};
const app = await assemble(config);
try {
  for (let time = 0; time < Number(times); time++) {
    await app.newsletter.gather(app.sources([]), () => {});
  }
} finally {
  await app.close();
}
