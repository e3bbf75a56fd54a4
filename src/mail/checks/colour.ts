/** Colours, and how well one can be told from another (WCAG 2.2, success criterion 1.4.3). */

/** Red, green, blue from 0 to 255, and how opaque from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

const NAMED: Readonly<Record<string, Colour>> = {
  transparent: [0, 0, 0, 0],
  black: [0, 0, 0, 1],
  white: [255, 255, 255, 1],
  gray: [128, 128, 128, 1],
  grey: [128, 128, 128, 1],
  silver: [192, 192, 192, 1],
  red: [255, 0, 0, 1],
  blue: [0, 0, 255, 1],
  navy: [0, 0, 128, 1],
  green: [0, 128, 0, 1],
};

/** Returns the colour that a value of CSS names, or null for one that is not known here. */
export function readColour(value: string): Colour | null {
  const text = value.toLowerCase();
  const hex = /#([\da-f]{8}|[\da-f]{6}|[\da-f]{3,4})\b/.exec(text)?.[1];
  if (hex) return fromHex(hex);
  const parts = /rgba?\(([^)]*)\)/.exec(text)?.[1]?.match(/[\d.]+%?/g);
  if (parts && parts.length >= 3) {
    const [red = 0, green = 0, blue = 0] = parts.map((part) =>
      part.endsWith("%") ? Number.parseFloat(part) * 2.55 : Number(part),
    );
    return [red, green, blue, alphaOf(parts[3])];
  }
  const word = /\b[a-z]+\b/.exec(text)?.[0] ?? "";
  return (Object.hasOwn(NAMED, word) && NAMED[word]) || null;
}

/** Returns what one sees of `over` before `under`, which is opaque. */
export function laidOver(over: Colour, under: Colour): Colour {
  const alpha = over[3];
  const mix = (a: number, b: number) => a * alpha + b * (1 - alpha);
  return [mix(over[0], under[0]), mix(over[1], under[1]), mix(over[2], under[2]), 1];
}

/** Returns the contrast of two opaque colours, from 1 to 21. */
export function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Returns "#rrggbb". */
export function hexOf([red, green, blue]: Colour): string {
  const two = (channel: number) => Math.round(channel).toString(16).padStart(2, "0");
  return `#${two(red)}${two(green)}${two(blue)}`;
}

function fromHex(hex: string): Colour {
  const digits = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join("") : hex;
  const channel = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16);
  const alpha = digits.length === 8 ? channel(6) / 255 : 1;
  return [channel(0), channel(2), channel(4), alpha];
}

function alphaOf(part: string | undefined): number {
  if (part === undefined) return 1;
  return part.endsWith("%") ? Number.parseFloat(part) / 100 : Number(part);
}

function luminance([red, green, blue]: Colour): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
