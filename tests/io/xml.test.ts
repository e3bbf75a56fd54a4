import { expect, test } from "vitest";
import { childText, parseXml } from "../../src/io/xml.ts";

const DC = "http://purl.org/dc/elements/1.1/";

test("a namespace holds within the element that declares it, and the nearest one counts", () => {
  const root = parseXml(
    `<r xmlns:d="${DC}"><d:title>one</d:title><x xmlns:d="urn:x"><d:title>two</d:title></x></r>`,
  );
  expect(childText(root, "dc:title")).toBe("one");
  const inner = root.content.find((part) => typeof part !== "string" && part.name === "x");
  expect(inner).toMatchObject({ content: [{ name: "d:title" }] });
});

test("each of many elements may declare namespaces of its own, as arXiv's do", () => {
  const entry = `<d:title xmlns:d="${DC}">one</d:title>`;
  expect(parseXml(`<r>${entry.repeat(5000)}</r>`).content).toHaveLength(5000);
});

test("an element with more attributes than any feed has is refused", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => `xmlns:n${at}="urn:${at}"`).join(" ");
  expect(parseXml(`<r ${many(64)}><a ${many(64)}/></r>`).name).toBe("r");
  expect(() => parseXml(`<r><a ${many(65)}/></r>`)).toThrow(/more than 64 attributes/);
  // Also the same one over and over, which is kept only once.
  expect(() => parseXml(`<r ${'a="" '.repeat(65)}></r>`)).toThrow(/more than 64 attributes/);
});

test("a namespace that is named like a property of every object is an unknown one", () => {
  expect(parseXml('<a xmlns="constructor"></a>').name).toBe("a");
  expect(parseXml('<__proto__:a xmlns="toString"></__proto__:a>').name).toBe("__proto__:a");
});
