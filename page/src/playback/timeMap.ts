/**
 * Between a video's own time and UTC. The recording has gaps and its files start at zero, so the map is a list of
 * pieces, each with the UTC of its first frame from the playlist's PROGRAM-DATE-TIME.
 */

export interface Piece {
  /** Where it begins in the video's time, seconds. */
  readonly media_s: number;
  readonly duration_s: number;
  readonly start_us: number;
}

export type Place =
  | { kind: "footage"; media_s: number }
  /** Nothing is recorded there; the recording goes on at `next`, if the window knows of more. */
  | { kind: "gap"; start_us: number; next?: Piece };

/** Neighbouring files overlap or part by the camera's jitter; less than this between two pieces is not a gap. */
const JOIN_US = 500_000;
const LAST_FRAME_S = 0.001;

export class TimeMap {
  private readonly byMedia: readonly Piece[];
  /** Another order where the recorder's clock was set back. */
  private readonly byUtc: readonly Piece[];

  constructor(pieces: readonly Piece[]) {
    this.byMedia = pieces.toSorted((a, b) => a.media_s - b.media_s);
    this.byUtc = pieces.toSorted((a, b) => a.start_us - b.start_us);
  }

  get isEmpty(): boolean {
    return this.byMedia.length === 0;
  }

  utcAt(media_s: number): number | undefined {
    const at = lastOf(this.byMedia, (each) => each.media_s <= media_s + 1e-6);
    const piece = this.byMedia[at] ?? this.byMedia[0];
    if (!piece) return undefined;
    const along_s = Math.min(Math.max(media_s - piece.media_s, 0), piece.duration_s);
    return piece.start_us + along_s * 1e6;
  }

  place(us: number): Place {
    const at = lastOf(this.byUtc, (piece) => piece.start_us <= us);
    const piece = this.byUtc[at];
    const next = this.byUtc[at + 1];
    if (!piece) return { kind: "gap", start_us: -Infinity, next };
    if (us < endOfPiece(piece)) return { kind: "footage", media_s: piece.media_s + (us - piece.start_us) / 1e6 };
    if (next && next.start_us - endOfPiece(piece) <= JOIN_US) {
      // The last frame stays until the next one.
      return { kind: "footage", media_s: piece.media_s + piece.duration_s - LAST_FRAME_S };
    }
    return { kind: "gap", start_us: endOfPiece(piece), next };
  }
}

/** Index of the last item that holds, in a list where those that hold come first. */
function lastOf<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function endOfPiece(piece: Piece): number {
  return piece.start_us + piece.duration_s * 1e6;
}

/** "2026-11-21T14:20:00.123456Z" to the microsecond, which Date.parse would cut to the millisecond. */
export function parseProgramDateTime(text: string): number | undefined {
  const whole = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/.exec(text.trim());
  if (!whole) return undefined;
  const seconds_ms = Date.parse(`${whole[1]}${whole[3]}`);
  if (Number.isNaN(seconds_ms)) return undefined;
  return seconds_ms * 1000 + Number((whole[2] ?? "").padEnd(6, "0").slice(0, 6));
}
