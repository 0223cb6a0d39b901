/**
 * Time is fetched in tiles of a few resolutions, so that panning and zooming ask for little and the same answer serves
 * many views. A tile's resolution is never coarser than a pixel of the view it is fetched for, and at most four
 * times finer.
 */

import { endOf, type View } from "./view";

export const FINEST_RESOLUTION_US = 250_000;
export const LEVELS = 9;
const CELLS_PER_TILE = 1024;

export interface TileAddress {
  readonly level: number;
  readonly index: number;
}

export function resolutionOf(level: number): number {
  return FINEST_RESOLUTION_US * 4 ** level;
}

export function tileLengthOf(level: number): number {
  return resolutionOf(level) * CELLS_PER_TILE;
}

export function levelFor(us_per_px: number): number {
  const level = Math.floor(Math.log(us_per_px / FINEST_RESOLUTION_US) / Math.log(4));
  return Math.min(Math.max(level, 0), LEVELS - 1);
}

export function startOf({ level, index }: TileAddress): number {
  return index * tileLengthOf(level);
}

/** Tiles that touch [start, end), earliest first. */
export function tilesBetween(level: number, start_us: number, end_us: number): TileAddress[] {
  const length = tileLengthOf(level);
  const tiles: TileAddress[] = [];
  for (let index = Math.floor(start_us / length); index * length < end_us; index++) tiles.push({ level, index });
  return tiles;
}

/** What the view needs now, then what a movement would need next: a tile on either side. */
export function tilesOf(view: View): { needed: TileAddress[]; nearby: TileAddress[] } {
  const level = levelFor(view.us_per_px);
  const needed = tilesBetween(level, view.start_us, endOf(view));
  const first = needed[0]?.index ?? 0;
  const last = needed.at(-1)?.index ?? 0;
  return {
    needed,
    nearby: [
      { level, index: last + 1 },
      { level, index: first - 1 },
    ],
  };
}

/** Runs of neighbouring tiles, so that each is one question to the server. */
export function runsOf(tiles: readonly TileAddress[]): { level: number; first: number; last: number }[] {
  const runs: { level: number; first: number; last: number }[] = [];
  for (const { level, index } of tiles.toSorted((a, b) => a.level - b.level || a.index - b.index)) {
    const run = runs.at(-1);
    if (run?.level === level && run.last === index - 1) run.last = index;
    else runs.push({ level, first: index, last: index });
  }
  return runs;
}
