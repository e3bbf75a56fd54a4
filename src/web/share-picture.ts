/**
 * The picture that stands beside links to the pages elsewhere: a letter in the newsletter's own colour,
 * drawn as plain rectangles. It has no words, so it needs no font and fits any newsletter and language;
 * title and description stand beside it as text.
 */
import { crc32, deflateSync } from "node:zlib";
import type { Hono } from "hono";
import { SHARE_PICTURE } from "./pages.ts";

type Rgb = readonly [number, number, number];

const GROUND = "#f5f3ee";
const CARD = "#ffffff";
const INK = "#35332f";
const GREY = "#dedad2";

const { width: WIDTH, height: HEIGHT } = SHARE_PICTURE;
const LEFT = 320;
const RIGHT = 880;
/** The lines of one paper: its title, who wrote it, and two of summary. */
const LINES = [
  { top: 0, height: 22, width: 0.86, color: INK },
  { top: 40, height: 12, width: 0.4, color: GREY },
  { top: 66, height: 12, width: 1, color: GREY },
  { top: 88, height: 12, width: 0.72, color: GREY },
] as const;
/** No two titles are of one length. */
const TITLES = [1, 0.8, 0.92];

/** Serves the picture. */
export function addSharePicture(app: Hono, accent: string): void {
  let picture: Uint8Array<ArrayBuffer> | null = null;
  app.get(SHARE_PICTURE.path, (context) => {
    picture ??= new Uint8Array(drawLetter(accent));
    context.header("Content-Type", "image/png");
    context.header("Cache-Control", "public, max-age=86400");
    // It is made to be shown on pages of others.
    context.header("Cross-Origin-Resource-Policy", "cross-origin");
    return context.body(picture);
  });
}

function drawLetter(accent: string): Buffer {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  const fill = (x: number, y: number, width: number, height: number, color: string) => {
    const row = Buffer.alloc(Math.round(width) * 3, Buffer.from(rgbOf(color)));
    for (let line = y; line < Math.min(y + height, HEIGHT); line++) {
      row.copy(pixels, (line * WIDTH + x) * 3);
    }
  };
  fill(0, 0, WIDTH, HEIGHT, GROUND);
  fill(LEFT - 60, 70, RIGHT - LEFT + 120, HEIGHT - 70, CARD);
  fill(LEFT - 60, 70, RIGHT - LEFT + 120, 8, accent);
  fill(LEFT, 124, 260, 30, accent);
  for (const [paper, share] of TITLES.entries()) {
    const top = 196 + paper * 150;
    fill(LEFT, top, RIGHT - LEFT, 2, GREY);
    for (const line of LINES) {
      const width = (RIGHT - LEFT) * line.width * (line.top === 0 ? share : 1);
      fill(LEFT, top + 26 + line.top, width, line.height, line.color);
    }
  }
  return png(pixels);
}

function rgbOf(hex: string): Rgb {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    Number.parseInt(hex.slice(at, at + 2), 16),
  );
  return [red, green, blue];
}

/** Returns the pixels as a PNG file of 8-bit RGB (ISO/IEC 15948). */
function png(pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8);
  // Each line says first how it is filtered; 2 stands for what differs from the line above.
  const stride = WIDTH * 3;
  const lines = Array.from({ length: HEIGHT }, (_, line) => {
    const above = line > 0 ? pixels.subarray((line - 1) * stride, line * stride) : null;
    const own = pixels.subarray(line * stride, (line + 1) * stride);
    return Buffer.from([2, ...own.map((value, at) => value - (above?.[at] ?? 0))]);
  });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(lines), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}
