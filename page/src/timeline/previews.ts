/**
 * Small pictures of recorded time: the nearest one known is shown at once, the wanted one is fetched when the hand
 * rests. Only the newest wish matters; what is known is kept for the next pass.
 */

export interface Preview {
  url: string;
  /** The keyframe it shows. */
  time_us: number;
}

export type FetchPreview = (
  camera: string,
  at_us: number,
  signal: AbortSignal,
) => Promise<{ picture: Blob; time_us: number } | null>;

interface Entry {
  /** Null: nothing is recorded there. */
  preview: Preview | null;
  used: number;
}

const LIMIT = 400;
const AT_ONCE = 2;
const REST_MS = 60;
const FINEST_STEP_US = 1_000_000;

export class PreviewCache {
  private readonly entries = new Map<string, Entry>();
  private readonly known = new Map<string, number[]>();
  private readonly pending = new Map<string, AbortController>();
  private readonly listeners = new Set<() => void>();
  private wish: { camera: string; bucket_us: number } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private uses = 0;

  constructor(private readonly fetchPreview: FetchPreview) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** `step_us`: how far apart two pictures worth having are, a few pixels of the timeline. */
  want(camera: string, us: number, step_us: number): void {
    const step = Math.max(FINEST_STEP_US, 2 ** Math.ceil(Math.log2(step_us)));
    const bucket_us = Math.round(Math.floor(us / step) * step + step / 2);
    this.wish = { camera, bucket_us };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.serve(), this.pending.size === 0 ? 0 : REST_MS);
  }

  forgetWish(): void {
    this.wish = null;
    clearTimeout(this.timer);
  }

  /** The known picture nearest to an instant, if one lies within `within_us`; null where nothing is recorded. */
  nearest(camera: string, us: number, within_us: number): Preview | null | undefined {
    const times = this.known.get(camera);
    if (!times) return undefined;
    let best: number | undefined;
    for (const time of times) if (best === undefined || Math.abs(time - us) < Math.abs(best - us)) best = time;
    if (best === undefined || Math.abs(best - us) > within_us) return undefined;
    const entry = this.entries.get(keyOf(camera, best));
    if (entry) entry.used = ++this.uses;
    return entry?.preview;
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const controller of this.pending.values()) controller.abort();
    for (const { preview } of this.entries.values()) if (preview) URL.revokeObjectURL(preview.url);
    this.entries.clear();
    this.known.clear();
  }

  private serve(): void {
    const wish = this.wish;
    if (!wish) return;
    const key = keyOf(wish.camera, wish.bucket_us);
    if (this.entries.has(key) || this.pending.has(key)) return;
    if (this.pending.size >= AT_ONCE) {
      const [oldest] = this.pending.entries();
      oldest?.[1].abort();
      if (oldest) this.pending.delete(oldest[0]);
    }
    void this.load(wish.camera, wish.bucket_us, key);
  }

  private async load(camera: string, bucket_us: number, key: string): Promise<void> {
    const controller = new AbortController();
    this.pending.set(key, controller);
    try {
      const answer = await this.fetchPreview(camera, bucket_us, controller.signal);
      if (!controller.signal.aborted) this.keep(camera, bucket_us, answer);
    } catch {
      // A preview that does not come is no error of its own: the timeline and the player say what is wrong.
    } finally {
      if (this.pending.get(key) === controller) this.pending.delete(key);
    }
    this.serve();
    this.listeners.forEach((listener) => listener());
  }

  private keep(camera: string, bucket_us: number, answer: { picture: Blob; time_us: number } | null): void {
    const preview = answer && { url: URL.createObjectURL(answer.picture), time_us: answer.time_us };
    this.entries.set(keyOf(camera, bucket_us), { preview, used: ++this.uses });
    this.known.set(camera, [...(this.known.get(camera) ?? []), bucket_us]);
    if (this.entries.size > LIMIT) this.forgetLeastUsed();
  }

  private forgetLeastUsed(): void {
    const byUse = [...this.entries.entries()].sort((a, b) => a[1].used - b[1].used);
    for (const [key, { preview }] of byUse.slice(0, LIMIT / 4)) {
      if (preview) URL.revokeObjectURL(preview.url);
      this.entries.delete(key);
    }
    for (const [camera, times] of this.known) {
      this.known.set(
        camera,
        times.filter((time) => this.entries.has(keyOf(camera, time))),
      );
    }
  }
}

function keyOf(camera: string, bucket_us: number): string {
  return `${camera}@${bucket_us}`;
}
